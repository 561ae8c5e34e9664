"""Engines: SQLite in WAL with one writer, PostgreSQL with a pool; durable commits on both.

Settings follow security.md 80: an acknowledged commit survives a killed process.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import event, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

BUSY_TIMEOUT_MS = 15_000
SQLITE_READERS = 4


@dataclass(frozen=True, slots=True)
class Engines:
    """A reading and a writing engine; on PostgreSQL they are the same object."""

    read: AsyncEngine
    write: AsyncEngine
    dialect_name: str

    async def dispose(self) -> None:
        """Close every pooled connection."""
        await self.read.dispose()
        if self.write is not self.read:
            await self.write.dispose()


def normalised_url(url: str) -> str:
    """Return `url` with the async driver named, so operators may write plain `postgresql://`."""
    parsed = make_url(url)
    drivers = {"postgresql": "postgresql+asyncpg", "postgres": "postgresql+asyncpg"}
    drivers["sqlite"] = "sqlite+aiosqlite"
    name = drivers.get(parsed.drivername, parsed.drivername)
    return parsed.set(drivername=name).render_as_string(hide_password=False)


def _sqlite_engine(url: str, *, begin: str, pool_size: int) -> AsyncEngine:
    engine = create_async_engine(
        url, pool_size=pool_size, max_overflow=0, pool_timeout=30, connect_args={"timeout": 15}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN would be deferred; ours is sent by _on_begin.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "secure_delete=ON",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)

    return engine


def make_engines(url: str) -> Engines:
    """Open the engines for `url` (sqlite:///… or postgresql://…); nothing connects yet."""
    url = normalised_url(url)
    if make_url(url).get_backend_name() == "sqlite":
        return Engines(
            read=_sqlite_engine(url, begin="BEGIN", pool_size=SQLITE_READERS),
            # One writer: writers queue in the process instead of colliding in the file.
            write=_sqlite_engine(url, begin="BEGIN IMMEDIATE", pool_size=1),
            dialect_name="sqlite",
        )
    engine = create_async_engine(
        url,
        pool_size=10,
        max_overflow=10,
        pool_pre_ping=True,
        connect_args={"server_settings": {"synchronous_commit": "on", "TimeZone": "UTC"}},
    )
    return Engines(read=engine, write=engine, dialect_name="postgresql")
