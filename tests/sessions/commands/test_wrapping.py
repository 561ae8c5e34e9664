"""The end of a session's life on real databases: given up, ended, wrapped, archived, forgotten."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from server.deid.models import ScreenedText
from server.deid.verdict import screen_line
from server.kit.actor import Actor, Lane, Role
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import CaptureId, OrganisationId, SeatId, new_id
from server.store.tables import AuditRow
from server.store.unit import Units
from sessions import api, queries
from sessions.commands import attendance, capture, running, wrapping
from sessions.commands.wrapping import Settled
from sessions.events import SessionArchived, SessionCancelled, SessionEnded, SessionWrapped
from sessions.live import codec
from sessions.live.messages import CaptureLine, Intent, Next, RaiseHand
from sessions.rules.models import CancelReason, ProblemArea, Programme, Session, SessionState
from sessions.store import room_log
from tests.conftest import FakeClock
from tests.factories.records import audit_actions, audit_text, events_of
from tests.factories.sessions import (
    CASE,
    OTHER_CASE,
    a_programme,
    a_series,
    reload,
    slots_of,
    somebody,
)

pytestmark = pytest.mark.both_databases

WORDS = "Raise the mockernut dose slowly"
NOTE = "About mockernut and sleep"


def typed(text: str) -> ScreenedText:
    found = screen_line(text)
    assert isinstance(found, ScreenedText)
    return found


@dataclass
class Scene:
    """A programme, its coordinator, and its three sessions."""

    programme: Programme
    coordinator: Actor
    sessions: tuple[Session, ...]


@pytest.fixture
async def scene(units: Units, hub: OrganisationId) -> Scene:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    return Scene(found, coordinator, made)


async def settle(units: Units) -> Settled:
    async with units.write() as unit:
        done = await wrapping.settle_due(unit)
        await unit.commit()
    return done


NOTHING = Settled(0, 0, 0, 0)


async def fill(units: Units, scene: Scene, case: str = CASE) -> None:
    """Put a case into the first session."""
    async with units.write() as unit:
        await api.add_case_to_slot(
            unit,
            scene.coordinator,
            session=scene.sessions[0].id,
            case=case,  # type: ignore[arg-type]
            case_no="BH-2031-001",
            presenter=scene.coordinator.person,
        )
        await unit.commit()


async def hold(units: Units, scene: Scene, clock: FakeClock, *, present: bool = True) -> Session:
    """Hold the first session as planned; its first slot is presented unless told not to."""
    session = scene.sessions[0]
    clock.set(session.starts_at)
    async with units.write() as unit:
        await running.open_session(unit, None, session.id)
        await running.start_session(unit, None, session.id)
        if present:
            await running.mark_presented(unit, None, session.id, slots_of(session)[0].id)
        await unit.commit()
    clock.set(session.ends_at)
    async with units.write() as unit:
        await running.end_session(unit, None, session.id)
        await unit.commit()
    return await reload(units, session.id)


async def test_what_nobody_started_is_given_up(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    first, second = scene.sessions[:2]
    clock.set(first.starts_at)
    async with units.write() as unit:
        await running.open_due(unit)
        await unit.commit()
    clock.set(first.ends_at + timedelta(hours=3, seconds=-1))
    assert await settle(units) == NOTHING
    clock.advance(seconds=1)
    assert await settle(units) == Settled(1, 0, 0, 0)
    assert await settle(units) == NOTHING
    clock.set(second.ends_at + timedelta(hours=3))
    assert await settle(units) == Settled(1, 0, 0, 0)  # nobody opened this one at all
    for session in (first, second):
        found = await reload(units, session.id)
        assert (found.state, found.cancelled_for) == (
            SessionState.CANCELLED,
            CancelReason.NOT_HELD,
        )
    assert (await reload(units, scene.sessions[2].id)).state is SessionState.PLANNED
    assert await events_of(units, SessionCancelled) == [
        SessionCancelled(session.id, scene.programme.id) for session in (first, second)
    ]
    async with units.read() as unit:
        facts = list(
            await unit.db.scalars(
                select(AuditRow.facts).where(AuditRow.action == "session.cancelled")
            )
        )
    assert facts == [{"reason": "not_held", "practice": False}] * 2


async def test_a_live_room_that_was_lost_is_ended(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    session = scene.sessions[0]
    clock.set(session.starts_at)
    seat = SeatId(new_id(clock.now()))
    async with units.write() as unit:
        await running.open_session(unit, None, session.id)
        await running.start_session(unit, None, session.id)
        await attendance.record_arrival(unit, scene.coordinator, session.id, seat)
        await unit.commit()
    clock.set(session.ends_at + timedelta(minutes=40))
    assert await settle(units) == NOTHING  # somebody is there
    async with units.write() as unit:
        await attendance.record_departure(unit, session.id, seat)
        await unit.commit()
    clock.advance(minutes=29)
    assert await settle(units) == NOTHING
    clock.advance(minutes=1)
    assert await settle(units) == Settled(0, 1, 0, 0)
    assert (await reload(units, session.id)).ended_at == clock.now()
    assert await events_of(units, SessionEnded) == [SessionEnded(session.id, scene.programme.id)]


async def test_wrapped_by_itself_a_day_after_the_end_when_the_letter_is_out(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    await fill(units, scene)
    session = await hold(units, scene, clock)
    clock.advance(hours=30)
    assert await settle(units) == NOTHING  # the letter is not signed
    for _ in range(2):
        async with units.write() as unit:
            await api.note_letter(unit, CASE)
            await api.note_letter(unit, OTHER_CASE)
            await unit.commit()
    noted = await reload(units, session.id)
    assert (slots_of(noted)[0].letter_at, noted.version) == (clock.now(), session.version + 1)
    assert await settle(units) == Settled(0, 0, 1, 0)
    assert await settle(units) == NOTHING
    wrapped = await reload(units, session.id)
    assert (wrapped.state, wrapped.wrapped_at) == (SessionState.WRAPPED, clock.now())
    ids = {"session_id": session.id, "programme_id": scene.programme.id}
    assert await events_of(units, SessionWrapped) == [SessionWrapped(**ids)]
    assert (await audit_actions(units))[-2:] == ["session.wrapped", "session.words_erased"]
    clock.advance(days=90, seconds=-1)
    assert (await settle(units)).archived == 0
    clock.advance(seconds=1)
    assert (await settle(units)).archived == 1
    assert (await settle(units)).archived == 0
    assert (await reload(units, session.id)).state is SessionState.ARCHIVED
    assert await events_of(units, SessionArchived) == [SessionArchived(**ids)]


async def test_a_session_without_cases_waits_for_its_attendance_only(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    await fill(units, scene)  # not reached: it is carried over and gets its letter elsewhere
    await hold(units, scene, clock, present=False)
    clock.advance(hours=24, seconds=-1)
    assert await settle(units) == NOTHING
    clock.advance(seconds=1)
    assert await settle(units) == Settled(0, 0, 1, 0)


async def test_the_desk_wraps_early(units: Units, scene: Scene, clock: FakeClock) -> None:
    await fill(units, scene)
    session = await hold(units, scene, clock)
    for roles, error in (
        ((Role.FACILITATOR,), Forbidden),
        ((Role.HUB_SPECIALIST,), Forbidden),
        ((Role.SPOKE_CLINICIAN,), Forbidden),
        ((), NotFound),
    ):
        other = await somebody(units, scene.programme, *roles)
        async with units.write() as unit:
            with pytest.raises(error):
                await wrapping.wrap_session(unit, other, session.id)
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await wrapping.wrap_session(unit, scene.coordinator, session.id)
    assert caught.value.code == "session.letters_open"
    async with units.write() as unit:
        await api.note_letter(unit, CASE)
        await unit.commit()
    director = await somebody(units, scene.programme, Role.DIRECTOR)
    async with units.write() as unit:
        assert (await wrapping.wrap_session(unit, director, session.id)).wrapped_at == clock.now()
        await unit.commit()
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await wrapping.wrap_session(unit, director, session.id)
    assert caught.value.code == "session.cannot_wrap"
    clock.advance(hours=1)
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await capture.capture_line(unit, director, line(session, director, 0, WORDS))
    assert caught.value.code == "capture.closed"


def line(session: Session, speaker: Actor, slot: int, text: str) -> capture.NewLine:
    return capture.NewLine(
        session=session.id,
        item=slots_of(session)[slot].id,
        speaker=speaker.person,
        lane=Lane.HUB,
        problem_area=ProblemArea.DOSE,
        text=typed(text),
        at_ms=1000,
    )


async def test_a_wrapped_session_forgets_what_was_typed_but_the_lines_of_its_cases(
    units: Units, scene: Scene, clock: FakeClock
) -> None:
    await fill(units, scene)
    session = await hold(units, scene, clock)
    who = scene.coordinator
    log = (
        RaiseHand(who.person, Intent.RECOMMEND, typed(NOTE)),
        CaptureLine(
            who.person,
            CaptureId(new_id(clock.now())),
            who.person,
            ProblemArea.DOSE,
            typed(WORDS),
        ),
        Next(who.person, "one"),
    )
    async with units.write() as unit:
        for seq, command in enumerate(log, start=1):
            await room_log.append(unit, session.id, seq, clock.now(), codec.encode(command))
        kept = await capture.capture_line(unit, who, line(session, who, 0, WORDS))
        stray = await capture.capture_line(unit, who, line(session, who, 1, WORDS))
        twin = await capture.capture_line(unit, who, line(session, who, 1, f"{WORDS}."))
        await capture.merge_lines(unit, who, stray.id, twin.id)
        await api.note_letter(unit, CASE)
        await unit.commit()
    clock.advance(hours=25)
    assert (await settle(units)).wrapped == 1
    async with units.read() as unit:
        lines = await room_log.read(unit, session.id)
        assert await queries.captures_of_session(unit, session.id) == (kept,)
    assert "mockernut" not in str(lines)
    back = [codec.decode(found.command) for found in lines]
    assert [type(command) for command in back] == [RaiseHand, CaptureLine, Next]
    assert back[2] == log[2]
    assert "mockernut" not in await audit_text(units)
    async with units.read() as unit:
        (facts,) = await unit.db.scalars(
            select(AuditRow.facts).where(AuditRow.action == "session.words_erased")
        )
    assert facts == {"log_lines": 2, "captures": 2}
