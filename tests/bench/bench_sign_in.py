"""What a rush of sign-ins costs the others, and whether the answer's time tells who exists.

JSON lines: the longest wait of the event loop while 50 people sign in at once (budget: 100 ms), and
the medians of 200 refusals, and of 200 answers to a request for a link, for an address with and
without an account (budget: within 5 %; security.md 3, 7).
"""

import asyncio
import json
import statistics
import tempfile
import time
from pathlib import Path

from server.jobs.mail import Letter
from server.kit.clock import SystemClock
from server.people import commands, store
from server.people.passwords import Passwords
from server.store import migrate
from server.store.engine import make_engines
from server.store.unit import Units
from tests.conftest import FakeClock
from tests.factories.people import add_person
from tests.harness.browser_client import House

TRIES = 200
PASSWORD = "purple kettle sings at dawn"


def say(**figures: object) -> None:
    print(json.dumps({"bench": "sign_in", **figures}), flush=True)


async def lag(until: asyncio.Event) -> float:
    """Return the longest delay of a 5 ms timer, in milliseconds."""
    worst = 0.0
    while not until.is_set():
        begin = time.perf_counter()
        await asyncio.sleep(0.005)
        worst = max(worst, (time.perf_counter() - begin - 0.005) * 1000)
    return worst


def compare(what: str, known: list[float], unknown: list[float]) -> None:
    ratio = statistics.median(known) / statistics.median(unknown)
    say(
        asked=what,
        tries=len(known),
        known_median_ms=round(statistics.median(known), 2),
        unknown_median_ms=round(statistics.median(unknown), 2),
        ratio=round(ratio, 3),
        budget_ratio=[0.95, 1.05],
    )


class NoPost:
    """A mail server that takes everything."""

    configured = True

    async def send(self, letter: Letter) -> None:
        pass


async def links(units: Units, folder: Path) -> tuple[list[float], list[float]]:
    """Ask over HTTP for links; what is done after the answer is waited for before the next."""
    clock = FakeClock()
    house = House(units, clock, folder, NoPost())
    await house.start()
    browser = house.stranger()
    took: dict[str, list[float]] = {"person.1": [], "nobody.1": []}
    for _ in range(TRIES):
        for name, times in took.items():
            clock.advance(seconds=3)
            begin = time.perf_counter()
            answer = await browser.post(
                "/sign-in/link", {"email": f"{name}@test.invalid"}, signed_in=False
            )
            times.append((time.perf_counter() - begin) * 1000)
            assert answer.status == 200
            await asyncio.sleep(0.02)
    await house.stop()
    return took["person.1"], took["nobody.1"]


async def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        engines = make_engines(f"sqlite:///{Path(folder, 'bench.sqlite3')}")
        await migrate.upgrade(engines)
        units, passwords = Units(engines, SystemClock()), Passwords()
        hashed = await passwords.hash(PASSWORD)
        async with units.write() as unit:
            for number in range(50):
                await add_person(unit, f"Person {number}", password_hash=hashed)
            await unit.commit()

        async def sign_in(address: str, password: str) -> float:
            begin = time.perf_counter()
            await commands.sign_in(
                units, passwords, email=address, password=password, replaces=None
            )
            return (time.perf_counter() - begin) * 1000

        done = asyncio.Event()
        watching = asyncio.ensure_future(lag(done))
        begin = time.perf_counter()
        await asyncio.gather(*(sign_in(f"person.{n}@test.invalid", PASSWORD) for n in range(50)))
        done.set()
        say(
            at_once=50,
            seconds=round(time.perf_counter() - begin, 2),
            longest_loop_wait_ms=round(await watching, 1),
            budget_ms=100,
        )
        known, unknown = [], []
        for _ in range(TRIES):
            known.append(await sign_in("person.1@test.invalid", "wrong password here"))
            unknown.append(await sign_in("nobody.1@test.invalid", "wrong password here"))
            async with units.write() as unit:
                found = await store.by_email(unit, "person.1@test.invalid")
                assert found is not None
                await store.change(unit, found.id, failures=0, wait_until=None)
                await unit.commit()
        compare("refusals", known, unknown)
        compare("links", *await links(units, Path(folder)))
        await engines.dispose()


if __name__ == "__main__":
    asyncio.run(main())
