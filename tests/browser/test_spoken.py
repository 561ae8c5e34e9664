"""The check in a real browser: in the language of the text, as the server reads it, and of today."""

import json
from collections.abc import Sequence
from datetime import datetime

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser

TITLED = "La llevó don Anselmo a la consulta porque ella ya no puede andar sin ayuda."
ENGLISH = "She has not slept for a week and wants to know what else she could try."
SHORT = "Remitida por doña Elvira, visto el 3/4."


async def open_form(page: Page) -> list[str]:
    """Open an empty case form; return what is asked for of Spanish and French, as it comes."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if "-es" in request.url or "-fr" in request.url:
            asked.append(request.url.rpartition("/")[2])

    page.on("request", note)
    link = page.get_by_role("link", name="Present a case").first
    await page.goto(await link.evaluate("a => a.href"))
    await page.locator("[name=main_question]").click()
    return asked


FOUND = """async (texts) => {
  const { lookIdly } = await import("cases/deid-look.js");
  const found = [];
  for (const text of texts) found.push((await lookIdly(text, () => true))?.findings ?? null);
  return found;
}"""


async def in_page(page: Page, texts: Sequence[str]) -> object:
    """Return what the page's check finds in texts, with the fields around them as they are."""
    return await page.evaluate(FOUND, texts)


async def on_server(page: Page, text: str, lang: str) -> object:
    """Return what the server finds in a text that is read in a language."""
    answer = await page.evaluate(
        """async ({text, lang}) => {
          const answer = await fetch("/api/deid/check", {
            method: "POST",
            headers: {"Content-Type": "application/json", "Accept": "application/json",
              "X-CSRF-Token": document.documentElement.dataset.csrf},
            body: JSON.stringify({text, lang}),
          });
          return await answer.text();
        }""",
        {"text": text, "lang": lang},
    )
    return json.loads(answer)["findings"]


async def test_a_spanish_case_is_read_in_spanish_in_the_page_and_on_the_server(
    sit_down: Desk,
) -> None:
    async with sit_down("Marisol Quintana") as page:
        asked = await open_form(page)
        question = page.locator("[name=main_question]")
        found = page.locator("[data-deid-findings]:visible .finding")
        await question.fill(ENGLISH)
        await expect(page.locator(".coach")).to_be_visible()
        assert asked == []
        # A title that only Spanish rules know holds the text; no words were asked for in English.
        async with page.expect_response(lambda answer: "deid-words-es" in answer.url):
            await question.fill(TITLED)
        await expect(found.locator(".finding-quote")).to_have_text(["don Anselmo"])
        await expect(page.locator(".finding--block:visible")).to_have_count(1)
        assert {name.split(".")[0] for name in asked} == {"deid-rules-es", "deid-words-es"}
        # What stands among Spanish texts is read in Spanish, though it does not tell itself.
        [here] = await in_page(page, [SHORT])  # type: ignore[misc]
        assert here == await on_server(page, SHORT, "es")
        assert here != await on_server(page, SHORT, "en")
        [titled] = await in_page(page, [TITLED])  # type: ignore[misc]
        assert titled == await on_server(page, TITLED, "")
        # In English again.
        await question.fill(ENGLISH)
        await expect(found).to_have_count(0)
        [here] = await in_page(page, [SHORT])  # type: ignore[misc]
        assert here == await on_server(page, SHORT, "en")


async def test_what_was_found_yesterday_is_not_said_today(sit_down: Desk) -> None:
    seen = "Seen on March 3, 2031: what next?"
    async with sit_down("Marisol Quintana") as page:
        await page.clock.set_fixed_time(datetime(2031, 3, 4, 23, 58))  # noqa: DTZ001 -- the device's own
        await open_form(page)
        question = page.locator("[name=main_question]")
        replace = page.locator("[data-deid-findings]:visible").get_by_role("button").first
        await question.fill(seen)
        await expect(replace).to_contain_text("1 day ago")
        await page.clock.set_fixed_time(datetime(2031, 3, 5, 0, 2))  # noqa: DTZ001
        # What was said yesterday is not put in: it is looked at anew, now or before.
        await replace.click()
        if await question.input_value() == seen:
            await expect(replace).to_contain_text("2 days ago")
            await replace.click()
        await expect(question).to_have_value("Seen 2 days ago: what next?")
