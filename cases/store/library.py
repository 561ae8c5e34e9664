"""Load and save library entries and the documents that each audience reads."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, select, update

from cases.rules.publication import Entry, EntryState, PublicTexts, Review
from cases.store.advice_rows import LibraryDocumentRow, LibraryEntryRow
from cases.store.rows import CaseRow
from server.kit.errors import Conflict
from server.kit.ids import CaseId, PersonId, ProgrammeId, is_id, new_id
from server.store.unit import Unit

ISSUED = "issued"
PUBLISHED = "published"


@dataclass(frozen=True, slots=True)
class Stored:
    """A document as stored; `body` is what `library.documents` writes and reads."""

    entry: str
    face: str
    version: int
    current: bool
    dated_at: datetime
    body: dict[str, Any]


def document_id(entry: str, face: str, version: int) -> str:
    """Return the key of a document in the full-text index."""
    return f"{entry}.{face[0]}{version}"


def _review(by: str | None, at: datetime | None) -> Review | None:
    return Review(PersonId(by), at) if by and at else None


def to_entry(row: LibraryEntryRow) -> Entry:
    """Return the value of an entry's row."""
    return Entry(
        id=row.id,
        number=row.number,
        case=CaseId(row.case_id),
        programme=ProgrammeId(row.programme_id),
        state=EntryState(row.state),
        version=row.version,
        published_version=row.published_version,
        title=row.title,
        question=row.question,
        synopsis=row.synopsis,
        tags=row.tags,
        rewritten=_review(row.rewritten_by, row.rewritten_at),
        reviewed=_review(row.reviewed_by, row.reviewed_at),
        published=_review(row.published_by, row.published_at),
        row_version=row.row_version,
    )


def to_stored(row: LibraryDocumentRow) -> Stored:
    """Return the value of a document's row."""
    return Stored(row.entry_id, row.face, row.version, row.current, row.dated_at, row.body)


def written_cases() -> Select[str]:
    """Return the statement of the cases that were answered in writing, without a session."""
    return select(CaseRow.id).where(CaseRow.converted_at.is_not(None))


async def by_key(unit: Unit, key: str) -> Entry | None:
    """Return an entry by id or `KB-0123`; None for anything else."""
    if is_id(key):
        wanted = LibraryEntryRow.id == key
    elif key.startswith("KB-") and key[3:].isascii() and key[3:].isdigit() and len(key) <= 11:
        wanted = LibraryEntryRow.number == int(key[3:])
    else:
        return None
    row = await unit.db.scalar(
        select(LibraryEntryRow).where(wanted).execution_options(populate_existing=True)
    )
    return None if row is None else to_entry(row)


async def of_case(unit: Unit, case: CaseId) -> Entry | None:
    """Return the entry of a case, if its letter has reached the library."""
    row = await unit.db.scalar(
        select(LibraryEntryRow)
        .where(LibraryEntryRow.case_id == case)
        .execution_options(populate_existing=True)
    )
    return None if row is None else to_entry(row)


async def create(unit: Unit, case: CaseId, programme: ProgrammeId, version: int) -> Entry:
    """Add the entry of a case under the next number."""
    last = await unit.db.scalar(select(func.max(LibraryEntryRow.number)))
    row = LibraryEntryRow(
        id=new_id(unit.now),
        number=(last or 0) + 1,
        case_id=case,
        programme_id=programme,
        state=EntryState.CANDIDATE.value,
        version=version,
        published_version=0,
        title="",
        question="",
        synopsis="",
        tags="",
        row_version=1,
    )
    unit.db.add(row)
    await unit.db.flush()
    return to_entry(row)


async def save(unit: Unit, before: Entry, after: Entry, texts: PublicTexts | None = None) -> Entry:
    """Write an entry; its public texts change only to screened ones.

    Raises Conflict `stale` when the row no longer has the version of `before`.
    """
    values: dict[str, Any] = {
        "state": after.state.value,
        "version": after.version,
        "published_version": after.published_version,
        "rewritten_by": after.rewritten and after.rewritten.by,
        "rewritten_at": after.rewritten and after.rewritten.at,
        "reviewed_by": after.reviewed and after.reviewed.by,
        "reviewed_at": after.reviewed and after.reviewed.at,
        "published_by": after.published and after.published.by,
        "published_at": after.published and after.published.at,
        "row_version": before.row_version + 1,
    }
    if texts is not None:
        values |= {
            name: texts.screened[name].text for name in ("title", "question", "synopsis", "tags")
        }
    changed = await unit.db.execute(
        update(LibraryEntryRow)
        .where(LibraryEntryRow.id == before.id, LibraryEntryRow.row_version == before.row_version)
        .values(**values)
        .returning(LibraryEntryRow.id)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict("stale")
    found = await by_key(unit, before.id)
    assert found is not None
    return found


async def erase(unit: Unit, entry: Entry) -> None:
    """Erase the texts of an entry and of its documents; their keys stay, for the index."""
    await unit.db.execute(
        update(LibraryEntryRow)
        .where(LibraryEntryRow.id == entry.id)
        .values(title="", question="", synopsis="", tags="")
    )
    await unit.db.execute(
        update(LibraryDocumentRow)
        .where(LibraryDocumentRow.entry_id == entry.id)
        .values(body={}, current=False)
    )


async def put_document(
    unit: Unit, entry: Entry, *, face: str, version: int, dated_at: datetime, body: dict[str, Any]
) -> bool:
    """Keep a document; the newest version of a face is the current one. Idempotent.

    Returns whether this version is the current one.
    """
    key = document_id(entry.id, face, version)
    row = await unit.db.get(LibraryDocumentRow, key, populate_existing=True)
    newest = await unit.db.scalar(
        select(func.max(LibraryDocumentRow.version)).where(
            LibraryDocumentRow.entry_id == entry.id, LibraryDocumentRow.face == face
        )
    )
    current = version >= (newest or 0)
    if current:
        await unit.db.execute(
            update(LibraryDocumentRow)
            .where(LibraryDocumentRow.entry_id == entry.id, LibraryDocumentRow.face == face)
            .values(current=False)
        )
    if row is None:
        unit.db.add(
            LibraryDocumentRow(
                id=key,
                entry_id=entry.id,
                face=face,
                version=version,
                programme_id=entry.programme,
                current=current,
                dated_at=dated_at,
                body=body,
            )
        )
    else:
        row.body, row.current, row.dated_at = body, current, dated_at
    await unit.db.flush()
    return current


async def documents(unit: Unit, entry: str) -> tuple[Stored, ...]:
    """Return every document of an entry, oldest version first."""
    rows = await unit.db.scalars(
        select(LibraryDocumentRow)
        .where(LibraryDocumentRow.entry_id == entry)
        .order_by(LibraryDocumentRow.version, LibraryDocumentRow.face)
        .execution_options(populate_existing=True)
    )
    return tuple(to_stored(row) for row in rows)
