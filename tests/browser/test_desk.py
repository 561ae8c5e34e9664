"""The review desk by keyboard alone: from place to place, decide, pass; and without JavaScript."""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import expect

from tests.browser.case_form import fill_case
from tests.browser.conftest import Desk
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

NARRATIVE = "Low mood since the birth. Treated at Juniper Flat Clinic for years. Her twin works at the mill."


async def test_a_case_is_reviewed_with_the_keyboard(sit_down: Desk, server: Server) -> None:
    async with sit_down("Marisol Quintana") as marisol, sit_down("Sam Whitlock") as sam:
        await marisol.get_by_role("link", name="Present a case").first.click()
        await fill_case(marisol, NARRATIVE)
        await marisol.locator(".steps a:visible").last.click()
        for name in ("attest_deid", "attest_treating", "attest_no_relationship"):
            await marisol.locator(f"[name={name}]").check()
        await marisol.get_by_role("button", name="Submit for review").click()
        # A finding for review wants the author's reason before it goes.
        reasons = marisol.locator("select[name^='decide.']")
        await expect(reasons.first).to_be_attached()
        for place in range(await reasons.count()):
            await reasons.nth(place).evaluate("e => { e.value = 'public_name'; }")
        for name in ("attest_deid", "attest_treating", "attest_no_relationship"):
            await marisol.locator(f"[name={name}]").evaluate("e => { e.checked = true; }")
        await marisol.locator("button[data-submit]").evaluate("e => e.click()")
        await expect(marisol.get_by_role("heading", level=1)).to_contain_text("Which medicine")

        await sam.goto(f"{server.url}{urlsplit(marisol.url).path}/review")
        progress = sam.locator("[data-progress]")
        await expect(progress).to_have_text(re.compile(r"^0 of \d+ looked at$"))
        everything = await sam.locator("[data-place]").count()
        assert everything >= 2
        keys = sam.keyboard
        await keys.press("?")
        await expect(sam.locator("#keys-dialog")).to_be_visible()
        await keys.press("j")  # a dialog is open: nothing moves behind it
        assert await violations(sam) == []
        await keys.press("Escape")
        await keys.press("j")
        await expect(sam.locator("#place-1")).to_be_focused()
        await keys.press("ArrowDown")
        await expect(sam.locator("#place-2")).to_be_focused()
        await keys.press("k")
        await expect(sam.locator("#place-1")).to_be_focused()
        # Keys never act while one types.
        await keys.press("a")
        box = sam.locator("textarea:focus")
        await keys.type("jic?")
        await expect(box).to_have_value("jic?")
        assert await sam.locator("input[type=radio]:checked").count() == 0
        await box.fill("")
        # Off means off, also after loading the page again; the mouse still decides.
        await sam.get_by_role("button", name="Keys").click()
        await sam.get_by_label("Use these keys").uncheck()
        await keys.press("Escape")
        await sam.reload()
        await sam.locator("#place-1").focus()
        await keys.press("c")
        assert await sam.locator("input[type=radio]:checked").count() == 0
        await sam.get_by_role("button", name="Keys").click()
        await sam.get_by_label("Use these keys").check()
        await keys.press("Escape")
        # Clear, clear, clear: each goes on to the next place.
        await sam.locator("#place-1").focus()
        for _ in range(everything):
            await keys.press("c")
        await expect(progress).to_have_text(f"{everything} of {everything} looked at")
        await keys.press("p")
        await expect(sam.locator("#pass-title")).to_be_focused()
        await keys.press("Tab")
        await sam.get_by_role("button", name="Pass and accept").focus()
        await keys.press("Enter")
        await expect(sam.get_by_role("heading", name="Give it a slot")).to_be_visible()
