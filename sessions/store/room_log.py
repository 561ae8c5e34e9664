"""The room log: what the live room did, in order; folding it rebuilds the room."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from server.kit.errors import Conflict
from server.kit.ids import SessionId
from server.store.unit import Unit
from sessions.rules.models import LogEntry
from sessions.store.rows import RoomLogRow


async def append(
    unit: Unit, session_id: SessionId, seq: int, at: datetime, command: dict[str, Any]
) -> None:
    """Add one line; raises Conflict `room_log.taken` when the number is used.

    That means a second process runs the same room: the unit cannot be committed any more.
    """
    unit.db.add(RoomLogRow(session_id=session_id, seq=seq, at=at, command=command))
    try:
        await unit.db.flush()
    except IntegrityError:
        raise Conflict("room_log.taken") from None


async def read(unit: Unit, session_id: SessionId, after: int = 0) -> tuple[LogEntry, ...]:
    """Return the lines with a number above `after`, in order."""
    rows = await unit.db.scalars(
        select(RoomLogRow)
        .where(RoomLogRow.session_id == session_id, RoomLogRow.seq > after)
        .order_by(RoomLogRow.seq)
    )
    return tuple(
        LogEntry(session=SessionId(row.session_id), seq=row.seq, at=row.at, command=row.command)
        for row in rows
    )


async def rewrite(
    unit: Unit,
    session_id: SessionId,
    change: Callable[[Mapping[str, object], int], dict[str, object]],
) -> int:
    """Replace every line by `change(command, number)`; return how many lines that changed."""
    changed = 0
    for line in await read(unit, session_id):
        command = change(line.command, line.seq)
        if command != line.command:
            await unit.db.execute(
                update(RoomLogRow)
                .where(RoomLogRow.session_id == session_id, RoomLogRow.seq == line.seq)
                .values(command=command)
            )
            changed += 1
    return changed


async def last_seq(unit: Unit, session_id: SessionId) -> int:
    """Return the highest number used, 0 when the log is empty."""
    found = await unit.db.scalar(
        select(func.max(RoomLogRow.seq)).where(RoomLogRow.session_id == session_id)
    )
    return int(found or 0)
