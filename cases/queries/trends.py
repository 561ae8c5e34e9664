"""The presentations of one person's case that a reader may see, in order of time."""

from typing import Final

from sqlalchemy import select

from cases.rules import access
from cases.rules.access import Subject
from cases.rules.models import Answers, Case, CaseVersion
from cases.rules.trends import Presentation
from cases.store.cases import to_case
from cases.store.rows import CaseRow, CaseVersionRow
from server.kit.actor import Actor
from server.store.unit import Unit

MOST: Final = 40
"""Earlier presentations that are looked at, the newest ones: years of a monthly case."""


async def presentations(
    unit: Unit, actor: Actor, case: Case, version: CaseVersion
) -> tuple[Presentation, ...]:
    """Return the author's earlier presentations of the same person, then this one.

    Left out: what the reader may not see, what was erased, and a text that is not the one that was
    checked. One statement, however many there are; none for a case that continues nothing.
    """
    if version.answers is None:
        return ()
    this = Presentation(case.case_no, version.created_at.date(), version.answers.values)
    if case.prior_case is None:
        return (this,)
    rows = await unit.db.execute(
        select(CaseRow, CaseVersionRow)
        .join(
            CaseVersionRow,
            (CaseVersionRow.case_id == CaseRow.id)
            & (CaseVersionRow.number == CaseRow.content_version),
        )
        .where(
            CaseRow.patient_ref == case.patient_ref,
            CaseRow.programme_id == case.programme,
            CaseRow.author_id == case.author,
            CaseRow.id != case.id,
            CaseRow.state.in_([state.value for state in access.PRESENTED_STATES]),
            CaseRow.created_at <= case.created_at,
            CaseVersionRow.answers.is_not(None),
        )
        .order_by(CaseRow.created_at.desc(), CaseRow.id.desc())
        .limit(MOST)
    )
    earlier = [_shown(actor, to_case(one), text) for one, text in rows]
    return (*sorted((e for e in earlier if e), key=lambda e: e.on), this)


def _shown(actor: Actor, case: Case, text: CaseVersionRow) -> Presentation | None:
    # All of these have been presented, so no session has to be asked whether it runs.
    answers = Answers(text.answers or {})
    if not access.may_see(actor, Subject(case)) or answers.content_hash() != text.content_hash:
        return None
    return Presentation(case.case_no, text.created_at.date(), answers.values)
