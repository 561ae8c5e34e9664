"""Captured lines: who, when, what; edited and merged without losing anybody's words."""

from dataclasses import replace

import pytest

from server.deid.models import ScreenedText
from server.deid.verdict import screen_line
from server.kit.actor import Actor, Lane, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import CaptureId, OrganisationId, new_id
from server.store.unit import Units
from sessions import api, queries
from sessions.commands import capture, running
from sessions.commands.capture import LineChange, NewLine
from sessions.events import RecommendationCaptured
from sessions.rules.models import Capture, ProblemArea, Programme, Session
from tests.conftest import FakeClock
from tests.factories.records import audit_text, events_of
from tests.factories.sessions import CASE, a_programme, a_series, slots_of, somebody

pytestmark = pytest.mark.both_databases

WORDS = "Raise the dose slowly and check again in four weeks"


def screened(text: str) -> ScreenedText:
    found = screen_line(text)
    assert isinstance(found, ScreenedText)
    return found


async def a_live_case(units: Units, hub: OrganisationId) -> tuple[Programme, Session, Actor]:
    """A session that is live with one case in its first slot, and its coordinator."""
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    async with units.write() as unit:
        await api.add_case_to_slot(
            unit,
            coordinator,
            session=made[0].id,
            case=CASE,
            case_no="BH-2031-001",
            presenter=coordinator.person,
        )
        await running.open_session(unit, coordinator, made[0].id)
        live = await running.start_session(unit, coordinator, made[0].id)
        await unit.commit()
    return found, live, coordinator


def line_of(session: Session, speaker: Actor, text: str = WORDS, at_ms: int = 754_000) -> NewLine:
    return NewLine(
        session=session.id,
        item=slots_of(session)[0].id,
        speaker=speaker.person,
        lane=Lane.SPOKE,
        problem_area=ProblemArea.DOSE,
        text=screened(text),
        at_ms=at_ms,
    )


async def captured(units: Units, by: Actor, line: NewLine) -> Capture:
    async with units.write() as unit:
        saved = await capture.capture_line(unit, by, line)
        await unit.commit()
    return saved


async def test_a_line_keeps_who_said_what_when(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found, live, coordinator = await a_live_case(units, hub)
    speaker = await somebody(units, found, Role.SPOKE_CLINICIAN)
    saved = await captured(units, coordinator, line_of(live, speaker))
    assert saved == Capture(
        id=saved.id,
        session=live.id,
        item=slots_of(live)[0].id,
        author=coordinator.person,
        speaker=speaker.person,
        lane=Lane.SPOKE,
        problem_area=ProblemArea.DOSE,
        text=WORDS,
        at_ms=754_000,
        created_at=clock.now(),
    )
    async with units.read() as unit:
        assert await api.captures(unit, CASE) == (saved,)
        assert await queries.captures_of_session(unit, live.id) == (saved,)
    assert await events_of(units, RecommendationCaptured) == [
        RecommendationCaptured(
            session_id=live.id,
            programme_id=found.id,
            item_id=saved.item,
            case_id=CASE,
            capture_id=saved.id,
        )
    ]
    assert WORDS not in await audit_text(units)


async def test_lines_stand_in_order_of_the_case_clock(units: Units, hub: OrganisationId) -> None:
    _, live, coordinator = await a_live_case(units, hub)
    for at_ms in (900_000, 100, 754_000):
        await captured(units, coordinator, line_of(live, coordinator, at_ms=at_ms))
    async with units.read() as unit:
        assert [c.at_ms for c in await api.captures(unit, CASE)] == [100, 754_000, 900_000]


async def test_repeating_oneself_changes_nothing(units: Units, hub: OrganisationId) -> None:
    found, live, coordinator = await a_live_case(units, hub)
    named = replace(line_of(live, coordinator), id=CaptureId(new_id(units.clock.now())))
    first = await captured(units, coordinator, named)
    assert await captured(units, coordinator, named) == first
    async with units.read() as unit:
        assert await api.captures(unit, CASE) == (first,)
    director = await somebody(units, found, Role.DIRECTOR)
    with pytest.raises(Conflict) as caught:
        await captured(units, director, named)
    assert caught.value.code == "capture.taken"


@pytest.mark.parametrize(
    ("role", "own", "others"),
    [
        (Role.HUB_SPECIALIST, None, None),
        (Role.SPOKE_CLINICIAN, None, Forbidden),
        (Role.ADVISER, None, Forbidden),
        (Role.LEARNER, Forbidden, Forbidden),
        (None, NotFound, NotFound),
    ],
)
async def test_who_captures_whose_words(
    units: Units,
    hub: OrganisationId,
    role: Role | None,
    own: type[Exception] | None,
    others: type[Exception] | None,
) -> None:
    found, live, coordinator = await a_live_case(units, hub)
    by = await somebody(units, found, *([role] if role else []))
    for speaker, error in ((by, own), (coordinator, others)):
        if error is None:
            assert (await captured(units, by, line_of(live, speaker))).author == by.person
        else:
            with pytest.raises(error):
                await captured(units, by, line_of(live, speaker))


async def test_the_window_closes_a_day_after_the_end(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    _, live, coordinator = await a_live_case(units, hub)
    async with units.write() as unit:
        await running.end_session(unit, coordinator, live.id)
        await unit.commit()
    clock.advance(hours=23)
    saved = await captured(units, coordinator, line_of(live, coordinator))
    clock.advance(hours=1)
    with pytest.raises(Conflict) as caught:
        await captured(units, coordinator, line_of(live, coordinator))
    assert caught.value.code == "capture.closed"
    async with units.write() as unit:
        with pytest.raises(Conflict):
            await capture.edit_line(
                unit, coordinator, saved.id, saved.version, LineChange(text=screened("Too late"))
            )


async def test_a_line_needs_a_case_and_one_line(units: Units, hub: OrganisationId) -> None:
    _, live, coordinator = await a_live_case(units, hub)
    with pytest.raises(Conflict) as caught:
        await captured(
            units, coordinator, replace(line_of(live, coordinator), item=live.agenda[0].id)
        )
    assert caught.value.code == "capture.no_case"
    with pytest.raises(Invalid):
        await captured(units, coordinator, line_of(live, coordinator, text="two\nlines"))


async def test_edits_are_versioned(units: Units, hub: OrganisationId) -> None:
    found, live, coordinator = await a_live_case(units, hub)
    saved = await captured(units, coordinator, line_of(live, coordinator))
    specialist = await somebody(units, found, Role.HUB_SPECIALIST)
    change = LineChange(text=screened("Keep the dose"), problem_area=ProblemArea.MEDICINE)
    async with units.write() as unit:
        edited = await capture.edit_line(unit, coordinator, saved.id, saved.version, change)
        await unit.commit()
    assert edited == replace(
        saved, text="Keep the dose", problem_area=ProblemArea.MEDICINE, version=2
    )
    async with units.write() as unit:
        moved = await capture.edit_line(
            unit,
            coordinator,
            saved.id,
            2,
            LineChange(speaker=specialist.person, lane=Lane.HUB),
        )
        with pytest.raises(Conflict) as caught:
            await capture.edit_line(unit, coordinator, saved.id, 2, change)
        with pytest.raises(Forbidden):
            await capture.edit_line(unit, specialist, saved.id, 3, change)
        with pytest.raises(NotFound):
            await capture.edit_line(unit, coordinator, CaptureId("0" * 26), 1, change)
    assert caught.value.code == "stale"
    assert moved == replace(edited, speaker=specialist.person, lane=Lane.HUB, version=3)


async def test_merging_keeps_both_speakers(units: Units, hub: OrganisationId) -> None:
    found, live, coordinator = await a_live_case(units, hub)
    speaker = await somebody(units, found, Role.SPOKE_CLINICIAN)
    one = await captured(units, coordinator, line_of(live, coordinator, at_ms=1))
    two = await captured(units, speaker, line_of(live, speaker, at_ms=2))
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await capture.merge_lines(unit, speaker, one.id, two.id)
        merged = await capture.merge_lines(unit, coordinator, one.id, two.id)
        with pytest.raises(Conflict):
            await capture.merge_lines(unit, coordinator, one.id, two.id)
        with pytest.raises(NotFound):
            await capture.merge_lines(unit, coordinator, one.id, CaptureId("0" * 26))
        await unit.commit()
    assert merged == replace(two, merged_into=one.id, version=2)
    async with units.read() as unit:
        assert await api.captures(unit, CASE) == (one, merged)
