"""A media plane without media: the same promises as LocalPlane, for tests of everything above.

It passes the same contract suite (tests/contracts/plane_contract.py). `flow`, `stop`, `speak` and
`lose` play the part of the browsers.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence

from sessions.media.dataplane.flow import Peer, Stream
from sessions.media.forwarding import Forwarder, Sink
from sessions.media.plane import (
    BadSdp,
    DownOffer,
    Grants,
    Kind,
    Limits,
    NothingOffered,
    PlaneEvent,
    PlaneLost,
    Published,
    Quality,
    RoomFull,
    RoomKey,
    Sdp,
    SeatElsewhere,
    SeatKey,
    SeatLost,
    SlotsChanged,
    Source,
    Speaking,
    UnknownRoom,
    UnknownSeat,
    Unpublished,
    Wanted,
    Which,
)
from sessions.media.sdp import check_answer, check_offer, slots_of


class Followed:
    """A slot's out that only remembers what it was told to carry."""

    def __init__(self) -> None:
        self.stream: Stream | None = None
        self.aimed = True
        self.waiting = True
        self.changing = False
        self.sent = (0, 0)
        self.stamp_shift = 0

    def aim(
        self, peer: Peer | None, ssrc: int, payload_type: int, sent_at: int | None = None
    ) -> None:
        del ssrc, payload_type, sent_at
        self.aimed = peer is not None

    def follow(self, stream: Stream | None, *, keep: bool = False) -> None:
        self.changing = keep and self.stream is not None
        self.stream, self.waiting = stream, not self.changing

    def resend(self, numbers: Sequence[int]) -> int:
        del numbers
        return 0

    def close(self) -> None:
        self.stream = None


class _Seat:
    def __init__(self, room: "_Room", grants: Grants) -> None:
        self.room = room
        self.grants = grants
        self.up = False
        self.down = False
        self.answered = False
        self.generation = 0
        self.wanted: Wanted | None = None
        self.flowing: set[Kind] = set()


class _Room:
    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seats: dict[SeatKey, _Seat] = {}
        self.forwarder = Forwarder()
        self.voices: list[SeatKey] = []
        self.speaking: SeatKey | None = None


class FakePlane:
    """`MediaPlane` in memory. With `strict=False` any text passes for an SDP."""

    def __init__(self, *, strict: bool = False) -> None:
        self._strict = strict
        self._rooms: dict[RoomKey, _Room] = {}
        self._seats: dict[SeatKey, _Seat] = {}
        self._events: asyncio.Queue[PlaneEvent | None] = asyncio.Queue()
        self._closed = False
        self.offers: dict[SeatKey, Sdp] = {}
        """The last offer each seat published."""
        self.answers: dict[SeatKey, Sdp] = {}
        """The last answer each seat gave."""

    # the protocol

    async def open_room(self, room: RoomKey, limits: Limits) -> None:
        self._rooms.setdefault(room, _Room(limits))

    async def open_seat(self, room: RoomKey, seat: SeatKey, grants: Grants) -> None:
        held = self._rooms.get(room)
        if held is None:
            raise UnknownRoom
        found = self._seats.get(seat)
        if found is None:
            if len(held.seats) >= held.limits.seats:
                raise RoomFull
            found = held.seats[seat] = self._seats[seat] = _Seat(held, grants)
        elif found.room is not held:
            raise SeatElsewhere
        found.grants = grants
        for kind in sorted(found.flowing):
            if not self._granted(found, kind):
                self.stop(seat, kind)

    async def publish(self, seat: SeatKey, offer: Sdp) -> Sdp:
        found = self._seat(seat)
        if self._strict:
            check_offer(offer)
        elif not offer.startswith("v=0"):
            raise BadSdp
        for kind in sorted(found.flowing):
            self.stop(seat, kind)
        found.up = True
        self.offers[seat] = offer
        return Sdp("v=0\r\ns=answer\r\n")

    async def subscribe(self, seat: SeatKey, wanted: Wanted) -> None:
        found = self._seat(seat)
        found.wanted = wanted
        if found.down:
            self._tell(found.room, found.room.forwarder.want(seat, wanted))
        else:
            await self.renew(seat)

    async def renew(self, seat: SeatKey) -> None:
        found = self._seat(seat)
        found.generation += 1
        found.down, found.answered = True, False
        slots = slots_of(found.room.limits)
        forwarder = found.room.forwarder
        forwarder.add_viewer(seat, [Sink(seat, slot, Followed()) for slot in slots])
        self._tell(found.room, forwarder.want(seat, found.wanted or Wanted(voices=False)))
        self._emit(DownOffer(seat, Sdp("v=0\r\ns=offer\r\n"), found.generation))

    async def answer(self, seat: SeatKey, answer: Sdp, generation: int | None = None) -> None:
        found = self._seat(seat)
        if not found.down:
            raise NothingOffered
        if found.answered or generation not in (None, found.generation):
            return
        if self._strict:
            check_answer(answer, len(slots_of(found.room.limits)))
        elif not answer.startswith("v=0"):
            raise BadSdp
        found.answered = True
        self.answers[seat] = answer

    async def close_seat(self, seat: SeatKey) -> None:
        found = self._seats.pop(seat, None)
        if found is None:
            return
        found.room.seats.pop(seat, None)
        found.room.forwarder.remove_viewer(seat)
        for kind in sorted(found.flowing):
            self._end(found, seat, kind)

    async def close_room(self, room: RoomKey) -> None:
        held = self._rooms.pop(room, None)
        for seat in list(held.seats) if held is not None else ():
            await self.close_seat(seat)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for room in list(self._rooms):
            await self.close_room(room)
        self._emit(PlaneLost("closed"))
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[PlaneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    # the browsers' part

    def flow(self, seat: SeatKey, kind: Kind) -> None:
        """Packets of this kind begin to arrive; without a grant or a connection they do not."""
        found = self._seat(seat)
        if not found.up or kind in found.flowing or not self._granted(found, kind):
            return
        found.flowing.add(kind)
        self._emit(Published(seat, kind))
        self._tell(found.room, found.room.forwarder.begin(Source(seat, kind), ()))
        if kind == "audio":
            found.room.voices.append(seat)
            self._voices(found.room)

    def stop(self, seat: SeatKey, kind: Kind) -> None:
        """Packets of this kind stop."""
        found = self._seat(seat)
        if kind in found.flowing:
            self._end(found, seat, kind)

    def speak(self, room: RoomKey, seat: SeatKey | None) -> None:
        """This seat has the turn (None: silence)."""
        self._rooms[room].speaking = seat
        self._emit(Speaking(room, seat))

    def lose(self, seat: SeatKey, which: Which) -> None:
        """A connection fails."""
        found = self._seat(seat)
        if which == "up":
            found.up = False
            for kind in sorted(found.flowing):
                self._end(found, seat, kind)
        else:
            found.down = False
        self._emit(SeatLost(seat, which))

    def grade(self, event: Quality) -> None:
        """A connection's quality changes."""
        self._emit(event)

    def lose_all(self, reason: str) -> None:
        """The plane dies."""
        self._closed = True
        self._emit(PlaneLost(reason))
        self._events.put_nowait(None)

    # inside

    def _end(self, found: _Seat, seat: SeatKey, kind: Kind) -> None:
        found.flowing.discard(kind)
        self._emit(Unpublished(seat, kind))
        self._tell(found.room, found.room.forwarder.end(Source(seat, kind)))
        if kind == "audio":
            found.room.voices.remove(seat)
            self._voices(found.room)

    def _voices(self, room: _Room) -> None:
        places = room.limits.voices + 1
        self._tell(room, room.forwarder.set_voices(tuple(room.voices[:places])))

    def _granted(self, seat: _Seat, kind: Kind) -> bool:
        grants = seat.grants
        if kind == "audio":
            return grants.publish_audio
        return grants.publish_video if kind == "video" else grants.share

    def _tell(self, room: _Room, viewers: set[SeatKey]) -> None:
        for viewer in sorted(viewers):
            self._emit(SlotsChanged(viewer, room.forwarder.filling(viewer)))

    def _seat(self, seat: SeatKey) -> _Seat:
        found = self._seats.get(seat)
        if found is None:
            raise UnknownSeat
        return found

    def _emit(self, event: PlaneEvent) -> None:
        self._events.put_nowait(event)
