"""Typed text stays text: on pages, in queries, in headers, in calendar files (security.md 28–36)."""

import json
import re
from html.parser import HTMLParser
from urllib.parse import quote

import icalendar
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from cases.rules import intake
from cases.rules.form import USUAL
from cases.rules.models import Answers, Case
from cases.store import cases as case_store
from cases.store.rows import CaseRow, CaseVersionRow
from server.edge.keys import POLICIES
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.kit.text import clean_line
from server.people import commands as people_commands
from server.people.web.sign_in import safe_next
from server.store.unit import Units
from sessions import api
from sessions.commands import agenda
from sessions.commands.programmes import NewProgramme, create_programme
from sessions.commands.series import NewSeries, create_series
from sessions.rules.models import ItemKind
from tests.factories.cases import a_case, a_form, put_in_state
from tests.factories.people import make_actor
from tests.factories.sessions import a_programme, a_series, rule, somebody
from tests.harness.browser_client import Answer, Browser, House
from tests.security.payloads import EVERYTHING, MARKUP, QUERIES

_SAFE_URL = re.compile(r"(/(?!/)|#|\?|https?://|mailto:|$)")
_ADDRESSES = frozenset({"href", "src", "action", "formaction", "xlink:href", "data"})


class Reading(HTMLParser):
    """What a browser would make of a page: elements, attributes, visible words."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(convert_charrefs=True)
        self.nonces = set(
            re.findall(r"'nonce-([^']+)'", answer.headers["Content-Security-Policy"])
        )
        self.wrong: list[str] = []
        self.tags: set[str] = set()
        self.words: list[str] = []
        self.scripts = 0
        self.feed(answer.text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.words += [value for _, value in attrs if value]
        given = dict(attrs)
        if tag == "script":
            self.scripts += 1
            if given.get("nonce") not in self.nonces:
                self.wrong.append(f"a script without the page's nonce: {attrs}")
        if given.get("rel") == "icon" and str(given["href"]).startswith("data:image/svg+xml,"):
            given.pop("href")  # the site's own icon stands in the page; an icon runs no script
        for name, value in given.items():
            if name.startswith("on") or name in ("style", "srcdoc"):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if name in _ADDRESSES and not _SAFE_URL.match(value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        """All words of the page, white space folded."""
        return clean_line(" ".join(self.words))


_OURS = """a abbr article aside b bdi body br button caption circle code dd del details dialog div dl
dt em fieldset figcaption figure footer form h1 h2 h3 h4 head header hr html i img input ins kbd label
legend li link main mark meta meter nav ol option output p path progress rect script section select
small span strong summary svg table tbody td template textarea tfoot th thead time title tr ul use
var video audio canvas datalist optgroup q s samp sub sup u wbr address blockquote cite col colgroup
hgroup search noscript"""
OURS = frozenset(_OURS.split())
"""Elements the house itself writes; what is not among these came out of somebody's text."""


def read(answer: Answer) -> Reading:
    """Parse a page and fail when a text has become markup."""
    reading = Reading(answer)
    assert not reading.wrong, reading.wrong
    assert reading.tags <= OURS, reading.tags - OURS
    return reading


def shows(reading: Reading, payloads: list[str]) -> list[str]:
    """Return the payloads that are not among a page's words, character by character."""
    there = reading.text
    return [p for p in payloads if clean_line(p) not in there]


def test_the_reading_sees_what_a_text_could_do() -> None:
    """The check itself: every payload that is HTML is noticed when it is not escaped."""

    class Page:
        headers = {"Content-Security-Policy": "script-src 'nonce-abc'"}

        def __init__(self, text: str) -> None:
            self.text = text

    for payload in (
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<a href=javascript:alert(1)>x</a>",
        "<a href=jav&#x09;ascript:alert(1)>x</a>",
        "<iframe srcdoc='x'></iframe>",
        "<math><mi>x</mi></math>",
        "<div style=x>y</div>",
    ):
        reading = Reading(Page(f"<p>{payload}</p>"))  # type: ignore[arg-type]
        assert reading.wrong or reading.tags - OURS, payload
    inside = Reading(Page('<input value="x" onfocus=alert(1) x="">'))  # type: ignore[arg-type]
    assert inside.wrong


@pytest.fixture
async def coordinator(units: Units, hub: OrganisationId) -> Actor:
    programme = await a_programme(units, hub)
    return await somebody(units, programme, Role.COORDINATOR)


async def test_names_of_programmes_series_topics(
    house: House, units: Units, coordinator: Actor
) -> None:
    codes = [a + b + c for a in "BCDFG" for b in "ABCDEFGHIJ" for c in "XYZ"]
    texts = [m for m in MARKUP if len(m) <= 100]
    wanted = list(zip(codes, texts, strict=False))
    async with units.write() as unit:
        today = unit.now.date()
        for code, payload in wanted:
            await create_programme(
                unit,
                coordinator,
                NewProgramme(code, f"P {payload}", f"about {payload}", "America/Denver"),
            )
        home = next(iter(coordinator.roles))
        for number, payload in enumerate(texts):
            made = await create_series(
                unit,
                coordinator,
                NewSeries(
                    programme=home,
                    title=payload,
                    rule=rule(first=today, count=1, weekday=1 + number % 4),
                ),
            )
        await unit.commit()
    browser = await house.browser(coordinator.person)
    listed = read(await browser.get("/programmes"))
    assert not shows(listed, [f"P {text}" for _, text in wanted])
    read(await browser.get("/"))
    read(await browser.get("/calendar"))
    page = read(await browser.get(f"/programmes/{home}"))
    assert not shows(page, texts)
    ids = re.findall(r'href="/programmes/([0-9a-z]{26})"', (await browser.get("/programmes")).text)
    for programme in ids[:12]:
        read(await browser.get(f"/programmes/{programme}"))
        read(await browser.get(f"/programmes/{programme}/people"))
        read(await browser.get(f"/programmes/{programme}/series/new"))
    assert read(await browser.get(f"/series/{made.id}")).text.count(texts[-1]) >= 1


async def test_topics_and_calendar_files(house: House, units: Units, coordinator: Actor) -> None:
    programme = next(iter(coordinator.roles))
    async with units.read() as unit:
        found = await api.get_programme(unit, programme)
    today, sessions = units.clock.now().date(), []
    for weekday in range(4):
        # Only the next 90 days of a series stand in the calendar: several series hold them all.
        series, laid = await a_series(
            units, coordinator, found, rule(first=today, weekday=weekday, count=13)
        )
        sessions += laid
    browser = await house.browser(coordinator.person)
    # As many payloads in each topic as its 120 characters hold.
    waiting = [clean_line(p) for p in EVERYTHING if len(p) <= 60]
    for session in sessions:
        topic = ""
        while waiting and len(topic) + len(waiting[0]) < 115:
            topic = f"{topic} {waiting.pop(0)}".strip()
        if not topic:
            break
        item = next(i for i in session.agenda if i.kind is ItemKind.DIDACTIC)
        async with units.write() as unit:
            await agenda.set_topic(unit, coordinator, session.id, item.id, topic=topic)
            await unit.commit()
        page = read(await browser.get(f"/sessions/{session.id}"))
        assert not shows(page, [topic])
        file = await browser.get(f"/sessions/{session.id}.ics")
        assert file.headers["Content-Type"].startswith("text/calendar")
        events = icalendar.Calendar.from_ical(file.text).walk("VEVENT")
        assert len(events) == 1
        assert topic in clean_line(str(events[0]["SUMMARY"]))
    assert not waiting
    whole = icalendar.Calendar.from_ical((await browser.get(f"/series/{series.id}.ics")).text)
    assert len(whole.walk("VEVENT")) == len(laid)
    read(await browser.get("/calendar"))


async def test_names_of_people_and_organisations(
    house: House, units: Units, coordinator: Actor
) -> None:
    programme = next(iter(coordinator.roles))
    admin = await make_actor(units, "Ada Admin", platform_admin=True)
    texts = [m for m in MARKUP if 2 <= len(m) <= 100]
    async with units.write() as unit:
        for number, payload in enumerate(texts):
            name = f"{number} {payload}"
            await people_commands.add_organisation(unit, admin, name=name, kind="spoke")
            await people_commands.invite(
                unit,
                coordinator,
                people_commands.Invite(
                    payload, f"p{number}@test.invalid", programme, Role.LEARNER, None
                ),
            )
        await unit.commit()
    ada = await house.browser(admin.person)
    sam = await house.browser(coordinator.person)
    assert not shows(read(await ada.get("/accounts")), texts)
    assert not shows(read(await sam.get(f"/programmes/{programme}/people")), texts)
    # One's own name and letters stand in the header of every page.
    zoe = await make_actor(units, "Zoe", {programme: (Role.DIRECTOR,)})
    browser = await house.browser(zoe.person)
    for payload in texts[::4]:
        saved = await browser.post(
            "/profile",
            {
                "name": payload,
                "credentials": payload[:40],
                "discipline": "rn",
                "zone": "America/Denver",
            },
        )
        assert saved.status == 303
        page = read(await browser.get("/profile"))
        assert not shows(page, [payload])
    page = read(await sam.get(f"/programmes/{programme}/people"))
    assert not shows(page, [payload])


async def write_texts(units: Units, case: Case, payloads: list[str]) -> list[str]:
    """Put a payload into every text of a frozen case, past every check; return those put in."""
    async with units.write() as unit:
        where = CaseVersionRow.case_id == case.id
        row = (await unit.db.execute(select(CaseVersionRow.answers).where(where))).scalar_one()
        values = json.loads(json.dumps(row))
        paths = intake.texts(USUAL, Answers(values))
        used = []
        for number, path in enumerate(paths):
            payload = payloads[number % len(payloads)]
            used.append(payload)
            key, _, rest = path.partition(".")
            if rest:
                line, _, column = rest.partition(".")
                values[key][int(line)][column] = payload
            else:
                values[key] = payload
        await unit.db.execute(
            update(CaseVersionRow)
            .where(where)
            .values(answers=values, content_hash=Answers(values).content_hash())
        )
        await unit.db.execute(
            update(CaseRow)
            .where(CaseRow.id == case.id)
            .values(
                main_question=payloads[0],
                message=payloads[1 % len(payloads)],
                draft=values,
                draft_saved_at=unit.now,
            )
        )
        await unit.commit()
    return used


async def test_texts_of_cases(house: House, units: Units, coordinator: Actor) -> None:
    programme_id = next(iter(coordinator.roles))
    async with units.read() as unit:
        programme = await api.get_programme(unit, programme_id)
    author = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    writer, desk = await house.browser(author.person), await house.browser(coordinator.person)
    rows = {
        f"medications__{n}__{k}": v
        for n in range(12)
        for k, v in {
            "name": "pill",
            "dose": "5",
            "unit": "mg",
            "route": "PO",
            "freq": "daily",
            "side_effects": "dry mouth",
        }.items()
    }
    waiting = list(EVERYTHING)
    while waiting:
        case = await a_case(units, author, programme, **rows)
        used = await write_texts(units, case, waiting)
        waiting = waiting[len(used) :]
        sheet = read(await writer.get(f"/cases/{case.key}"))
        assert not shows(sheet, used)
        reviewed = read(await desk.get(f"/cases/{case.key}/review"))
        assert not shows(reviewed, [used[0]])
        brief = read(await desk.get(f"/cases/{case.key}/brief"))
        assert not shows(brief, used)
        await put_in_state(units, await reload(units, case), type(case.state)("needs_changes"))
        form = read(await writer.get(f"/cases/{case.key}/edit"))
        assert not shows(form, used)
        read(await writer.get("/cases"))
        read(await desk.get("/triage"))


async def reload(units: Units, case: Case) -> Case:
    """Return a case as it is stored now."""
    async with units.read() as unit:
        return await case_store.load(unit, case.id)


async def test_what_was_typed_wrong_is_shown_again_as_text(
    house: House, units: Units, coordinator: Actor
) -> None:
    programme_id = next(iter(coordinator.roles))
    async with units.read() as unit:
        programme = await api.get_programme(unit, programme_id)
    author = await somebody(units, programme, Role.SPOKE_TEAM)
    browser = await house.browser(author.person)
    desk = await house.browser(coordinator.person)
    texts = list(MARKUP)
    form = a_form()
    free = ["main_question", "goal_own_words", "presenting_problem", "psych_history", "allergies"]
    for start in range(0, len(texts), len(free)):
        part = texts[start : start + len(free)]
        form |= dict(zip(free, part, strict=False))
        form |= {"age": part[0][:60], "case_type": "new", "medications.0.dose": part[-1][:30]}
        sent = [
            (key, one)
            for key, value in form.items()
            for one in (value if isinstance(value, list) else [value])
        ]
        again = await browser.post(
            f"/programmes/{programme.id}/cases", [*sent, ("action", "submit")]
        )
        assert again.status == 422
        assert not shows(read(again), part)
    for payload in texts[::6]:
        for path, field in (
            ("/programmes", "name"),
            (f"/programmes/{programme.id}/series", "title"),
            (f"/programmes/{programme.id}/people/invite", "name"),
        ):
            again = await desk.post(path, {field: payload, "zone": payload, "email": payload})
            assert again.status == 422
            assert not shows(read(again), [payload])
        stranger = house.stranger()
        again = await stranger.post(
            "/sign-in", {"email": payload, "password": "no", "next": payload}, signed_in=False
        )
        assert again.status in (422, 429)
        read(again)


QUERY_ADDRESSES = (
    "/library?q={}",
    "/library?q=sleep&from={}",
    "/library/suggest?q={}",
    "/accounts?after={}",
    "/calendar?from={}",
    "/cases/{}",
    "/cases/{}/letter?v={}",
    "/programmes/{}",
    "/sessions/{}",
    "/series/{}.ics",
    "/library/{}",
    "/programmes/x/cases/new?follow={}",
    "/sign-in?next={}",
    "/static/0123456789/{}",
)


@pytest.fixture
async def everybody(house: House, units: Units, coordinator: Actor) -> Browser:
    """A browser of somebody who may use every address."""
    programme = next(iter(coordinator.roles))
    actor = await make_actor(
        units, "Ola", {programme: tuple(Role)}, organisation=None, platform_admin=True
    )
    browser = await house.browser(actor.person)
    await browser.get("/profile")
    return browser


async def test_queries_and_addresses_never_break(house: House, everybody: Browser) -> None:
    there = {path for _, path in house.app[POLICIES]}
    for address in QUERY_ADDRESSES:
        for payload in QUERIES:
            quoted = quote(payload, safe="")
            answer = await everybody.get(address.replace("{}", quoted))
            assert answer.status in (200, 303, 400, 404, 409), (address, payload, answer.status)
            if answer.status == 200 and "text/html" in answer.headers["Content-Type"]:
                read(answer)
    assert "/accounts" in there


@given(st.text(max_size=40))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_redirect_target_is_always_a_path_of_this_site(target: str) -> None:
    kept = safe_next(target)
    assert re.match(r"/(?![/\\])", kept)
    assert kept.isprintable()


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "\\/evil.example",
        "https://evil.example",
        "javascript:alert(1)",
        "/\t/evil.example",
        "/\r\nSet-Cookie: sid=evil",
        "/%0d%0aSet-Cookie:%20sid=evil",
        " //evil.example",
        "/\u2028/evil.example",
    ],
)
async def test_redirects_stay_in_the_house_and_on_one_line(
    house: House, everybody: Browser, target: str
) -> None:
    for answer in (
        await everybody.get(f"/sign-in?next={quote(target, safe='')}"),
        await house.stranger().get(f"/profile?x={quote(target, safe='')}"),
    ):
        assert answer.status == 303
        location = answer.headers["Location"]
        assert re.match(r"/(?![/\\])", location), location
        assert "\r" not in location and "\n" not in location
        assert "evil" not in str(answer.headers.getall("Set-Cookie", []))


async def test_headers_a_client_invents_do_not_come_back(house: House, everybody: Browser) -> None:
    strange = {
        "X-Request-Id": "evil<script>",
        "X-Forwarded-For": "203.0.113.9, evil",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example",
        "Accept-Language": "evil<script>, qps",
        "Cookie": "notice=evil<script>; language=../../evil",
        "Referer": "https://evil.example/",
    }
    for path in ("/", "/sign-in", "/nowhere", "/profile"):
        answer = await house.stranger().get(path, headers=strange)
        assert "evil" not in answer.text
        assert "evil" not in str(answer.headers)
    assert (await everybody.get("/profile")).status == 200


async def test_a_host_name_cannot_widen_the_policy(house: House) -> None:
    """The page's own address goes into the policy for sockets: only as an address."""
    answer = await house.stranger().get(
        "/sign-in", headers={"Host": "x; script-src https://evil.example"}
    )
    policy = answer.headers["Content-Security-Policy"]
    assert policy.count("script-src") == 1
    assert "evil" not in policy


async def test_a_mail_never_gains_a_header(units: Units, coordinator: Actor) -> None:
    """Programme names stand in subjects: kept on one line, so that the letter can be built."""
    async with units.write() as unit:
        made = await create_programme(
            unit,
            coordinator,
            NewProgramme("ZZ", "Sleep\r\nBcc: all@evil", "", "America/Denver"),
        )
        await unit.commit()
    assert made.name == "Sleep Bcc: all@evil"
