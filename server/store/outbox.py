"""Outbox rows: claim what is due, mark it done, or put it back with a growing delay."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from server.store.tables import OutboxRow
from server.store.unit import Unit

MAX_ATTEMPTS = 12
_FIRST_DELAY = timedelta(seconds=2)
_LONGEST_DELAY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One undelivered event."""

    id: int
    event: str
    payload: str
    attempts: int


async def due(unit: Unit, limit: int = 50) -> tuple[Waiting, ...]:
    """Return events whose time has come, oldest first; dead letters are left where they are."""
    rows = await unit.db.execute(
        select(OutboxRow.id, OutboxRow.event, OutboxRow.payload, OutboxRow.attempts)
        .where(
            OutboxRow.done_at.is_(None),
            OutboxRow.due_at <= unit.now,
            OutboxRow.attempts < MAX_ATTEMPTS,
        )
        .order_by(OutboxRow.id)
        .limit(limit)
    )
    return tuple(Waiting(*row) for row in rows)


async def done(unit: Unit, waiting_id: int) -> None:
    """Mark one event as delivered, in the same transaction as its handler's work."""
    await unit.db.execute(
        update(OutboxRow).where(OutboxRow.id == waiting_id).values(done_at=unit.now)
    )


async def fail(unit: Unit, waiting: Waiting, error: str) -> None:
    """Put one event back; the delay doubles up to an hour. `error` is an exception's type name."""
    delay = min(_FIRST_DELAY * 2**waiting.attempts, _LONGEST_DELAY)
    await unit.db.execute(
        update(OutboxRow)
        .where(OutboxRow.id == waiting.id)
        .values(attempts=waiting.attempts + 1, due_at=unit.now + delay, last_error=error[:200])
    )
