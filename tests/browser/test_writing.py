"""Helps while writing in a real browser: suggested, put in by one click, and never sent with a name."""

import json

import pytest
from playwright.async_api import Page, Request, expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser

LIKE = "Which dose of sertraline helps depression while breastfeeding after birth?"


async def open_form(page: Page) -> list[str]:
    """Open an empty case form; return what will be sent to look up similar cases, as it comes."""
    asked: list[str] = []

    def note(request: Request) -> None:
        if request.url.endswith("/api/cases/similar"):
            asked.append(request.post_data or "")

    page.on("request", note)
    link = page.get_by_role("link", name="Present a case").first
    await page.goto(await link.evaluate("a => a.href"))
    await page.locator("[name=main_question]").click()
    return asked


async def test_a_question_is_coached_and_similar_cases_come_with_reasons(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana") as page:
        asked = await open_form(page)
        question = page.locator("[name=main_question]")
        await question.fill("Any thoughts?")
        coach = page.locator(".coach")
        await expect(coach).to_contain_text("Say what you want to decide")
        await question.fill(LIKE)
        await expect(coach).to_have_text("One question that can be answered.")
        similar = page.locator(".similar")
        await expect(similar).to_contain_text("similar case")
        await expect(similar.locator(".chip").first).to_be_visible()
        sent = json.loads(asked[-1])
        assert set(sent) == {"question", "diagnoses", "medicines", "types"}
        assert sent["question"] == LIKE
        link = similar.locator("a").first
        assert await link.get_attribute("target") == "_blank"
        await page.get_by_label("Changing a dose").check()
        asks = page.locator(".asks")
        await expect(asks).to_contain_text("0 of")
        await asks.locator("summary").click()
        await asks.get_by_role("link", name="The dose now").click()
        await expect(page.locator("[data-section=treatment]")).to_be_visible()


async def test_text_with_an_identifier_stays_in_the_page(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana") as page:
        asked = await open_form(page)
        question = page.locator("[name=main_question]")
        await question.fill("Should Mrs Hartwright take more sertraline, phone 505-555-0143?")
        await expect(page.locator(".similar-held")).to_be_visible()
        await question.fill(LIKE)
        await expect(page.locator(".similar")).to_be_visible()
        assert [text for text in asked if "Hartwright" in text or "0143" in text] == []


async def test_one_click_puts_the_person_first_and_quotes_stay(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana") as page:
        await open_form(page)
        question = page.locator("[name=main_question]")
        await question.fill("How can we help an alcoholic who says “I am a drunk” to sleep?")
        hints = page.locator(".hints")
        await expect(hints.locator(".hint")).to_have_count(1)
        await hints.get_by_role("button", name="person with alcohol use disorder").click()
        await expect(question).to_have_value(
            "How can we help a person with alcohol use disorder who says “I am a drunk” to sleep?"
        )
        await expect(hints).to_be_hidden()
        await question.fill("How can we help this manipulative man to sleep through the night?")
        await hints.get_by_role("button", name="Leave it").click()
        await expect(hints).to_be_hidden()


async def test_words_that_may_mean_danger_and_a_rare_combination_are_named(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana") as page:
        await open_form(page)
        await page.locator("[name=main_question]").fill(
            "How can we help the only sheriff in the county?"
        )
        await expect(page.locator(".rarity")).to_contain_text("an office that one person holds")
        await page.get_by_role("button", name="I have thought of it").click()
        await expect(page.locator(".rarity")).to_be_hidden()
        for _ in range(2):
            await page.get_by_role("button", name="Next").click()
        await page.locator("[name=presenting_problem]").fill("Low mood; he feels suicidal.")
        card = page.locator(".cue-card")
        await expect(card).to_contain_text("988 Suicide & Crisis Lifeline")
        await expect(card).to_contain_text("“suicidal”")
        await page.get_by_role("button", name="I have read this").click()
        await expect(card).to_be_hidden()
