"""Media tests send real datagrams on this machine's own addresses."""

from collections.abc import AsyncIterator

import pytest

from server.kit.clock import SystemClock
from sessions.media.local import LocalPlane, MediaSettings
from tests.sessions.media.peers import Events


@pytest.fixture
async def plane() -> AsyncIterator[LocalPlane]:
    started = await LocalPlane.start(MediaSettings(), SystemClock())
    yield started
    await started.close()


@pytest.fixture
async def events(plane: LocalPlane) -> AsyncIterator[Events]:
    reading = Events(plane)
    yield reading
    await plane.close()
    await reading.ended()
