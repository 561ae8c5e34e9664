"""Load and save cases. A case row has one version; its frozen texts are only ever added."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from cases.rules.models import (
    Answers,
    Attestation,
    Case,
    CaseState,
    CaseType,
    CaseVersion,
    Decision,
    Safety,
    ScreenedCase,
)
from cases.store import attachments, drafts
from cases.store.rows import (
    AttestationRow,
    CaseRow,
    CaseSerialRow,
    CaseVersionRow,
    FieldCommentRow,
    FindingDecisionRow,
)
from server.kit.errors import Conflict, NotFound
from server.kit.ids import (
    AgendaItemId,
    CaseId,
    OrganisationId,
    PersonId,
    ProgrammeId,
    SessionId,
    is_id,
    new_id,
)
from server.store.unit import Unit


def to_case(row: CaseRow) -> Case:
    """Return the value of a case row."""
    return Case(
        id=CaseId(row.id),
        programme=ProgrammeId(row.programme_id),
        programme_code=row.programme_code,
        patient_ref=row.patient_ref,
        case_type=CaseType(row.case_type),
        author=PersonId(row.author_id),
        organisation=OrganisationId(row.organisation_id) if row.organisation_id else None,
        state=CaseState(row.state),
        created_at=row.created_at,
        state_at=row.state_at,
        case_no=row.case_no or "",
        prior_case=CaseId(row.prior_case_id) if row.prior_case_id else None,
        urgency=row.urgency,
        main_question=row.main_question,
        content_version=row.content_version,
        submitted_at=row.submitted_at,
        safety=_to_safety(row.safety),
        message=row.message,
        session=SessionId(row.session_id) if row.session_id else None,
        agenda_item=AgendaItemId(row.agenda_item_id) if row.agenda_item_id else None,
        presented_at=row.presented_at,
        converted_at=row.converted_at,
        publication_veto=row.publication_veto,
        second_reasons=tuple(row.second_reasons),
        lost_slot=row.lost_slot,
        row_version=row.row_version,
    )


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _to_safety(stored: Mapping[str, Any]) -> Safety:
    return Safety(
        reasons=tuple(stored.get("reasons", ())),
        acknowledged_at=_instant(stored.get("acknowledged_at")),
        statement=dict(stored.get("statement", {})),
        stated_at=_instant(stored.get("stated_at")),
    )


def _safety_json(safety: Safety) -> dict[str, Any]:
    if not safety.raised:
        return {}
    return {
        "reasons": list(safety.reasons),
        "acknowledged_at": safety.acknowledged_at and safety.acknowledged_at.isoformat(),
        "statement": dict(safety.statement),
        "stated_at": safety.stated_at and safety.stated_at.isoformat(),
    }


def _columns(case: Case) -> dict[str, Any]:
    """Return the columns that a saved case may change."""
    return {
        "case_no": case.case_no or None,
        "state": case.state.value,
        "state_at": case.state_at,
        "submitted_at": case.submitted_at,
        "urgency": case.urgency,
        "main_question": case.main_question,
        "content_version": case.content_version,
        "safety": _safety_json(case.safety),
        "message": case.message,
        "session_id": case.session,
        "agenda_item_id": case.agenda_item,
        "presented_at": case.presented_at,
        "converted_at": case.converted_at,
        "publication_veto": case.publication_veto,
        "second_reasons": list(case.second_reasons),
        "lost_slot": case.lost_slot,
    }


async def load(unit: Unit, key: str) -> Case:
    """Return a case by its number or id; raises NotFound for anything else."""
    found = await _load_where(unit, CaseRow.id == key if is_id(key) else CaseRow.case_no == key)
    if not found:
        raise NotFound
    return found[0]


async def last_of_author(unit: Unit, author: PersonId) -> Case | None:
    """Return the author's newest case that was ever sent, or None."""
    found = await unit.db.scalar(
        select(CaseRow)
        .where(CaseRow.author_id == author, CaseRow.content_version > 0)
        .order_by(CaseRow.id.desc())
        .limit(1)
    )
    return to_case(found) if found else None


async def load_scheduled(unit: Unit, session: SessionId) -> tuple[Case, ...]:
    """Return the cases that wait for this session, oldest first."""
    return await _load_where(
        unit, CaseRow.session_id == session, CaseRow.state == CaseState.SCHEDULED.value
    )


async def load_withdrawn(unit: Unit, before: datetime) -> tuple[Case, ...]:
    """Return the cases withdrawn before an instant whose text has not been erased yet."""
    return await _load_where(
        unit,
        CaseRow.state == CaseState.WITHDRAWN.value,
        CaseRow.state_at < before,
        or_(CaseRow.draft.is_not(None), CaseRow.main_question != ""),
    )


async def _load_where(unit: Unit, *conditions: ColumnElement[bool]) -> tuple[Case, ...]:
    rows = await unit.db.scalars(
        select(CaseRow)
        .where(*conditions)
        .order_by(CaseRow.id)
        .execution_options(populate_existing=True)
    )
    return tuple(map(to_case, rows))


async def insert(unit: Unit, case: Case) -> None:
    """Add a new case without any text; `save_draft` or `add_version` brings the text."""
    unit.db.add(
        CaseRow(
            id=case.id,
            programme_id=case.programme,
            programme_code=case.programme_code,
            patient_ref=case.patient_ref,
            case_type=case.case_type.value,
            prior_case_id=case.prior_case,
            author_id=case.author,
            organisation_id=case.organisation,
            created_at=case.created_at,
            draft=None,
            draft_saved_at=None,
            row_version=case.row_version,
            **_columns(case),
        )
    )
    # Flushed here: no ORM relationship orders the versions after their case.
    await unit.db.flush()


async def save(unit: Unit, before: Case, after: Case) -> Case:
    """Write what may change; return the case with its new row version.

    Raises Conflict `stale` when the row no longer has the version of `before`.
    """
    await _update(unit, before, _columns(after))
    return await load(unit, before.id)


async def _update(unit: Unit, before: Case, columns: Mapping[str, Any]) -> None:
    changed = await unit.db.execute(
        update(CaseRow)
        .where(CaseRow.id == before.id, CaseRow.row_version == before.row_version)
        .values(row_version=before.row_version + 1, **columns)
        .returning(CaseRow.id)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict("stale")


async def save_draft(unit: Unit, case: Case, screened: ScreenedCase) -> Case:
    """Keep the author's working text: screened like any other; raises Conflict `stale`."""
    await _update(
        unit,
        case,
        {"draft": dict(drafts.merged(screened).values), "draft_saved_at": unit.now},
    )
    return await load(unit, case.id)


async def set_draft(unit: Unit, case: Case, answers: Answers | None) -> Case:
    """Replace the working text by parts of an already frozen version, or by nothing."""
    draft = None if answers is None else dict(answers.values)
    await _update(unit, case, {"draft": draft, "draft_saved_at": draft and unit.now})
    return await load(unit, case.id)


async def load_draft(unit: Unit, case: CaseId) -> tuple[Answers, datetime] | None:
    """Return the author's working text and when it was saved, or None."""
    row = await unit.db.get(CaseRow, case, populate_existing=True)
    if row is None or row.draft is None or row.draft_saved_at is None:
        return None
    return Answers(row.draft), row.draft_saved_at


async def next_number(unit: Unit, programme: ProgrammeId, year: int) -> int:
    """Return the next serial of a programme and year; two callers never get the same one."""
    insert_into = postgres_insert if unit.dialect == "postgresql" else sqlite_insert
    statement = (
        insert_into(CaseSerialRow)
        .values(programme_id=programme, year=year, last=1)
        .on_conflict_do_update(
            index_elements=[CaseSerialRow.programme_id, CaseSerialRow.year],
            set_={"last": CaseSerialRow.last + 1},
        )
        .returning(CaseSerialRow.last)
    )
    return (await unit.db.execute(statement)).scalar_one()


async def add_version(
    unit: Unit, case: CaseId, number: int, screened: ScreenedCase, form_version: str
) -> CaseVersion:
    """Freeze a text as version `number`; it is never changed again, only purged."""
    answers = drafts.merged(screened)
    rulesets = sorted({text.ruleset for text in screened.screened.fields.values()})
    unit.db.add(
        CaseVersionRow(
            case_id=case,
            number=number,
            answers=dict(answers.values),
            content_hash=answers.content_hash(),
            ruleset=",".join(rulesets)[:80],
            form_version=form_version,
            created_at=unit.now,
        )
    )
    await unit.db.flush()
    return await load_version(unit, case, number)


def to_version(row: CaseVersionRow) -> CaseVersion:
    """Return the value of a version row; Conflict `case.text_changed` if its hash does not fit."""
    answers = None if row.answers is None else Answers(row.answers)
    if answers is not None and answers.content_hash() != row.content_hash:
        # Changed behind the check's back: every approval of it is void (deidentification.md §6).
        raise Conflict("case.text_changed")
    return CaseVersion(
        case=CaseId(row.case_id),
        number=row.number,
        answers=answers,
        content_hash=row.content_hash,
        ruleset=row.ruleset,
        form_version=row.form_version,
        created_at=row.created_at,
        checked_at=row.checked_at,
        checked_by=PersonId(row.checked_by) if row.checked_by else None,
        purged_at=row.purged_at,
        purged_by=PersonId(row.purged_by) if row.purged_by else None,
    )


async def load_version(unit: Unit, case: CaseId, number: int) -> CaseVersion:
    """Return one frozen text; raises NotFound."""
    row = await unit.db.get(CaseVersionRow, (case, number), populate_existing=True)
    if row is None:
        raise NotFound
    return to_version(row)


async def mark_checked(unit: Unit, case: CaseId, number: int, by: PersonId) -> None:
    """Note on a version that a human has passed it."""
    await unit.db.execute(
        update(CaseVersionRow)
        .where(CaseVersionRow.case_id == case, CaseVersionRow.number == number)
        .values(checked_at=unit.now, checked_by=by)
    )


async def purge(unit: Unit, case: CaseId, by: PersonId | None, *, keep_pages: bool = False) -> int:
    """Erase the answers of every version that still has some; return how many.

    What remains is the tombstone: hash, who, when (domain.md, invariant 4). What the desk wrote
    at single fields speaks of their text and goes with it, and so do the attachments, unless
    `keep_pages`: the case goes on with the rest of its text.
    """
    if not keep_pages:
        await attachments.erase(unit, case)
    await drafts.erase(unit, case)
    await unit.db.execute(delete(FieldCommentRow).where(FieldCommentRow.case_id == case))
    erased = await unit.db.execute(
        update(CaseVersionRow)
        .where(CaseVersionRow.case_id == case, CaseVersionRow.purged_at.is_(None))
        .values(answers=None, purged_at=unit.now, purged_by=by)
        .returning(CaseVersionRow.number)
    )
    return len(erased.all())


def add_attestations(
    unit: Unit, case: CaseId, number: int, signed: Mapping[Attestation, str], by: PersonId
) -> None:
    """Add who signed which wording with a version; `signed` maps statement to wording version."""
    for kind, wording in signed.items():
        unit.db.add(
            AttestationRow(
                id=new_id(unit.now),
                case_id=case,
                number=number,
                kind=kind.value,
                wording=wording,
                person_id=by,
                at=unit.now,
            )
        )


def add_decisions(unit: Unit, case: CaseId, number: int, made: Iterable[Decision]) -> None:
    """Add what a human decided about the findings of a version."""
    for decision in made:
        unit.db.add(
            FindingDecisionRow(
                id=new_id(unit.now),
                case_id=case,
                number=number,
                path=decision.path,
                start=decision.start,
                stop=decision.end,
                category=decision.category,
                rule=decision.rule,
                tier=decision.tier,
                verdict=decision.verdict,
                reason=decision.reason,
                person_id=decision.by,
                at=decision.at,
            )
        )


async def load_decisions(unit: Unit, case: CaseId, number: int) -> Sequence[Decision]:
    """Return what was decided about the findings of a version, in the order of the text."""
    rows = await unit.db.scalars(
        select(FindingDecisionRow)
        .where(FindingDecisionRow.case_id == case, FindingDecisionRow.number == number)
        .order_by(FindingDecisionRow.path, FindingDecisionRow.start, FindingDecisionRow.id)
    )
    return tuple(
        Decision(
            path=row.path,
            start=row.start,
            end=row.stop,
            category=row.category,
            rule=row.rule,
            tier=row.tier,
            verdict=row.verdict,
            reason=row.reason,
            by=PersonId(row.person_id),
            at=row.at,
        )
        for row in rows
    )
