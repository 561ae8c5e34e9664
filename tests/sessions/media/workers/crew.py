"""A WorkersPlane on real processes, and waiting for what becomes of them."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path

from server import media_worker
from server.kit.clock import SystemClock
from sessions.media.local import MediaSettings
from sessions.media.workers.plane import WorkersPlane

CLOCK = SystemClock()
COMMAND = media_worker.command(form="text", level="error")


async def crew(count: int = 1) -> WorkersPlane:
    return await WorkersPlane.start(count, MediaSettings(), COMMAND, CLOCK)


@contextlib.asynccontextmanager
async def working(count: int = 1) -> AsyncIterator[WorkersPlane]:
    plane = await crew(count)
    try:
        yield plane
    finally:
        await plane.close()


def alive(pid: int) -> bool:
    """Say whether the process runs; one that nobody has buried yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


async def ends(pid: int, timeout: float) -> float:
    """Wait until the process is gone; return the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(timeout):
        while alive(pid):
            await asyncio.sleep(0.02)
    return time.monotonic() - began
