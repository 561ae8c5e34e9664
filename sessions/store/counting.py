"""How many rows a statement changed: what an optimistic save decides by."""

from sqlalchemy import CursorResult
from sqlalchemy.sql.dml import Update

from server.store.unit import Unit


async def changed_rows(unit: Unit, statement: Update) -> int:
    """Run an UPDATE and return how many rows it changed."""
    result = await unit.db.execute(statement)
    assert isinstance(result, CursorResult)  # an UPDATE without RETURNING always is
    return int(result.rowcount)
