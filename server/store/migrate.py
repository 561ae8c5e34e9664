"""Bring a database to the newest schema, or say which one it has."""

from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from server.store.engine import Engines


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    return config


def head() -> str:
    """Return the newest revision this program knows."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


async def current(engines: Engines) -> str | None:
    """Return the database's revision; None for an empty one."""
    async with engines.read.connect() as connection:
        return await connection.run_sync(
            lambda sync: MigrationContext.configure(sync).get_current_revision()
        )


async def upgrade(engines: Engines) -> tuple[str | None, str]:
    """Run every missing migration in one transaction; return the revisions before and after."""
    before = await current(engines)
    if before == head():
        return before, before
    async with engines.write.begin() as connection:
        await connection.run_sync(lambda sync: command.upgrade(_config(sync), "head"))
    return before, head()


async def differences(engines: Engines) -> list[Any]:
    """Return what Alembic would still change: empty when models and migrations agree."""
    from alembic.autogenerate import compare_metadata  # noqa: PLC0415 -- tests only

    from server.store.base import Base  # noqa: PLC0415 -- keeps the import order flat

    def compare(sync: Connection) -> list[Any]:
        context = MigrationContext.configure(
            sync,
            opts={
                "compare_type": True,
                # Full-text tables are made by hand: no model describes an FTS5 table.
                "include_object": lambda _o, name, kind, _r, _c: (
                    not (kind == "table" and str(name).startswith("library_fts"))
                ),
            },
        )
        return list(compare_metadata(context, Base.metadata))

    async with engines.read.connect() as connection:
        return await connection.run_sync(compare)
