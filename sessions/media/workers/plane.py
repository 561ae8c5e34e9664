"""The media plane on worker processes: rooms are spread over them and outlive them.

Rooms, seats and wishes are kept here as well (`register`). When a worker ends or hangs, its rooms
are opened again on another one, or on its successor. Whoever published hears `SeatLost` and
publishes again; whoever received gets a fresh `DownOffer`. Nobody above needs to know.
"""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator, Sequence

import structlog

from server.kit.clock import Clock
from sessions.media.local import MediaSettings
from sessions.media.plane import (
    Grants,
    Limits,
    PlaneEvent,
    PlaneLost,
    RoomKey,
    Sdp,
    SeatKey,
    SeatLost,
    UnknownSeat,
    Wanted,
)
from sessions.media.workers.register import Register, Room, Seat
from sessions.media.workers.remote import CallFailed, CannotStart, Remote, WorkerGone

log = structlog.get_logger("media")

AWAY_S = 5.0
"""Seconds `publish` waits for a room that is between two workers."""
SHORTEST_DELAY, LONGEST_DELAY = 0.5, 30.0
"""Seconds until a worker that ends again and again is started again, doubled each time."""
SOUND_S = 60.0
"""Seconds after which a worker's end is a first one again; then its start comes without delay."""


class WorkersPlane:
    """`MediaPlane` on worker processes. Make one with `start`, end it with `close`."""

    def __init__(self, command: Sequence[str], clock: Clock) -> None:
        self._command = command
        self._clock = clock
        self._register: Register[Remote] = Register()
        self._workers: list[Remote] = []
        self._housed = asyncio.Event()
        self._keepers: list[asyncio.Task[None]] = []
        self._events: asyncio.Queue[PlaneEvent | None] = asyncio.Queue()
        self._closed = False

    @classmethod
    async def start(
        cls, count: int, settings: MediaSettings, command: Sequence[str], clock: Clock
    ) -> "WorkersPlane":
        """Start `count` workers by `command`, on UDP ports from `settings.port` on.

        Port 0 lets each take any free one. Raises CannotStart.
        """
        plane = cls(command, clock)
        every = [
            dataclasses.replace(settings, port=settings.port and settings.port + number)
            for number in range(count)
        ]
        begun = await asyncio.gather(*map(plane._begin, every), return_exceptions=True)
        failed = [error for error in begun if isinstance(error, BaseException)]
        if failed:
            await plane.close()
            if isinstance(failed[0], (WorkerGone, CallFailed, TimeoutError, OSError)):
                raise CannotStart("a media worker ended before it began; see the log") from failed[
                    0
                ]
            raise failed[0]
        loop = asyncio.get_running_loop()
        plane._keepers = [loop.create_task(plane._keep(worker)) for worker in list(plane._workers)]
        return plane

    @property
    def workers(self) -> tuple[Remote, ...]:
        """The workers that run now."""
        return tuple(self._workers)

    def home(self, room: RoomKey) -> Remote | None:
        """Return the worker the room is on, None when it is on its way to one."""
        held = self._register.rooms.get(room)
        return held.home if held is not None else None

    # the protocol (plane.py)

    async def open_room(self, room: RoomKey, limits: Limits) -> None:
        if room not in self._register.rooms:
            held = self._register.rooms[room] = Room(room, limits)
            self._settle(held)

    async def open_seat(self, room: RoomKey, seat: SeatKey, grants: Grants) -> None:
        found = self._register.open_seat(room, seat, grants)
        await self._see_to(found.room, "open_seat", room, seat, grants)

    async def publish(self, seat: SeatKey, offer: Sdp) -> Sdp:
        found = self._register.seat(seat)
        home = await self._wait_for_home(found)
        found.up = True  # before the answer: who waits for it must hear of a death, too
        answer: Sdp = await home.ask("publish", seat, offer)
        return answer

    async def subscribe(self, seat: SeatKey, wanted: Wanted) -> None:
        found = self._register.seat(seat)
        found.wanted, found.down = wanted, True
        await self._see_to(found.room, "subscribe", seat, wanted)

    async def renew(self, seat: SeatKey) -> None:
        found = self._register.seat(seat)
        found.down = True
        await self._see_to(found.room, "renew", seat)

    async def answer(self, seat: SeatKey, answer: Sdp, generation: int | None = None) -> None:
        found = self._register.seat(seat)
        if generation is not None:
            generation -= found.before
            if generation <= 0:
                return  # to an offer of a worker that is gone
        await self._see_to(found.room, "answer", seat, answer, generation)

    async def close_seat(self, seat: SeatKey) -> None:
        found = self._register.close_seat(seat)
        if found is not None:
            await self._see_to(found.room, "close_seat", seat)

    async def close_room(self, room: RoomKey) -> None:
        found = self._register.close_room(room)
        if found is not None:
            await self._see_to(found, "close_room", room)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        await asyncio.gather(*(worker.close() for worker in self._workers))
        self._events.put_nowait(PlaneLost("closed"))
        self._events.put_nowait(None)

    async def events(self) -> AsyncIterator[PlaneEvent]:
        while (event := await self._events.get()) is not None:
            yield event

    # asking

    async def _see_to(self, room: Room[Remote], call: str, *arguments: object) -> None:
        """Have the room's worker do it. Without one, what is registered is done later."""
        if room.home is not None:
            with contextlib.suppress(WorkerGone):
                await room.home.ask(call, *arguments)

    async def _wait_for_home(self, seat: Seat[Remote]) -> Remote:
        """Return the seat's worker. Raises WorkerGone when there is none for long, UnknownSeat."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(AWAY_S):
                while self._register.seats.get(seat.key) is seat:
                    if seat.room.home is not None:
                        return seat.room.home
                    await self._housed.wait()
                raise UnknownSeat
        raise WorkerGone

    # rooms find homes

    def _settle(self, room: Room[Remote]) -> None:
        """Open the room and its seats on the worker with the fewest seats, if there is one.

        Everything goes out at once and in order: what is asked for next comes behind it.
        """
        home = min(self._workers, key=self._register.load, default=None)
        if home is None:
            return
        room.home = home
        home.post("open_room", room.key, room.limits)
        for seat in room.seats.values():
            home.post("open_seat", room.key, seat.key, seat.grants)
            seat.before = seat.generation
            if seat.wanted is not None:
                home.post("subscribe", seat.key, seat.wanted)
            elif seat.down:
                home.post("renew", seat.key)
            if seat.up:
                seat.up = False
                self._events.put_nowait(SeatLost(seat.key, "up"))

    def _tell(self, event: PlaneEvent) -> None:
        if isinstance(event, PlaneLost):
            return  # one worker's end
        noted = self._register.note(event)
        if noted is not None:
            self._events.put_nowait(noted)

    # workers live and die

    async def _begin(self, settings: MediaSettings) -> Remote:
        """Start a worker; rooms without a home move in. Raises what Remote.start raises."""
        worker = await Remote.start(self._command, settings, self._tell)
        self._workers.append(worker)
        for room in self._register.rooms.values():
            if room.home is None:
                self._settle(room)
        self._housed.set()
        return worker

    async def _keep(self, worker: Remote) -> None:
        """Watch a worker and its successors, for ever."""
        delay = 0.0
        while True:
            began = self._clock.monotonic()
            reason = await worker.watch()
            self._workers.remove(worker)
            if not self._workers:
                self._housed.clear()
            left = self._register.of(worker)
            log.warning("media worker lost", reason=reason, port=worker.port, count=len(left))
            for room in left:
                for event in self._register.bereave(room):
                    self._events.put_nowait(event)
                self._settle(room)
            await worker.kill()
            if self._clock.monotonic() - began > SOUND_S:
                delay = 0.0
            worker, delay = await self._again(worker.settings, delay)
            log.warning("media worker back", port=worker.port)

    async def _again(self, settings: MediaSettings, delay: float) -> tuple[Remote, float]:
        while True:
            await asyncio.sleep(delay)
            try:
                return await self._begin(settings), _longer(delay)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it may be over next time
                log.error(
                    "media worker does not start", error=type(error).__name__, port=settings.port
                )
                delay = _longer(delay)


def _longer(delay: float) -> float:
    return min(max(delay * 2, SHORTEST_DELAY), LONGEST_DELAY)
