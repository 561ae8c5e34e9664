"""The clinic itself (story 4 and 5): two people see and hear each other, a line is captured.

Real browsers with cameras that play files, the real server and its SFU between them.
"""

import re

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Complaints
from tests.browser.room import FACES, at_the_door, go_in, go_in_again, hears, move_to, sees
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

LINE = "Stop escitalopram this week and call within 3 days about sleep."


async def test_an_evening_at_the_hub(server: Server, complaints: Complaints) -> None:
    async with (
        at_the_door(server, "Imani", complaints) as imani,
        at_the_door(server, "Marisol", complaints) as marisol,
    ):
        await expect(imani.locator("#preview")).to_be_visible()
        assert await violations(imani) == []
        await go_in(imani)
        await go_in(marisol)
        await sees(imani, "Marisol")
        await sees(marisol, "Imani")
        await hears(imani, FACES["Marisol"])
        await hears(marisol, FACES["Imani"])
        assert await violations(imani) == []

        # The facilitator starts and moves on; the spoke's page follows.
        await imani.locator("#phase-start").click()
        await expect(marisol.locator("#phase-name")).to_contain_text("Welcome")
        await move_to(imani, "questions|Q&A")
        await expect(marisol.locator("#phase-name")).to_have_text(
            await imani.locator("#phase-name").inner_text()
        )

        # A hand is raised and answered.
        await marisol.locator("#control-hand").click()
        await marisol.get_by_label("To ask a question").check()
        await marisol.locator("#note").or_(marisol.locator("#f-note")).fill("About sleep")
        await marisol.locator("#hand-form button[type=submit]").click()
        entry = imani.locator("#lane-spoke-list .queue-entry", has_text="Marisol")
        await expect(entry).to_contain_text("About sleep")
        await entry.get_by_role("button", name=re.compile("Give")).click()
        await expect(marisol.locator("#floor-now")).to_contain_text("You")
        await imani.locator("[data-key='floor-done']").click()
        await expect(marisol.locator("#floor-now")).not_to_contain_text("You")

        # The case is on screen, and what is advised is captured as it is said.
        await move_to(imani, "presentation")
        await expect(marisol.locator("#question-text")).to_contain_text("Could this be bipolar")
        await move_to(imani, "hub recommends|recommend.*hub|hub.*recommend")
        await imani.get_by_role("tab", name="Recommendations").click()
        await imani.get_by_label("Said by").select_option(label="Imani Okafor-Reyes MD")
        await imani.locator("#f-line").fill(LINE)
        await imani.locator("#capture-form button[type=submit]").click()
        await marisol.get_by_role("tab", name="Recommendations").click()
        line = marisol.locator("#lines li", has_text=LINE)
        await expect(line).to_contain_text("Imani")
        await expect(line).to_contain_text(re.compile(r"\d\d?:\d\d"))

        # An identifier is not let in, and nothing of it is kept.
        await imani.locator("#f-line").fill("Call his sister Rose at (505) 555-0142.")
        await imani.locator("#capture-form button[type=submit]").click()
        await expect(imani.locator("#line-held")).to_be_visible()
        await imani.locator("#f-line").fill("")

        # A reload and a killed server lose nothing that was acknowledged.
        phase = await imani.locator("#phase-name").inner_text()
        complaints.accept("ERR_CONNECTION", "WebSocket")
        server.kill()
        server.start()
        for page in (imani, marisol):
            await expect(page.locator("#phase-name")).to_have_text(phase, timeout=30_000)
        await expect(marisol.locator("#lines li", has_text=LINE)).to_be_visible(timeout=30_000)
        await marisol.reload()
        await go_in_again(marisol)
        await marisol.get_by_role("tab", name="Recommendations").click()
        await expect(marisol.locator("#lines li", has_text=LINE)).to_be_visible()
        await sees(imani, "Marisol")

        # Closing a laptop empties the seat.
        await imani.get_by_role("tab", name="People").click()
        await marisol.context.close()
        await expect(imani.locator("#people li", has_text="Marisol")).to_have_count(
            0, timeout=15_000
        )
    assert LINE not in server.output
    assert "555-0142" not in server.output
