"""Rooms and seats: the wiring of uplink → forwarder → downlinks, and the clockwork behind it."""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Coroutine
from typing import Any

from server.kit.clock import Clock
from sessions.media import guard
from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.flow import Stream
from sessions.media.downlink import Downlink
from sessions.media.forwarding import Forwarder
from sessions.media.layers import Budget, Offer, needed, share_out
from sessions.media.mux import UdpMux
from sessions.media.negotiation import Link
from sessions.media.plane import (
    DownOffer,
    Grade,
    Grants,
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
from sessions.media.sdp import check_offer, slots_of
from sessions.media.speaker import Speakers
from sessions.media.uplink import SILENT_S, Track, Uplink

log = logging.getLogger(__name__)

TICK_S = 0.1
NEW_S = 1.5


class _Tasks:
    """The engine's own tasks: held until they end, logged when they fail, gone at `close`."""

    def __init__(self) -> None:
        self._running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("media: a task failed (%s)", type(error).__name__, exc_info=error)

    async def close(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class _Seat:
    def __init__(self, key: SeatKey, room: "_Room", grants: Grants) -> None:
        self.key = key
        self.room = room
        self.grants = grants
        self.lock = asyncio.Lock()
        self.up: Uplink | None = None
        self.down: Downlink | None = None
        self.generation = 0
        self.wanted: Wanted | None = None
        self.budget = Budget()
        self.grades: dict[Which, Grade] = {"up": "good", "down": "good"}


class _Room:
    def __init__(self, key: RoomKey, limits: Limits) -> None:
        self.key = key
        self.limits = limits
        self.slots = slots_of(limits)
        self.seats: dict[SeatKey, _Seat] = {}
        self.forwarder: Forwarder = Forwarder()
        # One more than a viewer's slots: a speaker does not hear themself.
        self.speakers = Speakers(limits.voices + 1)
        self.speaking: SeatKey | None = None
        self.new_until = 0.0
        """A source began a moment ago: its sizes are looked at more often than once a second."""


class MediaEngine:
    """All rooms of this process. One event loop, one UDP port."""

    def __init__(self, mux: UdpMux, plane: DataPlane, clock: Clock) -> None:
        self._mux = mux
        self._plane = plane
        self._monotonic = clock.monotonic
        self._wall = lambda: clock.now().timestamp()
        self._rooms: dict[RoomKey, _Room] = {}
        self._seats: dict[SeatKey, _Seat] = {}
        self._tasks = _Tasks()
        self._events: asyncio.Queue[PlaneEvent | None] = asyncio.Queue()
        self._closed = False

    def start(self) -> None:
        """Begin; the mux must be open."""
        guard.install()
        self._tasks.start(self._run())

    # the protocol (plane.py)

    def open_room(self, key: RoomKey, limits: Limits) -> None:
        self._rooms.setdefault(key, _Room(key, limits))

    def open_seat(self, room_key: RoomKey, key: SeatKey, grants: Grants) -> None:
        room = self._rooms.get(room_key)
        if room is None:
            raise UnknownRoom
        seat = self._seats.get(key)
        if seat is None:
            if len(room.seats) >= room.limits.seats:
                raise RoomFull
            seat = room.seats[key] = self._seats[key] = _Seat(key, room, grants)
        elif seat.room is not room:
            raise SeatElsewhere
        seat.grants = grants
        if seat.up is not None:
            seat.up.grant(grants)
            for track in seat.up.tracks:
                if track.flowing and not seat.up.granted(track.kind):
                    self._stop(seat, track)

    async def publish(self, key: SeatKey, offer: Sdp) -> Sdp:
        seat = self._seat(key)
        checked = check_offer(offer)
        async with seat.lock:
            link = Link(self._mux, self._plane, self._monotonic)
            up = Uplink(link, checked, seat.room.limits, self._monotonic, self._wall)
            up.grant(seat.grants)
            up.on_attention = lambda track: self._attend(seat, track)
            up.on_report = lambda *report: self._report(seat, *report)
            answer = await up.open()
            if self._seats.get(key) is not seat:
                await up.close()
                raise UnknownSeat
            before, seat.up = seat.up, up
            if before is not None:
                self._silence(seat, before)
                await before.close()
            return answer

    async def subscribe(self, key: SeatKey, wanted: Wanted) -> None:
        seat = self._seat(key)
        seat.wanted = wanted
        async with seat.lock:
            if seat.down is None:
                await self._renew(seat)
            else:
                self._wish(seat)

    async def renew(self, key: SeatKey) -> None:
        seat = self._seat(key)
        async with seat.lock:
            await self._renew(seat)

    async def _renew(self, seat: _Seat) -> None:
        before, room = seat.down, seat.room
        seat.generation += 1
        down = Downlink(
            seat.key,
            seat.generation,
            Link(self._mux, self._plane, self._monotonic),
            self._plane,
            room.slots,
            first=lambda: secrets.randbits(31),
            monotonic=self._monotonic,
        )
        down.on_connected = lambda: self._ask(room)
        down.on_keyframe = lambda sink: self._ask_for(room, sink.source, sink.layer)
        offer = await down.open()
        if self._seats.get(seat.key) is not seat:
            await down.close()
            raise UnknownSeat
        seat.down, seat.budget = down, Budget()
        room.forwarder.add_viewer(seat.key, down.sinks)
        self._wish(seat)
        self._emit(DownOffer(seat.key, offer, down.generation))
        if before is not None:
            await before.close()

    async def answer(self, key: SeatKey, answer: Sdp, generation: int | None) -> None:
        seat = self._seat(key)
        async with seat.lock:
            down = seat.down
            if down is None:
                raise NothingOffered
            if down.answered or generation not in (None, down.generation):
                return
            await down.accept(answer)

    async def close_seat(self, key: SeatKey) -> None:
        seat = self._seats.pop(key, None)
        if seat is None:
            return
        room = seat.room
        room.seats.pop(key, None)
        room.forwarder.remove_viewer(key)
        up, down, seat.up, seat.down = seat.up, seat.down, None, None
        if up is not None:
            self._silence(seat, up)
            await up.close()
        if down is not None:
            await down.close()

    async def close_room(self, key: RoomKey) -> None:
        room = self._rooms.pop(key, None)
        if room is not None:
            await asyncio.gather(*(self.close_seat(seat) for seat in list(room.seats)))

    async def close(self, reason: str) -> None:
        if self._closed:
            return
        self._closed = True
        await asyncio.gather(*(self.close_room(room) for room in list(self._rooms)))
        await self._tasks.close()
        self._mux.close()
        self._events.put_nowait(PlaneLost(reason))
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[PlaneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    # packets

    def _attend(self, seat: _Seat, track: Track) -> None:
        now = self._monotonic()
        if not track.flowing and track.has_begun():
            self._begin(seat, track, now)
        elif track.kind == "audio":
            self._choose(seat.room, now)

    def _report(self, seat: _Seat, track: Track, stream: Stream, ntp: int, timestamp: int) -> None:
        for sink in seat.room.forwarder.sinks(Source(seat.key, track.kind)):
            viewer = self._seats.get(sink.viewer)
            # While a layer is being changed the numbers of neither are sure.
            mine = track.streams[sink.layer] is stream and not sink.out.changing
            if viewer is not None and viewer.down is not None and mine:
                viewer.down.report(sink, ntp, timestamp)

    # sources come and go

    def _begin(self, seat: _Seat, track: Track, now: float) -> None:
        room, source = seat.room, Source(seat.key, track.kind)
        track.flowing = True
        room.new_until = now + NEW_S
        self._emit(Published(seat.key, track.kind))
        self._tell(room, room.forwarder.begin(source, track.streams))
        if track.kind == "audio":
            room.speakers.add(seat.key, lambda: track.voice, now)
            self._choose(room, now)
        self._ask(room)

    def _stop(self, seat: _Seat, track: Track) -> None:
        room, source = seat.room, Source(seat.key, track.kind)
        track.flowing = False
        track.rest()
        self._emit(Unpublished(seat.key, track.kind))
        self._tell(room, room.forwarder.end(source))
        if track.kind == "audio":
            room.speakers.remove(seat.key, self._monotonic())
            self._choose(room, self._monotonic())

    def _silence(self, seat: _Seat, up: Uplink) -> None:
        for track in up.tracks:
            if track.flowing:
                self._stop(seat, track)

    def _choose(self, room: _Room, now: float) -> None:
        room.speakers.choose(now)
        chosen = room.speakers.chosen
        self._tell(room, room.forwarder.set_voices(chosen))
        for seat in room.seats.values():
            for track in seat.up.tracks if seat.up is not None else ():
                # Who is not heard yet is listened for; for others every tenth of a second will do.
                if track.kind == "audio":
                    track.watch(seat.key not in chosen)
        if room.speakers.speaker != room.speaking:
            room.speaking = room.speakers.speaker
            self._emit(Speaking(room.key, room.speaking))

    def _wish(self, seat: _Seat) -> None:
        wanted = seat.wanted or Wanted(voices=False)
        self._tell(seat.room, seat.room.forwarder.want(seat.key, wanted))
        self._ask(seat.room)

    def _tell(self, room: _Room, viewers: set[SeatKey]) -> None:
        for viewer in viewers:
            self._emit(SlotsChanged(viewer, room.forwarder.filling(viewer)))

    def _ask(self, room: _Room) -> None:
        for source, layer in room.forwarder.waiting():
            self._ask_for(room, source, layer)

    def _ask_for(self, room: _Room, source: Source | None, layer: int) -> None:
        seat = room.seats.get(source.seat) if source is not None else None
        if seat is None or seat.up is None or source is None:
            return
        for track in seat.up.tracks:
            if track.kind == source.kind and track.kind != "audio":
                seat.up.ask_keyframe(track.layers[layer], self._monotonic())

    def _allot(self, seat: _Seat) -> None:
        """Choose the layer of each picture this viewer gets."""
        if seat.down is None:
            return
        forwarder = seat.room.forwarder
        sources = forwarder.pictures(seat.key)
        shares = share_out(seat.budget.kbps, self._offers(seat, sources))
        self._tell(seat.room, forwarder.share(seat.key, dict(zip(sources, shares, strict=True))))

    def _offers(self, seat: _Seat, sources: list[Source]) -> list[Offer]:
        large = (seat.wanted or Wanted()).large
        offers, cameras = [], 0
        for source in sources:
            cameras += source.kind == "video"
            offers.append(
                Offer(self._rates(seat.room, source), source.kind == "share" or cameras <= large)
            )
        return offers

    def _rates(self, room: _Room, source: Source) -> tuple[int, ...]:
        publisher = room.seats.get(source.seat)
        for track in publisher.up.tracks if publisher is not None and publisher.up else ():
            if track.kind == source.kind:
                return tuple(max(1, layer.kbps) if layer.flows else 0 for layer in track.layers)
        return (0,)

    # clockwork

    async def _run(self) -> None:
        beat = 0
        while True:
            await asyncio.sleep(TICK_S)
            beat += 1
            now = self._monotonic()
            for room in list(self._rooms.values()):
                for seat in list(room.seats.values()):
                    self._tick(seat, now)
                    if beat % 10 == 0:
                        self._second(seat, now)
                    elif now < room.new_until:
                        self._allot(seat)
                self._choose(room, now)
                self._ask(room)

    def _tick(self, seat: _Seat, now: float) -> None:
        if seat.up is not None:
            if seat.up.stage == "gone":
                self._lose_up(seat, seat.up)
            else:
                seat.up.tick(now)
                for track in seat.up.tracks:
                    if track.flowing and now - track.heard_at > SILENT_S:
                        self._stop(seat, track)
        if seat.down is not None:
            if seat.down.stage == "gone":
                self._lose_down(seat, seat.down)
            else:
                seat.down.refresh()

    def _second(self, seat: _Seat, now: float) -> None:
        if seat.up is not None:
            if seat.up.second(now):
                log.warning("media: a publisher floods the server and is cut off")
                self._lose_up(seat, seat.up)
            else:
                self._grade(seat, "up", seat.up.loss, None)
        down = seat.down
        if down is not None:
            down.second()
            self._grade(seat, "down", down.loss, down.rtt)
            offers = self._offers(seat, seat.room.forwarder.pictures(seat.key))
            seat.budget.observe(down.loss, down.remb_kbps, down.sent_kbps, needed(offers), now)
            self._allot(seat)

    def _grade(self, seat: _Seat, which: Which, loss: float, rtt: float | None) -> None:
        grade: Grade = "good"
        if loss > 0.10 or (rtt or 0) > 0.8:
            grade = "poor"
        elif loss > 0.03 or (rtt or 0) > 0.4:
            grade = "fair"
        if grade != seat.grades[which]:
            seat.grades[which] = grade
            ms = round(rtt * 1_000) if rtt is not None else None
            self._emit(Quality(seat.key, which, grade, round(loss * 100), ms))

    def _lose_up(self, seat: _Seat, up: Uplink) -> None:
        seat.up = None
        self._silence(seat, up)
        self._tasks.start(up.close())
        self._emit(SeatLost(seat.key, "up"))

    def _lose_down(self, seat: _Seat, down: Downlink) -> None:
        seat.down = None
        down.silence()
        self._tasks.start(down.close())
        self._emit(SeatLost(seat.key, "down"))

    # small things

    def _seat(self, key: SeatKey) -> _Seat:
        seat = self._seats.get(key)
        if seat is None:
            raise UnknownSeat
        return seat

    def _emit(self, event: PlaneEvent) -> None:
        self._events.put_nowait(event)
