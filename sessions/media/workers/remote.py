"""One worker process as the main process sees it: started, asked, watched, killed."""

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from server.kit.errors import Conflict
from sessions.media.local import MediaSettings
from sessions.media.plane import BadSdp, PlaneEvent
from sessions.media.workers import codec
from sessions.media.workers.codec import Refused
from sessions.media.workers.wire import Message, TooLong, Wire

log = structlog.get_logger("media")

START_S = 30.0
"""Seconds a process may take until its port is open; a crowded machine imports slowly."""
BEAT_S = 0.5
MISSED = 6
"""Beats without a word from the worker after which it counts as hung: three seconds."""
CLOSE_S = 0.8
KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH")
"""Of our environment, nothing else: a worker reads strangers' datagrams and needs no secret."""


class CannotStart(RuntimeError):
    """The worker cannot begin; the text is a sentence that says what to do."""


class WorkerGone(Conflict):
    """The worker died before it answered; its rooms are being opened elsewhere."""

    default_code = "media.away"


class CallFailed(RuntimeError):
    """The call raised something nobody foresaw in the worker; the text is the error's type."""


class Remote:
    """A running worker. Make one with `start`; `kill` or `close` ends it."""

    def __init__(
        self,
        process: asyncio.subprocess.Process,
        settings: MediaSettings,
        on_event: Callable[[PlaneEvent], None],
    ) -> None:
        self._process = process
        self.settings = settings
        self.port = 0
        self._on_event = on_event
        self._wire = Wire(self._take, self._hung_up)
        self._number = 0
        self._asked: dict[int, asyncio.Future[Any]] = {}
        self._heard = False
        self._gone: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        settings: MediaSettings,
        on_event: Callable[[PlaneEvent], None],
    ) -> "Remote":
        """Start the process and open its port. Raises CannotStart, WorkerGone, TimeoutError."""
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                process = await asyncio.create_subprocess_exec(
                    *command,
                    stdin=theirs.fileno(),
                    stdout=asyncio.subprocess.DEVNULL,
                    env=_environment(),
                )
            except BaseException:
                ours.close()
                raise
        worker = cls(process, settings, on_event)
        try:
            await worker._open(ours)
        except BaseException:
            await worker.kill()
            raise
        return worker

    async def _open(self, sock: socket.socket) -> None:
        await self._wire.open(sock)
        async with asyncio.timeout(START_S):
            began = await self._ask("start", [codec.pack(self.settings)])
        if not isinstance(began, dict) or type(began.get("port")) is not int:
            why = began.get("why") if isinstance(began, dict) else None
            raise CannotStart(str(why))
        self.port = began["port"]

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    # asking

    async def ask(self, call: str, *arguments: object) -> Any:
        """Return what `MediaPlane.<call>` returns; raises what it raises, or WorkerGone."""
        answer = await self._ask(call, codec.pack(arguments))
        try:
            return codec.unpack_result(call, answer)
        except Refused as error:
            self._hang_up("refused: result")
            raise WorkerGone from error

    def post(self, call: str, *arguments: object) -> None:
        """Ask without waiting; what is asked for next comes behind it."""
        self._ask(call, codec.pack(arguments)).add_done_callback(_log_failure)

    def _ask(self, call: str, arguments: list[Any]) -> asyncio.Future[Any]:
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._number += 1
        if self._gone.done():
            answer.set_exception(WorkerGone())
            return answer
        try:
            self._wire.send({"ask": self._number, "call": call, "with": arguments})
        except TooLong:
            # Only a session description can be that long.
            answer.set_exception(BadSdp("media.sdp_too_long"))
            return answer
        self._asked[self._number] = answer
        return answer

    def _take(self, message: Message) -> None:
        self._heard = True
        if "event" in message:
            self._on_event(codec.unpack_event(message["event"]))
        elif "answer" in message:
            self._answered(message)
        elif message.keys() != {"beat"}:
            raise Refused("message")

    def _answered(self, message: Message) -> None:
        number = message["answer"]
        if type(number) is not int or number not in self._asked:
            raise Refused("answer")
        answer = self._asked.pop(number)
        if answer.done():
            return  # whoever asked has gone away
        if "error" in message:
            answer.set_exception(codec.unpack_error(message["error"]))
        elif "failed" in message:
            answer.set_exception(CallFailed(str(message["failed"])))
        else:
            answer.set_result(message.get("is"))

    # life and death

    async def watch(self) -> str:
        """Return why the worker is over: it ended, or it hangs. It must be killed then."""
        silent = 0
        while not self._gone.done():
            self._wire.send({"beat": silent})
            await asyncio.wait({self._gone}, timeout=BEAT_S)
            # Beats are counted, not seconds: this process may have been asleep itself.
            silent, self._heard = (0 if self._heard else silent + 1), False
            if silent >= MISSED:
                self._hang_up("hung")
        return self._gone.result()

    def _hung_up(self, reason: str) -> None:
        if not self._gone.done():
            self._gone.set_result(reason)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(WorkerGone())
        self._asked.clear()

    def _hang_up(self, reason: str) -> None:
        self._wire.end(reason)

    async def kill(self) -> None:
        """End the process now, whatever it does, and wait until its port is free."""
        self._hang_up("killed")
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        buried = asyncio.get_running_loop().create_task(self._process.wait())
        try:
            await asyncio.shield(buried)
        except asyncio.CancelledError:
            # Who closes the plane meanwhile waits as well: nothing of a worker is left behind.
            await buried
            raise

    async def close(self) -> None:
        """Let the worker end its rooms; within a second it is gone in any case."""
        if not self._gone.done():
            self._wire.send({"close": True})
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), CLOSE_S)
        await self.kill()


def _environment() -> dict[str, str]:
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    # The very modules this process runs on, wherever it was started.
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}


def _log_failure(answer: asyncio.Future[Any]) -> None:
    error = None if answer.cancelled() else answer.exception()
    if error is not None and not isinstance(error, WorkerGone):
        log.error("media call failed", error=type(error).__name__)
