"""What is done with attachments: attach, take away, black out, approve and refuse page by page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from cases.rules import access
from cases.rules import attachments as rules
from cases.rules.attachments import REFUSALS, SHOWS, Attachment, Box, Page, PageState
from cases.rules.models import Case, CaseState
from cases.store import attachments as files
from cases.store import cases as store
from server.deid import detect
from server.files.sniff import Kind
from server.files.vault import Stored, Vault
from server.files.workshop import Picture
from server.kit.actor import Actor
from server.kit.errors import Conflict, Invalid, NotFound
from server.store.unit import Unit

MAX_NAME: Final = 200
"""Characters of a file's name that are looked at; nothing of it is kept."""
ORPHANED: Final = timedelta(hours=1)
"""Older than this, a file without a row is what a dead process left behind."""


@dataclass(frozen=True, slots=True)
class Brought:
    """A file as it was opened: what it is, and its pages, which lie in the vault already."""

    shows: str
    kind: Kind
    name: str
    pages: Sequence[tuple[Picture, Stored]]


async def ensure_may_attach(unit: Unit, actor: Actor, key: str, *, allowed: bool) -> Case:
    """Return the case a file may be attached to now.

    Raises NotFound unless the actor wrote it, Conflict `attachment.off`, `attachment.closed`,
    `attachment.most`, or `attachment.share` when the person has too much stored.
    """
    case = await store.load(unit, key)
    there = [a for a in await files.load(unit, case.id) if a.erased_at is None]
    rules.ensure_may_attach(actor, case, allowed=allowed, now_there=len(there))
    if await files.share_of(unit, actor.person) >= rules.LARGEST_SHARE:
        raise Conflict("attachment.share")
    return case


async def attach(
    unit: Unit, actor: Actor, key: str, brought: Brought, *, allowed: bool
) -> Attachment:
    """Attach a file to an own case; its pages wait for the check and for a person.

    The file's name is looked at and thrown away: what it looked like (categories) is kept, for
    who names a file after a person may have the name on a page too. Raises as
    `ensure_may_attach` does, and Invalid `attachment.shows`.
    """
    case = await ensure_may_attach(unit, actor, key, allowed=allowed)
    if brought.shows not in {option.value for option in SHOWS}:
        raise Invalid("attachment.shows")
    words = rules.words_of_name(brought.name[:MAX_NAME])
    found = detect.scan(words, today=unit.now.date()).findings
    made = await files.add(
        unit,
        case.id,
        actor.person,
        shows=brought.shows,
        kind=brought.kind.value,
        name_findings=sorted({f.category.value for f in found}),
        pages=brought.pages,
    )
    if case.state is CaseState.PHI_CHECK:
        # Whoever has the case open at the desk must see the new pages before passing it.
        await store.save(unit, case, case)
    unit.record(
        "attachment.added",
        actor=actor.person,
        subject=case.id,
        programme=case.programme,
        attachment=made.id,
        kind=made.kind,
        pages=len(made.pages),
        bytes=sum(page.size for page in made.pages),
    )
    await unit.commit()
    return made


async def take_away(unit: Unit, actor: Actor, key: str, attachment: str) -> Case:
    """Erase an attachment of an own case for good: at any time, whatever became of the case.

    Raises NotFound unless the actor wrote the case and the attachment is there.
    """
    case = await store.load(unit, key)
    access.ensure_author(actor, case)
    found = {a.id: a for a in await files.load(unit, case.id)}
    if attachment not in found or found[attachment].erased_at is not None:
        raise NotFound
    erased = await files.erase(unit, case.id, attachment)
    _record(unit, actor, case, "attachment.removed", attachment=attachment, pages=erased)
    await unit.commit()
    return case


async def decide(
    unit: Unit,
    actor: Actor,
    key: str,
    page: str,
    *,
    mark: str,
    verdict: PageState,
    reason: str = "",
    looked: bool = False,
) -> Case:
    """Approve or refuse one page; a refused one is erased for good.

    `mark` says which picture was looked at, `looked` that every marked line in it was. Raises
    NotFound, Forbidden `case.own_check`, Conflict `stale`, `attachment.erased`,
    `attachment.being_read`, `attachment.lines_left`, Invalid `attachment.reason`.
    """
    case, there, _ = await _page(unit, actor, key, page)
    rules.ensure_may_decide(actor, case, there, mark)
    if verdict is PageState.REFUSED:
        if reason not in {option.value for option in REFUSALS}:
            raise Invalid("attachment.reason")
        await files.decide(unit, there, verdict, actor.person, reason=reason)
        await files.erase_page(unit, there.id)
        spots = len(there.spots)
        _record(unit, actor, case, "page.refused", page=page, spots=spots, reason=reason)
    elif verdict is PageState.APPROVED:
        rules.ensure_may_approve(there, looked=looked)
        await files.decide(unit, there, verdict, actor.person)
        _record(
            unit,
            actor,
            case,
            "page.approved",
            page=page,
            spots=len(there.spots),
            content_hash=there.content_hash,
        )
    else:
        raise Invalid("attachment.reason")
    await unit.commit()
    return case


async def to_blacken(
    unit: Unit,
    actor: Actor,
    key: str,
    page: str,
    *,
    mark: str,
    spots: Iterable[int] = (),
    percent: Mapping[str, float] | None = None,
) -> tuple[Page, Stored, tuple[Box, ...]]:
    """Return the page, where it lies, and the boxes that are to be black.

    `spots` are places in the page's findings; `percent` a rectangle as left, top, width, height.
    Raises as `decide` does, and Invalid `attachment.box`.
    """
    case, there, stored = await _page(unit, actor, key, page)
    rules.ensure_may_blacken(actor, case, there, mark)
    if stored is None:
        raise Conflict("attachment.erased")
    if percent is not None:
        return there, stored, (rules.box_of_percent(there, percent),)
    return there, stored, rules.boxes_of_spots(there, spots)


async def blacken(
    unit: Unit,
    actor: Actor,
    key: str,
    before: Page,
    *,
    picture: Picture,
    stored: Stored,
    boxes: Sequence[Box],
) -> Case:
    """Put the blackened picture in the place of the old one, which is erased.

    Whatever was decided about the old picture is void. Raises as `to_blacken` does.
    """
    case, there, _ = await _page(unit, actor, key, before.id)
    rules.ensure_may_blacken(actor, case, there, before.mark)
    left = rules.left_after(there.spots, boxes)
    later = rules.left_after(there.later, boxes)
    await files.replace_picture(unit, there, picture, stored, (*left, *later))
    _record(
        unit,
        actor,
        case,
        "page.blackened",
        page=there.id,
        boxes=len(boxes),
        spots=len(left),
    )
    await unit.commit()
    return case


async def _page(unit: Unit, actor: Actor, key: str, page: str) -> tuple[Case, Page, Stored | None]:
    """Return a page for its author or the desk; NotFound for everybody else, as for no case."""
    case = await store.load(unit, key)
    if actor.person != case.author and not rules.checks(actor, case):
        raise NotFound
    there, stored = await files.load_page(unit, case.id, page)
    return case, there, stored


def _record(unit: Unit, actor: Actor, case: Case, action: str, **facts: int | str) -> None:
    unit.record(action, actor=actor.person, subject=case.id, programme=case.programme, **facts)


async def sweep(unit: Unit, vault: Vault) -> int:
    """Delete files that no row names and that are older than an hour; return how many."""
    known = await files.known_files(unit)
    return await vault.sweep(known, (unit.now - ORPHANED).timestamp())
