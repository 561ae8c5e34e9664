"""Load a thing together with the question whether the actor may touch it."""

from collections.abc import Callable

from server.kit.actor import Actor
from server.kit.errors import Forbidden, NotFound
from server.kit.ids import PersonId, ProgrammeId, SessionId
from server.store.unit import Unit
from sessions.rules import access
from sessions.rules.models import Programme, Session
from sessions.store import programmes, sessions

Allowed = Callable[[Actor, ProgrammeId], bool]


def check(actor: Actor | None, programme_id: ProgrammeId, allowed: Allowed) -> None:
    """Raise NotFound when the programme is not the actor's to see, Forbidden when not to change."""
    if actor is None:
        return
    if not access.may_see_programme(actor, programme_id):
        raise NotFound
    if not allowed(actor, programme_id):
        raise Forbidden


async def programme_for(
    unit: Unit, actor: Actor | None, programme_id: ProgrammeId, allowed: Allowed
) -> Programme:
    """Return a programme the actor may change in the way `allowed` says."""
    check(actor, programme_id, allowed)
    return await programmes.load(unit, programme_id)


async def session_for(
    unit: Unit, actor: Actor | None, session_id: SessionId, allowed: Allowed
) -> Session:
    """Return a session the actor may change in the way `allowed` says."""
    session = await sessions.load(unit, session_id)
    check(actor, session.programme, allowed)
    return session


def person_of(actor: Actor | None) -> PersonId | None:
    """Return who to name in the audit; None is the house itself."""
    return actor.person if actor else None
