"""One web process per database: a second one is told so and ends."""

import fcntl
import os
from pathlib import Path

from sqlalchemy import make_url, text
from sqlalchemy.ext.asyncio import AsyncConnection

from server.store.engine import Engines, normalised_url

_ADVISORY_KEY = 0x0CA5E_0DD


class AlreadyServed(Exception):
    """Another process serves this database."""


class ServerLock:
    """Held for the life of the process; the operating system or database frees it on a crash."""

    def __init__(self, engines: Engines, url: str) -> None:
        self._engines = engines
        self._url = make_url(normalised_url(url))
        self._file: int | None = None
        self._connection: AsyncConnection | None = None

    async def acquire(self) -> None:
        """Take the lock or raise AlreadyServed."""
        if self._engines.dialect_name == "sqlite":
            path = Path(f"{self._url.database}.lock")
            self._file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError as error:
                os.close(self._file)
                self._file = None
                raise AlreadyServed from error
            return
        self._connection = await self._engines.write.connect()
        await self._connection.execution_options(isolation_level="AUTOCOMMIT")
        got = await self._connection.scalar(
            text("SELECT pg_try_advisory_lock(:key)"), {"key": _ADVISORY_KEY}
        )
        if not got:
            await self._connection.close()
            self._connection = None
            raise AlreadyServed

    async def release(self) -> None:
        """Give the lock back."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
        if self._connection is not None:
            # A pooled connection would keep the lock: this one is really closed.
            await self._connection.invalidate()
            await self._connection.close()
            self._connection = None
