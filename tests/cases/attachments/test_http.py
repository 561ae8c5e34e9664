"""Attachments over HTTP: sent, refused, read, decided, blacked out, erased; who sees them when."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import select, text

from cases.commands import send_back, submit
from cases.commands.send_back import Message
from cases.queries.attachments import attached
from cases.rules.attachments import Attachment, Page, PageState
from cases.rules.form_setup import FormSetup
from cases.rules.models import Case, CaseState
from cases.store import cases as store
from cases.web.attachments import PAGE_READER, VAULT, WORKSHOP
from server.files.workshop import Limits, Workshop
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.tables import AuditRow
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.conftest import FakeClock
from tests.factories import files
from tests.factories.cases import a_case, put_in_state, set_up, verdicts_of
from tests.factories.sessions import a_programme, somebody
from tests.harness.browser_client import Answer, Browser, House

MB = 1024 * 1024
CANARY = "canaryquintana"


@pytest.fixture
async def programme(units: Units, hub: OrganisationId) -> Programme:
    made = await a_programme(units, hub)
    await set_up(units, made, FormSetup(attachments=True))
    return made


@pytest.fixture
async def case(units: Units, author: Actor, programme: Programme) -> Case:
    return await a_case(units, author, programme)


@pytest.fixture
async def writer(house: House, author: Actor) -> Browser:
    return await house.browser(author.person)


@pytest.fixture
async def desk(house: House, coordinator: Actor) -> Browser:
    return await house.browser(coordinator.person)


@dataclass(frozen=True, slots=True)
class Scene:
    """A case that waits for its check, its author, and the desk."""

    units: Units
    house: House
    case: Case
    author: Actor
    writer: Browser
    coordinator: Actor
    desk: Browser


@pytest.fixture
async def scene(
    units: Units, house: House, case: Case, author: Actor, coordinator: Actor
) -> Scene:
    browsers = [await house.browser(one.person) for one in (author, coordinator)]
    return Scene(units, house, case, author, browsers[0], coordinator, browsers[1])


@pytest.fixture
async def hub_browser(house: House, units: Units, programme: Programme) -> Browser:
    return await house.browser((await somebody(units, programme, Role.HUB_SPECIALIST)).person)


async def send(
    browser: Browser,
    case: Case,
    data: bytes,
    name: str = "scan.png",
    *,
    shows: str = "lab",
    **kwargs: object,
) -> Answer:
    await browser.get("/profile")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null", **kwargs.pop("headers", {})}  # type: ignore[dict-item]
    form = files.upload(browser.csrf, data, name, shows=shows)
    return await browser.request(
        "POST", f"/cases/{case.key}/attachments", data=form, headers=headers, **kwargs
    )


async def found(units: Units, actor: Actor, case: Case) -> tuple[Attachment, ...]:
    async with units.read() as unit:
        return (await attached(unit, actor, case.key)).attachments


async def first_page(units: Units, actor: Actor, case: Case) -> Page:
    return (await found(units, actor, case))[0].pages[0]


def on_disk(house: House) -> list[Path]:
    folder = house.data_dir / "files"
    return [path for path in folder.rglob("*") if path.is_file()]


async def audit(units: Units) -> list[AuditRow]:
    async with units.read() as unit:
        return list(await unit.db.scalars(select(AuditRow).order_by(AuditRow.id)))


def path_of(case: Case, page: Page, deed: str = "") -> str:
    return f"/cases/{case.key}/pages/{page.id}{deed}"


async def decide(browser: Browser, case: Case, page: Page, verdict: str, **more: str) -> Answer:
    fields = {"mark": page.mark, "verdict": verdict, **more}
    return await browser.post(path_of(case, page, "/decide"), fields)


# -- sending --------------------------------------------------------------------------------------


async def test_a_file_is_sent_read_approved_and_seen(scene: Scene, hub_browser: Browser) -> None:
    """The whole way, with the real reader."""
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    coordinator, writer, desk = scene.coordinator, scene.writer, scene.desk
    sent = await send(writer, case, files.a_png(), "Rosalind_Quintana.png")
    assert (sent.status, sent.headers["Location"]) == (303, f"/cases/{case.key}/attachments")
    page = await first_page(units, author, case)
    waiting = await writer.get(f"/cases/{case.key}/attachments")
    assert "Being checked" in waiting.text
    assert "Looks like a name" in waiting.text  # the file's name, which is not kept
    assert "Rosalind" not in waiting.text
    early = await decide(desk, case, page, "approved")
    assert early.status == 409

    await house.app[PAGE_READER].drain()
    progress = await writer.get(f"/cases/{case.key}/attachments/progress")
    assert json.loads(progress.text) == {"read": 1, "pages": 1}
    shown = (await desk.get(f"/cases/{case.key}/review")).text
    assert "One page to approve or refuse" in shown
    assert "Looks like a telephone number" in shown
    page = await first_page(units, coordinator, case)
    assert {"name", "phone"} <= {s.category for s in page.spots}

    # Passing is refused by the rules while the page waits.
    verdicts = {
        f"verdict.{k}": v for k, v in (await verdicts_of(units, coordinator, case)).items()
    }
    version = re.search(r'name="row_version" value="(\d+)"', shown)
    assert version
    passing = {"row_version": version.group(1), "then": "accept", **verdicts}
    refused = await desk.post(f"/cases/{case.key}/pass", passing)
    assert refused.status == 409
    assert "Some attached pages are not decided" in refused.text

    # One click blackens a line for good; the old picture is gone from the disk.
    before = on_disk(house)
    phone = next(n for n, s in enumerate(page.spots) if s.category == "phone")
    black = await writer.post(
        path_of(case, page, "/blacken"), {"mark": page.mark, "spots": str(phone)}
    )
    assert black.status == 303
    await house.drain()
    assert len(on_disk(house)) == 1
    assert set(on_disk(house)).isdisjoint(before)
    changed = await first_page(units, coordinator, case)
    assert [s for s in changed.spots if s.category == "phone"] == []
    assert (await decide(desk, case, page, "approved")).status == 409  # it was another picture

    assert (await hub_browser.get(path_of(case, changed))).status == 404
    left = await decide(desk, case, changed, "approved")
    assert left.status == 409
    assert "Marked lines are left on this page" in left.text
    assert (await decide(desk, case, changed, "approved", looked="yes")).status == 303
    assert (await desk.post(f"/cases/{case.key}/pass", passing)).status == 303
    seen = await hub_browser.get(path_of(case, changed))
    assert seen.status == 200
    assert "Looks like" not in (await hub_browser.get(f"/cases/{case.key}/attachments")).text

    told = [
        (r.action, r.facts)
        for r in await audit(units)
        if r.action.split(".")[0] in ("attachment", "page")
    ]
    assert [action for action, _ in told] == [
        "attachment.added",
        "page.blackened",
        "page.approved",
        "page.viewed",
    ]
    everything = str([vars(r) for r in await audit(units)])
    assert "Quintana" not in everything
    assert "505" not in str([f for _, f in told])


async def test_nothing_of_what_was_read_or_named_is_in_the_database(
    units: Units, house: House, case: Case, writer: Browser
) -> None:
    lines = (f"Patient: Rosalind {CANARY.title()}", "Phone 505-555-0143")
    name = f"{CANARY}_report.png"
    assert (await send(writer, case, files.a_png(lines), name)).status == 303
    await house.app[PAGE_READER].drain()
    await house.drain()
    async with units.read() as unit:
        tables = (
            await unit.db.scalars(text("SELECT name FROM sqlite_master WHERE type = 'table'"))
        ).all()
        rows = [
            str(tuple(row))
            for table in tables
            for row in await unit.db.execute(text(f'SELECT * FROM "{table}"'))
        ]
    assert any("attachment" in table for table in tables)
    for planted in (CANARY, CANARY.title(), "Rosalind", "555-0143", "report.png"):
        assert [row for row in rows if planted in row] == []
    assert all(CANARY.encode() not in path.read_bytes() for path in on_disk(house))


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("scan.dcm", files.a_dicom(), "DICOM files are not taken"),
        ("IMG.HEIC", b"\x00\x00\x00\x18ftypheic" + bytes(64), "HEIC"),
        ("scan.pdf", files.a_pdf() + files.a_zip(), "two kinds of file at once"),
        ("scan.png", files.png_of_size(50_000, 50_000), "too many pixels"),
        ("scan.pdf", files.locked_pdf(), "locked with a password"),
        ("scan.pdf", files.a_pdf(11, ("x",)), "more than 10 pages"),
        ("scan.png", files.a_png()[:-300], "cannot be opened"),
        ("scan.pdf", files.a_png(), "not what its name says"),
        ("", b"", "No file came along"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_what_is_not_taken_says_why_and_leaves_nothing(
    scene: Scene, name: str, data: bytes, words: str
) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer = scene.writer
    answer = await send(writer, case, data, name, shows="tracing")
    assert answer.status == 422
    assert words in answer.text
    assert re.search(r'<option value="tracing" selected>', answer.text)
    assert await found(units, author, case) == ()
    assert on_disk(house) == []


async def test_a_script_gets_the_reason_as_a_problem_and_an_address_when_it_worked(
    case: Case, writer: Browser
) -> None:
    accept = {"Accept": "application/json"}
    refused = await send(writer, case, files.a_dicom(), headers=accept)
    assert refused.status == 422
    assert json.loads(refused.text)["code"] == "file.dicom"
    sent = await send(writer, case, files.a_png(), headers=accept)
    assert (sent.status, sent.headers["Location"]) == (201, f"/cases/{case.key}/attachments")


async def test_too_large_is_refused_by_its_length_and_while_it_comes(
    house: House, case: Case, writer: Browser
) -> None:
    boundary = "x" * 20
    sent = 0
    await writer.get("/profile")

    async def body() -> AsyncIterator[bytes]:
        nonlocal sent
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="%s"{{}}\r\n\r\n'
        for field, value in (("csrf", writer.csrf), ("shows", "lab")):
            yield (head % field).format("").encode() + f"{value}\r\n".encode()
        yield (head % "file").format('; filename="a.png"').encode()
        while sent < 100 * MB:
            sent += MB
            yield bytes(MB)

    headers = {
        "Sec-Fetch-Site": "same-origin",
        "Origin": "null",
        "Content-Type": f"multipart/form-data; boundary={boundary}",
    }
    path = f"/cases/{case.key}/attachments"
    try:
        answer = await writer.request("POST", path, data=body(), headers=headers)
        assert answer.status == 413
    except (aiohttp.ClientError, ConnectionError):
        pass  # cut off in the middle of what it would not stop sending
    assert sent < 60 * MB
    honest = headers | {"Content-Length": str(100 * MB)}
    sent = 0
    try:
        answer = await writer.request("POST", path, data=body(), headers=honest)
        assert answer.status == 413
    except (aiohttp.ClientError, ConnectionError):
        pass
    assert sent < 60 * MB
    assert on_disk(house) == []


async def test_compressed_uploads_are_not_taken(case: Case, writer: Browser) -> None:
    answer = await send(writer, case, files.a_png(), headers={"Content-Encoding": "gzip"})
    assert answer.status == 415
    await writer.get("/profile")
    for header in ("Content-Encoding: gzip", "Content-Transfer-Encoding: base64"):
        parts = (
            ("csrf", "", writer.csrf),
            ("shows", "", "lab"),
            ("file", f'; filename="a.png"\r\n{header}', "AAAA"),
        )
        body = "".join(
            f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n{value}\r\n'
            for name, more, value in parts
        )
        answer = await writer.request(
            "POST",
            f"/cases/{case.key}/attachments",
            data=f"{body}--xyz--\r\n".encode(),
            headers={
                "Sec-Fetch-Site": "same-origin",
                "Origin": "null",
                "Content-Type": "multipart/form-data; boundary=xyz",
            },
        )
        assert answer.status == 415


async def test_a_file_is_not_read_without_the_page_s_token(
    units: Units, case: Case, author: Actor, writer: Browser
) -> None:
    path = f"/cases/{case.key}/attachments"
    await writer.get("/profile")
    ours = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    for csrf, headers in (
        ("", ours),
        ("A" * 40, ours),
        (writer.csrf, {"Origin": "https://evil.example"}),
        (writer.csrf, {}),
    ):
        form = files.upload(csrf, files.a_png())
        answer = await writer.request("POST", path, data=form, headers=headers)
        assert answer.status == 403
    # The token behind the file is no token: nothing of a file is read before it.
    late = aiohttp.FormData()
    late.add_field("file", files.a_png(), filename="a.png")
    late.add_field("csrf", writer.csrf)
    assert (await writer.request("POST", path, data=late, headers=ours)).status == 403
    assert await found(units, author, case) == ()


async def test_doubtful_forms_are_refused(case: Case, writer: Browser) -> None:
    await writer.get("/profile")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}
    path = f"/cases/{case.key}/attachments"

    async def post(*fields: tuple[str, str | bytes, str | None]) -> int:
        form = aiohttp.FormData()
        form.add_field("csrf", writer.csrf)
        for name, value, filename in fields:
            form.add_field(name, value, filename=filename)
        return (await writer.request("POST", path, data=form, headers=headers)).status

    png = files.a_png()
    good = ("shows", "lab", None)
    assert await post(("shows", "lab\x00", None), ("file", png, "a.png")) == 400
    assert await post(good, good, ("file", png, "a.png")) == 400
    assert await post(("other", png, "a.png"), good, ("file", png, "a.png")) == 400
    assert await post(good, ("more", "x", None), ("file", png, "a.png")) == 422
    assert await post(("shows", "everything", None), ("file", png, "a.png")) == 422
    assert await post(("shows", "l" * 5000, None), ("file", png, "a.png")) == 413
    assert await post(good, ("file", png, "a.png"), ("file", png, "b.png")) == 400
    json_body = await writer.post_json(path, {"shows": "lab"})
    assert json_body.status == 415


BROKEN = {
    "no boundary": ("multipart/form-data", b"anything"),
    "another boundary": ("multipart/form-data; boundary=a", b"--b\r\n\r\nx\r\n--b--\r\n"),
    "a long boundary": (f"multipart/form-data; boundary={'a' * 200}", b"x"),
    "no end": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="x"',
    ),
    "no header": ("multipart/form-data; boundary=a", b"--a\r\nno colon\r\n\r\nx\r\n--a--\r\n"),
    "a long header": (
        "multipart/form-data; boundary=a",
        b"--a\r\nX: " + b"y" * 20_000 + b"\r\n\r\nx\r\n--a--\r\n",
    ),
    "nested": (
        "multipart/form-data; boundary=a",
        b"--a\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nx\r\n--b--\r\n--a--\r\n",
    ),
    "bytes that are no text": (
        "multipart/form-data; boundary=a",
        b'--a\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n\xff\xfe\r\n--a--\r\n',
    ),
}


@pytest.mark.parametrize("broken", BROKEN)
async def test_broken_forms_are_refused(case: Case, writer: Browser, broken: str) -> None:
    kind, body = BROKEN[broken]
    await writer.get("/profile")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null", "Content-Type": kind}
    path = f"/cases/{case.key}/attachments"
    assert (await writer.request("POST", path, data=body, headers=headers)).status in (400, 403)


async def test_three_at_most_and_a_share_for_everybody(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer = scene.writer
    for _ in range(3):
        assert (await send(writer, case, files.a_png())).status == 303
    fourth = await send(writer, case, files.a_png())
    assert fourth.status == 409
    assert "three attachments at most" in fourth.text
    one = (await found(units, author, case))[0]
    removed = await writer.post(f"/cases/{case.key}/attachments/{one.id}/remove")
    assert removed.status == 303
    await house.drain()
    assert len(on_disk(house)) == 2
    assert (await audit(units))[-1].facts == {"attachment": one.id, "pages": 1}
    monkeypatch.setattr("cases.rules.attachments.LARGEST_SHARE", 1000)
    full = await send(writer, case, files.a_png())
    assert full.status == 409
    assert "take up all the room" in full.text


async def test_somebody_who_sends_without_end_is_told_to_wait(case: Case, writer: Browser) -> None:
    said = {(await send(writer, case, files.a_dicom())).status for _ in range(14)}
    assert said == {422, 429}


async def test_switched_off_nothing_is_taken_and_nothing_is_offered(
    units: Units, programme: Programme, case: Case, writer: Browser
) -> None:
    await set_up(units, programme, FormSetup())
    refused = await send(writer, case, files.a_png())
    assert refused.status == 409
    assert "This programme takes no attachments" in refused.text
    assert "Attach a file" not in (await writer.get(f"/cases/{case.key}")).text


async def test_a_case_that_has_been_checked_takes_no_more(
    units: Units, case: Case, writer: Browser
) -> None:
    await put_in_state(units, case, CaseState.ACCEPTED)
    assert (await send(writer, case, files.a_png())).status == 409


async def test_the_desk_sees_new_pages_before_it_passes(scene: Scene) -> None:
    """A page that comes while the case is open at the desk makes the open page stale."""
    case, writer, desk = scene.case, scene.writer, scene.desk
    shown = await desk.get(f"/cases/{case.key}/review")
    version = re.search(r'name="row_version" value="(\d+)"', shown.text)
    assert version
    assert (await send(writer, case, files.a_png())).status == 303
    late = await desk.post(
        f"/cases/{case.key}/pass", {"row_version": version.group(1), "then": ""}
    )
    assert late.status == 409
    assert "Somebody else was faster" in late.text


# -- reading --------------------------------------------------------------------------------------


@pytest.fixture
def eve(clock: FakeClock) -> FakeClock:
    """New Year's Eve; before `scene`, whose browsers sign in."""
    clock.set(datetime(2031, 12, 31, 23, 0, tzinfo=UTC))
    return clock


async def test_an_approved_page_knows_the_new_year(
    eve: FakeClock, scene: Scene, hub_browser: Browser
) -> None:
    """A year of birth on it means an age over 89 from the New Year on: somebody looks again."""
    units, house, case = scene.units, scene.house, scene.case
    drawn = files.a_png(["Laboratory report", "YOB: 1942", "Ferritin 12, low"])
    assert (await send(scene.writer, case, drawn)).status == 303
    await house.app[PAGE_READER].drain()
    page = await first_page(units, scene.coordinator, case)
    assert "age_over_89" not in {s.category for s in page.spots}
    assert [(s.category, s.tier, s.since) for s in page.later] == [("age_over_89", "block", 2032)]
    looked = {"looked": "yes"} if page.spots else {}
    assert (await decide(scene.desk, case, page, "approved", **looked)).status == 303
    await put_in_state(units, case, CaseState.ACCEPTED)
    assert (await hub_browser.get(path_of(case, page))).status == 200

    eve.advance(hours=1)
    assert (await hub_browser.get(path_of(case, page))).status == 404
    turned = await first_page(units, scene.coordinator, case)
    assert (turned.state, turned.later) == (PageState.WAITING, ())
    assert ("age_over_89", page.later[0].box) in {(s.category, s.box) for s in turned.spots}
    assert (await decide(scene.desk, case, turned, "approved")).status == 409
    again = await decide(scene.desk, case, turned, "approved", looked="yes")
    assert again.status == 303
    assert (await hub_browser.get(path_of(case, page))).status == 200


async def test_blackening_takes_what_only_later_years_would_find(
    eve: FakeClock, scene: Scene
) -> None:
    units, case = scene.units, scene.case
    assert eve.now().year == 2031
    drawn = files.a_png(["YOB: 1942", "Ferritin 12, low", "YOB: 1945"])
    assert (await send(scene.writer, case, drawn)).status == 303
    await scene.house.app[PAGE_READER].drain()
    page = await first_page(units, scene.author, case)
    assert [s.since for s in page.later] == [2032, 2035]
    x, y, width, height = page.later[0].box
    box = {
        "left": 100 * max(0, x - 4) / page.width,
        "top": 100 * max(0, y - 4) / page.height,
        "width": 100 * (width + 8) / page.width,
        "height": 100 * (height + 8) / page.height,
    }
    sides = {side: f"{percent:.4f}" for side, percent in box.items()}
    black = await scene.writer.post(path_of(case, page, "/blacken"), {"mark": page.mark, **sides})
    assert black.status == 303
    left = await first_page(units, scene.author, case)
    assert [s.since for s in left.later] == [2035]


async def test_a_page_that_cannot_be_read_is_left_to_a_person(scene: Scene) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer, desk = scene.writer, scene.desk
    assert (await send(writer, case, files.a_png())).status == 303
    reader = house.app[PAGE_READER]
    reader._workshop = Workshop(reading=Limits(4096 * MB, 60, 0.01))
    await reader.drain()
    page = await first_page(units, author, case)
    assert (page.reading.value, page.spots) == ("failed", ())
    assert (
        "A person has to read it without help"
        in (await desk.get(f"/cases/{case.key}/review")).text
    )
    assert (await decide(desk, case, page, "approved")).status == 303


async def test_the_house_answers_while_a_page_is_read(
    house: House, case: Case, writer: Browser
) -> None:
    """The loop only waits for the process: others are served meanwhile."""
    assert (await send(writer, case, files.a_png())).status == 303
    async with asyncio.TaskGroup() as group:
        reading = group.create_task(house.app[PAGE_READER].drain())
        while not reading.done():
            assert (await writer.get("/healthz")).status == 200


# -- seeing and deciding --------------------------------------------------------------------------


async def test_a_picture_is_served_as_nothing_but_a_picture(
    units: Units, case: Case, author: Actor, writer: Browser
) -> None:
    await send(writer, case, files.a_pdf(2), "a.pdf")
    page = await first_page(units, author, case)
    async with writer.session.get(writer.origin + path_of(case, page)) as response:
        data = await response.read()
        headers = response.headers
    assert data.startswith(b"\xff\xd8\xff")
    assert headers["Content-Type"] == "image/jpeg"
    assert headers["Content-Disposition"] == 'attachment; filename="page-1.jpg"'
    assert headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_what_one_may_not_see_does_not_exist(
    scene: Scene, programme: Programme, hub: OrganisationId
) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer = scene.writer
    await send(writer, case, files.a_png())
    page = await first_page(units, author, case)
    elsewhere = await a_programme(units, hub, code="XX")
    strangers = [
        await somebody(units, programme, Role.HUB_SPECIALIST),
        await somebody(units, programme, Role.LEARNER),
        await somebody(units, elsewhere, Role.COORDINATOR),
    ]
    nothing = "0" * 26
    for actor in strangers:
        browser = await house.browser(actor.person)
        before = len(await audit(units))
        for path in (
            path_of(case, page),
            f"/cases/{case.key}/pages/{nothing}",
            f"/cases/{case.key}/pages/..%2Fsecret.key",
            f"/cases/{case.key}/attachments",
            f"/cases/{case.key}/attachments/progress",
        ):
            assert (await browser.get(path)).status == 404
        for path, fields in (
            (path_of(case, page, "/blacken"), {"mark": page.mark, "spots": "0"}),
            (
                f"/cases/{case.key}/attachments/{(await found(units, author, case))[0].id}/remove",
                {},
            ),
        ):
            assert (await browser.post(path, fields)).status == 404
        assert (await decide(browser, case, page, "approved")).status in (403, 404)
        assert (await send(browser, case, files.a_png())).status == 404
        assert len(await audit(units)) == before
    # The author may look and may not decide, and a page of one case is none of another.
    assert (await decide(writer, case, page, "approved")).status == 403
    other = await a_case(units, author, programme)
    assert (await writer.get(path_of(other, page))).status == 404
    assert (await writer.get(path_of(case, page))).status == 200


async def test_a_refused_page_is_erased_and_its_reason_shown(scene: Scene) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer, desk = scene.writer, scene.desk
    await send(writer, case, files.a_png())
    await house.app[PAGE_READER].drain()
    page = await first_page(units, author, case)
    assert (await decide(desk, case, page, "refused")).status == 422
    assert (await decide(desk, case, page, "refused", reason="ugly")).status == 422
    done = await decide(desk, case, page, "refused", reason="identifies", back="desk")
    assert done.headers["Location"] == f"/cases/{case.key}/review#page-{page.id}"
    await house.drain()
    assert on_disk(house) == []
    row = (await audit(units))[-1]
    assert (row.action, row.facts) == (
        "page.refused",
        {"page": page.id, "spots": len(page.spots), "reason": "identifies"},
    )
    assert (await writer.get(path_of(case, page))).status == 404
    shown = (await writer.get(f"/cases/{case.key}/attachments")).text
    assert "It shows who the person is" in shown
    assert (await decide(desk, case, page, "approved")).status == 409
    assert "Every page is decided." in (await desk.get(f"/cases/{case.key}/review")).text


async def test_a_rectangle_is_blacked_out_by_numbers(scene: Scene) -> None:
    units, house, case, author = scene.units, scene.house, scene.case, scene.author
    writer = scene.writer
    await send(writer, case, files.a_png())
    page = await first_page(units, author, case)
    path = path_of(case, page, "/blacken")
    numbers = {"left": "0", "top": "0", "width": "100", "height": "25.5"}
    for wrong in (
        {"left": "0", "top": "0"},
        {**numbers, "width": "0"},
        {**numbers, "left": "100"},
        {**numbers, "height": "101"},
        {**numbers, "left": "nan"},
        {**numbers, "spots": "0"},
        {},
    ):
        assert (await writer.post(path, {"mark": page.mark, **wrong})).status == 422
    assert (await writer.post(path, {"mark": "0" * 16, **numbers})).status == 409
    assert (await writer.post(path, {"mark": page.mark, **numbers})).status == 303
    await house.drain()
    (kept,) = on_disk(house)
    changed = await first_page(units, author, case)
    assert changed.content_hash != page.content_hash
    assert (changed.width, changed.height) == (page.width, page.height)
    assert kept.stat().st_size > 1000


# -- erasing --------------------------------------------------------------------------------------


async def test_what_is_erased_takes_its_pictures_along(
    units: Units, house: House, case: Case, author: Actor, writer: Browser
) -> None:
    await send(writer, case, files.a_pdf(2), "a.pdf")
    assert len(on_disk(house)) == 2
    async with units.write() as unit:
        now = await store.load(unit, case.id)
        await submit.withdraw_case(
            unit, author, case.key, row_version=now.row_version, erase_now=True
        )
    await house.drain()
    assert on_disk(house) == []
    (one,) = await found(units, author, case)
    assert one.erased_at is not None
    assert {p.erased_at is None for p in one.pages} == {False}
    async with units.read() as unit:
        keys = (await unit.db.scalars(text("SELECT file_key FROM attachment_pages"))).all()
    assert keys == [None, None]


async def test_a_purge_at_the_desk_takes_them_along_and_a_change_asked_for_does_not(
    scene: Scene,
) -> None:
    units, house, case = scene.units, scene.house, scene.case
    await send(scene.writer, case, files.a_png())

    async def version() -> int:
        async with units.read() as unit:
            return (await store.load(unit, case.id)).row_version

    now = await version()
    async with units.write() as unit:
        await send_back.reject(
            unit,
            scene.coordinator,
            case.key,
            row_version=now,
            message=Message("Please take the place out of your text."),
            erase=frozenset({"presenting_problem"}),
        )
    await house.drain()
    assert len(on_disk(house)) == 1
    await put_in_state(units, case, CaseState.PHI_CHECK)
    now = await version()
    async with units.write() as unit:
        await send_back.decline(
            unit,
            scene.coordinator,
            case.key,
            row_version=now,
            reason="It shows who the person is.",
            purge=True,
        )
    await house.drain()
    assert on_disk(house) == []


async def test_a_file_whose_row_was_never_written_is_swept(
    house: House, units: Units, case: Case, writer: Browser
) -> None:
    from cases.commands.attachments import sweep

    await send(writer, case, files.a_png())
    await house.app[VAULT].put(b"left by a process that died")
    assert len(on_disk(house)) == 2
    async with units.read() as unit:  # the clock of these tests is years ahead of the disk's
        assert await sweep(unit, house.app[VAULT]) == 1
    assert len(on_disk(house)) == 1


async def test_a_conflict_while_storing_leaves_no_picture(
    house: House, case: Case, writer: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two files sent at once where one is left to send: one stays, nothing of the other does."""
    for _ in range(2):
        assert (await send(writer, case, files.a_png())).status == 303
    await writer.get("/profile")
    headers = {"Sec-Fetch-Site": "same-origin", "Origin": "null"}

    async def one() -> int:
        form = files.upload(writer.csrf, files.a_png())
        path = f"/cases/{case.key}/attachments"
        return (await writer.request("POST", path, data=form, headers=headers)).status

    async with asyncio.TaskGroup() as group:
        both = [group.create_task(one()) for _ in range(2)]
    assert sorted(task.result() for task in both) == [303, 409]
    assert len(on_disk(house)) == 3
    assert house.app[WORKSHOP] is not None
