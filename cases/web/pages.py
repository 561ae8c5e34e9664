"""The Page of every template about cases, and the words they share."""

from dataclasses import dataclass
from typing import ClassVar

from cases.queries import CaseSheet, Review
from cases.rules.sheet import SheetSection
from cases.web.forms import FindingView, SectionView
from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True)
class NewCase(Page):
    """The case form: new, draft, or returned for changes."""

    template: ClassVar[str] = "cases/new_case.html"
    action: str
    programme: str
    case_no: str
    case_type: str
    prior: str
    prior_no: str
    row_version: int
    device_key: str
    """Names the draft kept on the device; random or an id, never text."""
    saved: TimeText | None
    message: str
    """What the coordinator wrote when sending it back."""
    sections: tuple[SectionView, ...]
    errors: dict[str, str]
    labels: dict[str, str]
    findings: tuple[FindingView, ...]
    held: bool
    stale: bool
    """Whether another tab saved a newer version while this text was typed."""
    typed: bool
    """Whether this is an answer to something sent: what was typed stands in the page."""
    safety_card: str
    form_words: dict[str, str]
    check_words: dict[str, str]


@dataclass(frozen=True, slots=True)
class CaseLine:
    """One case in a list."""

    href: str
    title: str
    meta: str
    state: str
    tone: str
    icon: str
    needs_you: bool
    waiting: str = ""
    shield: bool = False


@dataclass(frozen=True, slots=True)
class ProgrammeLink:
    """A programme to which the reader may present."""

    name: str
    href: str


@dataclass(frozen=True)
class MyCases(Page):
    """The author's own cases."""

    template: ClassVar[str] = "cases/my_cases.html"
    cases: tuple[CaseLine, ...]
    programmes: tuple[ProgrammeLink, ...]


@dataclass(frozen=True)
class CasePage(Page):
    """The case sheet: the main question first."""

    template: ClassVar[str] = "cases/case.html"
    sheet: CaseSheet
    sections: tuple[SheetSection, ...]
    visible_to: str
    state: str
    tone: str
    icon: str
    checked: TimeText | None
    session: TimeText | None
    session_href: str
    can_edit: bool
    can_withdraw: bool
    can_follow_up: bool
    can_review: bool
    can_draft: bool
    has_letter: bool
    safety_reasons: tuple[str, ...]
    safety_card: str
    safety_fields: SectionView | None
    errors: dict[str, str]


@dataclass(frozen=True)
class Brief(Page):
    """The case sheet as a fragment for the live room; no frame around it."""

    template: ClassVar[str] = "cases/fragments/brief.html"
    sheet: CaseSheet
    sections: tuple[SheetSection, ...]


@dataclass(frozen=True, slots=True)
class QueueGroup:
    """Cases that wait for the same thing."""

    key: str
    title: str
    empty: str
    cases: tuple[CaseLine, ...]


@dataclass(frozen=True)
class Triage(Page):
    """The desk's queue."""

    template: ClassVar[str] = "cases/triage.html"
    groups: tuple[QueueGroup, ...]
    waiting: int


@dataclass(frozen=True, slots=True)
class TextView:
    """One free text at the desk, its findings marked by number."""

    path: str
    label: str
    segments: tuple[tuple[str, int], ...]
    """(text, number of its finding or 0)."""


@dataclass(frozen=True, slots=True)
class DeskFinding:
    """One finding at the desk."""

    number: int
    view: FindingView
    label: str
    reason: str
    """Why the author says that it identifies nobody; empty when there was nothing to say."""
    verdict: str


@dataclass(frozen=True, slots=True)
class SlotView:
    """A free slot to choose."""

    value: str
    when: TimeText
    detail: str


@dataclass(frozen=True)
class ReviewPage(Page):
    """The desk's view of one case: original text with findings marked, and the decision."""

    template: ClassVar[str] = "cases/review.html"
    review: Review
    sections: tuple[SheetSection, ...]
    state: str
    tone: str
    icon: str
    waiting: str
    texts: tuple[TextView, ...]
    findings: tuple[DeskFinding, ...]
    slots: tuple[SlotView, ...]
    session: TimeText | None
    can_accept_too: bool
    """Whether the reader may accept in the same press."""
    can: frozenset[str]
    """Deeds that make sense now, as their codes."""
    safety_reasons: tuple[str, ...]
    safety_statement: tuple[tuple[str, str], ...]
    words: dict[str, str]
    """What was typed into a small form that could not be used, by form."""
    errors: dict[str, str]
    check_words: dict[str, str]
