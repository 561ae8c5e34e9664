"""A media worker is killed, then another one stopped, in the middle of a clinic: pictures come back.

Nothing else of the room is touched: nobody loads the page again, hands and lines are where they were.
"""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Complaints
from tests.browser.room import FACES, at_the_door, go_in, hears, move_to, sees
from tests.harness.app import Server

pytestmark = pytest.mark.browser

LINE = "Stop escitalopram this week and call within 3 days about sleep."
BACK_S = 10.0
"""Seconds from a worker's death until pictures move again (issue 4, point 8), on a quiet machine."""


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A demonstration whose pictures and voices go through a process of their own."""
    with Server(environment={"CASEROUND_MEDIA_WORKERS": "1"}) as running:
        yield running


def worker_of(server: Server) -> int | None:
    """Return the process id of the server's media worker; None while there is none."""
    assert server._process is not None
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
        if parent == server._process.pid and b"server.media_worker" in words:
            return int(folder.name)
    return None


async def strike(server: Server, number: signal.Signals, *pages: tuple[Page, str]) -> float:
    """Strike the worker; return the seconds until every page shows the other's moving picture."""
    before = worker_of(server)
    assert before is not None
    began = time.monotonic()
    os.kill(before, number)
    # What moves after that is not the last of the old connection.
    async with asyncio.timeout(60):
        while worker_of(server) in (before, None):
            await asyncio.sleep(0.05)
    await asyncio.gather(*(sees(page, other) for page, other in pages))
    return time.monotonic() - began


async def test_a_clinic_outlives_its_media_worker(server: Server, complaints: Complaints) -> None:
    async with (
        at_the_door(server, "Imani", complaints) as imani,
        at_the_door(server, "Marisol", complaints) as marisol,
    ):
        both = ((imani, "Marisol"), (marisol, "Imani"))
        for page, _ in both:
            await go_in(page)
        for page, other in both:
            await sees(page, other)
        await imani.locator("#phase-start").click()
        await move_to(imani, "hub recommends|recommend.*hub|hub.*recommend")
        await imani.get_by_role("tab", name="Recommendations").click()
        await imani.get_by_label("Said by").select_option(label="Imani Okafor-Reyes MD")
        await imani.locator("#f-line").fill(LINE)
        await imani.locator("#capture-form button[type=submit]").click()
        await marisol.locator("#control-hand").click()
        await marisol.get_by_label("To ask a question").check()
        await marisol.locator("#note").or_(marisol.locator("#f-note")).fill("About sleep")
        await marisol.locator("#hand-form button[type=submit]").click()
        hand = imani.locator("#lane-spoke-list .queue-entry", has_text="Marisol")
        await expect(hand).to_contain_text("About sleep")
        phase = await imani.locator("#phase-name").inner_text()
        for page, _ in both:
            await page.evaluate("() => { window.neverLoadedAgain = true; }")

        for number in (signal.SIGKILL, signal.SIGSTOP):
            taken = await strike(server, number, *both)
            print(f"{number.name}: pictures move again after {taken:.1f} s")
            assert taken < BACK_S * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
            # The hub has the floor, so the spoke's own microphone is muted.
            await hears(marisol, FACES["Imani"])
            await expect(hand).to_contain_text("About sleep")
            for page, _ in both:
                await expect(page.locator("#phase-name")).to_have_text(phase)
                assert await page.evaluate("() => window.neverLoadedAgain")
            await marisol.get_by_role("tab", name="Recommendations").click()
            await expect(marisol.locator("#lines li", has_text=LINE)).to_contain_text("Imani")
            await expect(imani.locator("#lines li", has_text=LINE)).to_be_visible()
