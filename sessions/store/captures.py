"""Load and save captured lines; their text passed the identifier check or it is not here."""

from collections.abc import Sequence

from sqlalchemy import delete, select, update

from server.deid.models import ScreenedText
from server.kit.actor import Lane
from server.kit.errors import Conflict
from server.kit.ids import AgendaItemId, CaptureId, CaseId, PersonId, SessionId
from server.store.unit import Unit
from sessions.rules.models import Capture, ProblemArea
from sessions.store.counting import changed_rows
from sessions.store.rows import AgendaRow, CaptureRow


def to_capture(row: CaptureRow) -> Capture:
    """Return the value of a row."""
    return Capture(
        id=CaptureId(row.id),
        session=SessionId(row.session_id),
        item=AgendaItemId(row.item_id),
        author=PersonId(row.author_id),
        speaker=PersonId(row.speaker_id),
        lane=Lane(row.lane),
        problem_area=ProblemArea(row.problem_area),
        text=row.text,
        at_ms=row.at_ms,
        created_at=row.created_at,
        merged_into=CaptureId(row.merged_into) if row.merged_into else None,
        version=row.version,
    )


async def load_many(unit: Unit, ids: Sequence[CaptureId]) -> dict[CaptureId, Capture]:
    """Return those of the lines that exist, in one statement."""
    rows = await unit.db.scalars(
        select(CaptureRow).where(CaptureRow.id.in_(ids)).execution_options(populate_existing=True)
    )
    return {CaptureId(row.id): to_capture(row) for row in rows}


async def insert(unit: Unit, capture: Capture, text: ScreenedText) -> None:
    """Add a line; `text` is the screened form of `capture.text` and is what gets stored."""
    unit.db.add(
        CaptureRow(
            id=capture.id,
            session_id=capture.session,
            item_id=capture.item,
            author_id=capture.author,
            speaker_id=capture.speaker,
            lane=capture.lane.value,
            problem_area=capture.problem_area.value,
            text=text.text,
            at_ms=capture.at_ms,
            created_at=capture.created_at,
            merged_into=capture.merged_into,
            version=capture.version,
        )
    )
    await unit.db.flush()


async def save(
    unit: Unit, capture: Capture, text: ScreenedText | None, expected_version: int
) -> Capture:
    """Write a changed line; its text changes only to a screened one, None leaves it.

    Raises Conflict `stale` when the row no longer has `expected_version`.
    """
    values: dict[str, str | int | None] = {
        "version": expected_version + 1,
        "speaker_id": capture.speaker,
        "lane": capture.lane.value,
        "problem_area": capture.problem_area.value,
        "merged_into": capture.merged_into,
    }
    if text is not None:
        values["text"] = text.text
    changed = await changed_rows(
        unit,
        update(CaptureRow)
        .where(CaptureRow.id == capture.id, CaptureRow.version == expected_version)
        .values(**values),
    )
    if changed == 0:
        raise Conflict("stale")
    return (await load_many(unit, [capture.id]))[capture.id]


async def erase_of_case(unit: Unit, case: CaseId) -> int:
    """Delete every line captured in slots of a case; return how many there were."""
    slots = select(AgendaRow.id).where(AgendaRow.ref == case)
    return await changed_rows(unit, delete(CaptureRow).where(CaptureRow.item_id.in_(slots)))


async def erase_without_case(unit: Unit, session_id: SessionId) -> int:
    """Delete the lines captured in slots that hold no case; return how many there were.

    The lines of a case stay, also of one that was carried over: they are what its letter is, or
    will be, made of, with speaker and minute.
    """
    empty = select(AgendaRow.id).where(AgendaRow.session_id == session_id, AgendaRow.ref.is_(None))
    return await changed_rows(unit, delete(CaptureRow).where(CaptureRow.item_id.in_(empty)))
