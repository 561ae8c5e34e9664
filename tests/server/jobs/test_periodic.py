"""Recurring work: not at once, then again and again."""

import asyncio

from server.jobs.periodic import Periodic


async def test_it_waits_first_and_comes_back() -> None:
    loop = asyncio.get_running_loop()
    at: list[float] = []
    thrice = asyncio.Event()

    async def work() -> None:
        at.append(loop.time())
        if len(at) == 3:
            thrice.set()

    begun = loop.time()
    running = asyncio.create_task(Periodic("count", 0.02, work, first=0.1).run())
    async with asyncio.timeout(10):
        await thrice.wait()
    running.cancel()
    assert at[0] - begun > 0.09
    assert min(at[1] - at[0], at[2] - at[1]) > 0.01
