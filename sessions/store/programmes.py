"""Load and save programmes."""

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from server.kit.errors import Conflict, NotFound
from server.kit.ids import OrganisationId, ProgrammeId
from server.store.unit import Unit
from sessions.rules.models import Programme, Template
from sessions.store.rows import ProgrammeRow


def to_programme(row: ProgrammeRow) -> Programme:
    """Return the value of a row."""
    return Programme(
        id=ProgrammeId(row.id),
        code=row.code,
        name=row.name,
        description=row.description,
        hub=OrganisationId(row.hub_id),
        zone=row.zone,
        template=Template(row.template),
        cases_first=row.cases_first,
        learner_sees_case=row.learner_sees_case,
        version=row.version,
    )


async def load(unit: Unit, programme_id: ProgrammeId) -> Programme:
    """Return one programme or raise NotFound."""
    row = await unit.db.get(ProgrammeRow, programme_id, populate_existing=True)
    if row is None:
        raise NotFound
    return to_programme(row)


async def code_taken(unit: Unit, code: str) -> bool:
    """Say whether a programme already uses `code`."""
    found = await unit.db.scalar(select(ProgrammeRow.id).where(ProgrammeRow.code == code))
    return found is not None


async def insert(unit: Unit, programme: Programme) -> None:
    """Add a new programme; Conflict `programme.code_taken` when another took the code just now."""
    unit.db.add(
        ProgrammeRow(
            id=programme.id,
            code=programme.code,
            name=programme.name,
            description=programme.description,
            hub_id=programme.hub,
            zone=programme.zone,
            template=programme.template.value,
            cases_first=programme.cases_first,
            learner_sees_case=programme.learner_sees_case,
            version=programme.version,
        )
    )
    # Flushed here: other rows of this transaction refer to it by foreign key.
    try:
        await unit.db.flush()
    except IntegrityError:
        raise Conflict("programme.code_taken") from None
