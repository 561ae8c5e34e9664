"""What the media plane reports, brought to rooms and browsers."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import assert_never

import structlog

from server.kit.errors import DomainError
from server.kit.ids import SeatId, SessionId
from sessions.live.conductor import Sockets
from sessions.live.directory import Rooms
from sessions.live.messages import Grade
from sessions.media.plane import (
    DownOffer,
    MediaPlane,
    PlaneEvent,
    PlaneLost,
    Published,
    Quality,
    SeatLost,
    SlotsChanged,
    Speaking,
    Unpublished,
)

log = structlog.get_logger("live")
_WORST_FIRST = (Grade.POOR, Grade.FAIR, Grade.GOOD)


class Listener:
    """The plane's one reader.

    What browsers wait for (offers, slots) goes out at once. What a room is told waits for the
    room's turn, so it goes another way; of who speaks and how a seat fares only the latest counts.
    """

    def __init__(self, plane: MediaPlane, rooms: Rooms, sockets: Sockets) -> None:
        self._plane = plane
        self._rooms = rooms
        self._sockets = sockets
        self._grades: dict[SeatId, dict[str, Grade]] = {}
        self._notes: dict[str, Callable[[], Awaitable[None]]] = {}
        self._noted = asyncio.Event()
        self._over = False

    async def run(self) -> None:
        """Read until the plane is closed."""
        await asyncio.gather(self._read(), self._tell_rooms())

    async def _read(self) -> None:
        async for event in self._plane.events():
            await _whatever_happens(self._take(event))
        self._over = True
        self._noted.set()

    def _note(self, about: str, deed: Callable[[], Awaitable[None]]) -> None:
        self._notes[about] = deed
        self._noted.set()

    async def _tell_rooms(self) -> None:
        while True:
            await self._noted.wait()
            self._noted.clear()
            while self._notes:
                await _whatever_happens(self._notes.pop(next(iter(self._notes)))())
            if self._over:
                return

    async def _take(self, event: PlaneEvent) -> None:
        match event:
            case DownOffer():
                await self._sockets.tell(
                    SeatId(event.seat),
                    "media:offer",
                    {"sdp": event.sdp, "generation": event.generation},
                )
            case SlotsChanged():
                slots = {
                    filling.slot: {"seat": filling.source.seat, "kind": filling.source.kind}
                    for filling in event.slots
                }
                await self._sockets.tell(SeatId(event.seat), "media:slots", {"slots": slots})
            case SeatLost():
                await self._sockets.tell(SeatId(event.seat), "media:lost", {"which": event.which})
            case Speaking():
                seat = SeatId(event.seat) if event.seat is not None else None
                room = SessionId(event.room)
                self._note(f"speaker {room}", lambda: self._rooms.heard(room, seat))
            case Quality():
                self._fares(event)
            case PlaneLost():
                self._note("plane", self._rooms.media_down)
            case Published() | Unpublished():
                pass  # browsers say themselves what they send (SetMedia), also before it flows
            case _:
                assert_never(event)

    def _fares(self, event: Quality) -> None:
        """Show the worse of a seat's two connections."""
        seat = SeatId(event.seat)
        both = self._grades.setdefault(seat, {})
        both[event.which] = Grade(event.grade)
        worst = next(grade for grade in _WORST_FIRST if grade in both.values())
        self._note(f"grade {seat}", lambda: self._rooms.fares(seat, worst))


async def _whatever_happens(deed: Awaitable[None]) -> None:
    """Do it; what goes wrong with one event must not cost the room all that follow."""
    try:
        await deed
    except DomainError as error:
        # A seat that left while its event was on the way: nothing to do.
        log.debug("media event too late", code=error.code)
    except Exception as error:  # noqa: BLE001 -- logged by type; the next event is for somebody else
        log.error("media event failed", error=type(error).__name__)
