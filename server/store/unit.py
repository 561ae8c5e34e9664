"""The unit of work: one transaction that carries state, events and audit together."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from server.kit.clock import Clock
from server.kit.events import Event
from server.kit.ids import PersonId, ProgrammeId
from server.store.engine import Engines
from server.store.tables import AuditRow, OutboxRow


def _nothing() -> None:
    """Stand in where nobody waits for events."""


class Unit:
    """One `AsyncSession` and what must be committed with it; not safe to share between tasks."""

    def __init__(
        self, db: AsyncSession, now: datetime, dialect: str, on_published: Callable[[], None]
    ) -> None:
        self.db = db
        self.now = now
        self.dialect = dialect
        self._on_published = on_published
        self._after_commit: list[Callable[[], None]] = []

    def publish(self, event: Event) -> None:
        """Write `event` to the outbox: it exists exactly if this transaction commits."""
        if self._on_published not in self._after_commit:
            self._after_commit.append(self._on_published)
        self.db.add(
            OutboxRow(
                event=event.name,
                version=event.version,
                payload=event.to_json(),
                created_at=self.now,
                due_at=self.now,
                attempts=0,
            )
        )

    def record(
        self,
        action: str,
        *,
        actor: PersonId | None,
        subject: str = "",
        programme: ProgrammeId | None = None,
        **facts: str | int | bool,
    ) -> None:
        """Write an audit row; `facts` are counts, codes and hashes, never typed text."""
        self.db.add(
            AuditRow(
                at=self.now,
                action=action,
                actor_id=actor,
                programme_id=programme,
                subject=subject,
                facts=facts,
            )
        )

    def after_commit(self, call: Callable[[], None]) -> None:
        """Run `call` once the commit has succeeded (wake-ups, cache drops; no I/O)."""
        self._after_commit.append(call)

    async def commit(self) -> None:
        """Commit everything, then run the after-commit calls."""
        await self.db.commit()
        calls, self._after_commit = self._after_commit, []
        for call in calls:
            call()


class Units:
    """Opens units; `on_published` is called after a commit that put events in the outbox."""

    def __init__(self, engines: Engines, clock: Clock) -> None:
        self.engines = engines
        self.clock = clock
        self.on_published: Callable[[], None] = _nothing
        self._read = async_sessionmaker(engines.read, expire_on_commit=False)
        self._write = async_sessionmaker(engines.write, expire_on_commit=False)

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Unit]:
        """Open a unit for reading; it is always rolled back."""
        async with self._read() as db:
            yield Unit(db, self.clock.now(), self.engines.dialect_name, _nothing)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Unit]:
        """Open a unit for writing; leaving without `commit()` rolls everything back."""
        async with self._write() as db:
            yield Unit(db, self.clock.now(), self.engines.dialect_name, self.on_published)
