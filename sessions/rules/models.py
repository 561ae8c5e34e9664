"""The nouns: programme, series, session, agenda item, capture, attendance. Frozen values."""

from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum

from server.kit.actor import Lane
from server.kit.ids import (
    AgendaItemId,
    CaptureId,
    CaseId,
    OrganisationId,
    PersonId,
    ProgrammeId,
    SeatId,
    SeriesId,
    SessionId,
)


class Template(StrEnum):
    """The phase templates of domain.md §3: length in minutes, then number of new cases."""

    T60_2 = "T60-2"
    T60_1 = "T60-1"
    T90_3 = "T90-3"


class SessionState(StrEnum):
    """The states of a session, exactly as domain.md §3 names them."""

    PLANNED = "planned"
    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"
    WRAPPED = "wrapped"
    ARCHIVED = "archived"
    CANCELLED = "cancelled"


class CancelReason(StrEnum):
    """Why a session did not take place: somebody said so, or nobody started it."""

    BY_HAND = "by_hand"
    NOT_HELD = "not_held"


class ItemKind(StrEnum):
    """What an agenda item is."""

    WELCOME = "welcome"
    INTRO = "intro"
    DIDACTIC = "didactic"
    QA = "qa"
    CASE_SLOT = "case_slot"
    CLOSING = "closing"
    EVALUATION = "evaluation"


class PhaseKind(StrEnum):
    """The phases a live session walks through (domain.md §3, rows 1–8; the green room is a state)."""

    WELCOME = "welcome"
    INTRO = "intro"
    DIDACTIC = "didactic"
    DIDACTIC_QA = "didactic_qa"
    PRESENTATION = "presentation"
    CLARIFY_SPOKES = "clarify_spokes"
    CLARIFY_HUB = "clarify_hub"
    RECOMMEND_SPOKES = "recommend_spokes"
    RECOMMEND_HUB = "recommend_hub"
    SUMMARY = "summary"
    CLOSING = "closing"
    EVALUATION = "evaluation"


class ProblemArea(StrEnum):
    """What a recommendation is about (domain.md §6.1)."""

    DIAGNOSIS = "diagnosis"
    MEDICINE = "medicine"
    DOSE = "dose"
    MONITORING = "monitoring"
    THERAPY = "therapy"
    SUD = "sud"
    MEDICAL = "medical"
    SAFETY = "safety"
    SOCIAL = "social"
    COORDINATION = "coordination"
    SELF_MANAGEMENT = "self_management"
    FAMILY_PEER = "family_peer"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Programme:
    """A named subject stream with a hub, a zone and a way to run its sessions.

    `code` is 2–4 capital letters and starts every case number; `zone` is an IANA name;
    `cases_first` puts the cases before the didactic (both orders are in use, domain.md §3);
    `learner_sees_case` lets learners see a case on screen during its session, never afterwards.
    """

    id: ProgrammeId
    code: str
    name: str
    description: str
    hub: OrganisationId
    zone: str
    template: Template = Template.T60_2
    cases_first: bool = False
    learner_sees_case: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Every `every_weeks` weeks on `weekday` (Monday is 0) at wall-clock `at` in `zone`.

    The first occurrence is the first such weekday on or after `first`. At most one of `count`
    (number of occurrences) and `until` (last local date, inclusive) is set; neither means the
    series has no planned end.
    """

    zone: str
    weekday: int
    at: time
    first: date
    every_weeks: int = 1
    count: int | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """A bounded run of a programme: one rule, one template."""

    id: SeriesId
    programme: ProgrammeId
    title: str
    rule: WeeklyRule
    template: Template
    cases_first: bool = False
    version: int = 1


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """One entry of a session's agenda; entries follow each other without gaps.

    `label` is the topic of a didactic or the case number of a filled slot, never case text;
    `ref` is the case in the slot; `presenter` speaks (didactic) or presents (case);
    `presented_at` is set when a case went through its summary phase, `letter_at` when the first
    version of its letter was signed.
    """

    id: AgendaItemId
    kind: ItemKind
    minutes: int
    position: int
    ref: CaseId | None = None
    label: str = ""
    presenter: PersonId | None = None
    presented_at: datetime | None = None
    letter_at: datetime | None = None

    @property
    def is_free_slot(self) -> bool:
        """Say whether a case can be put here."""
        return self.kind is ItemKind.CASE_SLOT and self.ref is None


@dataclass(frozen=True, slots=True)
class Session:
    """One meeting. All instants are aware and in UTC; `zone` is the clinic's own (IANA).

    `number` counts a series' sessions from 1 and is None for a practice session; `started_at` and
    `ended_at` are what really happened, `starts_at` and `ends_at` what was planned.
    `cancelled_for` says why a cancelled session is one, and is None for all others.
    """

    id: SessionId
    programme: ProgrammeId
    series: SeriesId | None
    number: int | None
    starts_at: datetime
    ends_at: datetime
    zone: str
    template: Template
    state: SessionState = SessionState.PLANNED
    practice: bool = False
    agenda: tuple[AgendaItem, ...] = ()
    opened_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    wrapped_at: datetime | None = None
    cancelled_for: CancelReason | None = None
    version: int = 1

    @property
    def topic(self) -> str:
        """Return the label of the first didactic that has one, else the empty text."""
        return next((i.label for i in self.agenda if i.kind is ItemKind.DIDACTIC and i.label), "")

    def item(self, item_id: AgendaItemId) -> AgendaItem | None:
        """Return the agenda item with this id, if the session has it."""
        return next((i for i in self.agenda if i.id == item_id), None)


@dataclass(frozen=True, slots=True)
class Phase:
    """One step of the live session: `kind` within agenda item `item`, planned for `minutes`.

    `starts_minute` counts from the session's start; `key` is stable for one session and unique.
    """

    key: str
    kind: PhaseKind
    item: AgendaItemId
    minutes: int
    starts_minute: int


@dataclass(frozen=True, slots=True)
class Capture:
    """One captured line: what `speaker` recommended, written by `author`.

    `at_ms` is milliseconds on the case clock (0 = start of the presentation, domain.md §3 5a);
    `text` passed the identifier check; `merged_into` names the line this duplicate went into.
    """

    id: CaptureId
    session: SessionId
    item: AgendaItemId
    author: PersonId
    speaker: PersonId
    lane: Lane
    problem_area: ProblemArea
    text: str
    at_ms: int
    created_at: datetime
    merged_into: CaptureId | None = None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Stay:
    """One connected interval of one device; `left_at` is None while it lasts."""

    session: SessionId
    person: PersonId
    seat: SeatId
    arrived_at: datetime
    left_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One line of the room log: `command` is a JSON object the live room wrote and reads back."""

    session: SessionId
    seq: int
    at: datetime
    command: dict[str, object]
