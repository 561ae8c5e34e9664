"""Measures every page over real HTTP in this process; prints JSON lines beside the budgets.

    python tests/bench/bench_pages.py [--runs 30] [--no-start]

Server milliseconds count from the first byte sent to the last byte read on a loopback connection
that is already open; statements are those of one request, sign-in included. Requests and bytes are
those of a cold visit by a real Chromium, all that it asks for until it falls silent: HTML as gzip,
files in brotli. A budget that is broken is named in `over`.
"""

import argparse
import asyncio
import gzip
import json
import os
import re
import statistics
import sys
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from playwright.async_api import Browser as Chromium
from playwright.async_api import Response
from sqlalchemy import event

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from cases.rules.models import CaseState
from server.edge.assets import ASSETS
from server.edge.keys import POLICIES
from server.kit.actor import Role
from server.kit.clock import SystemClock
from server.kit.ids import OrganisationId, new_id
from server.people import store as people
from server.store import migrate
from server.store.engine import make_engines
from server.store.unit import Units
from tests.factories.cases import a_case, put_in_state
from tests.factories.sessions import a_programme, a_series, rule, somebody
from tests.harness.app import Server
from tests.harness.browser_client import Browser, House
from tests.harness.browsers import chromium

BUDGETS = tomllib.loads((Path(__file__).parent / "budgets.toml").read_text("utf-8"))
CASES = 12
"""As many cases as a busy month brings; every list is measured with that many in it."""

_STATIC = re.compile(r"/static/[0-9a-f]{10}/(.+)")


def kilobytes(count: int) -> float:
    return round(count / 1024, 1)


@asynccontextmanager
async def village() -> AsyncIterator[tuple[House, dict[str, tuple[str, Browser, str]]]]:
    """Run the house on an own database and yield the pages to measure: kind, who, path."""
    with tempfile.TemporaryDirectory(prefix="caseround-bench-") as folder:
        engines = make_engines(f"sqlite:///{folder}/bench.sqlite3")
        await migrate.upgrade(engines)
        units = Units(engines, SystemClock())
        house = House(units, units.clock, Path(folder))
        await house.start()
        try:
            yield house, await pages(house, units)
        finally:
            await house.stop()
            await engines.dispose()


async def pages(house: House, units: Units) -> dict[str, tuple[str, Browser, str]]:
    async with units.write() as unit:
        hub = OrganisationId(new_id(unit.now))
        await people.add_organisation(unit, people.Organisation(hub, "hub", "Hub"))
        await unit.commit()
    programme = await a_programme(units, hub)
    clinician = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    series, sessions = await a_series(
        units, coordinator, programme, rule(first=units.clock.now().date(), count=12)
    )
    cases = [
        await a_case(units, clinician, programme, diagnoses__0__onset_year="2020")
        for _ in range(CASES)
    ]
    for case in cases[CASES // 2 :]:
        await put_in_state(units, case, CaseState.ACCEPTED)
    author = await house.browser(clinician.person)
    desk = await house.browser(coordinator.person)
    found = {
        "sign-in": ("read", house.stranger(), "/sign-in"),
        "home": ("read", author, "/"),
        "calendar": ("read", author, "/calendar"),
        "programme": ("read", author, f"/programmes/{programme.id}"),
        "series": ("read", author, f"/series/{series.id}"),
        "session": ("read", desk, f"/sessions/{sessions[0].id}"),
        "case form": ("form", author, f"/programmes/{programme.id}/cases/new"),
        "case": ("read", author, f"/cases/{cases[0].key}"),
        "my cases": ("read", author, "/cases"),
        "review desk": ("read", desk, "/triage"),
        "review": ("form", desk, f"/cases/{cases[0].key}/review"),
        "letters": ("read", author, "/letters"),
        "library": ("read", author, "/library"),
        "live": ("live", desk, f"/sessions/{sessions[0].id}/live"),
    }
    there = {path for method, path in house.app[POLICIES] if method == "GET"}
    absent = {"library": "/library", "letters": "/letters", "live": "/sessions/{id}/live"}
    return {name: it for name, it in found.items() if absent.get(name, "/") in there}


async def visit(
    house: House, chrome: Chromium, browser: Browser, path: str
) -> list[tuple[str, int]]:
    """Visit a page with an empty cache; return (what, bytes) of everything fetched beside it."""
    asked: list[Response] = []

    def note(answer: Response) -> None:
        asked.append(answer)

    context = await chrome.new_context(base_url=house.origin)
    try:
        await context.add_cookies(
            [
                {"name": cookie.key, "value": cookie.value, "url": house.origin}
                for cookie in browser.session.cookie_jar
            ]
        )
        page = await context.new_page()
        page.on("response", note)
        await page.goto(path, wait_until="networkidle")
        return [await weigh(house, answer) for answer in asked[1:]]
    finally:
        await context.close()


async def weigh(house: House, answer: Response) -> tuple[str, int]:
    """Return what was fetched, and its bytes as the house sends them to a browser over TLS."""
    path = answer.url.removeprefix(house.origin)
    found = _STATIC.fullmatch(path)
    asset = house.app[ASSETS].find(found.group(1)) if found else None
    if asset is None:
        return path, len(await answer.body())
    return asset.path, len(house.app[ASSETS].encoded(asset, "br")[0])


async def measure(
    house: House, chrome: Chromium, name: str, page: tuple[str, Browser, str], runs: int
) -> dict[str, object]:
    kind, browser, path = page
    budget = BUDGETS["kinds"][kind]
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    answer = await browser.get(path)
    if answer.status != 200:
        return {"bench": "page", "page": name, "status": answer.status}
    engines = {house.units.engines.read, house.units.engines.write}
    for engine in engines:
        event.listen(engine.sync_engine, "before_cursor_execute", count)
    await browser.get(path)
    once = statements
    for engine in engines:
        event.remove(engine.sync_engine, "before_cursor_execute", count)
    times = sorted([await timed(browser, path) for _ in range(runs)])
    html = gzip.compress(answer.text.encode(), 9, mtime=0)
    fetched = await visit(house, chrome, browser, path)
    figures = {
        "html_kb": kilobytes(len(html)),
        "css_kb": kilobytes(sum(size for what, size in fetched if what.endswith(".css"))),
        "js_kb": kilobytes(sum(size for what, size in fetched if what.endswith(".js"))),
        "cold_kb": kilobytes(len(html) + sum(size for _, size in fetched)),
        "requests": 1 + len(fetched),
        "server_ms_p95": times[min(runs - 1, int(runs * 0.95))],
    }
    return {
        "bench": "page",
        "page": name,
        "kind": kind,
        **figures,
        "server_ms_median": round(statistics.median(times), 1),
        "statements": once,
        "fetched": sorted(what for what, _ in fetched),
        "budget": budget,
        "over": sorted(key for key, most in budget.items() if figures[key] > most),
    }


async def timed(browser: Browser, path: str) -> float:
    """Return how long one page takes, in milliseconds."""
    began = time.perf_counter()
    async with browser.session.get(
        browser.origin + path, headers={"Accept": "text/html", "Accept-Encoding": "gzip"}
    ) as response:
        await response.read()
        assert response.status == 200, response.status
    return round((time.perf_counter() - began) * 1000, 1)


def start() -> dict[str, object]:
    """Return how long the demonstration takes to start on an empty folder and again, and to stop."""
    server = Server()
    try:
        first = server.start()
        stopped = server.interrupt()
        again = server.start()
    finally:
        server.close()
    return {
        "bench": "start",
        "first_start_s": round(first, 2),
        "second_start_s": round(again, 2),
        "stop_s": round(stopped, 2),
        "budget": BUDGETS["start"],
    }


async def main(arguments: argparse.Namespace) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    cores, load = os.cpu_count(), round(os.getloadavg()[0], 1)
    print(json.dumps({"bench": "machine", "cores": cores, "load": load}), flush=True)
    async with village() as (house, found), chromium() as chrome:
        for name, page in found.items():
            figures = await measure(house, chrome, name, page, arguments.runs)
            print(json.dumps(figures), flush=True)
    if not arguments.no_start:
        print(json.dumps(await asyncio.to_thread(start)), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=30)
    parser.add_argument("--no-start", action="store_true", help="leave the demonstration out")
    asyncio.run(main(parser.parse_args()))
