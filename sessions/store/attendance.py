"""Load and save connected intervals."""

from datetime import datetime

from sqlalchemy import func, select, update

from server.kit.ids import PersonId, SeatId, SessionId
from server.store.unit import Unit
from sessions.rules.models import Stay
from sessions.store.counting import changed_rows
from sessions.store.rows import AttendanceRow


def to_stay(row: AttendanceRow) -> Stay:
    """Return the value of a row."""
    return Stay(
        session=SessionId(row.session_id),
        person=PersonId(row.person_id),
        seat=SeatId(row.seat_id),
        arrived_at=row.arrived_at,
        left_at=row.left_at,
    )


async def open_stay(unit: Unit, session_id: SessionId, seat: SeatId) -> Stay | None:
    """Return the interval of a seat that has not ended, if there is one."""
    row = await unit.db.scalar(
        select(AttendanceRow).where(
            AttendanceRow.session_id == session_id,
            AttendanceRow.seat_id == seat,
            AttendanceRow.left_at.is_(None),
        )
    )
    return to_stay(row) if row else None


async def empty_since(unit: Unit, session_id: SessionId, otherwise: datetime) -> datetime | None:
    """Return when the last person left; `otherwise` if nobody came, None if somebody is there."""
    here = AttendanceRow.session_id == session_id
    if await unit.db.scalar(
        select(AttendanceRow.seat_id).where(here, AttendanceRow.left_at.is_(None)).limit(1)
    ):
        return None
    return await unit.db.scalar(select(func.max(AttendanceRow.left_at)).where(here)) or otherwise


async def insert(unit: Unit, stay: Stay) -> None:
    """Add an interval."""
    unit.db.add(
        AttendanceRow(
            seat_id=stay.seat,
            session_id=stay.session,
            person_id=stay.person,
            arrived_at=stay.arrived_at,
            left_at=stay.left_at,
        )
    )
    await unit.db.flush()


async def close(unit: Unit, session_id: SessionId, seat: SeatId | None, left_at: datetime) -> int:
    """End the open interval of one seat, or of every seat (None); return how many there were."""
    where = [AttendanceRow.session_id == session_id, AttendanceRow.left_at.is_(None)]
    if seat is not None:
        where.append(AttendanceRow.seat_id == seat)
    return await changed_rows(unit, update(AttendanceRow).where(*where).values(left_at=left_at))
