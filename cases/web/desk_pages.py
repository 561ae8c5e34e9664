"""The Pages of the review desk: the queue, and one case with its findings."""

from dataclasses import dataclass
from typing import ClassVar

from cases.queries import Review
from cases.rules.sheet import SheetSection
from cases.web.field_view import Choices, FindingView
from cases.web.worked_pages import WorkedView
from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True, slots=True)
class BadgeView:
    """A state in a word: tone and icon only repeat it."""

    label: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class EConsultView:
    """An e-consult: until when it should be answered (None: it is), by whom, who else could."""

    due: TimeText | None
    badges: tuple[BadgeView, ...]
    asked: tuple[tuple[str, TimeText], ...]
    able: Choices


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One case of the queue."""

    href: str
    title: str
    meta: str
    badges: tuple[BadgeView, ...]


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Cases that wait for the same thing."""

    key: str
    title: str
    empty: str
    cases: tuple[DeskLine, ...]


@dataclass(frozen=True)
class Triage(Page):
    """The desk's queue."""

    template: ClassVar[str] = "cases/triage.html"
    groups: tuple[QueueGroup, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class SegmentView:
    """A stretch of a text. `kind`: empty, disputed, review, unique or look.

    `number` is that of its place to look at (0: none); `first` where that place begins.
    """

    text: str
    kind: str
    number: int
    first: bool


@dataclass(frozen=True, slots=True)
class DeskFinding:
    """One finding at the desk; `reason`: why the author says that it identifies nobody."""

    number: int
    kind: str
    view: FindingView
    reason: str
    verdict: str


@dataclass(frozen=True, slots=True)
class DeskNote:
    """A cue that the person may be unique, or (`number` 0) a word of the second look."""

    number: int
    kind: str
    words: str
    before: str
    found: str
    after: str


@dataclass(frozen=True, slots=True)
class TextView:
    """One free text at the desk with what is marked in it; `comment` is what was typed about it."""

    path: str
    label: str
    segments: tuple[SegmentView, ...]
    findings: tuple[DeskFinding, ...]
    notes: tuple[DeskNote, ...]
    looks: tuple[DeskNote, ...]


@dataclass(frozen=True, slots=True)
class PassView:
    """Who let this text through, and when; `older`: with rules that have changed since."""

    name: str
    when: TimeText
    older: bool


@dataclass(frozen=True, slots=True)
class SlotView:
    """A free slot to choose."""

    value: str
    when: TimeText
    detail: str


@dataclass(frozen=True, slots=True)
class LineView:
    """A line in which something was found; box in pixels, `spots` their places on the page."""

    number: int
    says: tuple[str, ...]
    blocks: bool
    box: tuple[int, int, int, int]
    spots: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PageView:
    """One page of an attachment as one reader sees it. `erased`: a tombstone, no picture."""

    id: str
    label: str
    badge: BadgeView
    reading: str
    href: str
    width: int
    height: int
    lines: tuple[LineView, ...]
    mark: str
    reason: str
    erased: bool
    decides: bool
    blackens: bool


@dataclass(frozen=True, slots=True)
class AttachmentView:
    """One attachment with the pages that this reader may know of."""

    id: str
    title: str
    meta: str
    name_says: tuple[str, ...]
    pages: tuple[PageView, ...]
    removable: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class DeskPages:
    """What the review desk shows of a case's attachments."""

    attachments: tuple[AttachmentView, ...]
    undecided: int
    refusals: Choices


@dataclass(frozen=True)
class ReviewPage(Page):
    """The desk's view of one case: original text with findings marked, and the decision."""

    template: ClassVar[str] = "cases/review.html"
    review: Review
    sections: tuple[SheetSection, ...]
    worked: WorkedView | None
    badges: tuple[BadgeView, ...]
    texts: tuple[TextView, ...]
    kinds: frozenset[str]
    """The kinds of marks in the texts, for the key to them."""
    places: int
    """Findings and cues: what there is to look at."""
    erased: str
    """Who erased the text and when, as a sentence; empty while it is there."""
    passes: tuple[PassView, ...]
    second: tuple[str, ...]
    """Why a second person has to pass it, in words."""
    marks: Choices
    """Reasons for which this reader may ask for a second person."""
    chosen: frozenset[str]
    """Every box and list entry that was chosen, as `name=value`."""
    refused: tuple[str, str] | None
    """What was refused and what to do about it."""
    undecided: tuple[int, ...]
    """Numbers of the findings that stand in the way of passing."""
    unsent: str
    """The button that was pressed although something written to the author would stay behind."""
    stranded: tuple[tuple[str, str], ...]
    """What was typed into boxes that are gone: what it was about, and the words."""
    lost: str
    """How the case lost its slot, as a sentence; empty when it has not."""
    asks: str
    """The way back to the author that is open now: reject, return, recall, or empty."""
    no_slot_in_time: bool
    """Whether it is called soon and no slot is free within 14 days."""
    able: Choices
    """Hub specialists who could answer it in writing, while it can be moved to an e-consult."""
    answer_by: TimeText
    """When they should have."""
    econsult: EConsultView | None
    reasons: Choices
    """Why a text can be erased."""
    slots: tuple[SlotView, ...]
    session: TimeText | None
    decides: bool
    """Whether the reader may pass the text now, for the first, the second or a further time."""
    can_accept_too: bool
    """Whether the reader may accept in the same press."""
    can: frozenset[str]
    """Deeds that make sense now, as their codes."""
    others: Choices
    """Answers that are no text of this case, to ask about."""
    attached: DeskPages
    safety_reasons: tuple[str, ...]
    safety_statement: tuple[tuple[str, str], ...]
    typed: dict[str, str]
    """What was typed and not sent, by input."""
    errors: dict[str, str]
    labels: dict[str, str]
    check_words: dict[str, str]
    desk_words: dict[str, str]
