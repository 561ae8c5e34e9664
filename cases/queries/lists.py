"""Lists of cases: the author's own, and what waits at the review desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cases.rules.models import Case, CaseState
from cases.store.cases import to_case
from cases.store.rows import CaseRow
from server.kit.actor import Actor, Permission
from server.kit.ids import SessionId
from server.people import api as people
from server.people.api import PersonCard
from server.store.unit import Unit
from sessions import api as sessions
from sessions.api import Programme, SessionCard


@dataclass(frozen=True, slots=True)
class CaseItem:
    """One of the author's cases; `question` is empty in a draft without one."""

    case: Case
    programme: Programme
    question: str
    session: SessionCard | None


@dataclass(frozen=True, slots=True)
class QueueItem:
    """One case at the desk. `since`: when it came to where it is; nothing of its text."""

    case: Case
    programme: Programme
    author: PersonCard | None
    since: datetime


DESK_ORDER = (
    CaseState.PHI_CHECK,
    CaseState.SUBMITTED,
    CaseState.IN_REVIEW,
    CaseState.ACCEPTED,
)
"""What waits for the desk, most urgent first: to check, to review, to place."""


async def presentable_programmes(unit: Unit, actor: Actor) -> tuple[Programme, ...]:
    """Return the programmes to which the actor may present, by name."""
    ids = actor.programmes_with(Permission.CASE_WRITE)
    found = await sessions.programmes(unit, ids)
    return tuple(sorted(found.values(), key=lambda p: p.name))


async def my_cases(unit: Unit, actor: Actor) -> tuple[CaseItem, ...]:
    """Return the actor's own cases, the ones that changed last first; three statements."""
    rows = (
        await unit.db.scalars(
            select(CaseRow)
            .where(CaseRow.author_id == actor.person)
            .order_by(CaseRow.state_at.desc(), CaseRow.id.desc())
        )
    ).all()
    if not rows:
        return ()
    found = [to_case(row) for row in rows]
    programmes = await sessions.programmes(unit, frozenset(c.programme for c in found))
    cards = await _sessions(unit, found)
    drafts = {row.id: (row.draft or {}).get("main_question", "") for row in rows}
    return tuple(
        CaseItem(
            case,
            programmes[case.programme],
            case.main_question or drafts[case.id],
            cards.get(case.session) if case.session else None,
        )
        for case in found
    )


async def _sessions(unit: Unit, found: Sequence[Case]) -> dict[SessionId, SessionCard]:
    ids = frozenset(case.session for case in found if case.session)
    return await sessions.session_cards(unit, ids) if ids else {}


async def triage_queue(unit: Unit, actor: Actor) -> tuple[QueueItem, ...]:
    """Return what waits at the desk in the programmes the actor checks, oldest first."""
    programme_ids = actor.programmes_with(Permission.CASE_CHECK)
    rows = (
        await unit.db.scalars(
            select(CaseRow)
            .where(
                CaseRow.programme_id.in_(programme_ids),
                CaseRow.state.in_([state.value for state in DESK_ORDER]),
            )
            .order_by(CaseRow.state_at, CaseRow.id)
        )
    ).all()
    if not rows:
        return ()
    found = [to_case(row) for row in rows]
    programmes = await sessions.programmes(unit, frozenset(c.programme for c in found))
    authors = await people.cards(unit, {c.author for c in found})
    return tuple(
        QueueItem(case, programmes[case.programme], authors.get(case.author), case.state_at)
        for case in found
    )
