"""The Page of every template about cases, and the words they share."""

from dataclasses import dataclass
from typing import ClassVar

from cases.queries import CaseSheet
from cases.rules.sheet import SheetSection
from cases.web.desk_pages import EConsultView
from cases.web.field_view import FindingView, SectionView
from cases.web.follow_up_pages import FollowUpView
from cases.web.helps_pages import SlotView
from cases.web.worked_pages import WorkedView
from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True, slots=True)
class CommentView:
    """What the desk asks at one field: the field's key, what exactly is meant, the words."""

    field: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class DifferenceView:
    """One field that two texts answer differently, line by line."""

    key: str
    label: str
    here: tuple[str, ...]
    there: tuple[str, ...]


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
    key: str
    """What stands in the case's addresses; empty while it is new."""
    autosave: str
    """Where the page saves on its own."""
    attaches: bool
    """Whether files may be attached to this programme's cases."""
    form_version: str
    """Which form the page shows: sent along, so that a change of the form loses nothing typed."""
    device_key: str
    """Names the draft kept on the device; random or an id, never text."""
    saved: TimeText | None
    message: str
    """What the coordinator wrote when sending it back."""
    comments: tuple[CommentView, ...]
    sections: tuple[SectionView, ...]
    errors: dict[str, str]
    labels: dict[str, str]
    findings: tuple[FindingView, ...]
    held: bool
    stale: bool
    """Whether another page saved a newer version while this text was typed."""
    differences: tuple[DifferenceView, ...]
    """Where what was typed here and what was saved there differ."""
    earlier: TimeText | None
    """When the earlier text was written that the author has brought back into the form."""
    typed: bool
    """Whether this is an answer to something sent: what was typed stands in the page."""
    safety_card: str
    form_words: dict[str, str]
    draft_words: dict[str, str]
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
    shield: bool = False
    lost: bool = False
    answer: str = ""
    """Where the follow-up that is due is answered; empty when none is."""
    begun: bool = False
    """Whether that answer is begun."""


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
    worked: WorkedView | None
    visible_to: str
    state: str
    tone: str
    icon: str
    checked: TimeText | None
    session: TimeText | None
    session_href: str
    attachments: int
    """How many attachments this reader may know of."""
    may_attach: bool
    slots: tuple[SlotView, ...]
    """Where the author could present, while the case waits for a place."""
    can_edit: bool
    can_withdraw: bool
    follow_up_href: str
    """Where its presenter writes a follow-up; empty for others, and before the letter."""
    follow_up_begun: bool
    follow_up: FollowUpView | None
    """What became of its letter; None while there is none, or for readers outside the hub."""
    econsult: EConsultView | None
    """Who answers it in writing; None unless it is an e-consult that the reader may know of."""
    asks_you: bool
    """Whether the reader was asked to answer it in writing, and nobody has signed yet."""
    can_copy: bool
    lost: str
    """How the case lost its slot, as a sentence; empty when it has not."""
    can_review: bool
    can_draft: bool
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
    worked: WorkedView | None
