"""The listening socket: connection caps, and no patience with connections that say nothing.

aiohttp keeps silent, half-spoken and idle connections for an hour; here a request's header must
be complete within 10 s, and idle keep-alive ends after 75 s; the middleware watches bodies
(security.md 47, 48).
"""

import asyncio
import os
from collections import Counter
from typing import Any

from aiohttp import web
from aiohttp.http_parser import HttpRequestParser
from aiohttp.web_protocol import RequestHandler

from server.edge.keys import EDGE

HEADER_SECONDS = 10.0
KEEPALIVE_SECONDS = 75.0
LINGER_SECONDS = 2.0
"""How long the rest of a refused body is read away, so that its sender can read the refusal."""
_BUSY = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Retry-After: 30\r\nConnection: close\r\nContent-Length: 51\r\n\r\n"
    b"Too many connections. Close some pages and go on.\r\n"
)


class ConnectionCount:
    """How many connections there are, in all and from each address."""

    def __init__(self, total: int, per_address: int) -> None:
        self.total = total
        self.per_address = per_address
        self.open: Counter[str] = Counter()

    def enter(self, address: str) -> bool:
        """Count one connection; False when it is one too many."""
        if self.open.total() >= self.total or self.open[address] >= self.per_address:
            return False
        self.open[address] += 1
        return True

    def leave(self, address: str) -> None:
        """Forget one connection."""
        self.open[address] -= 1
        if self.open[address] <= 0:
            del self.open[address]


class WatchedHandler(RequestHandler):
    """aiohttp's handler with a watch on the header and a place in the count."""

    __slots__ = ("_address", "_alarm", "_count")

    def __init__(self, manager: Any, *, count: ConnectionCount, **kwargs: Any) -> None:
        super().__init__(manager, **kwargs)
        self._count = count
        self._address: str | None = None
        self._alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        peer = transport.get_extra_info("peername")
        address = str(peer[0]) if peer else "unix"
        super().connection_made(transport)
        if not self._count.enter(address):
            if isinstance(transport, asyncio.Transport):
                transport.write(_BUSY)
            transport.close()
            return
        self._address = address
        self._watch()

    def connection_lost(self, exc: BaseException | None) -> None:
        self._unwatch()
        if self._address is not None:
            self._count.leave(self._address)
            self._address = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._address is None:
            return
        super().data_received(data)
        if self._current_request is not None or self._messages:
            self._unwatch()
        elif self._alarm is None:
            self._watch()

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        self._alarm = loop.call_later(HEADER_SECONDS, self._header_is_late)

    def _unwatch(self) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None

    def _header_is_late(self) -> None:
        self._alarm = None
        if self._current_request is None and not self._messages:
            self.force_close()


class Listener:
    """Serves an application on one TCP port and stops quickly."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(
            app,
            access_log=None,
            handle_signals=False,
            keepalive_timeout=KEEPALIVE_SECONDS,
            lingering_time=LINGER_SECONDS,
            shutdown_timeout=1.0,
            max_line_size=8190,
            max_field_size=8190,
            auto_decompress=False,
        )
        self._app = app
        self._server: asyncio.Server | None = None

    async def start(self, host: str, port: int) -> int:
        """Start to listen; return the port (useful when `port` is 0). Raises OSError."""
        if not parser_is_compiled():
            msg = "aiohttp was installed without its compiled HTTP parser"
            raise RuntimeError(msg)
        await self._runner.setup()
        manager = self._runner.server
        settings = self._app[EDGE]
        count = ConnectionCount(settings.connections, settings.connections_per_address)
        loop = asyncio.get_running_loop()

        def make() -> WatchedHandler:
            # aiohttp offers no hook for the handler class; a test pins this private name.
            return WatchedHandler(manager, count=count, loop=loop, **manager._kwargs)  # type: ignore[union-attr]  # noqa: SLF001

        self._server = await loop.create_server(make, host, port, backlog=512)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening, let running requests end for a second, clean up."""
        if self._server is not None:
            self._server.close()
        await self._runner.cleanup()


def parser_is_compiled() -> bool:
    """Say whether the C parser is in use; the pure one is laxer (security.md 49)."""
    return HttpRequestParser.__module__ != "aiohttp.http_parser" and not os.environ.get(
        "AIOHTTP_NO_EXTENSIONS"
    )
