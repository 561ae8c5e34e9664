"""Opening, starting, ending, cancelling; the practice room."""

from datetime import timedelta

import pytest

from server.kit.actor import Role
from server.kit.errors import Conflict, Forbidden, NotFound
from server.kit.ids import OrganisationId, SeatId, new_id
from server.store.unit import Units
from sessions import api, queries
from sessions.commands import attendance, running
from sessions.events import (
    AgendaItemPresented,
    SessionCancelled,
    SessionEnded,
    SessionOpened,
    SessionStarted,
)
from sessions.rules.models import SessionState
from tests.conftest import FakeClock
from tests.factories.records import audit_actions, events_of
from tests.factories.sessions import (
    CASE,
    a_programme,
    a_series,
    reload,
    slots_of,
    somebody,
)

pytestmark = pytest.mark.both_databases


async def test_a_session_is_opened_started_and_ended(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    facilitator = await somebody(units, found, Role.FACILITATOR)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    session = made[0]
    stamps = []
    for step in (running.open_session, running.start_session, running.end_session):
        clock.advance(minutes=10)
        stamps.append(clock.now())
        async with units.write() as unit:
            await step(unit, facilitator, session.id)
            await unit.commit()
    ended = await reload(units, session.id)
    assert (ended.state, ended.version) == (SessionState.ENDED, session.version + 3)
    assert [ended.opened_at, ended.started_at, ended.ended_at] == stamps
    ids = {"session_id": session.id, "programme_id": found.id}
    assert await events_of(units, SessionOpened) == [SessionOpened(**ids)]
    assert await events_of(units, SessionStarted) == [SessionStarted(**ids)]
    assert await events_of(units, SessionEnded) == [SessionEnded(**ids)]
    assert (await audit_actions(units))[-3:] == ["session.open", "session.live", "session.ended"]


async def test_a_refused_step_changes_nothing(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    facilitator = await somebody(units, found, Role.FACILITATOR)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    for step, code in [
        (running.start_session, "session.cannot_start"),
        (running.end_session, "session.cannot_end"),
    ]:
        async with units.write() as unit:
            with pytest.raises(Conflict) as caught:
                await step(unit, facilitator, made[0].id)
        assert caught.value.code == code
    assert await reload(units, made[0].id) == made[0]


@pytest.mark.parametrize(
    ("role", "error"),
    [(Role.HUB_SPECIALIST, Forbidden), (Role.LEARNER, Forbidden), (None, NotFound)],
)
async def test_who_may_not_run_a_session(
    units: Units, hub: OrganisationId, role: Role | None, error: type[Exception]
) -> None:
    found = await a_programme(units, hub)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    other = await somebody(units, found, *([role] if role else []))
    for step in (
        running.open_session,
        running.start_session,
        running.end_session,
        running.cancel_session,
    ):
        async with units.write() as unit:
            with pytest.raises(error):
                await step(unit, other, made[0].id)


async def test_green_rooms_open_by_themselves(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    first = made[0].starts_at
    opened = []
    for when in (
        first - timedelta(minutes=16),
        first - timedelta(minutes=15),
        first,
        made[1].ends_at,  # nobody served the second one in time: it stays planned
    ):
        clock.set(when)
        async with units.write() as unit:
            opened.append(await running.open_due(unit))
            await unit.commit()
    assert opened == [0, 1, 0, 0]
    assert (await reload(units, made[0].id)).state is SessionState.OPEN
    assert (await reload(units, made[1].id)).state is SessionState.PLANNED


async def test_cancelling_tells_who_owns_the_cases(units: Units, hub: OrganisationId) -> None:
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
        await running.cancel_session(unit, coordinator, made[0].id)
        await unit.commit()
    assert await events_of(units, SessionCancelled) == [
        SessionCancelled(session_id=made[0].id, programme_id=found.id)
    ]
    async with units.read() as unit:
        assert await api.session_of_case(unit, CASE) is None
        cards = await queries.sessions_of_series(unit, made[0].series)  # type: ignore[arg-type]
    assert cards[0].session.state is SessionState.CANCELLED


async def test_a_case_is_presented_once(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    _, made = await a_series(units, coordinator, found)
    slot = slots_of(made[0])[0]
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
        await running.start_session(unit, coordinator, made[0].id)
        await unit.commit()
    when = clock.now()
    for _ in range(2):
        async with units.write() as unit:
            await running.mark_presented(unit, coordinator, made[0].id, slot.id)
            await unit.commit()
        clock.advance(minutes=1)
    assert slots_of(await reload(units, made[0].id))[0].presented_at == when
    assert await events_of(units, AgendaItemPresented) == [
        AgendaItemPresented(
            session_id=made[0].id, programme_id=found.id, item_id=slot.id, case_id=CASE
        )
    ]


async def test_a_practice_room_is_there_whenever_one_asks(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    rooms = []
    for minutes in (0, 59, 1):
        clock.advance(minutes=minutes)
        async with units.write() as unit:
            rooms.append(await running.open_practice_session(unit, coordinator, found.id))
            await unit.commit()
    first, again, next_one = rooms
    assert again == first
    assert (first.state, first.practice, first.series, first.number) == (
        SessionState.OPEN,
        True,
        None,
        None,
    )
    assert next_one.id != first.id
    assert (await reload(units, first.id)).state is SessionState.CANCELLED


async def test_a_practice_room_that_went_live_is_ended(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    async with units.write() as unit:
        room = await running.open_practice_session(unit, None, found.id)
        await running.start_session(unit, None, room.id)
        await unit.commit()
    clock.advance(hours=2)
    async with units.write() as unit:
        await running.open_practice_session(unit, None, found.id)
        await unit.commit()
    assert (await reload(units, room.id)).state is SessionState.ENDED


async def test_ending_closes_every_stay(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    learner = await somebody(units, found, Role.LEARNER)
    seats = [SeatId(new_id(clock.now())) for _ in range(3)]
    async with units.write() as unit:
        room = await running.open_practice_session(unit, coordinator, found.id)
        await attendance.record_arrival(unit, coordinator, room.id, seats[0])
        await running.start_session(unit, coordinator, room.id)
        await unit.commit()
    clock.advance(minutes=10)
    async with units.write() as unit:
        await attendance.record_arrival(unit, learner, room.id, seats[1])
        await attendance.record_arrival(unit, learner, room.id, seats[1])
        await attendance.record_arrival(unit, learner, room.id, seats[2])
        await unit.commit()
    clock.advance(minutes=5)
    async with units.write() as unit:
        assert await attendance.record_departure(unit, room.id, seats[1])
        assert not await attendance.record_departure(unit, room.id, seats[1])
        await unit.commit()
    clock.advance(minutes=15)
    async with units.write() as unit:
        ended = await running.end_session(unit, coordinator, room.id)
        await unit.commit()
    clock.advance(hours=1)
    async with units.read() as unit:
        sheet = await queries.attendance_sheet(unit, ended)
        assert await api.people_present(unit, room.id) == (coordinator.person, learner.person)
        after = room.starts_at + timedelta(minutes=16)
        assert await api.people_present(unit, room.id, after) == (
            coordinator.person,
            learner.person,
        )
        assert await api.people_present(unit, room.id, clock.now()) == ()
    assert [(a.person, a.minutes) for a in sheet] == [
        (coordinator.person, 30),
        (learner.person, 20),
    ]
    assert (await audit_actions(units)).count("session.joined") == 3


async def test_a_lost_seat_left_when_it_was_last_heard_of(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    learner = await somebody(units, found, Role.LEARNER)
    seat = SeatId(new_id(clock.now()))
    async with units.write() as unit:
        room = await running.open_practice_session(unit, None, found.id)
        room = await running.start_session(unit, None, room.id)
        await attendance.record_arrival(unit, learner, room.id, seat)
        await unit.commit()
    last_heard = clock.now() + timedelta(minutes=7)
    clock.advance(minutes=9)
    async with units.write() as unit:
        await attendance.record_departure(unit, room.id, seat, last_heard)
        await unit.commit()
    async with units.read() as unit:
        (entry,) = await queries.attendance_sheet(unit, room)
    assert (entry.minutes, entry.last_seen) == (7, last_heard)


async def test_the_door_is_checked_again(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    _, made = await a_series(units, await somebody(units, found, Role.COORDINATOR), found)
    seat = SeatId(new_id(units.clock.now()))
    for roles, error in (
        ([Role.LEARNER], Conflict),
        ([Role.EVALUATOR], Forbidden),
        ([], NotFound),
    ):
        other = await somebody(units, found, *roles)
        async with units.write() as unit:
            with pytest.raises(error):
                await attendance.record_arrival(unit, other, made[0].id, seat)
    async with units.read() as unit:
        assert await api.people_present(unit, made[0].id) == ()
