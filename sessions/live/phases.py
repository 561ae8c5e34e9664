"""Start, next, back, more time, end. Pure; nothing advances by itself (domain.md §3)."""

from dataclasses import replace
from datetime import datetime

from server.kit.errors import Conflict
from sessions.live import rights, timing
from sessions.live.effects import CloseMedia, EndSession, MarkPresented, StartSession
from sessions.live.messages import Back, Duty, End, Extend, Next, Start, Step
from sessions.live.state import Result, Room, Stage
from sessions.rules.models import PhaseKind


def start(room: Room, command: Start, now: datetime) -> Result:
    """Go from the green room into the first phase."""
    rights.able(room, command.by, Duty.RUN)
    if room.stage is not Stage.GREEN:
        raise Conflict("room.already_started")
    if not room.steps:
        raise Conflict("room.no_agenda")
    return timing.enter(room, 0, now), (StartSession(),)


def _presented(room: Room, step: Step) -> Result:
    """Mark the case of a summary that is over as presented, once (domain.md §3, 5f)."""
    if step.kind is not PhaseKind.SUMMARY or step.case is None or step.item in room.presented:
        return room, ()
    return replace(room, presented=room.presented | {step.item}), (MarkPresented(step.item),)


def forward(room: Room, command: Next, now: datetime) -> Result:
    """Go to the next phase; leaving a summary marks its case as presented."""
    rights.able(room, command.by, Duty.RUN)
    step = rights.same_step(room, command.seen)
    if room.index + 1 >= len(room.steps):
        raise Conflict("room.last_phase")
    room, effects = _presented(room, step)
    return timing.forward(room, now), effects


def back(room: Room, command: Back, now: datetime) -> Result:
    """Go to the phase before."""
    rights.able(room, command.by, Duty.RUN)
    rights.same_step(room, command.seen)
    if room.index == 0:
        raise Conflict("room.first_phase")
    return timing.backward(room, now), ()


def extend(room: Room, command: Extend) -> Result:
    """Grant the current phase a minute or two."""
    rights.able(room, command.by, Duty.RUN)
    step = rights.same_step(room, command.seen)
    more = room.extra.get(step.key, 0) + command.minutes * 60
    return replace(room, extra={**room.extra, step.key: more}), ()


def end(room: Room, command: End) -> Result:
    """End the session: hands and floor are cleared, media closes."""
    if command.by is not None:
        rights.able(room, command.by, Duty.RUN)
    step = rights.live_step(room)
    room, effects = _presented(room, step)
    return _over(room), (*effects, EndSession(command.by), CloseMedia())


def close(room: Room) -> Result:
    """Close a room whose session was ended or cancelled somewhere else."""
    if room.stage is Stage.ENDED:
        return room, ()
    return _over(room), (CloseMedia(),)


def _over(room: Room) -> Room:
    return replace(
        room,
        stage=Stage.ENDED,
        phase_started_at=None,
        floor=None,
        unlocked=False,
        speaking=None,
        hands={},
        spoke_lane=(),
        hub_lane=(),
        tech=(),
    )
