"""A case written under bad luck, in Chromium and Firefox: a server that dies, two devices, a lost line.

What the form says about where the text is, is held against the server's own data.
"""

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, Route, expect
from playwright.async_api import Error as PlaywrightError

from tests.browser.case_form import fill_case
from tests.browser.conftest import Complaints, Desk
from tests.browser.test_story_before import stored
from tests.harness.app import Server
from tests.harness.firefox import Firefox, FirefoxError, FirefoxPage

pytestmark = pytest.mark.browser

Writer = Page | FirefoxPage
"""A page in either browser: `goto`, `fill`, `click`, `evaluate` and `reload` are the same in both."""

QUESTION = "[name=main_question]"
VALUE = "document.querySelector('[name=main_question]').value"
FIRST = "Which medicine would you start when pain keeps somebody awake?"
SECOND = "Which medicine would you stop when pain keeps somebody awake?"
STORY = "Low mood and poor sleep since the job was lost, five months ago."
PATIENCE = 60
"""Seconds; a server starts in three on a quiet machine, and a page tries again within ten."""


def says(words: str) -> str:
    """Return a condition: that the form's own line says these words."""
    return f"/{words}/.test(document.querySelector('[data-form-note]').textContent)"


SAVED = says(r"Saved \d\d:\d\d")
OFFLINE = says("Offline: kept on this device")


async def until(page: Writer, condition: str) -> None:
    """Wait until a JavaScript condition is true; one that throws, as between two pages, is not."""
    async with asyncio.timeout(PATIENCE):
        while True:
            with contextlib.suppress(PlaywrightError, FirefoxError):
                if await page.evaluate(condition):
                    return
            await asyncio.sleep(0.05)


async def until_stored(server: Server, text: str) -> None:
    """Wait until the server's data holds a text."""
    async with asyncio.timeout(PATIENCE):
        while not await stored(server, text.encode()):
            await asyncio.sleep(0.05)


@contextlib.asynccontextmanager
async def signed_in(which: str, server: Server, browser: Browser) -> AsyncIterator[Writer]:
    """Sign the author in, in one of the two browsers."""
    async with contextlib.AsyncExitStack() as stack:
        page: Writer
        if which == "firefox":
            page = await (await stack.enter_async_context(Firefox.launch())).new_page()
        else:
            page = await (await stack.enter_async_context(await browser.new_context())).new_page()
        await page.goto(server.sign_in("Marisol Quintana"))
        await until(page, "document.querySelector('h1').textContent.startsWith('Hello')")
        yield page


async def new_case(page: Writer, server: Server) -> None:
    """Open an empty form."""
    await page.goto(f"{server.url}/")
    await page.goto(
        await page.evaluate(
            "[...document.links].find((a) => a.textContent.trim() === 'Present a case').href"
        )
    )


@pytest.mark.parametrize("which", ["chromium", "firefox"])
async def test_the_server_is_killed_between_two_saves(
    which: str, server: Server, browser: Browser
) -> None:
    first, second = (f"{text} ({which})" for text in (FIRST, SECOND))
    async with signed_in(which, server, browser) as page:
        await new_case(page, server)
        await page.fill(QUESTION, first)
        await until(page, SAVED)

        server.kill()
        # What was called saved is there; what is typed now is not, and is not called so.
        assert await stored(server, first.encode())
        await page.fill(QUESTION, second)
        await until(page, OFFLINE)
        assert not await stored(server, second.encode())

        # The page goes on by itself, with the same draft.
        server.start()
        await until(page, SAVED)
        assert await stored(server, second.encode())
        assert await page.evaluate(VALUE) == second
        await page.reload()
        await until(page, f"{VALUE} === {second!r}")
        await page.goto(f"{server.url}/cases")
        mine = await page.evaluate(
            "[...document.links].map((a) => a.textContent).filter((text) => text.includes('awake?'))"
        )
        assert [text for text in mine if which in text] == [second]


async def test_two_devices_then_a_server_that_is_gone_when_the_case_is_sent(
    server: Server, browser: Browser, sit_down: Desk, complaints: Complaints
) -> None:
    complaints.accept("ERR_CONNECTION_")
    on_laptop, on_phone = f"{FIRST} (laptop)", f"{SECOND} (phone)"
    async with (
        signed_in("firefox", server, browser) as firefox,
        sit_down("Marisol Quintana") as laptop,
    ):
        await new_case(laptop, server)
        await fill_case(laptop, STORY)
        await until(laptop, SAVED)
        draft = laptop.url

        # Both devices write; the second is asked, and nothing is overwritten before it answers.
        await firefox.goto(draft)
        await until(firefox, f"{VALUE} !== ''")
        await laptop.locator(".steps a[href='#s-question']").click()
        await laptop.fill(QUESTION, on_laptop)
        await until_stored(server, on_laptop)
        await firefox.fill(QUESTION, on_phone)
        await until(firefox, "document.querySelector('#draft-clash').open")
        await laptop.reload()
        assert await laptop.evaluate(VALUE) == on_laptop
        await firefox.click("#draft-clash button[value=there]")
        await until(firefox, f"{SAVED} && {VALUE} === {on_laptop!r}")
        # What was not chosen is not lost: it stands among the earlier texts.
        await until_stored(server, on_phone)

        # The server is gone when the button is pressed: nothing was sent, and the form says so.
        await firefox.click(".steps a[href='#s-sign']")
        for name in ("attest_deid", "attest_treating", "attest_no_relationship"):
            await firefox.click(f"[name={name}]")
        server.kill()
        await firefox.click("[data-submit]")
        await until(firefox, says("Not sent: there is no connection"))
        server.start()
        await firefox.click("[data-submit]")
        await until(firefox, f"document.querySelector('h1').textContent === {on_laptop!r}")
        assert await firefox.evaluate("location.pathname.endsWith('/edit')") is False


async def test_the_answer_is_lost_when_the_case_is_sent(
    server: Server, sit_down: Desk, complaints: Complaints
) -> None:
    complaints.accept("ERR_CONNECTION_RESET")
    question = f"{SECOND} (lost)"
    delivered = asyncio.Queue[int]()

    async def deliver_and_cut(route: Route) -> None:
        if route.request.method != "POST" or route.request.url.endswith("/autosave"):
            await route.continue_()
            return
        # Playwright does not see the origin that the browser adds to a form it sends.
        headers = {**await route.request.all_headers(), "origin": server.url}
        await delivered.put((await route.fetch(headers=headers, max_redirects=0)).status)
        await route.abort("connectionreset")

    async with sit_down("Marisol Quintana") as page:
        await new_case(page, server)
        await fill_case(page, STORY)
        await page.locator(".steps a[href='#s-question']").click()
        await page.fill(QUESTION, question)
        await until_stored(server, question)
        await page.locator(".steps a[href='#s-sign']").click()
        await page.route("**/cases/**", deliver_and_cut)
        await page.get_by_role("button", name="Submit for review").click(no_wait_after=True)
        async with asyncio.timeout(PATIENCE):
            assert await delivered.get() == 303
        await until(page, "location.protocol === 'chrome-error:'")

        # Sent again, as the browser's own page of errors offers: still one case, and here it stands.
        await page.unroute_all()
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text(question)
        await expect(page).to_have_url(re.compile(r"/cases/[A-Z]{2,3}-\d{4}-\d{3}$"))
        await page.goto(f"{server.url}/cases")
        await expect(page.get_by_role("link", name=question)).to_have_count(1)
