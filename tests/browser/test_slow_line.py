"""On a slow line people act before the scripts have come: what they did counts."""

import asyncio
import re

import pytest
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Complaints, Desk

pytestmark = pytest.mark.browser

QUESTION = "Which medicine would you start when sleep is the main trouble?"


async def hold_scripts(page: Page) -> asyncio.Event:
    """Let no script through until the event is set."""
    go_on = asyncio.Event()

    async def wait(route: Route) -> None:
        await go_on.wait()
        await route.continue_()

    await page.route(re.compile(r"/static/.*\.js"), wait)
    return go_on


async def test_what_was_typed_is_kept_on_the_device(
    sit_down: Desk, complaints: Complaints
) -> None:
    complaints.accept("ERR_FAILED")
    async with sit_down("Marisol Quintana") as page:
        go_on = await hold_scripts(page)
        await page.route("**/autosave", lambda route: route.abort())
        link = page.get_by_role("link", name="Present a case").first
        await page.goto(await link.evaluate("a => a.href"), wait_until="commit")
        await page.locator("[name=main_question]").fill(QUESTION)
        go_on.set()
        await expect(page.locator("[data-form-note]")).to_contain_text("device")
        await page.reload()
        await page.get_by_role("button", name="Bring it back").click()
        await expect(page.locator("[name=main_question]")).to_have_value(QUESTION)


async def test_the_check_is_fetched_when_somebody_writes(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana") as page:
        fetched: list[str] = []
        page.on("request", lambda request: fetched.append(request.url))

        def check() -> list[str]:
            return [url for url in fetched if re.search(r"/check\.js|deid-", url)]

        await page.get_by_role("link", name="Present a case").first.click()
        await page.wait_for_load_state("networkidle")
        assert check() == []
        question = page.locator("[name=main_question]")
        async with page.expect_request(re.compile("deid-words")):
            await question.focus()
        await question.fill(f"{QUESTION} Her sister Rosalind asked on 14 March 2026.")
        await expect(page.locator(".finding--block:visible")).not_to_have_count(0)
        await question.fill(QUESTION)
        await expect(page).to_have_url(re.compile(r"/cases/[0-9a-z]{26}/edit$"))

        # A draft is read without being asked, but not where every byte is paid for.
        async with page.expect_request(re.compile("deid-words")):
            await page.reload()
        await page.add_init_script(
            "Object.defineProperty(navigator, 'connection', {value: {saveData: true}})"
        )
        fetched.clear()
        await page.reload(wait_until="networkidle")
        await expect(question).to_have_value(QUESTION)
        assert check() == []
        async with page.expect_request(re.compile("deid-words")):
            await question.focus()


async def test_the_camera_stays_shut_for_who_chose_to_listen(sit_down: Desk) -> None:
    async with sit_down("Imani Okafor-Reyes") as page:
        await page.add_init_script(
            "navigator.mediaDevices.getUserMedia = (real => (...wish) => {"
            " globalThis.asked = true; return real(...wish); })"
            "(navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices))"
        )
        go_on = await hold_scripts(page)
        link = page.get_by_role("link", name="Join").first
        await page.goto(await link.evaluate("a => a.href"), wait_until="commit")
        await page.get_by_label("Listen and write only").check()
        go_on.set()
        await expect(page.locator("#lobby")).not_to_be_empty()
        await expect(page.get_by_label("Listen and write only")).to_be_checked()
        assert await page.evaluate("globalThis.asked") is None
