"""The throw-away PostgreSQL starts, clones, and leaves nothing behind, however its user ends."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import asyncpg
import pytest

from tests.harness.postgres import KEEPER, Postgres

pytestmark = pytest.mark.postgres


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    server = Postgres()
    server.start()
    yield server
    server.stop()


async def _ask(postgres: Postgres, database: str, *statements: str) -> object:
    connection = await asyncpg.connect(postgres.url(database).replace("+asyncpg", ""))
    try:
        for statement in statements[:-1]:
            await connection.execute(statement)
        return await connection.fetchval(statements[-1])
    finally:
        await connection.close()


async def test_a_clone_holds_the_template_and_is_its_own(postgres):
    postgres.create_database("template")
    await _ask(
        postgres, "template", "CREATE TABLE t (n int)", "INSERT INTO t VALUES (7)", "SELECT 1"
    )
    postgres.create_database("clone", template="template")
    changed = await _ask(postgres, "clone", "UPDATE t SET n = 8", "SELECT n FROM t")
    assert (changed, await _ask(postgres, "template", "SELECT n FROM t")) == (8, 7)


async def test_search_needs_these_extensions(postgres):
    postgres.create_database("extensions")
    similar = await _ask(
        postgres,
        "extensions",
        "CREATE EXTENSION pg_trgm",
        "CREATE EXTENSION unaccent",
        "SELECT unaccent('Zoë') = 'Zoe' AND similarity('taper', 'tapering') > 0.4",
    )
    assert similar is True


async def test_dropping_cuts_whoever_is_connected(postgres):
    postgres.create_database("busy")
    connection = await asyncpg.connect(postgres.url("busy").replace("+asyncpg", ""))
    postgres.drop_database("busy")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await _ask(postgres, "busy", "SELECT 1")
    connection.terminate()


def test_a_refused_statement_says_why(postgres):
    with pytest.raises(RuntimeError, match="does not exist"):
        postgres.create_database("orphan", template="nowhere")


def test_nothing_is_left_when_the_tests_are_killed():
    # A stand-in for a test run: it starts a keeper, passes its report on, and is killed hard.
    script = (
        "import subprocess, sys, time\n"
        f"keeper = subprocess.Popen([sys.executable, {str(KEEPER)!r}], stdin=subprocess.PIPE)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        report = json.loads(run.stdout.readline())
        home = pathlib.Path(report["home"])
        assert home.is_dir()
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 15
    while (home.exists() or _alive(report["pid"])) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert (home.exists(), _alive(report["pid"])) == (False, False)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
