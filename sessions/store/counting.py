"""How many rows a statement changed: what an optimistic save decides by."""

from sqlalchemy import CursorResult
from sqlalchemy.sql.dml import Delete, Update

from server.store.unit import Unit


async def changed_rows(unit: Unit, statement: Update | Delete) -> int:
    """Run an UPDATE or DELETE and return how many rows it touched."""
    result = await unit.db.execute(statement)
    assert isinstance(result, CursorResult)  # without RETURNING it always is
    return int(result.rowcount)
