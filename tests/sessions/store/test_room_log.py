"""The room log: every number once, in order, exactly what was written."""

import pytest

from server.kit.errors import Conflict
from server.kit.ids import OrganisationId, SessionId
from server.store.unit import Units
from sessions.commands import running
from sessions.rules.models import LogEntry
from sessions.store import room_log
from tests.conftest import FakeClock
from tests.factories.sessions import a_programme

pytestmark = pytest.mark.both_databases


async def a_room(units: Units, hub: OrganisationId) -> SessionId:
    found = await a_programme(units, hub)
    async with units.write() as unit:
        room = await running.open_practice_session(unit, None, found.id)
        await unit.commit()
    return room.id


async def test_what_was_appended_is_read_in_order(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    room = await a_room(units, hub)
    written = []
    for seq, command in enumerate(
        [{"do": "raise", "note": "naïve “quotes” \n"}, {}, {"n": [1, 2.5, None, True]}], start=1
    ):
        clock.advance(seconds=1)
        async with units.write() as unit:
            await room_log.append(unit, room, seq, clock.now(), command)
            await unit.commit()
        written.append(LogEntry(room, seq, clock.now(), command))
    async with units.read() as unit:
        assert await room_log.read(unit, room) == tuple(written)
        assert await room_log.read(unit, room, after=2) == (written[2],)
        assert await room_log.read(unit, room, after=3) == ()
        assert await room_log.last_seq(unit, room) == 3


async def test_an_empty_log_ends_at_zero(units: Units, hub: OrganisationId) -> None:
    room = await a_room(units, hub)
    async with units.read() as unit:
        assert await room_log.last_seq(unit, room) == 0


async def test_a_number_is_used_once(units: Units, hub: OrganisationId, clock: FakeClock) -> None:
    room = await a_room(units, hub)
    async with units.write() as unit:
        await room_log.append(unit, room, 1, clock.now(), {"first": True})
        await unit.commit()
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await room_log.append(unit, room, 1, clock.now(), {"second": True})
    assert caught.value.code == "room_log.taken"
    async with units.read() as unit:
        assert [e.command for e in await room_log.read(unit, room)] == [{"first": True}]
