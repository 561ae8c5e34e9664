"""What the room is told: commands, frozen values with a `kind`.

Every command but the volatile ones is written to the room log before it is acknowledged; a restart
folds `room.apply` over the log (architecture.md, live/directory).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import PlainSerializer, PlainValidator

from server.deid.models import ScreenedText
from server.deid.verdict import restore
from server.kit.actor import Lane
from server.kit.ids import AgendaItemId, CaptureId, CaseId, PersonId, SeatId
from sessions.rules.models import PhaseKind, ProblemArea


class Duty(StrEnum):
    """What a person may do in this room; a snapshot of the roles at the moment of joining."""

    RUN = "run"
    """Phases, timer, queue (facilitator, coordinator, director: domain.md §2)."""
    SPEAK = "speak"
    """Raise a hand, hold the floor, send picture and sound; learners may not."""
    CAPTURE = "capture"
    """Write recommendation lines."""
    LEARN = "learn"
    """Here as a learner only: sees the case if the programme allows it."""


class Intent(StrEnum):
    """Why a hand is up (domain.md §3, hand queue)."""

    CLARIFY = "clarify"
    RECOMMEND = "recommend"
    EXPERIENCE = "experience"
    TECH = "tech"


class Reaction(StrEnum):
    """What the presenter says to a recommendation in the summary phase (domain.md §3, 5f)."""

    USEFUL = "useful"
    UNCLEAR = "unclear"
    NOT_FEASIBLE = "not_feasible"


class AlertKind(StrEnum):
    """The two safety buttons (domain.md §3, live-screen rules)."""

    IDENTIFIER = "identifier"
    SAFETY = "safety"


class Grade(StrEnum):
    """How a person's connection fares, as the media plane says."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"


NOTE_LENGTH = 120
"""Characters of a hand's note (domain.md §3)."""


def _plain(text: ScreenedText) -> dict[str, str]:
    return {"text": text.text, "hash": text.hash, "ruleset": text.ruleset}


def _screened(value: ScreenedText | Mapping[str, str]) -> ScreenedText:
    if isinstance(value, ScreenedText):
        return value
    return restore(value["text"], value["hash"], value["ruleset"])


Screened = Annotated[ScreenedText, PlainValidator(_screened), PlainSerializer(_plain)]
"""Typed text that passed the identifier check; in the log it stands with its hash."""


@dataclass(frozen=True, slots=True)
class Card:
    """Who a person is in this room: the actor's snapshot in the join ticket."""

    person: PersonId
    name: str
    site: str
    lane: Lane
    duties: frozenset[Duty] = frozenset()


@dataclass(frozen=True, slots=True)
class Step:
    """One phase of the plan; `label` is a topic or a case number, never case text."""

    key: str
    kind: PhaseKind
    item: AgendaItemId
    seconds: int
    label: str = ""
    case: CaseId | None = None
    presenter: PersonId | None = None


# ---- commands ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Plan:
    """The agenda as phases; taken until the session starts, then frozen."""

    logged: ClassVar[bool] = True
    starts_at: datetime
    ends_at: datetime
    steps: tuple[Step, ...]
    learner_sees_case: bool = False
    kind: Literal["plan"] = "plan"


@dataclass(frozen=True, slots=True)
class Join:
    """A person takes a seat; a seat the person had before is given up."""

    logged: ClassVar[bool] = True
    card: Card
    seat: SeatId
    kind: Literal["join"] = "join"


@dataclass(frozen=True, slots=True)
class Leave:
    """The seat is empty: left, closed or silent for three heartbeats."""

    logged: ClassVar[bool] = True
    person: PersonId
    seat: SeatId
    kind: Literal["leave"] = "leave"


@dataclass(frozen=True, slots=True)
class Remove:
    """The person may not be here any more: disabled, role taken away, signed out everywhere."""

    logged: ClassVar[bool] = True
    person: PersonId
    kind: Literal["remove"] = "remove"


@dataclass(frozen=True, slots=True)
class Restart:
    """The server came back: the log is true, presence is not."""

    logged: ClassVar[bool] = True
    kind: Literal["restart"] = "restart"


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The rules card was read and accepted (domain.md §3, phase 1)."""

    logged: ClassVar[bool] = True
    person: PersonId
    kind: Literal["acknowledge"] = "acknowledge"


@dataclass(frozen=True, slots=True)
class Start:
    """From the green room into the first phase."""

    logged: ClassVar[bool] = True
    by: PersonId
    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Next:
    """To the next phase; `seen` is the key of the phase the asker looked at (double clicks)."""

    logged: ClassVar[bool] = True
    by: PersonId
    seen: str
    kind: Literal["next"] = "next"


@dataclass(frozen=True, slots=True)
class Back:
    """To the phase before, whose timer goes on where it stood."""

    logged: ClassVar[bool] = True
    by: PersonId
    seen: str
    kind: Literal["back"] = "back"


@dataclass(frozen=True, slots=True)
class Extend:
    """One or two minutes more for the current phase."""

    logged: ClassVar[bool] = True
    by: PersonId
    seen: str
    minutes: Literal[1, 2]
    kind: Literal["extend"] = "extend"


@dataclass(frozen=True, slots=True)
class End:
    """The session is over; `by` None: the room was empty for 30 minutes after its planned end."""

    logged: ClassVar[bool] = True
    by: PersonId | None
    kind: Literal["end"] = "end"


@dataclass(frozen=True, slots=True)
class RaiseHand:
    """A hand goes up, or the one that is up changes its intent or note."""

    logged: ClassVar[bool] = True
    person: PersonId
    intent: Intent
    note: Screened | None = None
    kind: Literal["raise_hand"] = "raise_hand"


@dataclass(frozen=True, slots=True)
class LowerHand:
    """A hand goes down: by its owner, by who runs the room, or by time (`by` None)."""

    logged: ClassVar[bool] = True
    by: PersonId | None
    of: PersonId
    kind: Literal["lower_hand"] = "lower_hand"


@dataclass(frozen=True, slots=True)
class MoveHand:
    """The facilitator puts a hand at `place` (from 0) of its lane."""

    logged: ClassVar[bool] = True
    by: PersonId
    of: PersonId
    place: int
    kind: Literal["move_hand"] = "move_hand"


@dataclass(frozen=True, slots=True)
class GiveFloor:
    """The facilitator lets a person speak."""

    logged: ClassVar[bool] = True
    by: PersonId
    to: PersonId
    kind: Literal["give_floor"] = "give_floor"


@dataclass(frozen=True, slots=True)
class TakeFloor:
    """The floor is given back, by its holder or by who runs the room."""

    logged: ClassVar[bool] = True
    by: PersonId
    kind: Literal["take_floor"] = "take_floor"


@dataclass(frozen=True, slots=True)
class UnlockHub:
    """The hub lane is let in while the spokes have the floor; counted (fidelity, domain.md §8.4)."""

    logged: ClassVar[bool] = True
    by: PersonId
    kind: Literal["unlock_hub"] = "unlock_hub"


@dataclass(frozen=True, slots=True)
class CaptureLine:
    """One recommendation line; `item` None means the case on screen."""

    logged: ClassVar[bool] = True
    by: PersonId
    line: CaptureId
    speaker: PersonId
    area: ProblemArea
    text: Screened
    item: AgendaItemId | None = None
    kind: Literal["capture"] = "capture"


@dataclass(frozen=True, slots=True)
class React:
    """The presenter's word on one line."""

    logged: ClassVar[bool] = True
    by: PersonId
    line: CaptureId
    reaction: Reaction
    kind: Literal["react"] = "react"


@dataclass(frozen=True, slots=True)
class RaiseAlert:
    """A safety button was pressed; anybody may."""

    logged: ClassVar[bool] = True
    by: PersonId
    alert: str
    what: AlertKind
    kind: Literal["raise_alert"] = "raise_alert"


@dataclass(frozen=True, slots=True)
class CloseAlert:
    """Whoever runs the room has dealt with an alert."""

    logged: ClassVar[bool] = True
    by: PersonId
    alert: str
    kind: Literal["close_alert"] = "close_alert"


@dataclass(frozen=True, slots=True)
class Close:
    """The session was ended or cancelled somewhere else: nobody can meet here any more."""

    logged: ClassVar[bool] = True
    kind: Literal["close"] = "close"


@dataclass(frozen=True, slots=True)
class SetMedia:
    """What a browser sends and wants to see; not logged, gone with the connection."""

    logged: ClassVar[bool] = False
    person: PersonId
    seat: SeatId
    microphone: bool
    camera: bool
    share: bool
    pictures: bool
    kind: Literal["set_media"] = "set_media"


@dataclass(frozen=True, slots=True)
class Heard:
    """The media plane says who speaks now (None: nobody); not logged."""

    logged: ClassVar[bool] = False
    seat: SeatId | None
    kind: Literal["heard"] = "heard"


@dataclass(frozen=True, slots=True)
class Fares:
    """The media plane says how a seat's connection fares; not logged."""

    logged: ClassVar[bool] = False
    seat: SeatId
    grade: Grade
    kind: Literal["fares"] = "fares"


@dataclass(frozen=True, slots=True)
class MediaDown:
    """Picture and sound are gone for everybody; the room goes on without them. Not logged."""

    logged: ClassVar[bool] = False
    kind: Literal["media_down"] = "media_down"


Command = (
    Plan
    | Join
    | Leave
    | Remove
    | Restart
    | Acknowledge
    | Start
    | Next
    | Back
    | Extend
    | End
    | RaiseHand
    | LowerHand
    | MoveHand
    | GiveFloor
    | TakeFloor
    | UnlockHub
    | CaptureLine
    | React
    | RaiseAlert
    | CloseAlert
    | Close
    | SetMedia
    | Heard
    | Fares
    | MediaDown
)
