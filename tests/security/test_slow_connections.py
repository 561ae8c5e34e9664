"""Five hundred connections that say little or nothing, at once (security.md 47).

In the suite with a tenth of the server's patience; `make hostile` runs it with all of it and prints
the figures.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.app import create_app
from server.config import Settings
from server.edge import listener, middleware
from server.edge.listener import Listener
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.fakes.plane import FakePlane
from tests.harness.long import LONG

CONNECTIONS = 500
SCALE = 1.0 if LONG else 0.1
GONE = 30.0 if LONG else 10.0
"""Seconds after which the last of them must be gone; in the suite the machine is shared …"""
HEALTH = 0.2 if LONG else GONE
"""… so only the long run minds how long 99 of 100 questions for the server's health may wait."""

HEAD = b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
KINDS: tuple[tuple[bytes, bytes], ...] = (
    (b"", b""),
    (b"GET / HTTP/1.1\r\n", b""),
    (b"GET / HTTP/1.1\r\nHost: localhost\r\n", b"X-A: b\r\n"),
    (HEAD + b"Content-Length: 200000\r\n\r\n", b"["),
    (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n[\r\n"),
)
"""What each kind says first, and again and again: nothing, half a header, a header that never
ends, a body that trickles, the same in pieces."""


@pytest.fixture
async def port(
    units: Units, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[int]:
    """A server that takes all of them from one address; the cap has a test of its own."""
    for module, name in (
        (listener, "HEADER_SECONDS"),
        (listener, "LINGER_SECONDS"),
        (middleware, "BODY_SECONDS"),
    ):
        monkeypatch.setattr(module, name, getattr(module, name) * SCALE)
    plane = FakePlane()
    app = create_app(
        Settings(data_dir=tmp_path, http_port=0, connections_per_address=CONNECTIONS + 10),
        units,
        secret=b"t" * 32,
        plane=plane,
        clock=clock,
    )
    running = Listener(app)
    yield await running.start("127.0.0.1", 0)
    await running.stop()
    await plane.close()


async def slow(port: int, first: bytes, again: bytes) -> float:
    """Hold a connection as long as the server lets it; return how many seconds that was."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    with contextlib.suppress(ConnectionError):
        writer.write(first)
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(SCALE):
                    if not await reader.read(1000):
                        break
            writer.write(again)
    writer.close()
    return time.monotonic() - began


async def healthy(port: int) -> float:
    """Ask for the server's health on a fresh connection; return the seconds until its answer."""
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 200"), answer[:80]
    return time.monotonic() - began


async def test_five_hundred_slow_connections(port: int) -> None:
    everyone = asyncio.gather(
        *(slow(port, *KINDS[number % len(KINDS)]) for number in range(CONNECTIONS))
    )
    waits = []
    async with asyncio.timeout(GONE + 10):
        while not everyone.done():
            waits.append(await healthy(port))
            await asyncio.sleep(0.02)
    stayed = await everyone
    worst = sorted(waits)[int(len(waits) * 0.99)]
    figures = {
        "connections": CONNECTIONS,
        "longest_s": [round(max(stayed[n :: len(KINDS)]), 2) for n in range(len(KINDS))],
        "health_asked": len(waits),
        "health_p99_ms": round(worst * 1000, 1),
    }
    print(json.dumps(figures))
    assert max(stayed) <= GONE, figures
    # They did hold on: nobody was turned away at the door.
    assert min(stayed) >= listener.HEADER_SECONDS, figures
    assert worst < HEALTH, figures


async def test_a_body_that_comes_steadily_is_waited_for(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow is not silent: a form over a poor line arrives, whatever it takes in all."""
    monkeypatch.setattr(middleware, "BODY_SECONDS", 0.2)
    monkeypatch.setattr(middleware, "BODY_RATE", 100)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HEAD + b"Content-Length: 100\r\nConnection: close\r\n\r\n")
    for _ in range(10):
        writer.write(b"x" * 10)
        await asyncio.sleep(0.06)
    answer = await reader.read()
    writer.close()
    # Read to its end: what it says is refused, not how fast it came.
    assert answer.split(b" ", 2)[1] in (b"400", b"403"), answer[:80]
