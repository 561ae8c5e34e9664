"""What the sessions feature tells the rest of the house: ids only, never content."""

from dataclasses import dataclass
from typing import ClassVar

from server.kit.events import Event
from server.kit.ids import AgendaItemId, CaptureId, CaseId, ProgrammeId, SeriesId, SessionId


@dataclass(frozen=True, slots=True)
class SeriesCreated(Event):
    """A coordinator laid down a series; its first sessions follow as SessionScheduled."""

    name: ClassVar[str] = "series.created"

    series_id: SeriesId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class SessionScheduled(Event):
    """A session stands in the calendar (`series_id` is None for a practice session)."""

    name: ClassVar[str] = "session.scheduled"

    session_id: SessionId
    programme_id: ProgrammeId
    series_id: SeriesId | None


@dataclass(frozen=True, slots=True)
class SessionOpened(Event):
    """The green room is open: people may come in (domain.md §3, phase 0)."""

    name: ClassVar[str] = "session.opened"

    session_id: SessionId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class SessionStarted(Event):
    """The session is live: attendance counts from here."""

    name: ClassVar[str] = "session.started"

    session_id: SessionId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class AgendaItemPresented(Event):
    """A case slot went through its summary phase (domain.md §3, 5f): the case was presented."""

    name: ClassVar[str] = "session.item_presented"

    session_id: SessionId
    programme_id: ProgrammeId
    item_id: AgendaItemId
    case_id: CaseId


@dataclass(frozen=True, slots=True)
class RecommendationCaptured(Event):
    """A recommendation line was captured, live or within 24 hours (domain.md §6.2)."""

    name: ClassVar[str] = "session.recommendation_captured"

    session_id: SessionId
    programme_id: ProgrammeId
    item_id: AgendaItemId
    case_id: CaseId | None
    capture_id: CaptureId


@dataclass(frozen=True, slots=True)
class SessionEnded(Event):
    """The session is over; a case whose item was not presented is carried over by its owner."""

    name: ClassVar[str] = "session.ended"

    session_id: SessionId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class SessionCancelled(Event):
    """The session will not or did not take place; cases in its slots go back to accepted."""

    name: ClassVar[str] = "session.cancelled"

    session_id: SessionId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class SessionWrapped(Event):
    """Attendance is final and every letter is issued; typed words of the room are gone."""

    name: ClassVar[str] = "session.wrapped"

    session_id: SessionId
    programme_id: ProgrammeId


@dataclass(frozen=True, slots=True)
class SessionArchived(Event):
    """A wrapped session rests: 90 days have gone by."""

    name: ClassVar[str] = "session.archived"

    session_id: SessionId
    programme_id: ProgrammeId
