"""What the desk leaves behind: who passed which text, and what it asks of the author where."""

from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import select

from cases.rules.models import CaseVersion, FieldComment, Pass
from cases.store.rows import CasePassRow, CaseRow, CaseVersionRow, FieldCommentRow
from server.deid import verdict
from server.deid.models import ScreenedText
from server.kit.ids import CaseId, PersonId, new_id
from server.store.unit import Unit

_UNTIL: Final = " until "
"""Between a rule set and the year before which its findings hold, in one column: one person may pass
one text once more with the same rules when another year has come."""


def add_pass(
    unit: Unit, version: CaseVersion, ruleset: str, until: int | None, by: PersonId
) -> Pass:
    """Note that `by` let this text through under a rule set; return the pass.

    `until` is the year with whose New Year these rules may find something else in it; None: never.
    """
    made = Pass(by, unit.now, version.content_hash, ruleset, until)
    unit.db.add(
        CasePassRow(
            case_id=version.case,
            number=version.number,
            person_id=by,
            ruleset=ruleset if until is None else f"{ruleset}{_UNTIL}{until}",
            content_hash=made.content_hash,
            at=made.at,
        )
    )
    return made


async def load_passes(unit: Unit, cases: Iterable[CaseId]) -> Mapping[CaseId, tuple[Pass, ...]]:
    """Return, in one statement, the passes of the latest text of each case, oldest first."""
    rows = await unit.db.scalars(
        select(CasePassRow)
        .join(CaseRow, CaseRow.id == CasePassRow.case_id)
        .where(CasePassRow.case_id.in_(list(cases)), CasePassRow.number == CaseRow.content_version)
        .order_by(CasePassRow.at, CasePassRow.person_id)
    )
    found: dict[CaseId, tuple[Pass, ...]] = {}
    for row in rows:
        rules, _, until = row.ruleset.partition(_UNTIL)
        year = int(until) if until else None
        made = Pass(PersonId(row.person_id), row.at, row.content_hash, rules, year)
        case = CaseId(row.case_id)
        found[case] = (*found.get(case, ()), made)
    return found


async def load_hashes(unit: Unit, cases: Iterable[CaseId]) -> Mapping[CaseId, str]:
    """Return, in one statement, the content hash of the latest text of each case."""
    rows = await unit.db.execute(
        select(CaseVersionRow.case_id, CaseVersionRow.content_hash)
        .join(CaseRow, CaseRow.id == CaseVersionRow.case_id)
        .where(CaseRow.id.in_(list(cases)), CaseVersionRow.number == CaseRow.content_version)
    )
    return {CaseId(case): content_hash for case, content_hash in rows}


def add_comments(
    unit: Unit, case: CaseId, number: int, written: Mapping[str, ScreenedText], by: PersonId
) -> None:
    """Add what the author is asked at single fields of a version; `written` by path."""
    for path, screened in written.items():
        unit.db.add(
            FieldCommentRow(
                id=new_id(unit.now),
                case_id=case,
                number=number,
                path=path,
                text=screened.text,
                text_hash=screened.hash,
                ruleset=screened.ruleset,
                person_id=by,
                at=unit.now,
            )
        )


async def load_comments(unit: Unit, case: CaseId, number: int) -> tuple[FieldComment, ...]:
    """Return what the author is asked about a version, in the order it was written.

    Raises Conflict `deid.hash_mismatch` when a text is not the one that was screened.
    """
    rows = await unit.db.scalars(
        select(FieldCommentRow)
        .where(FieldCommentRow.case_id == case, FieldCommentRow.number == number)
        .order_by(FieldCommentRow.id)
    )
    return tuple(
        FieldComment(
            path=row.path,
            text=verdict.restore(row.text, row.text_hash, row.ruleset).text,
            by=PersonId(row.person_id),
            at=row.at,
        )
        for row in rows
    )
