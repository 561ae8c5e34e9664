"""How a clinician in a story fills the behavioural-health form, step by step."""

from playwright.async_api import Page, expect


async def fill_case(page: Page, narrative: str) -> None:
    """Answer what is asked until the form can be sent."""
    await page.locator("[name=main_question]").fill(
        "Which medicine would you start when sleep is the main trouble?"
    )
    await page.get_by_label("Starting or choosing a medicine").check()
    await page.get_by_label("Routine").check()
    await expect(page.get_by_role("button", name="Next")).to_be_visible()
    while True:
        section = page.locator("[data-section]:visible")
        await expect(section).to_have_count(1)
        for name, value in {
            "age": "46",
            "goal_own_words": "I want to sleep through the night.",
            "presenting_problem": narrative,
            "duration.amount": "5",
            "psych_history": "None that we know of.",
            "admissions_lifetime": "0",
            "diagnoses.0.label": "Depression",
            "allergies": "none known",
        }.items():
            field = section.locator(f"[name='{name}']:visible")
            if await field.count():
                await field.fill(value)
        for name, value in {
            "setting": "rural_clinic",
            "area": "rural",
            "person_aware": "agreed",
            "function_impact": "moderate",
            "suicide_history": "none_known",
            "trauma_exposure": "no",
            "mania_screen": "asked_negative",
            "sdoh_asked": "none",
            "sex_for_formulas": "female",
            "pregnancy": "no",
            "diagnoses.0.status": "active",
            "duration.unit": "months",
            "presenter_discipline": "np",
            "how_do_you_feel": "4",
        }.items():
            field = section.locator(f"[name='{name}']:visible")
            if not await field.count():
                continue
            if await field.first.evaluate("e => e.tagName") == "SELECT":
                await field.first.select_option(value)
            elif await field.first.get_attribute("type") == "radio":
                await section.locator(f"label:has([name='{name}'][value='{value}'])").click()
            else:
                await field.first.fill(value)
        for name, value in (
            ("strengths", "family"),
            ("sleep", "falling"),
            ("medical_history", "none"),
            ("medications.none", "yes"),
            ("past_treatments.none", "yes"),
            ("barriers", "none"),
            ("attest_deid", "yes"),
            ("attest_treating", "yes"),
            ("attest_no_relationship", "yes"),
        ):
            field = section.locator(f"[name='{name}'][value='{value}']")
            if await field.count() and await field.is_visible():
                await field.check()
        questionnaire = section.locator("details:has([name='phq9.1'])")
        if await questionnaire.count():
            await questionnaire.locator("summary").click()
            await questionnaire.locator("[name='phq9.weeks_ago']").fill("0")
        for item, score in enumerate((2, 2, 3, 2, 1, 1, 1, 0, 0), 1):
            field = section.locator(f"label:has([name='phq9.{item}'][value='{score}'])")
            if await field.count():
                await field.click()
        if await questionnaire.count():
            await expect(questionnaire).to_contain_text("12")
            await expect(questionnaire).to_contain_text("moderate")
        if await page.get_by_role("button", name="Submit for review").is_visible():
            return
        await page.get_by_role("button", name="Next").click()
