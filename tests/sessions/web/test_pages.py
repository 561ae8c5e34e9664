"""The pages of the schedule, through the running house."""

import html
import re
from datetime import date, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import event

from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId, SeatId, new_id
from server.store.unit import Units
from sessions import api
from sessions.commands import agenda, attendance, running, wrapping
from sessions.rules.models import Programme, Series, Session, SessionState
from tests.conftest import FakeClock
from tests.factories.sessions import (
    CASE,
    a_programme,
    a_series,
    reload,
    rule,
    slots_of,
    somebody,
)
from tests.harness.browser_client import Browser, House

PROGRAMME_FORM = {
    "code": "bh",
    "name": "Behavioural Health",
    "description": "",
    "zone": "america/denver",
    "template": "T60-2",
    "order": "didactic",
}
SERIES_FORM = {
    "title": "Spring 2031",
    "weekday": "1",
    "at": "12:00",
    "zone": "America/Denver",
    "every_weeks": "1",
    "first": "2031-03-05",
    "ends": "count",
    "count": "12",
    "until": "",
    "template": "T60-2",
    "order": "didactic",
}


def text_of(page: str) -> str:
    """Return what a page says to its reader: no scripts, no tags, white space made one."""
    seen = re.sub(r"<script\b.*?</script>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", seen)).split())


async def a_clinic(
    units: Units, hub: OrganisationId
) -> tuple[Programme, Actor, Series, tuple[Session, ...]]:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    series, made = await a_series(units, coordinator, found, title="Spring 2031")
    return found, coordinator, series, made


async def test_a_stranger_learns_what_this_is(house: House) -> None:
    answer = await house.stranger().get("/")
    assert answer.status == 200
    assert 'href="/sign-in"' in answer.text
    assert "virtual clinic" in text_of(answer.text)


@pytest.mark.parametrize(
    "path", ["/calendar", "/programmes", "/programmes/new", "/sessions/0", "/series/0.ics"]
)
async def test_a_stranger_gets_no_further(house: House, path: str) -> None:
    answer = await house.stranger().get(path)
    assert answer.status in {303, 401}
    assert "Spring" not in answer.text


async def test_the_story_from_programme_to_calendar_file(
    house: House, units: Units, hub: OrganisationId
) -> None:
    founder = await somebody(units, await a_programme(units, hub, code="SU"), Role.COORDINATOR)
    browser = await house.browser(founder.person)
    await browser.get("/programmes/new")
    made = await browser.post("/programmes", PROGRAMME_FORM)
    assert made.status == 303
    programme = made.headers["Location"]
    page = await browser.get(programme)
    assert "Behavioural Health" in text_of(page.text)
    await browser.get(f"{programme}/series/new")
    made = await browser.post(f"{programme}/series", SERIES_FORM)
    assert made.status == 303
    series = made.headers["Location"]
    page = await browser.get(series)
    assert "Tuesday 12:00, America/Denver · every week · 12 sessions" in text_of(page.text)
    calendar = text_of((await browser.get("/calendar")).text)
    assert "Next week" in calendar
    assert "Tuesday 11 March, in 7 days 12:00 MDT" in calendar
    download = await browser.get(f"{series}.ics")
    assert download.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert download.headers["Content-Disposition"] == 'attachment; filename="BH-series.ics"'
    events = Calendar.from_ical(download.text).walk("VEVENT")
    assert [e["dtstart"].dt.isoformat() for e in events] == [
        f"{date(2031, 3, 11) + timedelta(weeks=n)}T12:00:00-06:00" for n in range(12)
    ]


async def test_times_are_the_readers_with_the_clinics_named(
    house: House, units: Units, hub: OrganisationId
) -> None:
    found, _, _, made = await a_clinic(units, hub)
    nairobi = await somebody(units, found, Role.SPOKE_CLINICIAN, zone="Africa/Nairobi")
    browser = await house.browser(nairobi.person)
    assert "12:00 MDT 21:00 where you are" in text_of((await browser.get("/calendar")).text)
    page = text_of((await browser.get(f"/sessions/{made[0].id}")).text)
    assert "Times in America/Denver, yours below." in page
    assert "12:00 21:00 Welcome 2" in page
    assert "12:20 21:20 Case 1 Free 17" in page


async def test_what_was_typed_stays_and_says_what_is_wrong(
    house: House, units: Units, hub: OrganisationId
) -> None:
    found, coordinator, _, _ = await a_clinic(units, hub)
    browser = await house.browser(coordinator.person)
    await browser.get("/programmes/new")
    answer = await browser.post(
        "/programmes", {**PROGRAMME_FORM, "name": "", "zone": "Denver", "code": "BH9"}
    )
    assert answer.status == 422
    assert 'value="Denver"' in answer.text
    assert 'id="f-name-error"' in answer.text
    again = await browser.post("/programmes", {**PROGRAMME_FORM, "zone": "Denver", "code": "B"})
    assert again.status == 422
    assert "Use two to four letters" in again.text
    assert "Choose a time zone of the list" in again.text
    taken = await browser.post("/programmes", PROGRAMME_FORM)
    assert (taken.status, "Another programme uses this code" in taken.text) == (422, True)
    path = f"/programmes/{found.id}/series"
    for typed, field in [
        ({"every_weeks": "0"}, "every_weeks"),
        ({"every_weeks": "two"}, "every_weeks"),
        ({"at": "noon"}, "at"),
        ({"at": "12:00+02:00"}, "at"),
        ({"first": "24.11.2031"}, "first"),
        ({"count": ""}, "count"),
        ({"ends": "until", "until": ""}, "until"),
        ({"ends": "until", "until": "2031-03-01"}, "until"),
        ({"ends": "never"}, "ends"),
        ({"weekday": "7"}, "weekday"),
        ({"zone": "Mars/Olympus"}, "zone"),
        ({"template": "T99"}, "template"),
        ({"title": "x" * 130}, "title"),
    ]:
        answer = await browser.post(path, {**SERIES_FORM, **typed})
        assert (answer.status, typed, f'href="#f-{field}"' in answer.text) == (422, typed, True)
        assert 'value="2031-03-05"' in answer.text or "first" in typed
    unknown = await browser.post(path, {**SERIES_FORM, "hub_id": "x"})
    assert unknown.status == 422
    async with units.read() as unit:
        assert len(await api.free_slots(unit, found.id)) == 6


async def test_a_program_gets_a_problem_document(
    house: House, units: Units, hub: OrganisationId
) -> None:
    _, coordinator, _, _ = await a_clinic(units, hub)
    browser = await house.browser(coordinator.person)
    answer = await browser.post_json("/programmes", {**PROGRAMME_FORM, "code": "B"})
    assert (answer.status, answer.headers["Content-Type"]) == (
        422,
        "application/problem+json",
    )


PATHS = [
    ("GET", "/sessions/{session}"),
    ("GET", "/sessions/{session}.ics"),
    ("GET", "/series/{series}"),
    ("GET", "/series/{series}.ics"),
    ("GET", "/programmes/{programme}"),
    ("GET", "/programmes/{programme}/series/new"),
    ("POST", "/programmes/{programme}/series"),
    ("POST", "/sessions/{session}/open"),
    ("POST", "/sessions/{session}/cancel"),
    ("POST", "/sessions/{session}/wrap"),
    ("POST", "/sessions/{session}/agenda"),
    ("POST", "/sessions/{session}/agenda/{item}/remove"),
    ("POST", "/sessions/{session}/agenda/{item}/move"),
    ("POST", "/sessions/{session}/agenda/{item}/topic"),
]


def _body(path: str) -> dict[str, str]:
    if path.endswith("/series"):
        return SERIES_FORM
    if path.endswith("/agenda"):
        return {"kind": "qa", "minutes": "1"}
    if path.endswith("/move"):
        return {"position": "0"}
    return {"topic": "Sleep"} if path.endswith("/topic") else {}


async def _ask(browser: Browser, method: str, path: str) -> tuple[int, str]:
    if method == "GET":
        answer = await browser.get(path)
    else:
        answer = await browser.post(path, _body(path))
    # The request number and the form tokens differ every time; nothing else may.
    body = re.sub(r"[0-9a-f]{16}|(nonce|value|csrf)=\"[^\"]*\"", "", answer.text)
    return answer.status, body


@pytest.mark.parametrize(("method", "path"), PATHS)
async def test_foreign_and_unknown_look_the_same(
    house: House, units: Units, hub: OrganisationId, method: str, path: str
) -> None:
    found, _, series, made = await a_clinic(units, hub)
    other = await a_programme(units, hub, code="SU")
    neighbour = await somebody(units, other, Role.COORDINATOR)
    browser = await house.browser(neighbour.person)
    real = {
        "session": made[0].id,
        "series": series.id,
        "programme": found.id,
        "item": made[0].agenda[0].id,
    }
    unknown = {name: new_id(units.clock.now()) for name in real}
    malformed = dict.fromkeys(real, "x")
    answers = [
        await _ask(browser, method, path.format(**ids)) for ids in (real, unknown, malformed)
    ]
    assert [status for status, _ in answers] == [404, 404, 404]
    assert answers[0][1] == answers[1][1] == answers[2][1]
    assert await reload(units, made[0].id) == made[0]


@pytest.mark.parametrize(
    "role", [Role.HUB_SPECIALIST, Role.SPOKE_CLINICIAN, Role.LEARNER, Role.EVALUATOR]
)
@pytest.mark.parametrize("path", [path for method, path in PATHS if method == "POST"])
async def test_readers_cannot_write(
    house: House, units: Units, hub: OrganisationId, role: Role, path: str
) -> None:
    found, _, series, made = await a_clinic(units, hub)
    reader = await house.browser((await somebody(units, found, role)).person)
    ids = {
        "session": made[0].id,
        "series": series.id,
        "programme": found.id,
        "item": made[0].agenda[0].id,
    }
    answer = await reader.post(path.format(**ids), _body(path))
    assert answer.status == 403
    assert await reload(units, made[0].id) == made[0]


async def test_learners_see_titles_only(house: House, units: Units, hub: OrganisationId) -> None:
    found, coordinator, _, made = await a_clinic(units, hub)
    presenter = await somebody(units, found, Role.SPOKE_CLINICIAN)
    learner = await somebody(units, found, Role.LEARNER)
    session = made[0]
    async with units.write() as unit:
        await api.add_case_to_slot(
            unit,
            coordinator,
            session=session.id,
            case=CASE,
            case_no="BH-2031-007",
            presenter=presenter.person,
        )
        await agenda.set_topic(
            unit, coordinator, session.id, session.agenda[2].id, topic="Trauma and sleep"
        )
        await unit.commit()
    mine = await house.browser(learner.person)
    theirs = await house.browser(presenter.person)
    for path in ("/", "/calendar", f"/programmes/{found.id}", f"/series/{session.series}"):
        page = text_of((await mine.get(path)).text)
        assert "Trauma and sleep" in page
        assert "slot" not in page
    page = (await mine.get(f"/sessions/{session.id}")).text
    assert "Trauma and sleep" in text_of(page)
    assert "BH-2031-007" not in page
    assert presenter.name not in page
    seen = text_of((await theirs.get(f"/sessions/{session.id}")).text)
    assert "Case 1: BH-2031-007 Taken" in seen
    for browser in (mine, theirs):
        for path in (f"/sessions/{session.id}.ics", f"/series/{session.series}.ics"):
            download = (await browser.get(path)).text
            assert "Trauma and sleep" in download
            assert "BH-2031-007" not in download
            assert presenter.name not in download


async def test_the_door_appears_when_the_room_opens(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found, coordinator, _, made = await a_clinic(units, hub)
    clinician = await somebody(units, found, Role.SPOKE_CLINICIAN)
    staff = await house.browser(coordinator.person)
    member = await house.browser(clinician.person)
    session = made[0]
    path, door = f"/sessions/{session.id}", f'href="/sessions/{session.id}/live"'
    before = await member.get(path)
    assert door not in before.text
    assert "Open the room" not in before.text
    clock.set(session.starts_at - timedelta(minutes=20))
    assert "The room opens in 5 minutes, at 11:45 MDT." in text_of(
        (await (await house.browser(clinician.person)).get(path)).text
    )
    staff = await house.browser(coordinator.person)
    assert "Open the room" in (await staff.get(path)).text
    assert (await staff.post(f"{path}/open")).headers["Location"] == path
    assert (await reload(units, session.id)).state is SessionState.OPEN
    member = await house.browser(clinician.person)
    for page in (path, "/", "/calendar"):
        assert door in (await member.get(page)).text
    again = await staff.post(f"{path}/open")
    assert (again.status, "This room cannot be opened" in again.text) == (409, True)


async def test_a_coordinator_shapes_the_agenda(
    house: House, units: Units, hub: OrganisationId
) -> None:
    _, coordinator, _, made = await a_clinic(units, hub)
    session = made[0]
    browser = await house.browser(coordinator.person)
    path = f"/sessions/{session.id}"
    await browser.get(path)
    second = slots_of(session)[1].id
    assert (await browser.post(f"{path}/agenda/{second}/remove")).status == 303
    page = await browser.get(path)
    assert "17 minutes are not used." in text_of(page.text)
    full = await browser.post(f"{path}/agenda", {"kind": "qa", "minutes": "18"})
    assert (full.status, "There is no time left" in full.text) == (409, True)
    assert (await browser.post(f"{path}/agenda", {"kind": "qa", "minutes": "17"})).status == 303
    after = await reload(units, session.id)
    last = after.agenda[-1].id
    assert (await browser.post(f"{path}/agenda/{last}/move", {"position": "0"})).status == 303
    topic = {"topic": "  Antipsychotic   monitoring "}
    didactic = session.agenda[2].id
    assert (await browser.post(f"{path}/agenda/{didactic}/topic", topic)).status == 303
    after = await reload(units, session.id)
    assert [i.kind for i in after.agenda] == [
        "qa",
        "welcome",
        "intro",
        "didactic",
        "qa",
        "case_slot",
        "closing",
        "evaluation",
    ]
    assert after.topic == "Antipsychotic monitoring"
    assert "Antipsychotic monitoring" in text_of((await browser.get("/calendar")).text)


async def test_a_cancelled_session_says_so_everywhere(
    house: House, units: Units, hub: OrganisationId
) -> None:
    _, coordinator, series, made = await a_clinic(units, hub)
    browser = await house.browser(coordinator.person)
    path = f"/sessions/{made[1].id}"
    await browser.get(path)
    assert (await browser.post(f"{path}/cancel")).status == 303
    for page in (path, "/calendar", f"/series/{series.id}"):
        assert "Cancelled" in text_of((await browser.get(page)).text)
    download = Calendar.from_ical((await browser.get(f"/series/{series.id}.ics")).text)
    assert [str(e["status"]) for e in download.walk("VEVENT")] == [
        "CONFIRMED",
        "CANCELLED",
        "CONFIRMED",
    ]
    assert [int(e["sequence"]) for e in download.walk("VEVENT")] == [0, 1, 0]


async def test_home_tells_what_is_next(house: House, units: Units, hub: OrganisationId) -> None:
    found, coordinator, _, made = await a_clinic(units, hub)
    clinician = await somebody(units, found, Role.SPOKE_CLINICIAN)
    browser = await house.browser(clinician.person)
    page = await browser.get("/")
    assert "Next BH · Integrated Behavioural Health Clinic Spring 2031" in text_of(page.text)
    # Once beside the greeting, once in the list of programmes.
    assert page.text.count(f'href="/programmes/{found.id}/cases/new"') == 2
    async with units.write() as unit:
        room = await running.open_practice_session(unit, coordinator, found.id)
        await unit.commit()
    # The practice room is open, but what is really planned comes first.
    page = await browser.get("/")
    assert "Next BH · Integrated Behavioural Health Clinic Spring 2031" in text_of(page.text)
    async with units.write() as unit:
        await running.open_session(unit, coordinator, made[0].id)
        await unit.commit()
    page = await browser.get("/")
    assert f'href="/sessions/{made[0].id}/live"' in page.text
    assert f'href="/sessions/{room.id}/live"' not in (await house.stranger().get("/")).text


async def test_home_of_somebody_without_a_programme(
    house: House, units: Units, hub: OrganisationId
) -> None:
    nobody = await somebody(units, await a_programme(units, hub))
    browser = await house.browser(nobody.person)
    assert "You are not registered with a programme" in text_of((await browser.get("/")).text)
    assert "No session in these six weeks" in text_of((await browser.get("/calendar")).text)


@pytest.mark.parametrize("typed", ["", "x", "2031-13-01", "1999-01-01", "9999-12-31"])
async def test_a_calendar_of_nonsense_is_this_week(
    house: House, units: Units, hub: OrganisationId, typed: str
) -> None:
    _, coordinator, _, _ = await a_clinic(units, hub)
    browser = await house.browser(coordinator.person)
    page = await browser.get(f"/calendar?from={typed}")
    assert (page.status, "Next week Spring 2031" in text_of(page.text)) == (200, True)


async def test_the_calendar_turns_its_leaves(
    house: House, units: Units, hub: OrganisationId
) -> None:
    _, coordinator, _, _ = await a_clinic(units, hub)
    browser = await house.browser(coordinator.person)
    page = await browser.get("/calendar?from=2031-03-20")
    assert 'href="/calendar?from=2031-02-03"' in page.text
    assert 'href="/calendar?from=2031-04-28"' in page.text
    assert "Week of 17 March 2031" in text_of(page.text)
    assert "Tuesday 11 March" not in text_of(page.text)


async def test_attendance_is_for_those_who_may_see_it(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found, coordinator, _, _ = await a_clinic(units, hub)
    learner = await somebody(units, found, Role.LEARNER)
    async with units.write() as unit:
        room = await running.open_practice_session(unit, coordinator, found.id)
        await running.start_session(unit, coordinator, room.id)
        await attendance.record_arrival(unit, learner, room.id, SeatId(new_id(clock.now())))
        await unit.commit()
    clock.advance(minutes=31, seconds=59)
    async with units.write() as unit:
        await running.end_session(unit, coordinator, room.id)
        await unit.commit()
    staff = await house.browser(coordinator.person)
    page = text_of((await staff.get(f"/sessions/{room.id}")).text)
    assert f"{learner.name} Test Hub 31" in page
    mine = await house.browser(learner.person)
    page = text_of((await mine.get(f"/sessions/{room.id}")).text)
    assert "You were there for 31 minutes." in page
    assert "Attendance" not in page


async def _statements(house: House, units: Units, browser: Browser, path: str) -> int:
    engine = units.engines.read.sync_engine
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        # The relay looks into the outbox whenever it likes; that is nobody's page.
        if not statement.startswith(("BEGIN", "PRAGMA")) and "outbox" not in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = await browser.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status == 200
    return len(seen)


@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/", 12),
        ("/calendar", 6),
        ("/programmes", 3),
        ("/programmes/{programme}", 8),
        ("/series/{series}", 8),
        ("/sessions/{session}", 7),
        ("/sessions/{session}.ics", 6),
        ("/series/{series}.ics", 8),
    ],
)
async def test_one_item_and_three_cost_the_same(
    house: House, units: Units, hub: OrganisationId, path: str, count: int
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    browser = await house.browser(coordinator.person)
    counts = []
    for weeks in (1, 3):
        today = units.clock.now().date() + timedelta(days=1)
        series, made = await a_series(units, coordinator, found, rule(first=today, count=weeks))
        presenters = [await somebody(units, found, Role.SPOKE_CLINICIAN) for _ in range(2)]
        async with units.write() as unit:
            for number, presenter in enumerate(presenters[:weeks]):
                await api.add_case_to_slot(
                    unit,
                    coordinator,
                    session=made[0].id,
                    case=new_id(unit.now),  # type: ignore[arg-type]
                    case_no=f"BH-2031-00{number}",
                    presenter=presenter.person,
                )
            await unit.commit()
        ids = {"programme": found.id, "series": series.id, "session": made[0].id}
        counts.append(await _statements(house, units, browser, path.format(**ids)))
    assert counts == [count, count]


async def test_a_session_nobody_started_was_not_held_and_has_no_free_slot(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    _, coordinator, series, made = await a_clinic(units, hub)
    clock.set(made[0].starts_at - timedelta(hours=1))
    browser = await house.browser(coordinator.person)
    page, others = f"/sessions/{made[0].id}", (f"/series/{series.id}", "/calendar")
    assert "2 case slots free" in text_of((await browser.get("/calendar")).text)
    assert "Free" in text_of((await browser.get(page)).text)
    async with units.write() as unit:
        for session in made[1:]:
            await running.cancel_session(unit, coordinator, session.id)
        await unit.commit()
    shown = text_of((await browser.get(f"/sessions/{made[1].id}")).text)
    assert "It will not take place." in shown
    assert "Not used" in shown
    # Nobody can come in any more: said at once, and no less once the house has noted it.
    clock.set(made[0].ends_at)
    for settled in (0, 1):
        browser = await house.browser(coordinator.person)
        for path in others:
            text = text_of((await browser.get(path)).text)
            assert "Not held" in text
            assert "slots free" not in text
            assert "slot free" not in text
        shown = text_of((await browser.get(page)).text)
        assert "Not held" in shown
        assert "Nobody started it. Cases in its slots wait for another date." in shown
        assert "Free" not in shown
        assert "Present a case" not in shown
        assert "Not held" not in text_of((await browser.get(f"/sessions/{made[1].id}")).text)
        live = text_of((await browser.get(f"{page}/live")).text)
        assert "This session is over" in live
        clock.set(made[0].ends_at + timedelta(hours=3))
        async with units.write() as unit:
            assert (await wrapping.settle_due(unit)).given_up == 1 - settled
            await unit.commit()


async def test_a_held_session_says_what_became_of_its_slots(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found, coordinator, _, made = await a_clinic(units, hub)
    page = f"/sessions/{made[0].id}"
    clock.set(made[0].starts_at)
    async with units.write() as unit:
        await api.add_case_to_slot(
            unit,
            coordinator,
            session=made[0].id,
            case=CASE,
            case_no="BH-2031-001",
            presenter=coordinator.person,
        )
        await running.open_session(unit, None, made[0].id)
        await running.start_session(unit, None, made[0].id)
        await unit.commit()
    browser = await house.browser(coordinator.person)
    text = text_of((await browser.get(page)).text)
    assert "Case 1 : BH-2031-001 Taken" in text.replace("1:", "1 :")
    assert "Case 2 Not used" in text
    async with units.write() as unit:
        await running.end_session(unit, None, made[0].id)
        await unit.commit()
    text = text_of((await browser.get(page)).text)
    assert "Not reached" in text
    assert "No case was presented" in text
    assert 'action="' + page + '/wrap"' in (await browser.get(page)).text
    facilitator = await house.browser((await somebody(units, found, Role.FACILITATOR)).person)
    assert "Wrap up" not in text_of((await facilitator.get(page)).text)
    start = made[0].starts_at.date().isoformat()
    for word, hours in (("Ended", 1), ("Wrapped up", 24), ("Archived", 90 * 24)):
        clock.advance(hours=hours)
        async with units.write() as unit:
            await wrapping.settle_due(unit)
            await unit.commit()
        browser = await house.browser(coordinator.person)
        assert word in text_of((await browser.get(f"/calendar?from={start}")).text)
        shown = await browser.get(page)
        assert word in text_of(shown.text)
        assert (f'action="{page}/wrap"' in shown.text) == (word == "Ended")
