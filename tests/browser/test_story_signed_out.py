"""A sign-in that ends in a half-written case: renewed in place, and nothing typed is lost."""

import contextlib
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.case_form import fill_case
from tests.browser.conftest import Complaints, Desk
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

ADDRESS, PASSWORD = "marisol@demo.invalid", "four quiet wooden spoons"
QUESTION = "Which medicine would you start when sleep is the main trouble?"
STORY = "Low mood and poor sleep since the job was lost, five months ago."
MORE = "The family helps in the evening."


async def set_password(page: Page, server: Server, password: str) -> None:
    await page.goto(f"{server.url}/profile")
    await page.get_by_label("Password").fill(password)
    await page.get_by_role("button", name="Save password").click()
    await expect(page.get_by_role("status").first).to_contain_text("password")


async def sign_out_everywhere(page: Page, server: Server) -> None:
    await page.goto(f"{server.url}/profile")
    await page.get_by_role("button", name="Sign out everywhere").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


async def sign_in_again(page: Page, address: str, password: str) -> None:
    dialog = page.get_by_role("dialog", name="Sign in again to go on")
    await expect(dialog).to_be_visible()
    await dialog.get_by_label("E-mail address").fill(address)
    await dialog.get_by_label("Password").fill(password)
    await dialog.get_by_role("button", name="Sign in and go on").click()


@contextlib.asynccontextmanager
async def beside(page: Page, complaints: Complaints) -> AsyncIterator[Page]:
    """A second tab of the same browser: the same cookies, the same device."""
    tab = await page.context.new_page()
    complaints.watch(tab)
    yield tab
    await tab.close()


async def test_signed_out_from_another_device(sit_down: Desk, server: Server) -> None:
    async with sit_down("Marisol Quintana") as marisol:
        await set_password(marisol, server, PASSWORD)
        await marisol.goto(server.url)
        await marisol.get_by_role("link", name="Present a case").first.click()
        await fill_case(marisol, STORY)
        async with sit_down("Marisol Quintana") as elsewhere:
            await sign_out_everywhere(elsewhere, server)

        # She writes on, knowing nothing of it, and sends.
        await marisol.get_by_role("link", name=re.compile("Story")).click()
        narrative = marisol.locator("[name=presenting_problem]")
        await narrative.fill(f"{STORY} {MORE}")
        posted: list[str] = []

        def note(request: Request) -> None:
            # What the form saves on its own is refused without a sign-in, and told so.
            if request.method == "POST" and not request.url.endswith("/autosave"):
                posted.append(request.url)

        marisol.on("request", note)
        await marisol.locator(".steps a:visible").last.click()
        await marisol.get_by_role("button", name="Submit for review").click()
        dialog = marisol.get_by_role("dialog", name="Sign in again to go on")
        await expect(dialog).to_be_visible()
        assert posted == []
        assert await violations(marisol) == []

        # Not now: the form is as it was. Then a wrong password, then the right one.
        await dialog.get_by_role("button", name="Not now").click()
        await expect(dialog).to_be_hidden()
        await expect(narrative).to_have_value(f"{STORY} {MORE}")
        await marisol.get_by_role("button", name="Submit for review").click()
        await sign_in_again(marisol, ADDRESS, "not her password at all")
        await expect(dialog.get_by_text("That did not work")).to_be_visible()
        assert [url for url in posted if "/cases" in url] == []
        await sign_in_again(marisol, ADDRESS, PASSWORD)
        await expect(marisol.get_by_role("heading", level=1)).to_have_text(QUESTION)
        await expect(marisol.locator("main")).to_contain_text(f"{STORY} {MORE}")
        await expect(marisol.locator("main")).to_contain_text("I want to sleep through the night.")


async def test_signed_out_in_another_tab(
    sit_down: Desk, server: Server, complaints: Complaints
) -> None:
    async with sit_down("Marisol Quintana") as marisol:
        await set_password(marisol, server, PASSWORD)
        await marisol.goto(server.url)
        await marisol.get_by_role("link", name="Present a case").first.click()
        question = marisol.locator("[name=main_question]")
        await question.fill(QUESTION)
        await expect(marisol.locator("[data-form-note]")).to_contain_text("Saved ")
        async with beside(marisol, complaints) as tab:
            await tab.goto(server.url)
            await tab.locator("summary", has_text="Marisol").click()
            await tab.get_by_role("button", name="Sign out").click()
            await expect(tab.get_by_role("heading", level=1)).to_have_text("Sign in")

            # She comes back by a link in that tab; the form goes on without a password.
            await marisol.get_by_label("Routine").check()
            await marisol.get_by_role("button", name="Save draft").last.click()
            dialog = marisol.get_by_role("dialog", name="Sign in again to go on")
            await expect(dialog).to_be_visible()
            await tab.goto(server.sign_in("Marisol Quintana"))
            await expect(tab.get_by_role("heading", level=1)).to_contain_text("Hello")
        # The address was that of the draft before: what counts is that the form was sent.
        async with marisol.expect_navigation(url=re.compile(r"/cases/[^/]+/edit$")):
            await dialog.get_by_role("button", name="Sign in and go on").click()
        await marisol.reload()
        await expect(question).to_have_value(QUESTION)
        await expect(marisol.get_by_label("Routine")).to_be_checked()


async def test_somebody_else_signed_in_on_this_device(
    sit_down: Desk, server: Server, complaints: Complaints
) -> None:
    async with sit_down("Marisol Quintana") as marisol:
        await set_password(marisol, server, PASSWORD)
        await marisol.goto(server.url)
        await marisol.get_by_role("link", name="Present a case").first.click()
        question = marisol.locator("[name=main_question]")
        await question.fill(f"{QUESTION} (second)")
        async with beside(marisol, complaints) as tab:
            await tab.goto(server.sign_in("Hugh Abernathy"))
            await expect(tab.get_by_role("heading", level=1)).to_contain_text("Hugh")
            await marisol.get_by_role("button", name="Save draft").last.click()
            dialog = marisol.get_by_role("dialog", name="Sign in again to go on")
            await expect(dialog).to_contain_text("Somebody else is signed in")
            await sign_in_again(marisol, ADDRESS, PASSWORD)
            await expect(marisol).to_have_url(re.compile(r"/cases/[^/]+/edit$"))
            await expect(question).to_have_value(f"{QUESTION} (second)")
            await tab.goto(f"{server.url}/cases")
            await expect(tab.locator("summary", has_text="Marisol")).to_be_visible()
            await expect(tab.get_by_text("(second)")).to_be_visible()
        async with sit_down("Hugh Abernathy") as hugh:
            await hugh.goto(f"{server.url}/cases")
            await expect(hugh.get_by_text("(second)")).to_have_count(0)
