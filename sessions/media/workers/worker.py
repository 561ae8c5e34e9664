"""Inside a worker process: a LocalPlane that does what comes over the wire.

Calls begin in the order they came and may end in another. What a call has caused is told before
its answer, as with a plane in the same process.
"""

import asyncio
import signal
import socket
from typing import Any

import structlog

from server.kit.clock import Clock
from server.kit.errors import DomainError
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.workers import codec
from sessions.media.workers.codec import Refused
from sessions.media.workers.wire import Message, TooLong, Wire

log = structlog.get_logger("media")

DESERTED_S = 30
"""Seconds without a word from the main process (alive, but hung) after which a worker ends.

Long, because pages that hang are no reason to cut off a clinic. When the main process has died,
the socket closes and the worker ends at once.
"""
LAST_S = 5
"""Seconds the closing may take."""


async def work(sock: socket.socket, clock: Clock) -> None:
    """Serve the main process at the other end of `sock` until it hangs up or says `close`.

    The kernel ends this process (SIGALRM) when it hangs with nobody left to notice.
    """
    await _Worker(clock).run(sock)


class _Worker:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._plane: LocalPlane | None = None
        self._over = asyncio.Event()
        self._calls: set[asyncio.Task[None]] = set()
        self._wire = Wire(self._take, self._hung_up)
        self._tasks: asyncio.TaskGroup

    async def run(self, sock: socket.socket) -> None:
        signal.alarm(DESERTED_S)
        async with asyncio.TaskGroup() as self._tasks:
            await self._wire.open(sock)
            await self._over.wait()
            signal.alarm(LAST_S)
            for call in list(self._calls):
                call.cancel()
            if self._plane is not None:
                await self._plane.close()
        self._wire.finish()

    def _hung_up(self, _reason: str) -> None:
        self._over.set()

    def _take(self, message: Message) -> None:
        if self._over.is_set():
            return
        signal.alarm(DESERTED_S)
        if message.keys() == {"beat"}:
            self._wire.send(message)
        elif message.keys() == {"ask", "call", "with"} and type(message["ask"]) is int:
            task = self._tasks.create_task(self._do(message))
            self._calls.add(task)
            task.add_done_callback(self._calls.discard)
        elif message == {"close": True}:
            self._over.set()
        else:
            raise Refused("message")

    async def _do(self, message: Message) -> None:
        answer: Message = {"answer": message["ask"]}
        try:
            answer["is"] = codec.pack(await self._call(message["call"], message["with"]))
        except DomainError as error:
            answer["error"] = codec.pack_error(error)
        except Refused:
            answer["failed"] = "refused"
        except Exception as error:  # noqa: BLE001 -- told to the asker by its type, as the log is
            log.error("media call failed", error=type(error).__name__)
            answer["failed"] = type(error).__name__
        # What the call has caused woke the teller before this task gives up its turn: it is first.
        await asyncio.sleep(0)
        self._wire.send(answer)

    async def _call(self, call: Any, values: Any) -> Any:
        if call == "start":
            return await self._start(values)
        if not isinstance(call, str):
            raise Refused("call")
        arguments = codec.unpack_arguments(call, values)
        if self._plane is None:
            raise Refused("not started")
        return await getattr(self._plane, call)(*arguments)

    async def _start(self, values: Any) -> dict[str, Any]:
        """Open the media port; say which, or what stands in the way."""
        if self._plane is not None or not isinstance(values, list) or len(values) != 1:
            raise Refused("start")
        settings: MediaSettings = codec.unpack(MediaSettings, values[0])
        try:
            self._plane = await LocalPlane.start(settings, self._clock)
        except (OSError, RuntimeError) as error:
            return {"port": None, "why": getattr(error, "strerror", None) or str(error)}
        self._tasks.create_task(self._tell(self._plane))
        return {"port": self._plane.port, "why": ""}

    async def _tell(self, plane: LocalPlane) -> None:
        async for event in plane.events():
            try:
                self._wire.send({"event": codec.pack_event(event)})
            except TooLong:
                log.error("media event too long", event_name=type(event).__name__)
