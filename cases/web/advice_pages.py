"""The Page of every template about recommendations, letters and the library."""

from dataclasses import dataclass
from typing import Any, ClassVar

from cases.library.snippets import Part
from cases.rules.letter import Letter
from cases.web.advice_words import Choices
from server.edge.pages import Page
from server.edge.times import TimeText


@dataclass(frozen=True, slots=True)
class VoiceView:
    """Who said it: name (empty for a colleague who goes unnamed), side, m:ss or empty."""

    name: str
    lane: str
    at: str


@dataclass(frozen=True, slots=True)
class ItemFields:
    """One item's form. `prefix` keeps the ids of several forms on a page apart."""

    prefix: str
    action: str
    version: int
    values: dict[str, Any]
    errors: dict[str, str]
    speakers: Choices
    """Whom to name as the speaker; empty when that is known."""


@dataclass(frozen=True, slots=True)
class ItemView:
    """One recommendation in the draft."""

    id: str
    version: int
    text: str
    area: str
    meta: tuple[str, ...]
    rationale: str
    cautions: tuple[str, ...]
    state: str
    tone: str
    icon: str
    voices: tuple[VoiceView, ...]
    doubts: tuple[tuple[str, str], ...]
    """(words found, sentence) that may identify somebody."""
    missing: tuple[str, ...]
    """What has to be added before it can be signed, as sentences."""
    drop_reason: str
    fields: ItemFields | None
    can_drop: bool
    can_restore: bool
    merge_into: Choices


@dataclass(frozen=True, slots=True)
class LineView:
    """A captured line that nobody has taken over."""

    text: str
    area: str
    voice: VoiceView


@dataclass(frozen=True, slots=True)
class PersonView:
    """Somebody with an id, for small lists with buttons."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Lists:
    """The choices of an item's form."""

    areas: Choices
    strengths: Choices
    evidence: Choices
    roles: Choices
    frames: Choices
    steps: Choices
    cautions: Choices


@dataclass(frozen=True)
class RecommendPage(Page):
    """The drafting page: what was captured becomes a letter."""

    template: ClassVar[str] = "cases/recommend.html"
    case_no: str
    programme: str
    programme_id: str
    question: str
    state: str
    tone: str
    icon: str
    stage: str
    presented: bool
    written: bool
    """Whether it is an e-consult: nothing was said in a session, so nothing was captured."""
    revision: int
    left: tuple[LineView, ...]
    items: tuple[ItemView, ...]
    aside_items: tuple[ItemView, ...]
    """Left out or merged."""
    new: ItemFields | None
    lists: Lists
    summary: str
    watch_for: str
    watch_for_default: str
    comment: str
    amend_reason: str
    last_version: int
    can_edit: bool
    can_send: bool
    can_sign: bool
    can_send_back: bool
    can_amend: bool
    delegates: tuple[PersonView, ...]
    specialists: Choices
    can_name: bool
    form: str
    """Which small form was sent and could not be used; its errors are below."""
    typed: dict[str, Any]
    errors: dict[str, str]
    summary_errors: dict[str, str]
    """The same by the id of the field they belong to."""
    check_words: dict[str, str]


@dataclass(frozen=True, slots=True)
class LetterLine:
    """One recommendation in a letter."""

    text: str
    area: str
    meta: tuple[str, ...]
    rationale: str
    citation: str
    citation_href: str
    cautions: tuple[str, ...]
    voices: tuple[VoiceView, ...]


@dataclass(frozen=True)
class LetterPage(Page):
    """One signed version. `letter` None: the stored text is not the signed one."""

    template: ClassVar[str] = "cases/letter.html"
    case_no: str
    answer: str
    """Where the presenter says what became of it; empty for others (domain.md §6.3)."""
    letter: Letter | None
    purged: str
    """The day on which its text was erased; empty while it is there."""
    groups: tuple[tuple[str, tuple[LetterLine, ...]], ...]
    """(time frame, recommendations) in the letter's order."""
    session_day: str
    signed: str
    signed_as: str
    watch_for: str
    disclaimer: str
    code: str
    version: int
    last_version: int
    versions: tuple[int, ...]
    entry_key: str
    entry_state: str
    can_amend: bool
    can_withhold: bool


@dataclass(frozen=True, slots=True)
class LetterRow:
    """One letter in a list."""

    href: str
    title: str
    meta: str
    badge: str
    tone: str
    icon: str


@dataclass(frozen=True)
class LettersPage(Page):
    """Letters to write and letters to read."""

    template: ClassVar[str] = "cases/letters.html"
    drafts: bool
    due: tuple[LetterRow, ...]
    issued: tuple[LetterRow, ...]


@dataclass(frozen=True, slots=True)
class HitView:
    """One search result."""

    href: str
    heading: tuple[Part, ...]
    snippet: tuple[Part, ...]
    programme: str
    who: tuple[VoiceView, ...]
    when: str
    version: str
    only_programme: bool


@dataclass(frozen=True)
class LibraryPage(Page):
    """The search line and what it found."""

    template: ClassVar[str] = "cases/library.html"
    query: str
    hits: tuple[HitView, ...]
    count: str
    rewrites: tuple[tuple[str, str, bool], ...]
    """(typed, looked for, typed words not looked for at all)."""
    loosened: bool
    newest: bool
    previous_href: str
    next_href: str
    note: str
    ask_href: str


@dataclass(frozen=True)
class EntryPage(Page):
    """One entry: asked, advised, by whom, in which version."""

    template: ClassVar[str] = "cases/entry.html"
    key: str
    heading: str
    asked: str
    """The question, when the heading is not the question itself."""
    synopsis: str
    programme: str
    retracted: bool
    version: int
    newest: int
    versions: tuple[int, ...]
    amended: bool
    dated: str
    signer: str
    session_note: str
    state: str
    tone: str
    icon: str
    items: tuple[LetterLine, ...]
    tags: tuple[str, ...]
    cite: str
    letter_href: str
    withhold_key: str
    row_version: int
    can_rewrite: bool
    can_review: bool
    can_publish: bool
    public: dict[str, str]
    """The public wording, as far as it is written."""
    reviews: tuple[tuple[str, TimeText], ...]
    errors: dict[str, str]
    check_words: dict[str, str]
