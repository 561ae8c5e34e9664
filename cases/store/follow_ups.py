"""Load what follows a letter: its rounds, the answers, and who was asked when."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from cases.rules import rounds
from cases.rules.advice_access import ISSUED_STATES
from cases.rules.models import Case, CaseState
from cases.rules.rounds import Asked, Reminder, Round
from cases.store.advice_rows import LetterRow
from cases.store.cases import to_case
from cases.store.follow_up_rows import FollowUpAskRow
from cases.store.rows import CaseRow
from server.kit.errors import Conflict
from server.kit.ids import CaseId, PersonId, ProgrammeId
from server.store.unit import Unit

_NO_ANSWER = (CaseState.DRAFT, CaseState.WITHDRAWN, CaseState.DECLINED)
"""Follow-ups that nobody at the hub can read, or that were refused."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A case whose letter was signed: both rounds, and how often the presenter was asked.

    The rounds count from the first version that was not erased; without one there are none.
    """

    case: Case
    rounds: tuple[Round, ...]
    asked: tuple[Asked, ...]


async def of_case(unit: Unit, case: CaseId) -> FollowUp | None:
    """Return the follow-up of one case; None while no letter is signed."""
    found = await _load(unit, CaseRow.id == case)
    return found[0] if found else None


async def of_author(unit: Unit, author: PersonId) -> tuple[FollowUp, ...]:
    """Return the follow-ups of a presenter's cases, in the order of their letters."""
    return await _load(unit, CaseRow.author_id == author, CaseRow.state.in_(_OPEN))


async def of_programmes(unit: Unit, programmes: Collection[ProgrammeId]) -> tuple[FollowUp, ...]:
    """Return the follow-ups of programmes that are not closed, in the order of their letters."""
    return await _load(unit, CaseRow.programme_id.in_(programmes), CaseRow.state.in_(_OPEN))


async def issued_before(unit: Unit, instant: datetime) -> tuple[FollowUp, ...]:
    """Return the follow-ups, not closed, of letters signed until an instant."""
    return await _load(unit, LetterRow.signed_at <= instant, CaseRow.state.in_(_OPEN))


_OPEN = [
    state.value for state in (CaseState.RECS_ISSUED, CaseState.FOLLOWUP_DUE, CaseState.FOLLOWED_UP)
]


async def _load(unit: Unit, *conditions: ColumnElement[bool]) -> tuple[FollowUp, ...]:
    """Three statements, however many there are."""
    kept = aliased(LetterRow)
    oldest = (
        select(func.min(kept.version))
        .where(kept.case_id == CaseRow.id, kept.purged_at.is_(None))
        .correlate(CaseRow)
        .scalar_subquery()
    )
    first = (LetterRow.case_id == CaseRow.id) & (LetterRow.version == oldest)
    conditions = (CaseRow.state.in_([state.value for state in ISSUED_STATES]), *conditions)
    rows = await unit.db.execute(
        select(CaseRow, LetterRow.signed_at)
        .outerjoin(LetterRow, first)
        .where(*conditions)
        .order_by(LetterRow.signed_at, CaseRow.id)
        .execution_options(populate_existing=True)
    )
    found = [(to_case(row), signed_at) for row, signed_at in rows]
    if not found:
        return ()
    ids = select(CaseRow.id).outerjoin(LetterRow, first).where(*conditions)
    answers = await _answers(unit, ids)
    asked = await _asked(unit, ids)
    return tuple(
        FollowUp(
            case,
            rounds.rounds(signed_at, answers.get(case.id, [])) if signed_at else (),
            tuple(asked.get(case.id, [])),
        )
        for case, signed_at in found
    )


async def _answers(unit: Unit, ids: Select[Any]) -> dict[str, list[datetime]]:
    rows = await unit.db.execute(
        select(CaseRow.prior_case_id, CaseRow.submitted_at)
        .where(
            CaseRow.prior_case_id.in_(ids),
            CaseRow.submitted_at.is_not(None),
            CaseRow.state.not_in([state.value for state in _NO_ANSWER]),
        )
        .order_by(CaseRow.submitted_at, CaseRow.id)
    )
    found: dict[str, list[datetime]] = defaultdict(list)
    for prior, at in rows:
        if prior is not None and at is not None:  # the statement asks for both
            found[prior].append(at)
    return found


async def _asked(unit: Unit, ids: Select[Any]) -> dict[str, list[Asked]]:
    rows = await unit.db.scalars(
        select(FollowUpAskRow)
        .where(FollowUpAskRow.case_id.in_(ids))
        .order_by(FollowUpAskRow.at, FollowUpAskRow.round, FollowUpAskRow.number)
    )
    found: dict[str, list[Asked]] = defaultdict(list)
    for row in rows:
        by = PersonId(row.by) if row.by else None
        found[row.case_id].append(Asked(row.round, row.number, row.at, by))
    return found


async def note_asked(unit: Unit, case: CaseId, reminder: Reminder, by: PersonId | None) -> None:
    """Note that the presenter is asked; Conflict `case.asked_already` when that one was."""
    unit.db.add(
        FollowUpAskRow(
            case_id=case, round=reminder.round, number=reminder.number, at=unit.now, by=by
        )
    )
    try:
        await unit.db.flush()
    except IntegrityError as error:
        raise Conflict("case.asked_already") from error


async def begun(unit: Unit, author: PersonId) -> dict[CaseId, str]:
    """Return the author's follow-ups that wait to be sent: the case they continue → their key."""
    rows = await unit.db.execute(
        select(CaseRow.prior_case_id, CaseRow.case_no, CaseRow.id)
        .where(
            CaseRow.author_id == author,
            CaseRow.prior_case_id.is_not(None),
            CaseRow.state.in_([CaseState.DRAFT.value, CaseState.NEEDS_CHANGES.value]),
        )
        .order_by(CaseRow.id)
    )
    return {CaseId(prior): number or own for prior, number, own in rows if prior}
