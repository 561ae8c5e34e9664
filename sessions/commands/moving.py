"""Bring a session into its next state: saved, told to the house, written into the audit."""

from server.kit.actor import Actor
from server.kit.events import Event
from server.store.unit import Unit
from sessions.commands.loading import person_of
from sessions.events import (
    SessionArchived,
    SessionCancelled,
    SessionEnded,
    SessionOpened,
    SessionStarted,
    SessionWrapped,
)
from sessions.rules.models import Session, SessionState
from sessions.store import attendance, sessions


async def move(unit: Unit, actor: Actor | None, before: Session, after: Session) -> Session:
    """Save a session that `rules.lifecycle` brought into another state; return it.

    Whoever is still connected to a session that is over left now.
    """
    saved = await sessions.save(unit, before, after)
    if saved.state in {SessionState.ENDED, SessionState.CANCELLED}:
        await attendance.close(unit, saved.id, None, unit.now)
    unit.publish(_event(saved))
    facts = {"reason": saved.cancelled_for.value} if saved.cancelled_for else {}
    unit.record(
        f"session.{saved.state.value}",
        actor=person_of(actor),
        subject=saved.id,
        programme=saved.programme,
        practice=saved.practice,
        **facts,
    )
    return saved


def _event(session: Session) -> Event:
    kinds: dict[
        SessionState,
        type[
            SessionOpened
            | SessionStarted
            | SessionEnded
            | SessionCancelled
            | SessionWrapped
            | SessionArchived
        ],
    ]
    kinds = {
        SessionState.OPEN: SessionOpened,
        SessionState.LIVE: SessionStarted,
        SessionState.ENDED: SessionEnded,
        SessionState.CANCELLED: SessionCancelled,
        SessionState.WRAPPED: SessionWrapped,
        SessionState.ARCHIVED: SessionArchived,
    }
    return kinds[session.state](session_id=session.id, programme_id=session.programme)
