"""The whole way of a case: written on a phone, decided on a laptop (story 2, issue of the form).

Write, catch, fix, attach, black out, submit, return, correct, pass, accept, schedule.
"""

import re
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Page, expect

from tests.browser.case_form import fill_case
from tests.browser.conftest import Desk
from tests.factories import files
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 740}, "has_touch": True, "is_mobile": True}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
STORY = (
    "Low mood and poor sleep since the job was lost, five months ago. First seen on 14 March 2026. "
    "No thoughts of dying."
)
LINES = ("Patient: Rosalind Quintana", "Sodium 138 mmol/L")


async def no_wider_than_the_phone(page: Page) -> None:
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375


async def sign_and_send(page: Page) -> None:
    await page.locator(".steps a[href='#s-sign']").click()
    for name in ("attest_deid", "attest_treating", "attest_no_relationship"):
        await page.locator(f"[name={name}]").check()
    await page.get_by_role("button", name="Submit for review").click()


async def test_from_a_phone_to_a_slot(sit_down: Desk, server: Server) -> None:
    async with (
        sit_down("Marisol Quintana", **PHONE) as marisol,
        sit_down("Sam Whitlock", **LAPTOP) as sam,
    ):
        await marisol.goto(f"{server.url}/cases")
        await marisol.get_by_role("link", name="Behavioural Health").first.click()
        await fill_case(marisol, STORY)
        await no_wider_than_the_phone(marisol)
        # Caught and fixed with one tap, before anything is sent.
        await marisol.locator(".steps a[href='#s-story']").click()
        found = marisol.locator(".finding--block:visible")
        await expect(found).to_have_count(1)
        await found.get_by_role("button", name=re.compile("Replace")).click()
        await expect(found).to_have_count(0)
        await expect(marisol.locator("[name=presenting_problem]")).not_to_have_value(
            re.compile("14 March")
        )
        # Saved by itself once it is clean.
        await expect(marisol.locator("[data-form-note]")).to_contain_text("Saved")
        await expect(marisol).to_have_url(re.compile(r"/cases/[0-9a-z]+/edit$"))
        form = marisol.url
        # A picture with a name in it: found, blacked out with one tap.
        await marisol.get_by_role("link", name="Attach pictures or a PDF").click()
        await marisol.get_by_label("File", exact=True).set_input_files(
            {"name": "lab.png", "mimeType": "image/png", "buffer": files.a_png(LINES)}
        )
        await marisol.get_by_role("button", name="Attach").click()
        black = marisol.get_by_role("button", name="Black out this line").first
        await expect(black).to_be_visible(timeout=120_000)
        await no_wider_than_the_phone(marisol)
        assert await violations(marisol) == []
        await black.click()
        await expect(marisol.get_by_role("button", name="Black out this line")).to_have_count(
            0, timeout=120_000
        )
        await marisol.goto(form)
        await sign_and_send(marisol)
        await expect(marisol.get_by_role("heading", level=1)).to_contain_text("Which medicine")
        case = urlsplit(marisol.url).path
        # The desk sends it back with a comment at one answer.
        await sam.goto(f"{server.url}{case}/review")
        assert await violations(sam) == []
        comment = sam.get_by_label("What should the author change in this text?").first
        if not await comment.is_visible():
            await sam.locator("details:has([name^='comment.'])").first.locator("summary").click()
        await comment.fill("Say how many hours of sleep are left.")
        await sam.get_by_role("button", name="Send back").click()
        await expect(sam).to_have_url(f"{server.url}/triage")
        # The author sees what is asked, answers it and sends it again.
        await marisol.goto(f"{server.url}/cases")
        await marisol.locator(f"a[href^='{case}']").first.click()
        await expect(
            marisol.get_by_text("Say how many hours of sleep are left.").first
        ).to_be_visible()
        await marisol.goto(f"{server.url}{case}/edit")
        await marisol.locator(".steps a[href='#s-story']").click()
        story = marisol.locator("[name=presenting_problem]")
        await story.fill(await story.input_value() + " About four hours of sleep a night.")
        await no_wider_than_the_phone(marisol)
        await sign_and_send(marisol)
        await expect(marisol.get_by_role("heading", level=1)).to_contain_text("Which medicine")
        # Every page is looked at before the case can pass; then it gets its slot.
        await sam.goto(f"{server.url}{case}/review")
        await expect(
            sam.get_by_text("1 page to approve", exact=False).or_(
                sam.get_by_text("One page to approve", exact=False)
            )
        ).to_be_visible()
        for looked in await sam.get_by_label(re.compile("I have looked at")).all():
            await looked.check()
        await sam.get_by_role("button", name="Approve this page").click()
        await expect(sam.get_by_text("Every page is decided.")).to_be_visible()
        for choice in await sam.get_by_label("Identifies nobody").all():
            await choice.check()
        await sam.get_by_role("button", name="Pass and accept").click()
        await sam.get_by_role("button", name="Give it this slot").click()
        await expect(sam.get_by_role("button", name="Take the slot back")).to_be_visible()
        await marisol.goto(f"{server.url}{case}")
        await expect(marisol.get_by_text("Scheduled").first).to_be_visible()
        await no_wider_than_the_phone(marisol)
        assert await violations(marisol) == []
    assert "Rosalind" not in server.output
