"""How people in a story enter the live room, and what they see and hear there."""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from tests.browser.conftest import Complaints
from tests.harness import senses
from tests.harness.app import Server
from tests.harness.browsers import chromium
from tests.harness.media_files import PEOPLE, Person, audio_file, video_file

FACES = {"Imani": PEOPLE[0], "Marisol": PEOPLE[2]}
SEEN_WITHIN = 25


@contextlib.asynccontextmanager
async def at_the_door(server: Server, name: str, complaints: Complaints) -> AsyncIterator[Page]:
    """A browser with this person's face and voice, on the page before the room."""
    face = FACES[name]
    async with chromium(video_file(face), audio_file(face)) as browser:
        page = await browser.new_page()
        complaints.watch(page)
        await page.goto(server.sign_in(name))
        await page.get_by_role("link", name="Join").first.click()
        await expect(page.get_by_role("heading", name="Ready to join?")).to_be_visible()
        yield page


async def go_in(page: Page) -> None:
    await page.get_by_role("button", name="Join", exact=True).click()
    await page.get_by_role("button", name="I understand").click()
    await expect(page.locator("#room")).to_be_visible()


async def person_id(page: Page, name: str) -> str:
    row = page.locator("#people li", has_text=name)
    await expect(row).to_have_count(1)
    return await row.get_attribute("data-person") or ""


async def sees(page: Page, name: str) -> None:
    """Wait until the page shows this person's own moving picture."""
    who = await person_id(page, name)
    async with asyncio.timeout(SEEN_WITHIN):
        while await senses.sees(page, f"video[data-person='{who}']") != FACES[name]:
            pass


async def voices(page: Page) -> list[str]:
    return await page.locator("#voices audio").evaluate_all("all => all.map(a => a.dataset.slot)")


async def hears(page: Page, face: Person) -> None:
    """Wait until one of the page's voices is this person's own."""
    async with asyncio.timeout(SEEN_WITHIN):
        while True:
            for slot in await voices(page):
                if await senses.hears(page, f"#voices [data-slot='{slot}']") == face:
                    return
            await asyncio.sleep(0.1)


async def go_in_again(page: Page) -> None:
    await page.get_by_role("button", name="Join", exact=True).click()
    await expect(page.locator("#room")).to_be_visible()


async def move_to(page: Page, phase: str) -> None:
    """Press Next until the bar names the phase."""
    for _ in range(20):
        if re.search(phase, await page.locator("#phase-name").inner_text(), re.IGNORECASE):
            return
        before = await page.locator("#phase-name").inner_text()
        await page.locator("#phase-next").click()
        await expect(page.locator("#phase-name")).not_to_have_text(before)
    raise AssertionError(phase)
