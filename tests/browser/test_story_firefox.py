"""Firefox and Chromium in one session, each seeing and hearing the other through the server."""

import asyncio
import re

import pytest
from playwright.async_api import Page

from tests.browser.conftest import Complaints
from tests.browser.room import FACES, SEEN_WITHIN, at_the_door, go_in, person_id, voices
from tests.harness import senses
from tests.harness.app import Server
from tests.harness.firefox import TONE, Firefox

pytestmark = pytest.mark.browser


async def test_firefox_and_chromium_meet(server: Server, complaints: Complaints) -> None:
    async with (
        at_the_door(server, "Imani", complaints) as imani,
        Firefox.launch() as firefox,
    ):
        await go_in(imani)
        hugh = await firefox.new_page()
        await hugh.goto(server.sign_in("Hugh"))
        await hugh.wait_for("document.querySelector('h1').textContent.startsWith('Hello')", 15)
        address = re.sub(r"/live.*", "/live", imani.url)
        await hugh.goto(address)
        await hugh.wait_for("!document.querySelector('#join').disabled", 15)
        await hugh.click("#join")
        await hugh.wait_for("document.querySelector('#rules-dialog').open", 15)
        await hugh.click("#rules-accept")
        await hugh.wait_for("!document.querySelector('#room').hidden", 15)
        await imani.get_by_role("tab", name="People").click()
        his = await person_id(imani, "Hugh")
        hers = await hugh.evaluate(
            "[...document.querySelectorAll('#people li')]"
            ".find(li => li.textContent.includes('Imani')).dataset.person"
        )
        async with asyncio.timeout(SEEN_WITHIN):
            while await senses.sees(hugh, f"video[data-person='{hers}']") != FACES["Imani"]:
                pass
        async with asyncio.timeout(SEEN_WITHIN):
            while await senses.look(imani, f"video[data-person='{his}']") is None:
                await asyncio.sleep(0.1)
        await heard_tone(imani)


async def heard_tone(page: Page) -> None:
    """Wait until one of the voices is Firefox's own test tone."""
    async with asyncio.timeout(SEEN_WITHIN):
        while True:
            for slot in await voices(page):
                found = await senses.pitch(page, f"#voices [data-slot='{slot}']")
                if found is not None and abs(found - TONE) < 30:
                    return
            await asyncio.sleep(0.1)
