"""What was purged is gone from the bytes of the database, the index and the log too (security.md 83)."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cases.commands import erasing
from cases.events import EntryRetracted
from cases.library import indexer
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.advice import a_clinic, a_signed_case
from tests.factories.records import events_of

WORD = "quadrille"


def holding(folder: Path) -> list[str]:
    """Return the files of the database that hold the word, after a checkpoint."""
    with closing(sqlite3.connect(folder / "test.sqlite3")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return sorted(
        path.name
        for path in folder.glob("test.sqlite3*")
        if WORD.encode() in path.read_bytes().lower()
    )


async def test_a_purged_word_is_in_no_file(
    units: Units, hub: OrganisationId, spoke: OrganisationId, tmp_path: Path
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    asked = "Does the quadrille of last week change the dose of sertraline?"
    other = await a_signed_case(units, clinic)
    case = await a_signed_case(units, clinic, main_question=asked)
    assert holding(tmp_path) == ["test.sqlite3"]
    async with units.write() as unit:
        await erasing.purge(
            unit, clinic.director, case.key, row_version=case.row_version, reason="story"
        )
    for event in await events_of(units, EntryRetracted):
        async with units.write() as unit:
            await indexer.on_entry_retracted(unit, event)
            await unit.commit()
    assert holding(tmp_path) == []
    assert other.main_question
