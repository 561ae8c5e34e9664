"""Reads of what was written while a session ran: captured lines and attendance."""

from datetime import datetime

from sqlalchemy import or_, select

from server.kit.ids import CaseId, PersonId, SessionId
from server.store.unit import Unit
from sessions.rules import roster
from sessions.rules.models import Capture, Session
from sessions.store.attendance import to_stay
from sessions.store.captures import to_capture
from sessions.store.rows import AgendaRow, AttendanceRow, CaptureRow

_CASE_CLOCK = (CaptureRow.at_ms, CaptureRow.created_at, CaptureRow.id)


async def captures_of_session(unit: Unit, session_id: SessionId) -> tuple[Capture, ...]:
    """Return every captured line of a session, merged ones included, by item and case clock."""
    rows = await unit.db.scalars(
        select(CaptureRow)
        .where(CaptureRow.session_id == session_id)
        .order_by(CaptureRow.item_id, *_CASE_CLOCK)
    )
    return tuple(map(to_capture, rows))


async def captures_of_case(unit: Unit, case_id: CaseId) -> tuple[Capture, ...]:
    """Return every line captured in slots of a case, merged ones included, by case clock."""
    rows = await unit.db.scalars(
        select(CaptureRow)
        .join(AgendaRow, AgendaRow.id == CaptureRow.item_id)
        .where(AgendaRow.ref == case_id)
        .order_by(CaptureRow.session_id, *_CASE_CLOCK)
    )
    return tuple(map(to_capture, rows))


async def people_present(
    unit: Unit, session_id: SessionId, since: datetime | None = None
) -> tuple[PersonId, ...]:
    """Return who was connected during the session (or after `since`), by first arrival."""
    wanted = (
        select(AttendanceRow.person_id)
        .where(AttendanceRow.session_id == session_id)
        .order_by(AttendanceRow.arrived_at, AttendanceRow.person_id)
    )
    if since is not None:
        wanted = wanted.where(or_(AttendanceRow.left_at.is_(None), AttendanceRow.left_at > since))
    found = await unit.db.scalars(wanted)
    return tuple(dict.fromkeys(PersonId(person) for person in found))


async def attendance_sheet(unit: Unit, session: Session) -> tuple[roster.Attendance, ...]:
    """Return everybody's attendance between the session's real start and end (domain.md §8.1).

    Empty before it started; while it is live, up to now.
    """
    if session.started_at is None:
        return ()
    rows = await unit.db.scalars(
        select(AttendanceRow).where(AttendanceRow.session_id == session.id)
    )
    return roster.attendance(map(to_stay, rows), session.started_at, session.ended_at or unit.now)
