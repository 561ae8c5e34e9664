"""The media plane in this process."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from server.kit.clock import Clock
from sessions.media import guard
from sessions.media.dataplane.choice import Backend, make_plane
from sessions.media.engine import MediaEngine
from sessions.media.mux import UdpMux
from sessions.media.plane import (
    Grants,
    Limits,
    PlaneEvent,
    RoomKey,
    Sdp,
    SeatKey,
    Wanted,
)


@dataclass(frozen=True)
class MediaSettings:
    """Where media is received and sent."""

    port: int = 0
    """UDP port for everybody; 0 takes any free one."""
    addresses: tuple[str, ...] = ()
    """What browsers are told to send to; none means every interface's address and 127.0.0.1."""
    backend: Backend = "auto"


class LocalPlane:
    """`MediaPlane` on a `MediaEngine`. Make one with `start`, end it with `close`."""

    def __init__(self, engine: MediaEngine, mux: UdpMux) -> None:
        self._engine = engine
        self._mux = mux

    @classmethod
    async def start(cls, settings: MediaSettings, clock: Clock) -> "LocalPlane":
        """Bind the media port and begin.

        Raises mux.PortBusy, guard.WrongUpstream, choice.NotCompiled.
        """
        guard.install()
        plane = make_plane(settings.backend, clock)
        mux = UdpMux(plane)
        mux.open(settings.port, settings.addresses)
        engine = MediaEngine(mux, plane, clock)
        engine.start()
        return cls(engine, mux)

    @property
    def port(self) -> int:
        """The UDP port in use."""
        return self._mux.port

    async def open_room(self, room: RoomKey, limits: Limits) -> None:
        self._engine.open_room(room, limits)

    async def open_seat(self, room: RoomKey, seat: SeatKey, grants: Grants) -> None:
        self._engine.open_seat(room, seat, grants)

    async def publish(self, seat: SeatKey, offer: Sdp) -> Sdp:
        return await self._engine.publish(seat, offer)

    async def subscribe(self, seat: SeatKey, wanted: Wanted) -> None:
        await self._engine.subscribe(seat, wanted)

    async def renew(self, seat: SeatKey) -> None:
        await self._engine.renew(seat)

    async def answer(self, seat: SeatKey, answer: Sdp, generation: int | None = None) -> None:
        await self._engine.answer(seat, answer, generation)

    async def close_seat(self, seat: SeatKey) -> None:
        await self._engine.close_seat(seat)

    async def close_room(self, room: RoomKey) -> None:
        await self._engine.close_room(room)

    async def close(self) -> None:
        await self._engine.close("closed")

    def events(self) -> AsyncIterator[PlaneEvent]:
        return self._engine.events()
