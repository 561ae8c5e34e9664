"""What a test reads back from the outbox and the audit."""

from typing import TypeVar

from sqlalchemy import select

from server.kit.events import Event
from server.store.tables import AuditRow, OutboxRow
from server.store.unit import Units

E = TypeVar("E", bound=Event)


async def events_of(units: Units, kind: type[E]) -> list[E]:
    """Return every event of one kind that was published, in order."""
    async with units.read() as unit:
        found = await unit.db.scalars(
            select(OutboxRow.payload).where(OutboxRow.event == kind.name).order_by(OutboxRow.id)
        )
        return [kind.from_json(payload) for payload in found]


async def audit_actions(units: Units) -> list[str]:
    """Return every audited action, in order."""
    async with units.read() as unit:
        return list(await unit.db.scalars(select(AuditRow.action).order_by(AuditRow.id)))


async def audit_text(units: Units) -> str:
    """Return everything the audit holds as one text, to look for what must not be there."""
    async with units.read() as unit:
        rows = await unit.db.execute(select(AuditRow.action, AuditRow.subject, AuditRow.facts))
        return "\n".join(str(tuple(row)) for row in rows)
