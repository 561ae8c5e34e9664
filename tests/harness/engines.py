"""Engines that outlive a test: each test has its own database, what was compiled is kept.

SQLAlchemy compiles a statement once for each engine. With an engine for each test a fifth of the
suite's time went there; these are made once for each kind of database and then connect to whichever
database the test has.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Dialect, event, make_url

from server.store.engine import Engines, make_engines, normalised_url


class SharedEngines:
    """The engines of one process."""

    def __init__(self) -> None:
        self._made: dict[str, Engines] = {}
        self._url = ""

    def on(self, url: str) -> Engines:
        """Return engines on `url`; whatever they had open before must have been disposed of.

        What a test changes or listens to is its own: it holds a copy of the engine, not the engine.
        """
        self._url = normalised_url(url)
        kind = make_url(self._url).get_backend_name()
        if kind not in self._made:
            made = self._made[kind] = make_engines(url)
            for engine in {made.read, made.write}:
                event.listen(engine.sync_engine, "do_connect", self._lead)
                if kind == "sqlite":
                    event.listen(engine.sync_engine, "connect", _do_not_wait_for_the_disk)
        kept = self._made[kind]
        read = kept.read.execution_options()
        write = read if kept.write is kept.read else kept.write.execution_options()
        return Engines(read, write, kept.dialect_name)

    def _lead(
        self, dialect: Dialect, _record: Any, positional: list[Any], named: dict[str, Any]
    ) -> None:
        """Lead a new connection to the database of this test."""
        arguments, options = dialect.create_connect_args(make_url(self._url))
        positional[:] = arguments
        named.update(options)


def _do_not_wait_for_the_disk(connection: Any, _record: Any) -> None:
    """As the tests' PostgreSQL does: nobody pulls the plug in here."""
    cursor = connection.cursor()
    cursor.execute("PRAGMA synchronous=OFF")
    cursor.close()
