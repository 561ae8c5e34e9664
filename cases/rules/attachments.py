"""Attachments: what may be attached, who sees which page, who decides about it (domain.md §4.2).

Every page is a picture that we made ourselves. It stays between the author and the people who check
cases until one of them has approved that very page: no rule finds faces, tattoos or wristbands
(deidentification.md, "Attachments").
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from cases.instruments.base import N_
from cases.rules.access import Subject, may_see
from cases.rules.fields import Option
from cases.rules.lifecycle import Guard
from cases.rules.models import Case, CaseState
from server.deid.models import Finding, Tier
from server.kit.actor import Actor, Permission
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import CaseId, PersonId

MOST: Final = 3
"""Attachments of one case."""
LARGEST_SHARE: Final = 100 * 1024 * 1024
"""Bytes of pages that one person may have stored, over all cases."""
MOST_BOXES: Final = 60
SHORTEST_HASH: Final = 16
TRIES: Final = 2
"""How often a page is read before a person has to do without."""

Box = tuple[int, int, int, int]
"""x, y, width, height in pixels of the page."""

SHOWS: Final = (
    Option("lab", N_("Laboratory report")),
    Option("tracing", N_("ECG or another tracing")),
    Option("imaging", N_("Imaging, or a report of it")),
    Option("photo", N_("Photograph of a finding (skin, wound …)")),
    Option("document", N_("Another document")),
)
"""What an attachment shows. A list, because a caption or a file's name could itself identify."""

REFUSALS: Final = (
    Option("identifies", N_("It shows who the person is")),
    Option("unreadable", N_("It cannot be read")),
    Option("not_needed", N_("It does not help to answer the question")),
)
"""Why a reviewer refuses a page."""


class PageState(StrEnum):
    """What a person has decided about a page."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"


class Reading(StrEnum):
    """How far the identifier check of a page is; FAILED: it could not be read, a person has to."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Spot:
    """A line of a page in which the identifier check finds something; never the words.

    `since` is the year with whose New Year it begins to find it (somebody is over 89 by then); 0: at
    once.
    """

    category: str
    tier: str
    rule: str
    box: Box
    since: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """One page on a day. `size` in bytes; `width`, `height` in pixels; erased pages have no content.

    `spots` are found on that day, `later` only in years to come.
    """

    id: str
    number: int
    state: PageState
    reading: Reading
    content_hash: str
    width: int
    height: int
    size: int
    spots: tuple[Spot, ...] = ()
    later: tuple[Spot, ...] = ()
    reason: str = ""
    erased_at: datetime | None = None
    decided_by: PersonId | None = None
    decided_at: datetime | None = None

    @property
    def undecided(self) -> bool:
        """Whether somebody at the desk still has to look at it."""
        return self.state is PageState.WAITING and self.erased_at is None

    @property
    def mark(self) -> str:
        """What a form carries to say which picture was looked at."""
        return self.content_hash[:SHORTEST_HASH]


@dataclass(frozen=True, slots=True)
class Attachment:
    """One file as it was re-issued: its pages, and what its name looked like (categories)."""

    id: str
    case: CaseId
    number: int
    shows: str
    kind: str
    by: PersonId
    at: datetime
    name_findings: tuple[str, ...]
    pages: tuple[Page, ...]
    erased_at: datetime | None = None


# -- who may do what ------------------------------------------------------------------------------

_ATTACHABLE = frozenset({CaseState.DRAFT, CaseState.NEEDS_CHANGES, CaseState.PHI_CHECK})
_NOT_AT_DESK = frozenset({CaseState.DRAFT, CaseState.WITHDRAWN})


def may_attach(actor: Actor, case: Case) -> bool:
    """Say whether this person may attach files to the case as it stands."""
    return actor.person == case.author and case.state in _ATTACHABLE


def ensure_may_attach(actor: Actor, case: Case, *, allowed: bool, now_there: int) -> None:
    """Raise NotFound, or Conflict `attachment.*` saying what stands in the way."""
    if actor.person != case.author:
        raise NotFound
    if not allowed:
        raise Conflict("attachment.off")
    if case.state not in _ATTACHABLE:
        raise Conflict("attachment.closed")
    if now_there >= MOST:
        raise Conflict("attachment.most")


def checks(actor: Actor, case: Case) -> bool:
    """Say whether this person checks this case: coordinator or director, never its author."""
    return (
        actor.can(Permission.CASE_CHECK, case.programme)
        and actor.person != case.author
        and case.state not in _NOT_AT_DESK
    )


def may_see_page(actor: Actor, subject: Subject, page: Page) -> bool:
    """Say whether `actor` may look at a page now.

    The author, and who checks the case: every page there is. Others who may see the case: pages
    that a person has approved.
    """
    if page.erased_at is not None or not may_see(actor, subject):
        return False
    case = subject.case
    mine = actor.person == case.author or checks(actor, case)
    return mine or page.state is PageState.APPROVED


def seen_by(actor: Actor, subject: Subject, found: Iterable[Attachment]) -> tuple[Attachment, ...]:
    """Return the attachments with the pages that this person may know of.

    The author and the desk see tombstones of erased pages too; for others they never existed.
    """
    found = tuple(found)
    if not may_see(actor, subject):
        return ()
    if actor.person == subject.case.author or checks(actor, subject.case):
        return found
    shown = (
        replace(one, pages=tuple(p for p in one.pages if may_see_page(actor, subject, p)))
        for one in found
    )
    return tuple(one for one in shown if one.pages)


def ensure_may_decide(actor: Actor, case: Case, page: Page, mark: str) -> None:
    """Raise unless `actor` may approve or refuse exactly the picture that was looked at.

    NotFound for outsiders, Forbidden `case.own_check` for the author, Conflict `stale` when the
    picture has changed, `attachment.erased`, `attachment.being_read` before its check is over.
    """
    _ensure_checks(actor, case)
    ensure_there(page, mark)
    if page.reading is Reading.WAITING:
        raise Conflict("attachment.being_read")


def ensure_may_approve(page: Page, *, looked: bool) -> None:
    """Raise Conflict `attachment.lines_left` while marked lines are there and nobody has said so.

    The check is wrong at times, so a person may let a marked line stand, but never by oversight.
    """
    if page.spots and not looked:
        raise Conflict("attachment.lines_left")


def _ensure_checks(actor: Actor, case: Case) -> None:
    if actor.person == case.author:
        raise Forbidden("case.own_check")
    if not checks(actor, case):
        raise NotFound


def may_blacken_own(case: Case) -> bool:
    """Say whether the author may black something out: until the case has been checked."""
    return case.state in _ATTACHABLE


def ensure_may_blacken(actor: Actor, case: Case, page: Page, mark: str) -> None:
    """Raise unless `actor` may black something out: the desk; the author before it is checked."""
    if actor.person == case.author:
        if not may_blacken_own(case):
            raise Conflict("attachment.closed")
    else:
        _ensure_checks(actor, case)
    ensure_there(page, mark)


def ensure_there(page: Page, mark: str) -> None:
    """Raise Conflict `attachment.erased`, or `stale` for another picture than was looked at."""
    if page.erased_at is not None:
        raise Conflict("attachment.erased")
    if mark != page.mark:
        raise Conflict("stale")


def facts(found: Iterable[Attachment]) -> tuple[Guard, ...]:
    """Return the guard that holds once every page there is has been decided."""
    if any(page.undecided for one in found for page in one.pages):
        return ()
    return (Guard.PAGES_DECIDED,)


# -- what is found on a page ----------------------------------------------------------------------

_SPLITS = (
    (re.compile(r"(?<=[a-z])(?=[A-Z])"), " "),  # RosalindQuintana
    (re.compile(r"(?<=[A-Z])(?=[A-Z][a-z])"), " "),  # DOBRosalind
    (re.compile(r"(?<=[A-Za-z]{2})(?=\d)|(?<=\d)(?=[A-Za-z]{2})"), " "),  # Phone505
    (re.compile(r"(?<=[.,;:)])(?=[A-Za-z])|(?<=[A-Za-z][,;:])(?=\d)"), " "),  # Dr.Beecham
    (re.compile(r"_+"), " "),
)


def split_words(text: str) -> str:
    """Return text with blanks where the reader drops them: between cases, letters and digits.

    The reading model loses blanks between words (deidentification.md: "split before name checks").
    """
    for pattern, blank in _SPLITS:
        text = pattern.sub(blank, text)
    return text


def words_of_name(name: str) -> str:
    """Return a file's name as the words it is made of, without its extension."""
    stem = name.rpartition(".")[0] or name
    return split_words(re.sub(r"[_\-.+]+", " ", stem)).strip()


@dataclass(frozen=True, slots=True)
class Written:
    """What was read on a page as one text, and which stretch of it stands in which box."""

    text: str
    starts: tuple[int, ...]
    boxes: tuple[Box, ...]

    def within(self, start: int, end: int) -> tuple[Box, ...]:
        """Return the boxes in which a stretch of the text stands."""
        first = max(0, bisect_right(self.starts, start) - 1)
        last = bisect_right(self.starts, max(start, end - 1))
        return self.boxes[first:last]


def written(lines: Sequence[tuple[str, Box]], *, split: bool) -> Written:
    """Return lines as one text in reading order: what stands side by side shares a line."""
    rows: list[list[tuple[str, Box]]] = []
    for text, box in sorted(lines, key=lambda line: (line[1][1], line[1][0])):
        middle = box[1] + box[3] / 2
        if rows and rows[-1][0][1][1] <= middle <= rows[-1][0][1][1] + rows[-1][0][1][3]:
            rows[-1].append((text, box))
        else:
            rows.append([(text, box)])
    parts: list[str] = []
    starts, boxes = [], []
    length = 0
    for row in rows:
        for place, (text, box) in enumerate(sorted(row, key=lambda line: line[1][0])):
            between = "" if not parts else ("  " if place else "\n")
            piece = split_words(text) if split else text
            starts.append(length + len(between))
            boxes.append(box)
            parts += [between, piece]
            length += len(between) + len(piece)
    return Written("".join(parts), tuple(starts), tuple(boxes))


def spots(read: Iterable[tuple[Written, Sequence[Finding]]]) -> tuple[Spot, ...]:
    """Return where findings stand on the page: one spot a line and category, the worst tier.

    Several readings of one page may be given (as it was read, and with words split).
    """
    best: dict[tuple[Box, str], Spot] = {}
    for text, findings in read:
        for finding in findings:
            for box in text.within(finding.start, finding.end):
                category = finding.category.value
                made = Spot(category, finding.tier.value, finding.rule, box)
                known = best.get((box, category))
                if known is None or (known.tier, made.tier) == (Tier.REVIEW, Tier.BLOCK):
                    best[box, category] = made
    return _from_the_top(best.values())


def over_years(found: Iterable[tuple[int, Iterable[Spot]]]) -> tuple[Spot, ...]:
    """Return all spots of a page, each with the year since which it is found.

    `found` are the spots by that year, 0 for today, earliest first.
    """
    first: dict[tuple[Box, str, str], Spot] = {}
    for year, there in found:
        for spot in there:
            key = (spot.box, spot.category, spot.tier)
            first.setdefault(key, replace(spot, since=year))
    return _from_the_top(first.values())


def state_on(
    state: PageState, decided_at: datetime | None, spots: Iterable[Spot], year: int
) -> PageState:
    """Return what a decision is worth in `year`.

    Approved is what the check found that day. A page in which it finds more since waits again for
    somebody to look.
    """
    grown = decided_at and any(decided_at.year < spot.since <= year for spot in spots)
    return PageState.WAITING if grown and state is PageState.APPROVED else state


def _from_the_top(found: Iterable[Spot]) -> tuple[Spot, ...]:
    return tuple(sorted(found, key=lambda s: (s.box[1], s.box[0], s.category)))


# -- blacking out ---------------------------------------------------------------------------------


def box_of_percent(page: Page, percent: Mapping[str, float]) -> Box:
    """Return the rectangle meant by left, top, width, height in percent of the page.

    Raises Invalid `attachment.box` when nothing of it lies on the page.
    """
    left, top = (percent[k] / 100 for k in ("left", "top"))
    width, height = (percent[k] / 100 for k in ("width", "height"))
    x, y = round(left * page.width), round(top * page.height)
    box = (
        x,
        y,
        min(page.width - x, max(1, round(width * page.width))),
        min(page.height - y, max(1, round(height * page.height))),
    )
    if min(left, top) < 0 or min(width, height) <= 0 or box[2] < 1 or box[3] < 1:
        raise Invalid("attachment.box")
    return box


def boxes_of_spots(page: Page, chosen: Iterable[int]) -> tuple[Box, ...]:
    """Return the lines to black out, a little larger than they were read.

    `chosen` are places in `page.spots`. Raises Invalid `attachment.box` for one that is not there.
    """
    numbers = tuple(chosen)
    if not numbers or not all(0 <= n < len(page.spots) for n in numbers):
        raise Invalid("attachment.box")
    return tuple(_grown(page.spots[n].box, page) for n in numbers)


def _grown(box: Box, page: Page) -> Box:
    x, y, width, height = box
    margin = max(2, height // 6)
    left, top = max(0, x - margin), max(0, y - margin)
    right, bottom = (
        min(page.width, x + width + margin),
        min(page.height, y + height + margin),
    )
    return left, top, right - left, bottom - top


def left_after(found: Sequence[Spot], black: Sequence[Box]) -> tuple[Spot, ...]:
    """Return the spots that rectangles do not cover whole."""
    return tuple(s for s in found if not any(_covers(box, s.box) for box in black))


def _covers(outer: Box, inner: Box) -> bool:
    return (
        outer[0] <= inner[0]
        and outer[1] <= inner[1]
        and outer[0] + outer[2] >= inner[0] + inner[2]
        and outer[1] + outer[3] >= inner[1] + inner[3]
    )
