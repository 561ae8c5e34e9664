"""Who may: the checks every command begins with. Pure."""

from server.kit.errors import Conflict, Forbidden
from server.kit.ids import PersonId
from sessions.live.messages import (
    Duty,
    Step,
)
from sessions.live.state import Participant, Room


def here(room: Room, person: PersonId) -> Participant:
    """Return the person, who must be in the room."""
    found = room.people.get(person)
    if found is None or found.seat is None:
        raise Conflict("room.not_here")
    return found


def able(room: Room, person: PersonId, duty: Duty) -> Participant:
    """Return the person, who must be here, have the duty and have read the rules card."""
    found = here(room, person)
    if not found.may(duty):
        raise Forbidden("room.not_yours")
    if not found.acknowledged:
        raise Conflict("room.rules_first")
    return found


def live_step(room: Room) -> Step:
    if room.step is None:
        raise Conflict("room.not_live")
    return room.step


def same_step(room: Room, seen: str) -> Step:
    """Return the current step, which must be the one the asker saw (double clicks, two hands)."""
    step = live_step(room)
    if step.key != seen:
        raise Conflict("room.phase_moved")
    return step
