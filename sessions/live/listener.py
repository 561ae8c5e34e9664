"""What the media plane reports, brought to rooms and browsers."""

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
    """The plane's one reader."""

    def __init__(self, plane: MediaPlane, rooms: Rooms, sockets: Sockets) -> None:
        self._plane = plane
        self._rooms = rooms
        self._sockets = sockets
        self._grades: dict[SeatId, dict[str, Grade]] = {}

    async def run(self) -> None:
        """Read until the plane is closed."""
        async for event in self._plane.events():
            try:
                await self._take(event)
            except DomainError as error:
                # A seat that left while its event was on the way: nothing to do.
                log.debug("media event too late", code=error.code)

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
                await self._rooms.heard(SessionId(event.room), seat)
            case Quality():
                await self._fares(event)
            case PlaneLost():
                await self._rooms.media_down()
            case Published() | Unpublished():
                pass  # browsers say themselves what they send (SetMedia), also before it flows
            case _:
                assert_never(event)

    async def _fares(self, event: Quality) -> None:
        """Show the worse of a seat's two connections."""
        seat = SeatId(event.seat)
        both = self._grades.setdefault(seat, {})
        both[event.which] = Grade(event.grade)
        worst = next(grade for grade in _WORST_FIRST if grade in both.values())
        await self._rooms.fares(seat, worst)
