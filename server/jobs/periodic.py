"""Work that comes back: every so many seconds, on the monotonic clock."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Periodic:
    """One recurring job; it must be safe to run twice."""

    name: str
    seconds: float
    work: Callable[[], Awaitable[None]]
    first: float = 0.0
    """Seconds before the first run."""

    async def run(self) -> None:
        """Run after `first` seconds, then after each interval."""
        await asyncio.sleep(self.first)
        while True:
            await self.work()
            await asyncio.sleep(self.seconds)
