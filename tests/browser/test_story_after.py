"""After the case (story 6): the director signs, the presenter reads, a colleague finds it.

A learner finds it only once it is published.
"""

import asyncio
import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk
from tests.browser.room import go_in, move_to
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

LINE = "Stop escitalopram within 3 days and ring the partner about sleep every evening."
WORDS = "escitalopram bipolar evening"
SECONDS = 5_000
TITLE = "Little sleep and much energy on an antidepressant"
QUESTION = "When an antidepressant brings little sleep and much energy, what comes first?"
SYNOPSIS = "A person in mid-life sleeps three hours and feels well since a dose went up."


async def discuss(page: Page) -> None:
    """Walk the first case of the open session from its presentation through its summary."""
    await page.get_by_role("link", name="Join").first.click()
    await page.get_by_label("Listen and write only").check()
    await go_in(page)
    await page.locator("#phase-start").click()
    await move_to(page, "recommend: hub")
    await page.get_by_role("tab", name="Recommendations").click()
    await page.locator("#f-line").fill(LINE)
    await page.locator("#capture-form button[type=submit]").click()
    await expect(page.locator("#lines li", has_text=LINE)).to_be_visible()
    await move_to(page, "summary")
    before = await page.locator("#phase-name").inner_text()
    await page.locator("#phase-next").click()
    await expect(page.locator("#phase-name")).not_to_have_text(before)
    await page.get_by_role("button", name="Leave").click()
    await expect(page).to_have_url(re.compile(r"/sessions/[^/]+$"))


async def test_signed_read_found_and_published(sit_down: Desk, server: Server) -> None:
    async with (
        sit_down("Imani Okafor-Reyes") as imani,
        sit_down("Marisol Quintana") as marisol,
        sit_down("Hugh Abernathy") as hugh,
        sit_down("Noor Haddad") as noor,
    ):
        await discuss(imani)
        await imani.goto(f"{server.url}/letters")
        await imani.get_by_role("link", name=re.compile("Could this be bipolar")).click()
        await imani.get_by_role("button", name="Start from these lines").click()
        item = imani.locator(".draft-item", has_text=LINE)
        await expect(item).to_contain_text("Imani")
        await item.locator("summary", has_text="Change").click()
        await item.get_by_label("By when").select_option(label="Within 7 days")
        assert await violations(imani) == []
        await item.get_by_role("button", name="Save").click()
        await expect(imani.get_by_text("Saved.")).to_be_visible()
        await imani.get_by_label(re.compile("I have read every")).check()
        await imani.get_by_role("button", name="Sign and issue").click()
        await expect(imani.get_by_text(LINE)).to_be_visible()

        # The presenter reads the letter.
        await marisol.goto(f"{server.url}/cases")
        await marisol.get_by_role("link", name=re.compile("Could this be bipolar")).click()
        await marisol.get_by_role("link", name="Read the letter").click()
        await expect(marisol.get_by_text(LINE)).to_be_visible()
        await expect(marisol.get_by_text("do not create a provider–patient")).to_be_visible()
        assert await violations(marisol) == []

        # A colleague of the programme finds it: who, when, in which version.
        await hugh.goto(f"{server.url}/library?q={WORDS.replace(' ', '+')}")
        hit = hugh.get_by_role("link", name=re.compile("Could this be bipolar"))
        await expect(hit).to_be_visible(timeout=SECONDS)
        assert await violations(hugh) == []
        await hit.click()
        await expect(hugh.get_by_text(LINE)).to_be_visible()
        await expect(hugh.locator("main")).to_contain_text("Imani")
        await expect(hugh.locator("main")).to_contain_text(
            re.compile(r"v(ersion )?1", re.IGNORECASE)
        )
        entry = hugh.url

        # A learner does not, neither by search nor by the address.
        await noor.goto(f"{server.url}/library?q={WORDS.replace(' ', '+')}")
        await expect(noor.locator("main")).not_to_contain_text("escitalopram within")
        answer = await noor.goto(entry)
        assert answer is not None
        assert answer.status == 404

        # Three people open it: one rewrites, another reviews, the director publishes.
        async with sit_down("Sam Whitlock") as sam, sit_down("Priya Venkataraman") as priya:
            await rewritten(sam, entry)
            await unfound(noor, server)
            await priya.goto(entry)
            await expect(priya.get_by_text(TITLE)).to_be_visible()
            assert await violations(priya) == []
            await priya.get_by_role("button", name="Text, sources and currency").click()
            await expect(priya.get_by_role("button", name="Publish")).to_have_count(0)
        await unfound(noor, server)
        await imani.goto(entry)
        await expect(imani.get_by_text(SYNOPSIS)).to_be_visible()
        await imani.get_by_role("button", name="Publish", exact=True).click()
        await expect(imani.locator("main")).to_contain_text("Published")

        # Now the learner finds it, in the public words and without the presenter's.
        found = noor.get_by_role("link", name=TITLE)
        await noor.goto(f"{server.url}/library")
        async with asyncio.timeout(SECONDS / 1000):
            while True:
                await noor.get_by_label("Search").fill(WORDS)
                await noor.get_by_role("button", name="Search", exact=True).click()
                await expect(noor.locator("main")).to_contain_text(
                    re.compile("answer", re.IGNORECASE)
                )
                if await found.count():
                    break
        assert await violations(noor) == []
        await found.click()
        await expect(noor.get_by_role("heading", level=1)).to_have_text(TITLE)
        await expect(noor.get_by_text(LINE)).to_be_visible()
        await expect(noor.get_by_text(SYNOPSIS)).to_be_visible()
        await expect(noor.locator("main")).not_to_contain_text("Could this be bipolar")
        await expect(noor.get_by_role("link", name="The signed letter")).to_have_count(0)
        assert await violations(noor) == []


async def rewritten(sam: Page, entry: str) -> None:
    """The coordinator writes the words for everybody; an identifier in them is not taken."""
    await sam.goto(entry)
    await sam.get_by_label("Title").fill(TITLE)
    await sam.get_by_label("Question").fill(QUESTION)
    await sam.get_by_label("Synopsis").fill(f"{SYNOPSIS} Call (505) 555-0142.")
    await sam.get_by_role("button", name="Nothing here identifies").click()
    await expect(sam.locator("[data-error-summary]")).to_contain_text("Synopsis")
    await expect(sam.get_by_label("Title")).to_have_value(TITLE)
    await sam.get_by_label("Synopsis").fill(SYNOPSIS)
    await sam.get_by_role("button", name="Nothing here identifies").click()
    await expect(sam.locator("main")).to_contain_text("A hub specialist who did not sign reviews")


async def unfound(noor: Page, server: Server) -> None:
    """The learner's search still does not know it."""
    await noor.goto(f"{server.url}/library?q={WORDS.replace(' ', '+')}")
    await expect(noor.get_by_label("Search")).to_have_value(WORDS)
    await expect(noor.get_by_role("link", name=TITLE)).to_have_count(0)
    await expect(noor.locator("main")).not_to_contain_text("escitalopram within")
