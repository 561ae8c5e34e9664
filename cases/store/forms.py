"""The setups of programmes' case forms: added, never changed."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from cases.rules.form_setup import FormSetup, restore
from cases.store.rows import CaseFormRow
from server.kit.errors import Conflict, NotFound
from server.kit.ids import PersonId, ProgrammeId
from server.store.unit import Unit


async def load_setup(unit: Unit, programme: ProgrammeId) -> tuple[int, FormSetup]:
    """Return the newest setup with its number; (0, the usual one) when there is none."""
    row = await unit.db.scalar(
        select(CaseFormRow)
        .where(CaseFormRow.programme_id == programme)
        .order_by(CaseFormRow.number.desc())
        .limit(1)
    )
    return (row.number, restore(row.setup)) if row else (0, FormSetup())


async def load_setup_number(unit: Unit, programme: ProgrammeId, number: int) -> FormSetup:
    """Return one setup; 0 is the usual one. Raises NotFound for a number that was never given."""
    if number == 0:
        return FormSetup()
    row = await unit.db.get(CaseFormRow, (programme, number))
    if row is None:
        raise NotFound
    return restore(row.setup)


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a programme's form: its number, when and by whom."""

    number: int
    at: datetime
    by: PersonId


async def load_changes(unit: Unit, programme: ProgrammeId, most: int) -> tuple[Change, ...]:
    """Return the newest changes of a programme's form, the newest first."""
    rows = await unit.db.scalars(
        select(CaseFormRow)
        .where(CaseFormRow.programme_id == programme)
        .order_by(CaseFormRow.number.desc())
        .limit(most)
    )
    return tuple(Change(row.number, row.created_at, PersonId(row.created_by)) for row in rows)


async def add_setup(
    unit: Unit, programme: ProgrammeId, setup: FormSetup, *, after: int, by: PersonId
) -> int:
    """Add a setup after number `after`; return its number. Raises Conflict `stale` when `after`
    is not the newest any more."""
    newest, _ = await load_setup(unit, programme)
    if newest != after:
        raise Conflict("stale")
    unit.db.add(
        CaseFormRow(
            programme_id=programme,
            number=after + 1,
            setup=setup.as_json(),
            created_at=unit.now,
            created_by=by,
        )
    )
    await unit.db.flush()
    return after + 1
