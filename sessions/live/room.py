"""The whole behaviour of a live session: `apply(room, command, now) -> (room, effects)`. Pure.

A command that may not be done raises a DomainError and changes nothing; a command that changes
nothing returns the very same room and no effects, and is not logged.
"""

from datetime import datetime
from typing import assert_never

from sessions.live import alerts, floor, hands, lines, phases, presence
from sessions.live.messages import (
    Acknowledge,
    Back,
    CaptureLine,
    Close,
    CloseAlert,
    Command,
    End,
    Extend,
    Fares,
    GiveFloor,
    Heard,
    Join,
    Leave,
    LowerHand,
    MediaDown,
    MoveHand,
    Next,
    Plan,
    RaiseAlert,
    RaiseHand,
    React,
    Remove,
    Restart,
    SetMedia,
    Start,
    TakeFloor,
    UnlockHub,
)
from sessions.live.state import Result, Room, Stage
from sessions.rules.lifecycle import empty_too_long


def apply(room: Room, command: Command, now: datetime) -> Result:  # noqa: C901, PLR0911, PLR0912 -- one line per command is the table of the room
    """Return the room after `command` and what must be done because of it.

    Raises Forbidden, Conflict, NotFound or Invalid with a `room.…` code when it may not be done.
    """
    match command:
        case Plan():
            return presence.plan(room, command)
        case Join():
            return presence.join(room, command, now)
        case Leave():
            return presence.leave(room, command, now)
        case Remove():
            return presence.remove(room, command, now)
        case Restart():
            return presence.restart(room, now)
        case Acknowledge():
            return presence.acknowledge(room, command)
        case Start():
            return phases.start(room, command, now)
        case Next():
            return phases.forward(room, command, now)
        case Back():
            return phases.back(room, command, now)
        case Extend():
            return phases.extend(room, command)
        case End():
            return phases.end(room, command)
        case RaiseHand():
            return floor.raise_hand(room, command, now)
        case LowerHand():
            return floor.lower_hand(room, command)
        case MoveHand():
            return floor.move_hand(room, command)
        case GiveFloor():
            return floor.give_floor(room, command)
        case TakeFloor():
            return floor.take_floor(room, command)
        case UnlockHub():
            return floor.unlock_hub(room, command)
        case CaptureLine():
            return lines.capture(room, command, now)
        case React():
            return lines.react(room, command)
        case RaiseAlert():
            return alerts.raise_alert(room, command, now)
        case CloseAlert():
            return alerts.close_alert(room, command)
        case Close():
            return phases.close(room)
        case SetMedia():
            return presence.set_media(room, command)
        case Heard() | Fares() | MediaDown():
            return presence.media_says(room, command), ()
        case _:
            assert_never(command)


def due(room: Room, now: datetime) -> tuple[Command, ...]:
    """Return what time alone demands: places kept too long, a room forgotten open."""
    out: list[Command] = [LowerHand(None, who) for who in hands.overdue(room, now)]
    if (
        room.stage is Stage.LIVE
        and room.empty_since is not None
        and empty_too_long(room.ends_at, room.empty_since, now)
    ):
        out.append(End(None))
    return tuple(out)
