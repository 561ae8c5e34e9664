"""Our own server: `LocalPlane` in a process that takes one JSON request a line on standard input.

Run as a module it is that process.
"""

import asyncio
import contextlib
import json
import sys
from collections import defaultdict

from server.kit.clock import SystemClock
from server.kit.errors import DomainError
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.plane import (
    DownOffer,
    Grants,
    Limits,
    RoomKey,
    SeatKey,
    SeatLost,
    Source,
    Wanted,
)
from tests.bench.media.server import Broken, Invitation, Unavailable, end

ROOM = RoomKey("room")
LONGEST_LINE = 1 << 20


class Ours:
    """The load's end of the pipe."""

    def __init__(self, backend: str, addresses: tuple[str, ...]) -> None:
        self._backend, self._addresses = backend, addresses
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()
        self._publishers = self._viewers = 0

    async def start(self) -> None:
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-m", __name__, self._backend, *self._addresses),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
        )
        self.pid = self._process.pid
        refusal = (await self._read()).get("refusal")
        if refusal is not None:
            raise Unavailable(refusal)

    async def publish(self, offer: str) -> str:
        self._publishers += 1
        return (await self._ask("publish", f"speaker-{self._publishers}", offer))["sdp"]

    async def invite(self) -> Invitation:
        self._viewers += 1
        seat = f"viewer-{self._viewers}"
        return Invitation(seat, (await self._ask("invite", seat))["sdp"])

    async def answer(self, ticket: str, answer: str) -> None:
        await self._ask("answer", ticket, answer)

    async def leave(self, ticket: str) -> None:
        await self._ask("leave", ticket)

    async def stop(self) -> None:
        if self._process is not None:
            self._process.stdin.close()
        await end(self._process)

    async def _ask(self, deed: str, seat: str, sdp: str = "") -> dict:
        async with self._turn:
            line = json.dumps({"deed": deed, "seat": seat, "sdp": sdp})
            self._process.stdin.write(line.encode() + b"\n")
            return await self._read()

    async def _read(self) -> dict:
        line = await self._process.stdout.readline()
        if not line:
            message = f"our server ({self._backend}) has ended: see its words above"
            raise Broken(message)
        return json.loads(line)


class _House:
    """The plane and what it says."""

    def __init__(self, plane: LocalPlane) -> None:
        self._plane = plane
        self._speakers: list[SeatKey] = []
        self._offers: dict[SeatKey, asyncio.Queue[DownOffer]] = defaultdict(asyncio.Queue)

    async def listen(self) -> None:
        async for event in self._plane.events():
            if isinstance(event, DownOffer):
                self._offers[event.seat].put_nowait(event)
            elif isinstance(event, SeatLost):
                print(f"the plane lost {event.seat} ({event.which})", file=sys.stderr)

    async def take(self, deed: str, seat: SeatKey, sdp: str) -> dict:
        plane = self._plane
        if deed == "publish":
            await plane.open_seat(ROOM, seat, Grants())
            self._speakers.append(seat)
            return {"sdp": await plane.publish(seat, sdp)}
        if deed == "invite":
            await plane.open_seat(ROOM, seat, Grants())
            wanted = tuple(Source(speaker, "video") for speaker in self._speakers)
            await plane.subscribe(seat, Wanted(wanted))
            return {"sdp": (await self._offers[seat].get()).sdp}
        if deed == "answer":
            await plane.answer(seat, sdp)
        elif deed == "leave":
            await plane.close_seat(seat)
            self._offers.pop(seat, None)
        return {}


def _say(reply: dict) -> None:
    print(json.dumps(reply), flush=True)


async def _start(backend: str, addresses: tuple[str, ...]) -> LocalPlane:
    try:
        settings = MediaSettings(addresses=addresses, backend=backend)
    except TypeError:
        if backend != "pure":
            message = f"this version has no {backend} backend"
            raise Unavailable(message) from None
        settings = MediaSettings(addresses=addresses)
    return await LocalPlane.start(settings, SystemClock())


async def serve(backend: str, addresses: tuple[str, ...]) -> None:
    """Be the server until standard input ends."""
    try:
        plane = await _start(backend, addresses)
    except (Unavailable, DomainError, ImportError, OSError, ValueError) as error:
        _say({"refusal": f"{type(error).__name__}: {error}"})
        return
    # One voice more than a clinic forwards, so that four publishers are four voices everywhere.
    await plane.open_room(ROOM, Limits(seats=2_000, voices=4))
    house = _House(plane)
    loop = asyncio.get_running_loop()
    listening = loop.create_task(house.listen())
    reader = asyncio.StreamReader(limit=LONGEST_LINE)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    _say({})
    while line := await reader.readline():
        request = json.loads(line)
        _say(await house.take(request["deed"], SeatKey(request["seat"]), request["sdp"]))
    await plane.close()
    await listening


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):  # the load, which hears it too, cleans up
        asyncio.run(serve(sys.argv[1], tuple(sys.argv[2:])))
