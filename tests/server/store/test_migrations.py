"""Models and migrations agree, on both databases; what is stored already is carried along."""

import pathlib
from collections.abc import Iterator

import pytest
from alembic import command
from sqlalchemy import text

from server.store import migrate
from server.store.engine import make_engines
from server.store.unit import Units
from tests.harness.house_parts import every_module
from tests.harness.postgres import Postgres

every_module()


@pytest.mark.both_databases
async def test_migrations_make_exactly_the_models(units: Units) -> None:
    assert await migrate.current(units.engines) == migrate.head()
    assert await migrate.differences(units.engines) == []


@pytest.mark.both_databases
async def test_upgrading_again_changes_nothing(units: Units) -> None:
    assert await migrate.upgrade(units.engines) == (migrate.head(), migrate.head())


@pytest.fixture(
    params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)],
)
def empty_database(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of a database without any table."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite3'}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    server.create_database("test_empty")
    yield server.url("test_empty")
    server.drop_database("test_empty")


NOON = "2031-03-04 19:00:00"
BEFORE = (
    *(
        "INSERT INTO people (id, email, name, credentials, discipline, zone, platform_admin,"
        f" failures, created_at) VALUES ('p{n}', 'p{n}@test.invalid', 'P', '', '{old}', 'UTC',"
        f" FALSE, 0, '{NOON}')"
        for n, old in enumerate(("nurse", "peer_supporter", "coordinator", "physician"))
    ),
    (
        "INSERT INTO programmes (id, code, name, description, hub_id, zone, template, cases_first,"
        " learner_sees_case, version) VALUES ('bh', 'BH', 'BH', '', 'h', 'UTC', 'T60-2', FALSE, FALSE, 1)"
    ),
    *(
        "INSERT INTO sessions (id, programme_id, starts_at, ends_at, zone, template, state, practice,"
        f" version) VALUES ('{state}', 'bh', '{NOON}', '{NOON}', 'UTC', 'T60-2', '{state}', FALSE, 1)"
        for state in ("ended", "cancelled")
    ),
    *(
        "INSERT INTO cases (id, programme_id, programme_code, patient_ref, case_type, author_id,"
        " organisation_id, created_at, row_version, state, state_at, urgency, main_question,"
        " content_version, safety, message, publication_veto) VALUES"
        f" ('{case}', 'bh', 'BH', 'BH-7K3Q{n}', 'new', 'p0', 'o', '{NOON}', 1, 'closed', '{NOON}',"
        " 'routine', '', 1, '{}', '', FALSE)"
        for n, case in enumerate(("signed", "unsigned"))
    ),
    *(
        "INSERT INTO agenda_items (id, session_id, kind, minutes, position, ref, label, presented_at)"
        f" VALUES ('{item}', 'ended', 'case_slot', 17, {n}, '{case}', '', {at})"
        for n, (item, case, at) in enumerate(
            (
                ("a", "signed", f"'{NOON}'"),
                ("b", "unsigned", f"'{NOON}'"),
                ("c", "signed", "NULL"),
            )
        )
    ),
    *(
        "INSERT INTO letters (case_id, version, body, body_hash, signed_by, signed_at,"
        f" draft_revision) VALUES ('signed', {version}, '', 'x', 'p0', '2031-03-0{day} 10:00:00', 1)"
        for version, day in ((1, 6), (2, 9))
    ),
    *(
        "INSERT INTO case_versions (case_id, number, answers, content_hash, ruleset, form_version,"
        f" created_at, checked_at, checked_by) VALUES ('signed', {number}, '{{}}', 'h{number}',"
        f" '2031.1', '1', '{NOON}', {checked})"
        for number, checked in ((1, f"'{NOON}', 'p3'"), (2, "NULL, NULL"))
    ),
)


async def test_stored_values_are_carried_along(empty_database: str) -> None:
    """0006 notes which letters are out and why sessions were cancelled; 0007 unites two lists.

    0008 makes a pass of what a version noted about the person who checked it.
    """
    engines = make_engines(empty_database)
    async with engines.write.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(migrate._config(sync), "0004"))
    async with engines.write.begin() as connection:
        for statement in BEFORE:
            await connection.execute(text(statement))
    await migrate.upgrade(engines)
    async with engines.read.connect() as connection:

        async def rows(statement: str) -> list[tuple[object, ...]]:
            return [tuple(row) for row in await connection.execute(text(statement))]

        assert await rows("SELECT discipline FROM people ORDER BY id") == [
            ("rn",),
            ("peer",),
            ("other",),
            ("physician",),
        ]
        assert await rows("SELECT id, cancelled_for, wrapped_at FROM sessions ORDER BY id") == [
            ("cancelled", "by_hand", None),
            ("ended", None, None),
        ]
        assert await rows(
            "SELECT case_id, number, person_id, ruleset, content_hash FROM case_passes"
        ) == [("signed", 1, "p3", "2031.1", "h1")]
        assert await rows("SELECT DISTINCT second_reasons FROM cases") == [("[]",)]
        stamped = await rows("SELECT id, letter_at FROM agenda_items ORDER BY id")
    assert [(item, str(at)[:16] if at else None) for item, at in stamped] == [
        ("a", "2031-03-06 10:00"),
        ("b", None),
        ("c", None),
    ]
    await engines.dispose()
