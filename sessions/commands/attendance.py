"""Note who came and went, device by device; minutes follow from it (domain.md §8.1)."""

from datetime import datetime

from server.kit.actor import Actor
from server.kit.errors import Conflict
from server.kit.ids import SeatId, SessionId
from server.store.unit import Unit
from sessions.commands.loading import session_for
from sessions.rules import access
from sessions.rules.models import Stay
from sessions.store import attendance


async def record_arrival(unit: Unit, actor: Actor, session_id: SessionId, seat: SeatId) -> Stay:
    """Begin a connected interval; a seat that is already there changes nothing.

    Raises NotFound or Forbidden (SESSION_JOIN), Conflict `session.not_joinable` when the room is
    not open: the door is checked here again, whatever ticket was shown (security.md 22).
    """
    session = await session_for(unit, actor, session_id, access.may_enter)
    if not access.may_join(actor, session, unit.now):
        raise Conflict("session.not_joinable")
    there = await attendance.open_stay(unit, session_id, seat)
    if there is not None:
        return there
    stay = Stay(session=session_id, person=actor.person, seat=seat, arrived_at=unit.now)
    await attendance.insert(unit, stay)
    unit.record(
        "session.joined", actor=actor.person, subject=session_id, programme=session.programme
    )
    return stay


async def record_departure(
    unit: Unit, session_id: SessionId, seat: SeatId, at: datetime | None = None
) -> bool:
    """End a seat's interval, now or at an earlier `at` (when it was last heard of).

    Return whether there was one; a second time changes nothing.
    """
    stay = await attendance.open_stay(unit, session_id, seat)
    if stay is None:
        return False
    left_at = max(stay.arrived_at, min(at or unit.now, unit.now))
    await attendance.close(unit, session_id, seat, left_at)
    unit.record("session.left", actor=stay.person, subject=session_id)
    return True
