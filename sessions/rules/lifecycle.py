"""The states of a session and the ways between them (domain.md §3).

`planned → open → live → ended → wrapped → archived`; `planned | open → cancelled`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from server.kit.errors import Conflict
from sessions.rules.models import Session, SessionState

NEXT_STATES = {
    SessionState.PLANNED: frozenset({SessionState.OPEN, SessionState.CANCELLED}),
    SessionState.OPEN: frozenset({SessionState.LIVE, SessionState.CANCELLED}),
    SessionState.LIVE: frozenset({SessionState.ENDED}),
    SessionState.ENDED: frozenset({SessionState.WRAPPED}),
    SessionState.WRAPPED: frozenset({SessionState.ARCHIVED}),
    SessionState.ARCHIVED: frozenset[SessionState](),
    SessionState.CANCELLED: frozenset[SessionState](),
}

GREEN_ROOM = timedelta(minutes=15)
"""The room opens 15–20 minutes early (domain.md §3, phase 0)."""

EMPTY_ROOM = timedelta(minutes=30)
"""A live room that stays empty this long after its planned end is ended by the system."""

CAPTURE_WINDOW = timedelta(hours=24)
"""Recommendations may be captured live or within 24 hours (domain.md §6.2)."""


def next_states(state: SessionState) -> frozenset[SessionState]:
    """Return the states a session may go to from `state`."""
    return NEXT_STATES[state]


def advance(session: Session, state: SessionState, now: datetime) -> Session:
    """Return the session in `state`, stamped with when it happened.

    Raises Conflict when there is no such way: `session.cannot_open`, `session.cannot_start`,
    `session.cannot_end`, `session.cannot_wrap`, `session.cannot_archive`, `session.cannot_cancel`.
    """
    if state not in NEXT_STATES[session.state]:
        raise Conflict(_REFUSALS[state])
    changed = replace(session, state=state)
    match state:
        case SessionState.OPEN:
            return replace(changed, opened_at=now)
        case SessionState.LIVE:
            return replace(changed, started_at=now)
        case SessionState.ENDED:
            return replace(changed, ended_at=now)
        case _:
            return changed


_REFUSALS = {
    SessionState.PLANNED: "session.cannot_plan",
    SessionState.OPEN: "session.cannot_open",
    SessionState.LIVE: "session.cannot_start",
    SessionState.ENDED: "session.cannot_end",
    SessionState.WRAPPED: "session.cannot_wrap",
    SessionState.ARCHIVED: "session.cannot_archive",
    SessionState.CANCELLED: "session.cannot_cancel",
}


def due_to_open(session: Session, now: datetime) -> bool:
    """Say whether the green room of a planned session should be open by now."""
    return (
        session.state is SessionState.PLANNED
        and session.starts_at - GREEN_ROOM <= now < session.ends_at
    )


def is_joinable(session: Session, now: datetime) -> bool:
    """Say whether the room can be entered: open or live.

    An open room that never went live closes EMPTY_ROOM after the planned end.
    """
    if session.state is SessionState.LIVE:
        return True
    return session.state is SessionState.OPEN and now < session.ends_at + EMPTY_ROOM


def is_capturable(session: Session, now: datetime) -> bool:
    """Say whether recommendations can still be captured (domain.md §6.2)."""
    if session.state is SessionState.LIVE:
        return True
    if session.state is not SessionState.ENDED or session.ended_at is None:
        return False
    return now < session.ended_at + CAPTURE_WINDOW
