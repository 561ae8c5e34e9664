"""Who was asked to answer a case in writing, and who was told that it is late."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.dialects.postgresql import insert as postgres_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from cases.rules import econsult
from cases.rules.models import Case
from cases.store.cases import to_case
from cases.store.follow_up_rows import EConsultAskRow, EConsultReminderRow
from cases.store.rows import CaseRow
from server.kit.ids import CaseId, PersonId, ProgrammeId
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class AskedToAnswer:
    """A hub specialist who was asked, when, and by whom."""

    person: PersonId
    at: datetime
    by: PersonId


async def asked(unit: Unit, case: CaseId) -> tuple[AskedToAnswer, ...]:
    """Return who was asked to answer a case, the first first."""
    rows = await unit.db.scalars(
        select(EConsultAskRow)
        .where(EConsultAskRow.case_id == case)
        .order_by(EConsultAskRow.at, EConsultAskRow.person_id)
    )
    return tuple(AskedToAnswer(PersonId(r.person_id), r.at, PersonId(r.by)) for r in rows)


async def asked_people(unit: Unit, case: CaseId) -> frozenset[PersonId]:
    """Return who was asked to answer a case."""
    return frozenset(one.person for one in await asked(unit, case))


async def answerers(unit: Unit, case: Case) -> frozenset[PersonId]:
    """Return who was asked to answer a case that still waits for its answer."""
    return await asked_people(unit, case.id) if econsult.is_open(case) else frozenset()


async def of_person(unit: Unit, person: PersonId) -> frozenset[CaseId]:
    """Return the cases that a person was asked to answer."""
    found = await unit.db.scalars(
        select(EConsultAskRow.case_id).where(EConsultAskRow.person_id == person)
    )
    return frozenset(CaseId(case) for case in found)


async def ask(
    unit: Unit, case: CaseId, people: Collection[PersonId], by: PersonId
) -> frozenset[PersonId]:
    """Note who is asked; return those who were not before."""
    new = frozenset(people) - await asked_people(unit, case)
    for person in sorted(new):
        unit.db.add(EConsultAskRow(case_id=case, person_id=person, at=unit.now, by=by))
    await unit.db.flush()
    return new


async def overdue(
    unit: Unit, programmes: Collection[ProgrammeId] | None = None
) -> tuple[Case, ...]:
    """Return the e-consults whose 72 hours are over without a signed answer, oldest first.

    `programmes` None: of all.
    """
    conditions: list[ColumnElement[bool]] = [
        CaseRow.converted_at <= unit.now - econsult.ANSWER_WITHIN,
        CaseRow.state.in_([state.value for state in econsult.OPEN_STATES]),
    ]
    if programmes is not None:
        conditions.append(CaseRow.programme_id.in_(programmes))
    rows = await unit.db.scalars(
        select(CaseRow).where(*conditions).order_by(CaseRow.converted_at, CaseRow.id)
    )
    return tuple(case for case in map(to_case, rows) if econsult.is_open(case))


async def note_reminded(
    unit: Unit, case: CaseId, people: Collection[PersonId]
) -> frozenset[PersonId]:
    """Note who is told that a case is late; return those who were not before.

    Two workers never both get the same person: the second waits for the first, and finds the row.
    """
    insert_into = postgres_insert if unit.dialect == "postgresql" else sqlite_insert
    rows = [
        {"case_id": case, "person_id": person, "at": unit.now}
        for person in sorted(people)  # in one order, so that two workers cannot lock each other
    ]
    if not rows:
        return frozenset()
    new = await unit.db.scalars(
        insert_into(EConsultReminderRow)
        .values(rows)
        .on_conflict_do_nothing()
        .returning(EConsultReminderRow.person_id)
    )
    return frozenset(map(PersonId, new))
