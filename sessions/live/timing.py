"""The phase clock: what was used, what is left, what was borrowed. Pure; seconds everywhere.

Rules of domain.md §3: nothing advances by itself; overrun is borrowed from the next phase; all
clients derive the time from `phase_started_at`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sessions.live.messages import Step
from sessions.live.state import Room, Stage
from sessions.rules.models import PhaseKind


def elapsed(room: Room, now: datetime) -> float:
    """Return the seconds the current phase has used, earlier visits included."""
    if room.phase_started_at is None:
        return 0.0
    return max(0.0, (now - room.phase_started_at).total_seconds())


def own(room: Room, step: Step) -> float:
    """Return the seconds `step` has of its plan after what was borrowed from it; may be < 0."""
    return step.seconds - room.debt.get(step.key, 0.0)


def allowed(room: Room, step: Step) -> float:
    """Return the seconds after which the timer turns red: own time and the minutes granted."""
    return max(0.0, own(room, step)) + room.extra.get(step.key, 0)


def enter(room: Room, index: int, now: datetime) -> Room:
    """Go live in the step at `index`; a step visited before goes on where it stood."""
    step = room.steps[index]
    clock = dict(room.case_clock)
    if step.kind is PhaseKind.PRESENTATION:
        # The case clock starts once; going back and forth does not move the minutes already said.
        clock.setdefault(step.item, now)
    return replace(
        room,
        stage=Stage.LIVE,
        index=index,
        phase_started_at=now - timedelta(seconds=room.spent.get(step.key, 0.0)),
        case_clock=clock,
        floor=None,
        unlocked=False,
    )


def forward(room: Room, now: datetime) -> Room:
    """Go to the next step; whatever this one used beyond its own time is borrowed from it."""
    step, following = room.steps[room.index], room.steps[room.index + 1]
    used = elapsed(room, now)
    over = max(0.0, used - own(room, step))
    return enter(
        replace(
            room,
            spent={**room.spent, step.key: used},
            debt={**room.debt, following.key: over},
        ),
        room.index + 1,
        now,
    )


def backward(room: Room, now: datetime) -> Room:
    """Go to the step before; a slip of the finger costs nothing."""
    step = room.steps[room.index]
    return enter(
        replace(room, spent={**room.spent, step.key: elapsed(room, now)}), room.index - 1, now
    )


def on_case_clock(room: Room, step: Step, now: datetime) -> int:
    """Return milliseconds since the presentation of the step's case began.

    Raises KeyError before it has begun.
    """
    return max(0, round((now - room.case_clock[step.item]).total_seconds() * 1000))
