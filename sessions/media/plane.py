"""The media plane as the house sees it: a protocol, its messages and its errors.

Strings, numbers and frozen dataclasses only, so that every message can travel over a wire and
another engine can stand behind the same protocol (architecture.md, "The media plane").

How a seat gets picture and sound:

1. `open_room`, `open_seat`.
2. Up: the browser offers, `publish` returns the answer. One audio line, then the camera, then the
   shared screen; lines may stay silent, and tracks may come and go without a new offer.
3. Down: `subscribe` leads to one `DownOffer` event; the browser's answer goes to `answer`. The
   connection has a fixed set of slots (`Limits`): later `subscribe` calls, joins, departures and
   changes of speaker only change what flows in a slot, and say so with `SlotsChanged`.
4. A lost connection is never repaired: `SeatLost` is raised, then `publish` again (up) or `renew`
   (down) builds a fresh one.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, NewType, Protocol

from server.kit.errors import Conflict, Invalid, NotFound

RoomKey = NewType("RoomKey", str)
SeatKey = NewType("SeatKey", str)
"""One person's place in one room; unique in the whole plane, chosen by the caller."""
Sdp = NewType("Sdp", str)
Slot = NewType("Slot", str)
"""A receive slot of the down connection: `voice-0`, `picture-0`, `share-0` …

It is also the id of the media stream the browser's `track` event carries.
"""

Kind = Literal["audio", "video", "share"]
"""A seat has at most one source of each kind: its voice, its camera, its shared screen."""

Which = Literal["up", "down"]
Grade = Literal["good", "fair", "poor"]


class BadSdp(Invalid):
    """The session description cannot be used; `code` says why (security.md 57).

    Codes: `media.sdp_too_long`, `media.sdp_unreadable`, `media.sdp_too_many_lines`,
    `media.sdp_too_many_candidates`, `media.sdp_data_channel`, `media.sdp_wrong_shape`,
    `media.sdp_no_codec`, `media.sdp_refused`.
    """

    default_code = "media.sdp_unreadable"


class UnknownRoom(NotFound):
    """No such room is open."""

    default_code = "media.unknown_room"


class UnknownSeat(NotFound):
    """No such seat is open."""

    default_code = "media.unknown_seat"


class RoomFull(Conflict):
    """The room has `Limits.seats` seats already."""

    default_code = "media.room_full"


class SeatElsewhere(Conflict):
    """The seat key is in use in another room."""

    default_code = "media.seat_elsewhere"


class NothingOffered(Conflict):
    """`answer` came though no offer is waiting for one."""

    default_code = "media.nothing_offered"


@dataclass(frozen=True)
class Limits:
    """What one room allows. Slots are per viewer; the cost of a join is linear in them."""

    seats: int = 100
    voices: int = 3
    pictures: int = 8
    shares: int = 1
    camera_kbps: int = 1_500
    """What a camera is asked to stay under (REMB); twice as much is cut off."""
    share_kbps: int = 2_500


@dataclass(frozen=True)
class Grants:
    """What a seat may send. Taking a grant away stops the forwarding at once."""

    publish_audio: bool = True
    publish_video: bool = True
    share: bool = False


@dataclass(frozen=True)
class Source:
    """Somebody's voice, camera or shared screen."""

    seat: SeatKey
    kind: Kind


@dataclass(frozen=True)
class Wanted:
    """Everything a viewer wants to see and hear, as a full list, most important first.

    Only what flows takes a slot: a source may be named before it exists and gets a slot when it
    starts, from a less important one if need be. What does not fit is left out, and so are the
    viewer's own sources. Voices are chosen by the plane (the loudest of the room); a voice named
    here is ignored.
    """

    sources: tuple[Source, ...] = ()
    voices: bool = True
    large: int = 1
    """How many of the cameras, from the first, are shown large; the others come small. Shared
    screens are always large."""


@dataclass(frozen=True)
class SlotFilling:
    """`source` is what `slot` shows now."""

    slot: Slot
    source: Source


@dataclass(frozen=True)
class DownOffer:
    """Hand `sdp` to the browser; its answer goes to `MediaPlane.answer` with `generation`."""

    seat: SeatKey
    sdp: Sdp
    generation: int


@dataclass(frozen=True)
class Published:
    """Packets of this source have begun to flow."""

    seat: SeatKey
    kind: Kind


@dataclass(frozen=True)
class Unpublished:
    """The source has fallen silent (no packet for 3 s), lost its grant or its connection."""

    seat: SeatKey
    kind: Kind


@dataclass(frozen=True)
class Speaking:
    """Who speaks in the room now; `None` when nobody does."""

    room: RoomKey
    seat: SeatKey | None


@dataclass(frozen=True)
class Quality:
    """How a connection fares: raised when `grade` changes."""

    seat: SeatKey
    which: Which
    grade: Grade
    loss_percent: int
    rtt_ms: int | None


@dataclass(frozen=True)
class SeatLost:
    """A connection of the seat failed or never came up; the seat itself stays open."""

    seat: SeatKey
    which: Which


@dataclass(frozen=True)
class SlotsChanged:
    """The full list of what each slot of this viewer shows; a slot not named is empty."""

    seat: SeatKey
    slots: tuple[SlotFilling, ...]


@dataclass(frozen=True)
class PlaneLost:
    """The plane is gone with all rooms and seats; the last event."""

    reason: str


PlaneEvent = (
    DownOffer | Published | Unpublished | Speaking | Quality | SeatLost | SlotsChanged | PlaneLost
)


class MediaPlane(Protocol):
    """Rooms of seats that send and receive. Every call is safe to repeat."""

    async def open_room(self, room: RoomKey, limits: Limits) -> None:
        """Open the room; a second call changes nothing."""
        ...

    async def open_seat(self, room: RoomKey, seat: SeatKey, grants: Grants) -> None:
        """Open the seat, or change the grants of an open one.

        Raises UnknownRoom, RoomFull, SeatElsewhere.
        """
        ...

    async def publish(self, seat: SeatKey, offer: Sdp) -> Sdp:
        """Answer the browser's offer with a fresh up connection; an older one is closed.

        The answer is complete (no trickling). Raises UnknownSeat, BadSdp.
        """
        ...

    async def subscribe(self, seat: SeatKey, wanted: Wanted) -> None:
        """Set what the seat sees and hears; the first call leads to one `DownOffer`.

        Raises UnknownSeat.
        """
        ...

    async def renew(self, seat: SeatKey) -> None:
        """Replace the down connection by a fresh one: a new `DownOffer`, same wishes.

        Raises UnknownSeat.
        """
        ...

    async def answer(self, seat: SeatKey, answer: Sdp, generation: int | None = None) -> None:
        """Take the browser's answer to the `DownOffer` of that generation (None: the latest).

        An answer to an older offer, or a repeated one, is ignored. Raises UnknownSeat, BadSdp,
        NothingOffered.
        """
        ...

    async def close_seat(self, seat: SeatKey) -> None:
        """End the seat and its connections; unknown seats are ignored."""
        ...

    async def close_room(self, room: RoomKey) -> None:
        """End the room and all its seats; unknown rooms are ignored."""
        ...

    async def close(self) -> None:
        """End everything within a second and end the stream of events."""
        ...

    def events(self) -> AsyncIterator[PlaneEvent]:
        """Yield what happens, in order, until the plane is closed; for one consumer."""
        ...
