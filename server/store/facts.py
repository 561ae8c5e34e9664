"""Facts about a database that are set once, such as that it is a demonstration."""

from server.store.tables import DatabaseFactRow
from server.store.unit import Unit

DEMO = "demo"


async def read(unit: Unit, name: str) -> str | None:
    """Return a fact, or None."""
    row = await unit.db.get(DatabaseFactRow, name)
    return row.value if row else None


async def write(unit: Unit, name: str, value: str) -> None:
    """Set a fact that has not been set before."""
    unit.db.add(DatabaseFactRow(name=name, value=value, at=unit.now))
    await unit.db.flush()  # a second writer in this unit would be a mistake worth hearing of


async def change(unit: Unit, name: str, value: str) -> None:
    """Change a fact that has been set."""
    row = await unit.db.get_one(DatabaseFactRow, name)
    row.value, row.at = value, unit.now
