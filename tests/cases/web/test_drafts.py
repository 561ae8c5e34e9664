"""Drafts over HTTP: saved by the page on its own, looked back at, and what bad input does to them."""

import asyncio
import json
import re
from typing import Any, Self

import aiohttp
import pytest

from server.kit.actor import Actor, Role
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.conftest import FakeClock
from tests.factories.cases import STORY, a_case, a_form
from tests.factories.sessions import somebody
from tests.harness.browser_client import Answer, Browser, House

PAGE, OTHER = "one-page-0000000000001", "other-page-00000000001"


@pytest.fixture
async def writing(house: House, author: Actor) -> Browser:
    return await house.browser(author.person)


def body(sequence: int, writer: str = PAGE, version: int = 0, **changes: Any) -> dict[str, Any]:
    """Return what a page sends when it saves on its own."""
    return {
        **a_form(**changes),
        "case_type": "new",
        "row_version": str(version),
        "writer": writer,
        "sequence": str(sequence),
    }


def row_version_input(version: int) -> str:
    return f'name="row_version" value="{version}"'


async def begin(writing: Browser, programme: Programme, **changes: Any) -> dict[str, Any]:
    """Save a new case once and return what the page was told."""
    answer = await writing.post_json(
        f"/programmes/{programme.id}/cases/autosave", body(1, **changes)
    )
    assert answer.status == 200, answer.text
    told: dict[str, Any] = json.loads(answer.text)
    return told


def typed(sent: dict[str, Any], **more: str) -> list[tuple[str, str]]:
    """Return a form as the buttons send it."""
    return [
        (key, str(part))
        for key, value in {**sent, **more}.items()
        for part in (value if isinstance(value, list) else [value])
    ]


async def test_a_page_saves_on_its_own(writing: Browser, programme: Programme) -> None:
    told = await begin(writing, programme, age="not yet known", safety_plan="yes")
    assert told.keys() == {"key", "id", "row_version", "saved", "whole", "unread"}
    assert (told["key"], told["whole"], told["unread"]) == (
        told["id"],
        False,
        ["Age in years"],
    )
    again = await writing.post_json(
        f"/cases/{told['key']}/autosave", body(2, version=told["row_version"])
    )
    answer = json.loads(again.text)
    assert (again.status, answer["whole"], answer["unread"]) == (200, True, [])
    page = await writing.get(f"/cases/{told['key']}/edit")
    assert row_version_input(answer["row_version"]) in page.text
    assert f'data-autosave="/cases/{told["key"]}/autosave"' in page.text


async def test_what_a_page_says_about_itself_is_looked_at(
    writing: Browser, programme: Programme, house: House
) -> None:
    path = f"/programmes/{programme.id}/cases/autosave"
    for wrong in (
        {"writer": ""},
        {"writer": "short"},
        {"writer": "x" * 41},
        {"writer": "with blanks and more text"},
        {"sequence": "0"},
        {"sequence": "-1"},
        {"sequence": "9" * 10},
        {"sequence": "²"},
        {"row_version": "1" * 10},
        {"case_type": "other"},
        {"age": 34},
        {"age": {"a": 1}},
    ):
        answer = await writing.post_json(path, {**body(1), **wrong})
        assert answer.status == 400, wrong
    forged = await writing.post_json(path, body(1), headers={"X-CSRF-Token": "x"})
    assert forged.status == 403
    stranger = house.stranger()
    assert (await stranger.post_json(path, body(1))).status in (401, 403)
    assert "edit" not in re.findall(r'href="/cases/([^"]*)"', (await writing.get("/cases")).text)


async def test_an_identifier_is_named_by_its_field_and_not_stored(
    writing: Browser, programme: Programme
) -> None:
    answer = await writing.post_json(
        f"/programmes/{programme.id}/cases/autosave",
        body(1, presenting_problem=f"{STORY} Her sister is at 505-555-0143."),
    )
    assert (answer.status, list(json.loads(answer.text))) == (200, ["held"])
    assert [h["path"] for h in json.loads(answer.text)["held"]] == ["presenting_problem"]
    assert "0143" not in answer.text
    assert "Draft" not in (await writing.get("/cases")).text


async def test_two_pages_are_told_what_differs(writing: Browser, programme: Programme) -> None:
    told = await begin(writing, programme)
    path, version = f"/cases/{told['key']}/autosave", told["row_version"]
    there = await writing.post_json(path, body(1, OTHER, version, age="40", area="urban"))
    assert there.status == 200
    late = await writing.post_json(path, body(2, PAGE, version, age="50"))
    clash = json.loads(late.text)
    assert late.status == 409
    assert (clash["code"], clash["row_version"]) == ("stale", version + 1)
    assert {d["key"]: (d["here"], d["there"], d["values"]) for d in clash["differences"]} == {
        "area": (["Rural"], ["Urban"], {"area": "urban"}),
        "age": (["50"], ["40"], {"age": "40"}),
    }
    history = await writing.get(f"/cases/{told['key']}/history")
    assert "Came too late: another device had saved" in history.text
    # The author keeps what is here: the next save knows of the other one.
    kept = await writing.post_json(path, body(3, PAGE, version + 1, age="50"))
    assert kept.status == 200
    # The same text on both sides is no clash at all.
    same = await writing.post_json(path, body(2, OTHER, version + 1, age="50"))
    assert (same.status, json.loads(same.text)["row_version"]) == (200, version + 2)
    # What was put aside is the draft now; what it replaced can still be read.
    history = await writing.get(f"/cases/{told['key']}/history")
    assert "Came too late" not in history.text
    assert re.findall(r"\?show=(\w+)", history.text) == ["d3", "d2", "d1"]


async def test_without_javascript_both_texts_stand_on_the_page(
    writing: Browser, programme: Programme
) -> None:
    told = await begin(writing, programme)
    path, version = f"/cases/{told['key']}/edit", told["row_version"]
    await writing.post(path, typed(body(1, OTHER, version, age="40"), action="draft"))
    mine = body(1, "third-page-00000000001", version, age="50")
    for action in ("draft", "submit"):
        late = await writing.post(path, typed(mine, action=action))
        assert late.status == 409
        assert "This case was saved elsewhere meanwhile" in late.text
        shown = re.search(r'<a href="#f-age">(.*?)</dd>', late.text, re.DOTALL)
        assert shown and re.findall(r"\d\d", shown[1]) == ["50", "40"]
        assert re.search(r'name="age"[^>]*value="50"', late.text)
        assert row_version_input(version + 1) in late.text
    # Sent again from that page it replaces the other text, which stays in the history.
    again = await writing.post(path, typed({**mine, "row_version": version + 1}, action="draft"))
    assert again.status == 303
    history = await writing.get(f"/cases/{told['key']}/history")
    assert len(re.findall(r"\?show=d\d", history.text)) == 3


async def test_a_fix_does_not_hide_that_somebody_else_saved(
    writing: Browser, programme: Programme
) -> None:
    told = await begin(writing, programme)
    path, version = f"/cases/{told['key']}/edit", told["row_version"]
    await writing.post(path, typed(body(1, OTHER, version, age="40"), action="draft"))
    mine = body(1, "third-page-00000000001", version, age="50")
    looked = await writing.post(path, typed(mine, fix="0" * 16))
    assert looked.status == 200
    assert row_version_input(version) in looked.text


async def test_sending_twice_sends_once(
    writing: Browser, programme: Programme, units: Units
) -> None:
    """The answer got lost, the page was loaded again, and the button is pressed once more."""
    path = f"/programmes/{programme.id}/cases"
    first = await writing.post(path, typed(body(0), action="submit"))
    assert first.headers["Location"] == "/cases/BH-2031-001"
    again = await writing.post(path, typed(body(0), action="submit"))
    assert again.headers["Location"] == "/cases/BH-2031-001"
    page = await writing.get("/cases/BH-2031-001")
    assert "This case has been sent already" in page.text
    form = await writing.get("/cases/BH-2031-001/edit")
    assert (form.status, form.headers["Location"]) == (303, "/cases/BH-2031-001")
    late = await writing.post_json("/cases/BH-2031-001/autosave", body(3, version=2))
    assert (late.status, json.loads(late.text)["code"]) == (409, "case.wrong_state")


async def test_the_history_is_read_and_put_back_by_the_author_alone(
    writing: Browser, programme: Programme, units: Units, house: House, clock: FakeClock
) -> None:
    told = await begin(writing, programme)
    key = told["key"]
    clock.advance(minutes=11)
    later = body(2, version=told["row_version"], presenting_problem=f"{STORY} Sleeps now.")
    await writing.post_json(f"/cases/{key}/autosave", later)
    history = await writing.get(f"/cases/{key}/history")
    assert re.findall(r"\?show=(\w+)", history.text) == ["d2", "d1"]
    assert "The first text that is kept" in history.text
    first = await writing.get(f"/cases/{key}/history?show=d1")
    assert STORY.split(".", maxsplit=1)[0] in first.text and "Sleeps now" not in first.text
    form = await writing.get(f"/cases/{key}/edit?from=d1")
    assert "This is an earlier text of yours" in form.text
    assert "Sleeps now" not in form.text
    assert "Sleeps now" in (await writing.get(f"/cases/{key}/edit")).text
    for wrong in ("d9", "v1", "d1%00", "%F0%9F%98%80", "d1;d2"):
        assert (await writing.get(f"/cases/{key}/edit?from={wrong}")).status in (400, 404)
        assert (await writing.get(f"/cases/{key}/history?show={wrong}")).status in (400, 404)
    for role in (Role.COORDINATOR, Role.DIRECTOR, Role.SPOKE_CLINICIAN):
        other = await house.browser((await somebody(units, programme, role)).person)
        for page in ("history", "history?show=d1", "crosswalk", "edit?from=d1"):
            assert (await other.get(f"/cases/{key}/{page}")).status == 404


async def test_the_crosswalk_sheet_holds_the_reference_and_nothing_of_the_case(
    writing: Browser, programme: Programme, units: Units, author: Actor
) -> None:
    case = await a_case(units, author, programme)
    sheet = await writing.get(f"/cases/{case.key}/crosswalk")
    assert sheet.status == 200
    assert case.patient_ref in sheet.text and case.case_no in sheet.text
    assert "Never scan it, never photograph it, never upload or send it" in sheet.text
    main = re.search(r"<main.*</main>", sheet.text, re.DOTALL)
    assert main
    for secret in ("depression", "enjoy my baby", "34", "sertraline", "Marisol"):
        assert secret not in re.sub(r'(href|nonce|value)="[^"]*"', "", main[0]), secret
    assert "<input" not in main[0] and "<form" not in main[0]


# ── Bad input ──


def shown(answer: Answer) -> str:
    """Return the story as it stands in the form again."""
    found = re.search(
        r'name="presenting_problem"[^>]*>\n?(.*?)</textarea>', answer.text, re.DOTALL
    )
    assert found
    return found[1]


@pytest.mark.parametrize(
    "number",
    [
        "505\u200b-555\u200b-0143",
        "5\u200d0\u200d5-5\u200d5\u200d5-0143",
        "505\u00ad-555\u2060-0143",
        "\u202e505-555-0143\u202c",
        "５０５-５５５-０１４３",
    ],
)
async def test_a_disguised_number_is_held_and_shown(
    writing: Browser, programme: Programme, number: str
) -> None:
    story = f"{STORY} Her sister is at {number} at night."
    answer = await writing.post_json(
        f"/programmes/{programme.id}/cases/autosave", body(1, presenting_problem=story)
    )
    assert list(json.loads(answer.text)) == ["held"]
    page = await writing.post(
        f"/programmes/{programme.id}/cases",
        typed(body(0, presenting_problem=story), action="draft"),
    )
    assert page.status == 422
    assert "Nothing was sent and nothing was stored" in page.text
    assert STORY in shown(page)
    assert 'href="#f-presenting_problem"' in page.text


async def test_half_a_character_is_refused_with_words_and_never_stored(
    writing: Browser, programme: Programme
) -> None:
    path = f"/programmes/{programme.id}/cases/autosave"
    raw = json.dumps(body(1)).replace("tearful", "tear\\ud800ful")
    answer = await writing.request(
        "POST",
        path,
        data=raw.encode(),
        headers={
            "Content-Type": "application/json",
            "Accept": "application/json",
            "Sec-Fetch-Site": "same-origin",
            "Origin": writing.origin,
            "X-CSRF-Token": writing.csrf or (await writing.get("/profile")).csrf,
        },
    )
    assert answer.status == 400
    assert json.loads(answer.text)["title"] == "The request could not be read"
    assert "Draft" not in (await writing.get("/cases")).text


async def test_a_paste_of_a_megabyte_is_too_long_and_says_so(
    writing: Browser, programme: Programme
) -> None:
    story = "word " * 200_000
    answer = await writing.post_json(
        f"/programmes/{programme.id}/cases/autosave", body(1, presenting_problem=story)
    )
    assert (answer.status, json.loads(answer.text)["title"]) == (413, "That is too large")
    page = await writing.post(
        f"/programmes/{programme.id}/cases",
        typed(body(0, presenting_problem=story), action="draft"),
    )
    assert page.status == 413
    assert "At most 256 KB can be sent here" in page.text
    # Below that limit it is read: too long for its field, kept on the page, never in the draft.
    some = await begin(writing, programme, presenting_problem="word " * 20_000)
    assert (some["whole"], some["unread"]) == (False, ["Presenting problem"])
    page = await writing.post(
        f"/cases/{some['key']}/edit",
        typed(
            body(0, PAGE, some["row_version"], presenting_problem="word " * 20_000),
            action="submit",
        ),
    )
    assert page.status == 422
    assert "Shorten this to" in page.text
    assert len(shown(page)) >= 99_999


async def test_markup_and_right_to_left_text_come_back_as_they_were(
    writing: Browser, programme: Programme
) -> None:
    story = (
        "<table><tr><td onclick='x()'>Low mood</td></tr></table> for years. "
        "مزاج منخفض منذ سنوات. No psychotic symptoms & <b>good</b> bonding."
    )
    told = await begin(writing, programme, presenting_problem=story)
    page = await writing.get(f"/cases/{told['key']}/edit")
    assert "<td onclick" not in page.text
    assert "مزاج منخفض منذ سنوات" in shown(page)
    assert "&lt;table&gt;&lt;tr&gt;&lt;td onclick=&#39;x()&#39;&gt;Low mood" in shown(page)
    history = await writing.get(f"/cases/{told['key']}/history?show=d1")
    assert "<td onclick" not in history.text
    assert "&lt;b&gt;good&lt;/b&gt;" in history.text


class BreakingLine:
    """A line to the house that delivers requests; while `cut`, it breaks before the answer."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.cut = False
        self.delivered = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.origin = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self.house.port)

        async def ask() -> None:
            while data := await near.read(65536):
                forth.write(data)
                await forth.drain()

        async def answer() -> None:
            while data := await far.read(65536):
                if self.cut:
                    # The house has done the deed and says so; nobody hears it.
                    self.delivered += 1
                    return
                back.write(data)
                await back.drain()

        try:
            asking = asyncio.ensure_future(ask())
            await answer()
            asking.cancel()
        finally:
            forth.close()
            back.close()


async def test_the_same_case_after_the_line_broke_while_sending(
    house: House, writing: Browser, programme: Programme
) -> None:
    await writing.get("/profile")
    async with BreakingLine(house) as line:
        far = Browser(line.origin)
        far.session.cookie_jar.update_cookies({c.key: c.value for c in writing.session.cookie_jar})
        form = await far.get(f"/programmes/{programme.id}/cases/new")
        writer = re.search(r'name="writer" value="([^"]+)"', form.text)
        assert writer
        sent = typed(
            {**body(0), "writer": writer[1]}, idempotency=form.key, csrf=form.csrf, action="submit"
        )
        line.cut = True
        with pytest.raises(aiohttp.ClientError):
            await far.post(f"/programmes/{programme.id}/cases", sent)
        assert line.delivered
        line.cut = False
        # The button again; then the page loaded again, and the button once more.
        again = await far.post(f"/programmes/{programme.id}/cases", sent)
        assert (again.status, again.headers["Location"]) == (303, "/cases/BH-2031-001")
        fresh = await far.get(f"/programmes/{programme.id}/cases/new")
        once_more = [(k, v if k != "idempotency" else fresh.key) for k, v in sent]
        third = await far.post(f"/programmes/{programme.id}/cases", once_more)
        assert (third.status, third.headers["Location"]) == (303, "/cases/BH-2031-001")
        mine = await far.get("/cases")
        assert set(re.findall(r"BH-2031-\d{3}", mine.text)) == {"BH-2031-001"}
        await far.close()
