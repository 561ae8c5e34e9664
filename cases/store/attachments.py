"""Load and save attachments. A page is decided and erased in place; its picture lies in the vault.

What no row needs any more is told by `FileErased` in the same transaction, so that the file goes
exactly when the row has gone.
"""

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import func, select, update

from cases.events import FileErased
from cases.rules.attachments import Attachment, Page, PageState, Reading, Spot, state_on
from cases.store.attachment_rows import AttachmentRow, PageRow
from server.files.vault import Stored
from server.files.workshop import Picture
from server.kit.errors import Conflict, NotFound
from server.kit.ids import CaseId, PersonId, is_id, new_id
from server.store.unit import Unit


def _spot(stored: dict[str, Any]) -> Spot:
    x, y, width, height = stored["box"]
    box = (x, y, width, height)
    since = stored.get("since", 0)
    return Spot(stored["category"], stored["tier"], stored["rule"], box, since)


def _spots_json(spots: Iterable[Spot]) -> list[dict[str, Any]]:
    return [
        {"category": s.category, "tier": s.tier, "rule": s.rule, "box": list(s.box)}
        | ({"since": s.since} if s.since else {})
        for s in spots
    ]


def to_page(row: PageRow, year: int) -> Page:
    """Return the value of a page row on a day of `year`."""
    spots = [_spot(one) for one in row.spots]
    return Page(
        id=row.id,
        number=row.number,
        state=state_on(PageState(row.state), row.decided_at, spots, year),
        reading=Reading(row.reading),
        content_hash=row.content_hash,
        width=row.width,
        height=row.height,
        size=row.size,
        spots=tuple(s for s in spots if s.since <= year),
        later=tuple(s for s in spots if s.since > year),
        reason=row.reason,
        erased_at=row.erased_at,
        decided_by=PersonId(row.decided_by) if row.decided_by else None,
        decided_at=row.decided_at,
    )


def _attachment(row: AttachmentRow, pages: Sequence[PageRow], year: int) -> Attachment:
    return Attachment(
        id=row.id,
        case=CaseId(row.case_id),
        number=row.number,
        shows=row.shows,
        kind=row.kind,
        by=PersonId(row.person_id),
        at=row.at,
        name_findings=tuple(row.name_findings),
        pages=tuple(to_page(page, year) for page in pages),
        erased_at=row.erased_at,
    )


async def load(unit: Unit, case: CaseId) -> tuple[Attachment, ...]:
    """Return the attachments of a case in their order, erased ones too."""
    rows = (
        await unit.db.scalars(
            select(AttachmentRow)
            .where(AttachmentRow.case_id == case)
            .order_by(AttachmentRow.number)
            .execution_options(populate_existing=True)
        )
    ).all()
    if not rows:
        return ()
    pages = (
        await unit.db.scalars(
            select(PageRow)
            .where(PageRow.attachment_id.in_([row.id for row in rows]))
            .order_by(PageRow.number)
            .execution_options(populate_existing=True)
        )
    ).all()
    return tuple(
        _attachment(row, [p for p in pages if p.attachment_id == row.id], unit.now.year)
        for row in rows
    )


async def load_page(unit: Unit, case: CaseId, page: str) -> tuple[Page, Stored | None]:
    """Return a page of this case and where its picture lies (None once erased); or NotFound."""
    if not is_id(page):
        raise NotFound
    row = await unit.db.scalar(
        select(PageRow)
        .join(AttachmentRow, AttachmentRow.id == PageRow.attachment_id)
        .where(PageRow.id == page, AttachmentRow.case_id == case)
        .execution_options(populate_existing=True)
    )
    if row is None:
        raise NotFound
    stored = Stored(row.file, row.file_key) if row.file and row.file_key else None
    return to_page(row, unit.now.year), stored


async def share_of(unit: Unit, person: PersonId) -> int:
    """Return how many bytes of pages a person has stored, over all cases."""
    found = await unit.db.scalar(
        select(func.coalesce(func.sum(PageRow.size), 0))
        .join(AttachmentRow, AttachmentRow.id == PageRow.attachment_id)
        .where(AttachmentRow.person_id == person, PageRow.file.is_not(None))
    )
    return int(found or 0)


async def add(
    unit: Unit,
    case: CaseId,
    by: PersonId,
    *,
    shows: str,
    kind: str,
    name_findings: Sequence[str],
    pages: Sequence[tuple[Picture, Stored]],
) -> Attachment:
    """Add an attachment whose pages lie in the vault already; they wait to be read and decided."""
    last = await unit.db.scalar(
        select(func.max(AttachmentRow.number)).where(AttachmentRow.case_id == case)
    )
    row = AttachmentRow(
        id=new_id(unit.now),
        case_id=case,
        number=(last or 0) + 1,
        shows=shows,
        kind=kind,
        person_id=by,
        at=unit.now,
        name_findings=list(name_findings),
        erased_at=None,
    )
    unit.db.add(row)
    # Flushed here: no ORM relationship orders the pages after their attachment.
    await unit.db.flush()
    made = []
    for number, (picture, stored) in enumerate(pages, 1):
        page = PageRow(
            id=new_id(unit.now),
            attachment_id=row.id,
            number=number,
            state=PageState.WAITING.value,
            reading=Reading.WAITING.value,
            tries=0,
            ruleset="",
            spots=[],
            reason="",
            decided_by=None,
            decided_at=None,
            erased_at=None,
            **_picture(picture, stored),
        )
        unit.db.add(page)
        made.append(page)
    await unit.db.flush()
    return _attachment(row, made, unit.now.year)


def _picture(picture: Picture, stored: Stored) -> dict[str, Any]:
    return {
        "file": stored.name,
        "file_key": stored.key,
        "content_hash": hashlib.sha256(picture.data).hexdigest(),
        "width": picture.width,
        "height": picture.height,
        "size": len(picture.data),
    }


async def decide(
    unit: Unit, page: Page, state: PageState, by: PersonId, *, reason: str = ""
) -> None:
    """Write what a person decided; raises Conflict `stale` when the picture is another by now."""
    await _change(
        unit,
        page,
        {"state": state.value, "reason": reason, "decided_by": by, "decided_at": unit.now},
    )


async def replace_picture(
    unit: Unit, page: Page, picture: Picture, stored: Stored, spots: Iterable[Spot]
) -> None:
    """Put a blackened picture in the place of the old one; it has to be decided anew."""
    old = await unit.db.scalar(select(PageRow.file).where(PageRow.id == page.id))
    await _change(
        unit,
        page,
        {
            **_picture(picture, stored),
            "spots": _spots_json(spots),
            "state": PageState.WAITING.value,
            "reason": "",
            "decided_by": None,
            "decided_at": None,
        },
    )
    if old is not None:
        unit.publish(FileErased(old))


async def _change(unit: Unit, page: Page, columns: dict[str, Any]) -> None:
    changed = await unit.db.execute(
        update(PageRow)
        .where(
            PageRow.id == page.id,
            PageRow.content_hash == page.content_hash,
            PageRow.erased_at.is_(None),
        )
        .values(**columns)
        .returning(PageRow.id)
    )
    if changed.scalar_one_or_none() is None:
        raise Conflict("stale")


async def erase_page(unit: Unit, page: str) -> None:
    """Erase one page's picture; who decided what remains."""
    await _erase(unit, [page])


async def erase(unit: Unit, case: CaseId, attachment: str | None = None) -> int:
    """Erase every picture of a case, or of one of its attachments; return how many there were.

    What remains is the tombstone: hash, who, when (domain.md, invariant 4).
    """
    condition = AttachmentRow.case_id == case
    if attachment is not None:
        condition &= AttachmentRow.id == attachment
    await unit.db.execute(
        update(AttachmentRow)
        .where(condition, AttachmentRow.erased_at.is_(None))
        .values(erased_at=unit.now, name_findings=[])
    )
    pages = await unit.db.scalars(
        select(PageRow.id)
        .join(AttachmentRow, AttachmentRow.id == PageRow.attachment_id)
        .where(condition, PageRow.erased_at.is_(None))
    )
    return await _erase(unit, list(pages))


async def _erase(unit: Unit, pages: Sequence[str]) -> int:
    files = (
        await unit.db.scalars(
            select(PageRow.file).where(PageRow.id.in_(pages), PageRow.file.is_not(None))
        )
    ).all()
    await unit.db.execute(
        update(PageRow)
        .where(PageRow.id.in_(pages))
        .values(file=None, file_key=None, erased_at=unit.now, spots=[], reading="done")
    )
    for file in files:
        if file is not None:
            unit.publish(FileErased(file))
    return len(files)


# -- the reader's queue ---------------------------------------------------------------------------


async def next_to_read(unit: Unit) -> tuple[Page, Stored, int] | None:
    """Return the oldest page that nobody has read yet, where it lies, and tries so far."""
    row = await unit.db.scalar(
        select(PageRow)
        .where(PageRow.reading == Reading.WAITING.value, PageRow.file.is_not(None))
        .order_by(PageRow.id)
        .limit(1)
    )
    if row is None or row.file is None or row.file_key is None:
        return None
    return to_page(row, unit.now.year), Stored(row.file, row.file_key), row.tries


async def note_read(unit: Unit, page: Page, spots: Iterable[Spot], ruleset: str) -> bool:
    """Keep what the check found on a page, and will in years to come; False when the picture has changed meanwhile."""
    changed = await unit.db.execute(
        update(PageRow)
        .where(
            PageRow.id == page.id,
            PageRow.content_hash == page.content_hash,
            PageRow.reading == Reading.WAITING.value,
        )
        .values(reading=Reading.DONE.value, spots=_spots_json(spots), ruleset=ruleset)
        .returning(PageRow.id)
    )
    return changed.scalar_one_or_none() is not None


async def note_failure(unit: Unit, page: Page, *, most: int) -> bool:
    """Count a failed reading; after `most` a person has to do without. Return whether it is over."""
    tries = await unit.db.scalar(
        update(PageRow)
        .where(PageRow.id == page.id, PageRow.reading == Reading.WAITING.value)
        .values(tries=PageRow.tries + 1)
        .returning(PageRow.tries)
    )
    if tries is None or tries < most:
        return False
    await unit.db.execute(
        update(PageRow).where(PageRow.id == page.id).values(reading=Reading.FAILED.value)
    )
    return True


async def known_files(unit: Unit) -> frozenset[str]:
    """Return the names of all files that a row needs."""
    found = await unit.db.scalars(select(PageRow.file).where(PageRow.file.is_not(None)))
    return frozenset(name for name in found if name)
