"""Lists of cases: the author's own, and what waits at the review desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select

from cases.rules import econsult, passes, placing, turnaround
from cases.rules.models import Case, CaseState
from cases.rules.passes import Standing
from cases.rules.turnaround import Due
from cases.store import desk
from cases.store.cases import to_case
from cases.store.rows import CaseRow
from server.deid.load import ruleset
from server.kit.actor import Actor, Permission
from server.kit.ids import CaseId, PersonId, SessionId
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
    """One case at the desk; nothing of its text.

    `since`: when it came to where it is. `due`: the desk's clock, None when nothing presses.
    `standing` None: nobody has passed it yet, or it is with its author.
    """

    case: Case
    programme: Programme
    author: PersonCard | None
    since: datetime
    due: Due | None
    standing: Standing | None


DESK_ORDER = (
    CaseState.PHI_CHECK,
    CaseState.SUBMITTED,
    CaseState.IN_REVIEW,
    CaseState.ACCEPTED,
    CaseState.CONVERTED,
    CaseState.NEEDS_CHANGES,
)
"""What the desk looks after, most urgent first: to check, to review, to place; answered in writing;
with the author."""

_ON_THE_CLOCK = frozenset({CaseState.PHI_CHECK, CaseState.SUBMITTED, CaseState.IN_REVIEW})


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
    """Return what waits at the desk in the programmes the actor checks, most urgent first.

    That is: what is due first; on one day, what the author calls soon or a safety flag marks;
    then the oldest. Five statements, however many cases.
    """
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
    standings = await _standings(unit, found)
    items = [
        _item(unit, case, programmes[case.programme], authors, standings.get(case.id))
        for case in found
    ]
    return tuple(sorted(items, key=_urgency))


def _item(
    unit: Unit,
    case: Case,
    programme: Programme,
    authors: Mapping[PersonId, PersonCard],
    standing: Standing | None,
) -> QueueItem:
    return QueueItem(
        case=case,
        programme=programme,
        author=authors.get(case.author),
        since=case.state_at,
        due=due_of(case, programme, unit.now),
        standing=standing,
    )


def due_of(case: Case, programme: Programme, now: datetime) -> Due | None:
    """Return the desk's clock of a case: 2 working days of the programme's zone (domain.md §4.6).

    It runs from the submission until the case is accepted or goes back. An accepted one that the
    author called soon should be presented within 14 days of its submission. An e-consult is
    answered within 72 hours.
    """
    if case.submitted_at is None:
        return None
    if case.converted_at is not None:
        open_ = econsult.is_open(case)
        return econsult.due(case.converted_at, now, programme.zone) if open_ else None
    if case.state in _ON_THE_CLOCK:
        return turnaround.due(case.submitted_at, now, programme.zone)
    if case.state is CaseState.ACCEPTED and case.urgency == "soon":
        return turnaround.due_by(case.submitted_at + placing.SOON, now, programme.zone)
    return None


def _urgency(item: QueueItem) -> tuple[date, bool, datetime, str]:
    pressing = item.case.urgency == "soon" or item.case.safety.raised
    return (item.due.day if item.due else date.max, not pressing, item.since, item.case.id)


async def _standings(unit: Unit, found: Sequence[Case]) -> Mapping[CaseId, Standing]:
    """Weigh the passes of the cases that have passed the check, in two statements."""
    unread = (CaseState.PHI_CHECK, CaseState.NEEDS_CHANGES)
    passed = [case for case in found if case.state not in unread]
    if not passed:
        return {}
    ids = [case.id for case in passed]
    given = await desk.load_passes(unit, ids)
    hashes = await desk.load_hashes(unit, ids)
    return {
        case.id: passes.standing(
            given.get(case.id, ()),
            content_hash=hashes[case.id],
            ruleset=ruleset().version,
            year=unit.now.year,
            reasons=case.second_reasons,
            author=case.author,
        )
        for case in passed
    }
