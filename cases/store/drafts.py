"""Saved states of drafts, and which page a draft was begun on."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from cases.rules import intake
from cases.rules.drafts import MOST, DraftState, Origin, Save, is_new_state
from cases.rules.models import Answers, ScreenedCase
from cases.store.draft_rows import DraftStateRow
from cases.store.rows import CaseRow
from server.kit.errors import Conflict, NotFound
from server.kit.ids import CaseId, PersonId, ProgrammeId
from server.store.unit import Unit


def merged(screened: ScreenedCase) -> Answers:
    """Return the whole answers: the structured ones and the texts that the check let through."""
    passed = {path: text.text for path, text in screened.screened.fields.items()}
    return intake.with_texts(screened.structured, passed)


async def begun_on(
    unit: Unit, author: PersonId, programme: ProgrammeId, writer: str
) -> CaseId | None:
    """Return the case that this page of this author has begun in a programme, or None."""
    if not writer:
        return None
    found = await unit.db.scalar(
        select(CaseRow.id).where(
            CaseRow.author_id == author,
            CaseRow.begun_on == writer,
            CaseRow.programme_id == programme,
        )
    )
    return CaseId(found) if found else None


async def note_begun(unit: Unit, case: CaseId, writer: str) -> None:
    """Note on which page a new case was begun.

    Raises Conflict `stale` when the same page has begun one at this very moment.
    """
    if not writer:
        return
    try:
        await unit.db.execute(update(CaseRow).where(CaseRow.id == case).values(begun_on=writer))
    except IntegrityError as error:
        raise Conflict("stale") from error


async def last(unit: Unit, case: CaseId) -> DraftState | None:
    """Return the state that the draft is in now, or None when nothing was kept of it."""
    row = await unit.db.scalar(
        select(DraftStateRow)
        .where(DraftStateRow.case_id == case, DraftStateRow.origin != Origin.ASIDE.value)
        .order_by(DraftStateRow.number.desc())
        .limit(1)
        .execution_options(populate_existing=True)
    )
    return _state(row) if row else None


async def keep(unit: Unit, case: CaseId, screened: ScreenedCase, save: Save) -> bool:
    """Keep a state of the draft; return whether it is a new one and not the last one going on.

    The oldest beyond the twenty newest are dropped. What is put aside is kept once.
    """
    answers = merged(screened)
    # One writer at a time, so that two never take the same number (PostgreSQL; SQLite has one).
    await unit.db.execute(select(CaseRow.id).where(CaseRow.id == case).with_for_update())
    before = await last(unit, case)
    if save.origin is Origin.ASIDE and any(
        s.answers == answers for s in await load_all(unit, case)
    ):
        return False
    if before is None or is_new_state(before, save, answers, unit.now):
        if save.origin is not Origin.ASIDE:
            await _forget_aside(unit, case, answers)
        await _add(unit, case, answers, save)
        return True
    pressed = {"origin": save.origin.value} if save.origin is Origin.SAVED else {}
    await unit.db.execute(
        update(DraftStateRow)
        .where(DraftStateRow.case_id == case, DraftStateRow.number == before.number)
        .values(
            answers=dict(answers.values),
            writer=save.writer,
            sequence=save.sequence,
            saved_at=unit.now,
            **pressed,
        )
    )
    return False


async def _forget_aside(unit: Unit, case: CaseId, answers: Answers) -> None:
    """Drop what was put aside and is now the draft after all."""
    for state in await load_all(unit, case):
        if state.origin is Origin.ASIDE and state.answers == answers:
            await unit.db.execute(
                delete(DraftStateRow).where(
                    DraftStateRow.case_id == case, DraftStateRow.number == state.number
                )
            )


async def _add(unit: Unit, case: CaseId, answers: Answers, save: Save) -> None:
    newest = await unit.db.scalar(
        select(func.max(DraftStateRow.number)).where(DraftStateRow.case_id == case)
    )
    number = (newest or 0) + 1
    unit.db.add(
        DraftStateRow(
            case_id=case,
            number=number,
            origin=save.origin.value,
            writer=save.writer,
            sequence=save.sequence,
            answers=dict(answers.values),
            began_at=unit.now,
            saved_at=unit.now,
        )
    )
    await unit.db.flush()
    await unit.db.execute(
        delete(DraftStateRow).where(
            DraftStateRow.case_id == case, DraftStateRow.number <= number - MOST
        )
    )


async def load_all(unit: Unit, case: CaseId) -> tuple[DraftState, ...]:
    """Return the kept states of a draft, newest first."""
    rows = await unit.db.scalars(
        select(DraftStateRow)
        .where(DraftStateRow.case_id == case)
        .order_by(DraftStateRow.number.desc())
        .execution_options(populate_existing=True)
    )
    return tuple(map(_state, rows))


async def load(unit: Unit, case: CaseId, number: int) -> DraftState:
    """Return one kept state; raises NotFound."""
    row = await unit.db.get(DraftStateRow, (case, number), populate_existing=True)
    if row is None:
        raise NotFound
    return _state(row)


async def erase(unit: Unit, case: CaseId) -> None:
    """Erase every kept state: the case was sent, withdrawn or purged."""
    await unit.db.execute(delete(DraftStateRow).where(DraftStateRow.case_id == case))


def _state(row: DraftStateRow) -> DraftState:
    return DraftState(
        case=CaseId(row.case_id),
        number=row.number,
        origin=Origin(row.origin),
        writer=row.writer,
        sequence=row.sequence,
        answers=Answers(row.answers),
        began_at=row.began_at,
        saved_at=row.saved_at,
    )
