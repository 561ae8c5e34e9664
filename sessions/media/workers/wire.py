"""Length-prefixed JSON over a socket between two processes of ours.

A frame is four bytes of length, most significant first, and one JSON object in ASCII. What is not
such a frame ends the wire: the other side is not what it should be.
"""

import asyncio
import json
import socket
from collections.abc import Callable, Mapping
from typing import Any, cast

from sessions.media.workers.codec import Refused

HEAD = 4
LONGEST = 1 << 20
"""Bytes in a frame: a session description of 64 KB with every character escaped fits."""
MOST_UNSENT = 16 << 20
"""Bytes kept for a side that does not read; then the wire ends."""

Message = dict[str, Any]


class TooLong(ValueError):
    """The message does not fit in a frame; nothing was sent."""


def frame(message: Mapping[str, Any]) -> bytes:
    """Return the message as it travels. Raises TooLong."""
    body = json.dumps(message, separators=(",", ":"), allow_nan=False).encode("ascii")
    if len(body) > LONGEST:
        raise TooLong(str(len(body)))
    return len(body).to_bytes(HEAD) + body


def take_frame(buffer: bytearray) -> Message | None:
    """Cut the first whole frame off the buffer; None when there is none yet. Raises Refused."""
    if len(buffer) < HEAD:
        return None
    length = int.from_bytes(buffer[:HEAD])
    if length > LONGEST:
        raise Refused("too long")
    if len(buffer) < HEAD + length:
        return None
    body = bytes(buffer[HEAD : HEAD + length])
    del buffer[: HEAD + length]
    try:
        message = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error
    if not isinstance(message, dict):
        raise Refused("not an object")
    return message


def _no_constant(_name: str) -> None:
    raise Refused("not a number")


class Wire(asyncio.Protocol):
    """One end. `take` gets every message, in order; `gone` is called once, with the reason."""

    def __init__(self, take: Callable[[Message], None], gone: Callable[[str], None]) -> None:
        self._take = take
        self._gone = gone
        self._buffer = bytearray()
        self._transport: asyncio.Transport | None = None
        self._over = False

    async def open(self, sock: socket.socket) -> None:
        """Begin on a connected Unix socket, which belongs to the wire from now on."""
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: self, sock=sock)

    def send(self, message: Mapping[str, Any]) -> None:
        """Send without waiting; nothing when the wire has ended. Raises TooLong."""
        data = frame(message)
        if self._over or self._transport is None:
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > MOST_UNSENT:
            self.end("does not read")

    def end(self, reason: str) -> None:
        """Hang up."""
        if self._over:
            return
        self._over = True
        if self._transport is not None:
            self._transport.abort()
        self._gone(reason)

    def finish(self) -> None:
        """Hang up when everything is sent, without telling `gone`."""
        self._over = True
        if self._transport is not None:
            self._transport.close()

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        try:
            while not self._over and (message := take_frame(self._buffer)) is not None:
                self._take(message)
        except Refused as error:
            self.end(f"refused: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        self.end("ended" if error is None else type(error).__name__)
