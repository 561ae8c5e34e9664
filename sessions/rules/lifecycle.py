"""The states of a session and the ways between them (domain.md §3).

`planned → open → live → ended → wrapped → archived`; `planned | open → cancelled`.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from server.kit.errors import Conflict
from sessions.rules.models import AgendaItem, CancelReason, Session, SessionState

_BEFORE = frozenset({SessionState.PLANNED, SessionState.OPEN})

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

ATTENDANCE_WINDOW = timedelta(hours=24)
"""Attendance is final this long after the end, together with what was captured [P]."""

NOT_HELD_AFTER = timedelta(hours=3)
"""A room that nobody started can still start so long after its planned end [P]: a facilitator
who is late keeps the session; after that its cases are needed for another date."""

ARCHIVE_AFTER = timedelta(days=90)
"""A wrapped session rests in the archive after the retention of domain.md §10.1 [P]."""


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
        case SessionState.WRAPPED:
            return replace(changed, wrapped_at=now)
        case SessionState.CANCELLED:
            return replace(changed, cancelled_for=CancelReason.BY_HAND)
        case _:
            return changed


def give_up(session: Session, now: datetime) -> Session:
    """Return the session cancelled because nobody held it; raises Conflict as `advance` does."""
    return replace(
        advance(session, SessionState.CANCELLED, now), cancelled_for=CancelReason.NOT_HELD
    )


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


def takes_cases(session: Session, now: datetime) -> bool:
    """Say whether a free slot of this session can still be given to a case."""
    return session.state in _BEFORE and now < session.ends_at


def is_over(session: Session, now: datetime) -> bool:
    """Say whether nobody can meet here any more, whether or not the house has noted it yet."""
    if session.state is SessionState.PLANNED:
        return now >= session.ends_at
    return session.state is not SessionState.LIVE and not is_joinable(session, now)


def was_not_held(session: Session, now: datetime) -> bool:
    """Say whether the time of the session went by and nobody started it."""
    if session.state is SessionState.CANCELLED:
        return session.cancelled_for is CancelReason.NOT_HELD
    return session.state in _BEFORE and is_over(session, now)


def due_to_give_up(session: Session, now: datetime) -> bool:
    """Say whether the system gives a session up that nobody started."""
    return session.state in _BEFORE and now >= session.ends_at + NOT_HELD_AFTER


def due_to_end(session: Session, empty_since: datetime | None, now: datetime) -> bool:
    """Say whether the system ends a live session that everybody has left (domain.md §3).

    `empty_since` is when the last person left; None while somebody is connected.
    """
    return (
        session.state is SessionState.LIVE
        and empty_since is not None
        and empty_too_long(session.ends_at, empty_since, now)
    )


def empty_too_long(ends_at: datetime, empty_since: datetime, now: datetime) -> bool:
    """Say whether a room planned until `ends_at` has been empty for 30 minutes after that."""
    return now >= max(ends_at, empty_since) + EMPTY_ROOM


def letters_open(session: Session) -> tuple[AgendaItem, ...]:
    """Return the slots whose case was presented and has no signed letter yet, in order."""
    return tuple(i for i in session.agenda if i.presented_at is not None and i.letter_at is None)


def attendance_final_at(session: Session) -> datetime | None:
    """Return when attendance becomes final: a day after the end, or with the wrap if sooner.

    None for a session that has not ended.
    """
    if session.ended_at is None:
        return None
    final = session.ended_at + ATTENDANCE_WINDOW
    return final if session.wrapped_at is None else min(final, session.wrapped_at)


def due_to_wrap(session: Session, now: datetime) -> bool:
    """Say whether the system wraps the session: attendance final and every letter issued (§3)."""
    final = attendance_final_at(session)
    return (
        session.state is SessionState.ENDED
        and final is not None
        and now >= final
        and not letters_open(session)
    )


def wrap(session: Session, now: datetime) -> Session:
    """Return the session wrapped: with all letters issued, this makes attendance final.

    Raises Conflict `session.letters_open` while a presented case has no signed letter, and
    `session.cannot_wrap` from any state but ended.
    """
    wrapped = advance(session, SessionState.WRAPPED, now)
    if letters_open(session):
        raise Conflict("session.letters_open")
    return wrapped


def due_to_archive(session: Session, now: datetime) -> bool:
    """Say whether a wrapped session has rested long enough."""
    return (
        session.state is SessionState.WRAPPED
        and session.wrapped_at is not None
        and now >= session.wrapped_at + ARCHIVE_AFTER
    )
