"""One draft on a phone and a laptop: saved while one writes, offline, chosen from, brought back."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Page, Route, expect

from tests.browser.conftest import Complaints, Desk
from tests.browser.test_story_before import stored
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
FIRST = "Which medicine would you start when sleep is the main trouble?"
SAVED = re.compile(r"Saved \d\d:\d\d")
ON_PHONE = "Which medicine would you add when sleep is the main trouble?"
ON_LAPTOP = "Is a medicine needed at all when sleep is the main trouble?"


@pytest_asyncio.fixture(loop_scope="session")
async def phone(sit_down: Desk, complaints: Complaints) -> AsyncIterator[Page]:
    complaints.accept("ERR_INTERNET_DISCONNECTED", "ERR_CONNECTION_RESET", "ERR_FAILED")
    async with sit_down("Marisol Quintana", **PHONE) as page:
        await page.get_by_role("link", name="Present a case").first.click()
        yield page


async def test_two_devices_and_a_line_that_breaks(
    phone: Page, sit_down: Desk, server: Server
) -> None:
    question = phone.locator("[name=main_question]")
    said = phone.locator("[data-form-note]")
    await question.fill(FIRST)
    await expect(said).to_contain_text(SAVED)
    await expect(phone).to_have_url(re.compile(r"/cases/[0-9a-z]{26}/edit$"))
    draft = phone.url

    async with sit_down("Marisol Quintana", **LAPTOP) as laptop:
        await laptop.goto(draft)
        await expect(laptop.locator("[name=main_question]")).to_have_value(FIRST)

        # The line is gone: the form goes on, and says where the text is.
        await phone.context.set_offline(True)
        await question.fill(ON_PHONE)
        await expect(said).to_contain_text("Offline: kept on this device")
        await phone.get_by_role("button", name="Next").click()
        await expect(phone.locator("[name=age]")).to_be_visible()
        await phone.locator("[name=age]").fill("46")
        await phone.get_by_role("button", name="Save draft").last.click()
        await expect(said).to_contain_text("Not sent: there is no connection")

        # Meanwhile on the laptop.
        await laptop.locator("[name=main_question]").fill(ON_LAPTOP)
        await laptop.get_by_label("Soon").check()
        await expect(laptop.locator("[data-form-note]")).to_contain_text(SAVED)

        # The line is back: the author chooses, field by field; nothing is overwritten before.
        await phone.context.set_offline(False)
        dialog = phone.get_by_role("dialog", name="This draft was saved on another device")
        await expect(dialog).to_be_visible()
        assert await violations(phone) == []
        chosen = [await r.get_attribute("value") for r in await dialog.locator(":checked").all()]
        # What only the other device changed stands chosen there.
        assert chosen == ["here", "there", "here"]
        await expect(dialog).to_contain_text(ON_LAPTOP)
        await dialog.get_by_role("button", name="Go on with these").click()
        await expect(said).to_contain_text(SAVED)
        await laptop.reload()
        await expect(laptop.locator("[name=main_question]")).to_have_value(ON_PHONE)
        await expect(laptop.get_by_label("Soon")).to_be_checked()
        await expect(laptop.locator("[name=age]")).to_have_value("46")

        # The laptop's question is not lost: read, and put back into the form.
        await laptop.get_by_role("link", name="Earlier texts").click()
        await expect(laptop.get_by_role("heading", level=1)).to_have_text("Earlier texts")
        assert await violations(laptop) == []
        texts = laptop.locator(".row-title")
        for place in range(await texts.count()):
            await texts.nth(place).click()
            if await laptop.get_by_role("heading", name=ON_LAPTOP).count():
                break
        await laptop.get_by_role("link", name="Put this text into the form").click()
        await expect(laptop.locator("[name=main_question]")).to_have_value(ON_LAPTOP)
        await laptop.get_by_role("button", name="Save draft").last.click()
        await expect(laptop.get_by_role("status").first).to_contain_text("Draft saved")
        await laptop.goto(draft)
        await expect(laptop.locator("[name=main_question]")).to_have_value(ON_LAPTOP)
        await laptop.goto(draft.replace("/edit", "/crosswalk"))
        assert await violations(laptop) == []
        await expect(laptop.locator("main")).not_to_contain_text("sleep")


async def test_what_could_identify_stays_on_the_device_and_comes_back(
    phone: Page, server: Server
) -> None:
    question = phone.locator("[name=main_question]")
    said = phone.locator("[data-form-note]")
    # The check comes with the first words; until it is there the server says what is wrong.
    await question.fill("Her sister is at (505) 555-0199.")
    await expect(said).to_contain_text("On this device only: fix the marked places")
    await expect(phone.locator(".finding--block")).to_be_visible()
    await question.fill(f"{FIRST} Her sister is at (505) 555-0199.")
    await expect(said.get_by_role("link", name="Show", exact=True)).to_be_visible()
    assert not await stored(server, b"555-0199")
    await phone.get_by_role("link", name="Show", exact=True).click()
    await expect(phone.locator(".finding--block").first).to_be_focused()
    # The phone is switched off and on again.
    await phone.reload()
    await expect(question).to_have_value("")
    await phone.get_by_role("button", name="Bring it back").click()
    await expect(question).to_have_value(re.compile("555-0199"))
    await expect(said).to_contain_text("On this device only")
    await question.fill(FIRST)
    await expect(said).to_contain_text(SAVED)
    await phone.reload()
    await expect(question).to_have_value(FIRST)
    await expect(phone.get_by_role("button", name="Bring it back")).to_have_count(0)


async def test_an_answer_that_gets_lost_makes_no_second_draft(phone: Page, server: Server) -> None:
    lost = []

    async def deliver_and_cut(route: Route) -> None:
        answer = await route.fetch()
        lost.append(answer.status)
        await route.abort("connectionreset")

    title = "How long should somebody stay on a sleeping medicine?"
    await phone.route("**/autosave", deliver_and_cut)
    await phone.locator("[name=main_question]").fill(title)
    await expect(phone.locator("[data-form-note]")).to_contain_text("Offline")
    assert lost[0] == 200
    await phone.unroute("**/autosave")
    # A crash before the answer: the page that comes back goes on with the same case.
    await phone.reload()
    await phone.get_by_role("button", name="Bring it back").click()
    await expect(phone.locator("[data-form-note]")).to_contain_text(SAVED)
    await expect(phone).to_have_url(re.compile(r"/cases/[0-9a-z]{26}/edit$"))
    await phone.goto(f"{server.url}/cases")
    await expect(phone.get_by_role("link", name=title)).to_have_count(1)
