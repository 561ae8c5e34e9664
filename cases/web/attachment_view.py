"""Draws attachments: the author's page, the desk's panel, and what other readers see."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from cases.queries.attachments import Attached
from cases.rules import attachments as rules
from cases.rules.attachments import REFUSALS, SHOWS, Attachment, Box, Page, PageState, Reading
from cases.web import attachment_words as words
from cases.web.desk_pages import AttachmentView, BadgeView, DeskPages, LineView, PageView
from cases.web.field_view import Choices
from server.deid.models import Tier
from server.edge.i18n import gettext, ngettext
from server.edge.pages import Page as WebPage
from server.edge.times import relative


@dataclass(frozen=True)
class AttachmentsPage(WebPage):
    """The attachments of one case."""

    template: ClassVar[str] = "cases/attachments.html"
    key: str
    case_no: str
    is_author: bool
    checks: bool
    allowed: bool
    may_attach: bool
    most: bool
    visible_to: str
    attachments: tuple[AttachmentView, ...]
    read: int
    to_read: int
    shows: Choices
    chosen: str
    refusals: Choices
    errors: dict[str, str]
    most_bytes: int
    upload_words: dict[str, str]


def views(found: Attached, now: datetime) -> tuple[AttachmentView, ...]:
    """Return the attachments as this reader sees them."""
    return tuple(_attachment(found, one, now) for one in found.attachments)


def desk_pages(found: Attached, now: datetime) -> DeskPages:
    """Return the panel of the review desk."""
    return DeskPages(views(found, now), found.undecided, refusals())


def refusals() -> Choices:
    """Return why a page may be refused, as choices."""
    return tuple((o.value, gettext(o.label), "") for o in REFUSALS)


def attachments_page(
    found: Attached, now: datetime, *, errors: dict[str, str], chosen: str, most_bytes: int
) -> AttachmentsPage:
    """Return the page of a case's attachments."""
    pages = [p for one in found.attachments for p in one.pages if p.erased_at is None]
    mine = found.is_author or found.checks
    return AttachmentsPage(
        key=found.case.key,
        case_no=found.case.case_no,
        is_author=found.is_author,
        checks=found.checks,
        allowed=found.allowed,
        may_attach=found.may_attach,
        most=found.most,
        visible_to=words.visible_to(found.audience, is_author=found.is_author) if mine else "",
        attachments=views(found, now),
        read=sum(1 for page in pages if page.reading is not Reading.WAITING),
        to_read=len(pages) if mine else 0,
        shows=tuple((o.value, gettext(o.label), "") for o in SHOWS),
        chosen=chosen,
        refusals=refusals(),
        errors=errors,
        most_bytes=most_bytes,
        upload_words={
            "too_large": errors_of_too_large(),
            "sending": gettext("Sending: {percent} %"),
            "opening": gettext("Opening the file and drawing its pages anew…"),
            "lost": gettext("The connection was lost. Nothing was attached; try again."),
            "checked": gettext("{n} of {all} pages checked"),
            "ready": gettext("Every page has been checked."),
        },
    )


def errors_of_too_large() -> str:
    """Return what is said about a file that is too large, in one line."""
    return gettext("The file is larger than 5 MB. Send only the pages that matter.")


def _attachment(found: Attached, one: Attachment, now: datetime) -> AttachmentView:
    shows = {option.value: gettext(option.label) for option in SHOWS}
    mine = found.is_author or found.checks
    pages = len(one.pages)
    return AttachmentView(
        id=one.id,
        title=gettext("%(n)d: %(shows)s") % {"n": one.number, "shows": shows[one.shows]},
        meta=" · ".join(
            (
                one.kind.upper(),
                ngettext("%(num)d page", "%(num)d pages", pages) % {"num": pages},
                relative(one.at, now),
            )
        ),
        name_says=tuple(words.spot(c) for c in one.name_findings) if mine else (),
        pages=tuple(_page(found, page) for page in one.pages),
        removable=found.is_author and one.erased_at is None,
        erased=one.erased_at is not None,
    )


def _page(found: Attached, page: Page) -> PageView:
    mine = found.is_author or found.checks
    erased = page.erased_at is not None
    reasons = {option.value: gettext(option.label) for option in REFUSALS}
    writes = found.checks or rules.may_blacken_own(found.case)
    return PageView(
        id=page.id,
        label=gettext("Page %(n)d") % {"n": page.number},
        badge=_badge(page),
        reading=page.reading.value,
        href=f"/cases/{found.case.key}/pages/{page.id}",
        width=page.width,
        height=page.height,
        lines=_lines(page) if mine else (),
        mark=page.mark,
        reason=reasons.get(page.reason, ""),
        erased=erased,
        decides=found.checks and not erased and page.reading is not Reading.WAITING,
        blackens=mine and writes and not erased,
    )


def _lines(page: Page) -> tuple[LineView, ...]:
    """Return the lines of a page in which something was found, numbered from the top."""
    found: dict[Box, list[int]] = {}
    for place, spot in enumerate(page.spots):
        found.setdefault(spot.box, []).append(place)
    return tuple(
        LineView(
            number=number,
            says=tuple(words.spot(page.spots[place].category) for place in places),
            blocks=any(page.spots[place].tier == Tier.BLOCK.value for place in places),
            box=box,
            spots=tuple(places),
        )
        for number, (box, places) in enumerate(found.items(), 1)
    )


def _badge(page: Page) -> BadgeView:
    if page.state is PageState.APPROVED and page.erased_at is None:
        return BadgeView(gettext("Approved"), "done", "check")
    if page.state is PageState.REFUSED:
        return BadgeView(gettext("Refused and erased"), "danger", "x")
    if page.erased_at is not None:
        return BadgeView(gettext("Erased"), "neutral", "trash")
    if page.reading is Reading.WAITING:
        return BadgeView(gettext("Being checked"), "waiting", "clock")
    return BadgeView(gettext("Waits for a person"), "waiting", "eye")
