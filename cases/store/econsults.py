"""Who was asked to answer a case in writing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cases.rules import econsult
from cases.rules.models import Case
from cases.store.follow_up_rows import EConsultAskRow
from server.kit.ids import CaseId, PersonId
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
