"""The outbox relay: brings every committed event to its handlers, at least once."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

import structlog
from sqlalchemy import func, select

from server.kit.events import Event
from server.store import outbox
from server.store.tables import OutboxRow
from server.store.unit import Unit, Units

Handler = Callable[[Unit, Any], Awaitable[None]]

POLL_SECONDS = 2.0
log = structlog.get_logger("relay")


class Relay:
    """Claims due events in order; each event's handlers run in one write unit of their own."""

    def __init__(self, units: Units, subscribers: Mapping[type[Event], Iterable[Handler]]) -> None:
        self._units = units
        self._types = {kind.name: kind for kind in subscribers}
        self._handlers = {kind.name: tuple(found) for kind, found in subscribers.items()}
        self._wake = asyncio.Event()
        units.on_published = self._wake.set

    async def run(self) -> None:
        """Deliver for ever: woken by commits, with a slow poll as the net."""
        while True:
            delivered = await self.pass_once()
            if delivered:
                continue
            self._wake.clear()
            try:
                async with asyncio.timeout(POLL_SECONDS):
                    await self._wake.wait()
            except TimeoutError:
                pass

    async def drain(self) -> None:
        """Deliver until nothing is due any more (tests and shutdown)."""
        while await self.pass_once():
            pass

    async def pass_once(self) -> int:
        """Deliver one batch; return how many events were tried."""
        async with self._units.read() as unit:
            batch = await outbox.due(unit)
        for waiting in batch:
            await self._deliver(waiting)
        return len(batch)

    async def _deliver(self, waiting: outbox.Waiting) -> None:
        kind = self._types.get(waiting.event)
        try:
            async with self._units.write() as unit:
                if kind is not None:
                    event = kind.from_json(waiting.payload)
                    for handler in self._handlers[waiting.event]:
                        await handler(unit, event)
                await outbox.done(unit, waiting.id)
                await unit.commit()
        except asyncio.CancelledError:
            raise
        except Exception as error:  # noqa: BLE001 -- put back with a delay; the type is logged
            log.error("handler failed", event_name=waiting.event, error=type(error).__name__)
            async with self._units.write() as unit:
                await outbox.fail(unit, waiting, type(error).__name__)
                await unit.commit()

    async def oldest_seconds(self) -> float:
        """Return by how many seconds the most overdue event is late; 0 when none is.

        Events that wait for their next try are not late, and given up ones are not counted.
        """
        async with self._units.read() as unit:
            oldest = await unit.db.scalar(
                select(func.min(OutboxRow.due_at)).where(
                    OutboxRow.done_at.is_(None),
                    OutboxRow.due_at <= unit.now,
                    OutboxRow.attempts < outbox.MAX_ATTEMPTS,
                )
            )
            return (unit.now - oldest).total_seconds() if oldest is not None else 0.0
