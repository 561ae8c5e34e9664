"""What must be done because of a command. Pure values.

Durable effects are done in the same transaction as the command's line in the log; the volatile
ones after its commit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from server.deid.models import ScreenedText
from server.kit.actor import Lane
from server.kit.ids import AgendaItemId, CaptureId, PersonId, SeatId
from sessions.rules.models import ProblemArea


@dataclass(frozen=True, slots=True)
class StartSession:
    """Durable: the session goes live."""


@dataclass(frozen=True, slots=True)
class EndSession:
    """Durable: the session is over; `by` None: by time."""

    by: PersonId | None


@dataclass(frozen=True, slots=True)
class MarkPresented:
    """Durable: the case in `item` went through its summary."""

    item: AgendaItemId


@dataclass(frozen=True, slots=True)
class SaveLine:
    """Durable: a captured line becomes a session record; `merged_into` when it is a duplicate."""

    line: CaptureId
    item: AgendaItemId
    author: PersonId
    speaker: PersonId
    lane: Lane
    area: ProblemArea
    text: ScreenedText
    at_ms: int
    merged_into: CaptureId | None = None


@dataclass(frozen=True, slots=True)
class NoteArrival:
    """Durable: attendance begins for this seat."""

    person: PersonId
    seat: SeatId


@dataclass(frozen=True, slots=True)
class NoteDeparture:
    """Durable: attendance ends for this seat."""

    person: PersonId
    seat: SeatId


@dataclass(frozen=True, slots=True)
class Note:
    """Durable: a line in the audit, with codes and counts only."""

    action: str
    by: PersonId
    facts: Mapping[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Admit:
    """Open a media seat; `sends` False is a listener, `shares` may show a screen."""

    seat: SeatId
    sends: bool
    shares: bool


@dataclass(frozen=True, slots=True)
class Release:
    """Close a media seat."""

    seat: SeatId


@dataclass(frozen=True, slots=True)
class Dismiss:
    """Tell the seat's browser to go, and cut its socket out of the room at once."""

    seat: SeatId
    why: Literal["moved", "removed"]


@dataclass(frozen=True, slots=True)
class CloseMedia:
    """Close the media room and all its seats."""


Durable = StartSession | EndSession | MarkPresented | SaveLine | NoteArrival | NoteDeparture | Note
Volatile = Admit | Release | Dismiss | CloseMedia
Effect = Durable | Volatile
