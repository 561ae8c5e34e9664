"""The state of a live room: one frozen value. Nothing here decides anything."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from server.kit.actor import Lane
from server.kit.ids import AgendaItemId, CaptureId, PersonId, ProgrammeId, SeatId, SessionId
from sessions.live.effects import Effect
from sessions.live.messages import AlertKind, Card, Duty, Grade, Intent, Reaction, Step
from sessions.rules.models import ProblemArea


class Stage(StrEnum):
    """Where the room stands: before, during, after (session states open, live, ended)."""

    GREEN = "green"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Participant:
    """A person who is or was here. `seat` None: away since `away_since`."""

    card: Card
    seat: SeatId | None
    joined_at: datetime
    away_since: datetime | None = None
    acknowledged: bool = False
    spoken: bool = False
    """Has held the floor today; goes behind those who have not (domain.md §3)."""
    microphone: bool = False
    camera: bool = False
    share: bool = False
    pictures: bool = True
    grade: Grade = Grade.GOOD

    def may(self, duty: Duty) -> bool:
        """Say whether the person has this duty in this room."""
        return duty in self.card.duties


@dataclass(frozen=True, slots=True)
class Hand:
    """A raised hand; its place is in `Room.spoke_lane`, `Room.hub_lane` or `Room.tech`."""

    intent: Intent
    note: str
    raised_at: datetime


@dataclass(frozen=True, slots=True)
class Voice:
    """Who said a captured line, and when on the case clock (milliseconds)."""

    person: PersonId
    lane: Lane
    at_ms: int


@dataclass(frozen=True, slots=True)
class Line:
    """A captured recommendation; duplicates add a voice (domain.md §3, live capture)."""

    id: CaptureId
    item: AgendaItemId
    area: ProblemArea
    text: str
    voices: tuple[Voice, ...]
    reaction: Reaction | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """A safety button that was pressed and not yet dealt with."""

    id: str
    what: AlertKind
    at: datetime


@dataclass(frozen=True, slots=True)
class Room:
    """Everything the room knows. Times are aware UTC, durations are seconds."""

    session: SessionId
    programme: ProgrammeId
    starts_at: datetime
    ends_at: datetime
    steps: tuple[Step, ...] = ()
    learner_sees_case: bool = False
    stage: Stage = Stage.GREEN
    index: int = 0
    """Of the current step; meaningful while LIVE."""
    phase_started_at: datetime | None = None
    extra: Mapping[str, int] = field(default_factory=dict)
    """Seconds granted by +1/+2 minutes, per step key."""
    spent: Mapping[str, float] = field(default_factory=dict)
    """Seconds already used by steps that were left, so that Back goes on where it stood."""
    debt: Mapping[str, float] = field(default_factory=dict)
    """Seconds borrowed by the steps before, per step key."""
    case_clock: Mapping[AgendaItemId, datetime] = field(default_factory=dict)
    presented: frozenset[AgendaItemId] = frozenset()
    people: Mapping[PersonId, Participant] = field(default_factory=dict)
    hands: Mapping[PersonId, Hand] = field(default_factory=dict)
    spoke_lane: tuple[PersonId, ...] = ()
    hub_lane: tuple[PersonId, ...] = ()
    tech: tuple[PersonId, ...] = ()
    floor: PersonId | None = None
    unlocked: bool = False
    """The hub lane was let in early in this phase."""
    overrides: int = 0
    lines: tuple[Line, ...] = ()
    alerts: tuple[Alert, ...] = ()
    speaking: PersonId | None = None
    media: bool = True
    empty_since: datetime | None = None

    @property
    def step(self) -> Step | None:
        """Return the current phase, None outside the live part."""
        return self.steps[self.index] if self.stage is Stage.LIVE and self.steps else None

    def present(self) -> dict[PersonId, Participant]:
        """Return the people who are here now, in the order in which they came."""
        return {who: p for who, p in self.people.items() if p.seat is not None}

    def holder(self, seat: SeatId) -> PersonId | None:
        """Return who sits in `seat` now."""
        return next((who for who, p in self.people.items() if p.seat == seat), None)


Result = tuple[Room, tuple[Effect, ...]]
"""The room afterwards, and what must be done because of it."""
