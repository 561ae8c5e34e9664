"""`caseround library rebuild`, as an operator runs it: a process of its own on a stopped server."""

import asyncio
import os
import sys
from pathlib import Path

from sqlalchemy import select

from cases.library import search as library
from cases.library.indexer import index_for
from server.kit.actor import Actor
from server.store.lock import ServerLock
from server.store.tables import AuditRow
from server.store.unit import Units
from tests.factories.advice import Clinic, a_signed_case

ROOT = Path(__file__).parents[2]


async def rebuild(database: str, folder: Path) -> tuple[int, str, str]:
    """Run the command; return its exit code and what it said on either stream."""
    mine = {key: value for key, value in os.environ.items() if not key.startswith("CASEROUND_")}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "server",
        "library",
        "rebuild",
        cwd=ROOT,
        env={
            **mine,
            "CASEROUND_DATABASE_URL": database,
            "CASEROUND_DATA_DIR": str(folder / "data"),
            "COLUMNS": "120",
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def found(units: Units, actor: Actor) -> list[str]:
    async with units.read() as unit:
        hits = (await library.search(unit, actor, "sertraline")).hits
    return [hit.doc.number for hit in hits]


async def test_a_lost_index_comes_back(
    units: Units, clinic: Clinic, database: str, tmp_path: Path
) -> None:
    await a_signed_case(units, clinic)
    assert await found(units, clinic.colleague) == ["KB-0001"]
    async with units.write() as unit:
        await index_for(unit).clear(unit)
        await unit.commit()
    assert await found(units, clinic.colleague) == []
    code, said, bar = await rebuild(database, tmp_path)
    assert (code, said) == (0, "The library is rebuilt. Documents: 1\n"), bar
    assert "1/1" in bar
    assert await found(units, clinic.colleague) == ["KB-0001"]
    async with units.read() as unit:
        facts = await unit.db.scalars(
            select(AuditRow.facts).where(AuditRow.action == "library.rebuilt")
        )
    assert list(facts) == [{"documents": 1}]


async def test_not_while_a_server_serves(
    units: Units, clinic: Clinic, database: str, tmp_path: Path
) -> None:
    lock = ServerLock(units.engines, database)
    await lock.acquire()
    try:
        code, said, complaint = await rebuild(database, tmp_path)
    finally:
        await lock.release()
    assert (code, said) == (1, "")
    assert "stop it first" in complaint
    async with units.read() as unit:
        rows = await unit.db.scalars(
            select(AuditRow.id).where(AuditRow.action == "library.rebuilt")
        )
    assert list(rows) == []
