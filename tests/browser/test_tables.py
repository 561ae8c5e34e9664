"""The tables of the case form on a phone: typed in one line, folded, corrected, taken out."""

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.browser.conftest import Desk

pytestmark = pytest.mark.browser

PHONE = {"viewport": {"width": 375, "height": 700}, "has_touch": True}


async def open_step(page: Page, key: str) -> None:
    link = page.get_by_role("link", name="Present a case").first
    await page.goto(await link.evaluate("a => a.href"))
    await page.locator(f'.steps a[href="#s-{key}"]').evaluate("a => a.click()")


def lines(page: Page, grid: str) -> Locator:
    return page.locator(f'[data-grid="{grid}"] .grid-line:visible > p')


async def test_medicines_are_typed_in_one_line(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana", **PHONE) as page:
        await open_step(page, "treatment")
        quick = page.get_by_label("Type or paste medicines")
        none = page.get_by_label("No medicines")
        # A name is chosen from the list with the keyboard, the line goes on behind it.
        await quick.press_sequentially("bup")
        await expect(page.get_by_role("option").first).to_contain_text("buprenorphine")
        await quick.press("ArrowDown")
        await quick.press("Enter")
        await expect(quick).to_have_value("buprenorphine ")
        await quick.press_sequentially("8 bid 12w")
        await quick.press("Enter")
        await expect(lines(page, "medications")).to_have_text(
            ["buprenorphine 8 mg under the tongue twice a day, 12 weeks"]
        )
        await expect(quick).to_have_value("")
        await expect(none).to_be_disabled()
        # A list with something that nobody understands: it stands beside its row, which stays open.
        await quick.evaluate(
            "(input, text) => { const list = new DataTransfer(); list.setData('text/plain', text);"
            " input.dispatchEvent(new ClipboardEvent('paste',"
            " {clipboardData: list, bubbles: true, cancelable: true})); }",
            "1. sert 250 qd\n2. metformin 1g bid with food",
        )
        await page.get_by_role("button", name="Add", exact=True).click()
        await expect(lines(page, "medications")).to_have_count(2)
        await expect(
            page.get_by_text("More than the usual maximum of 200 mg a day.")
        ).to_be_visible()
        await expect(page.get_by_text("Not understood: “with food”.")).to_be_visible()
        await page.get_by_role("button", name="Done", exact=True).click()
        await expect(lines(page, "medications")).to_have_count(3)
        # Taken out, and back again.
        await page.get_by_role("button", name="Remove metformin").click()
        await expect(lines(page, "medications")).to_have_count(2)
        await page.get_by_role("button", name="Undo").click()
        await expect(lines(page, "medications").last).to_have_text(
            "metformin 1 g by mouth twice a day"
        )
        # What is sent is what the lines say; the quick line itself is not sent.
        names = await page.locator('[name^="medications."][name$=".name"]').evaluate_all(
            "all => all.map(e => e.value).filter(Boolean)"
        )
        assert names == ["buprenorphine", "sertraline", "metformin"]
        assert await quick.get_attribute("name") is None
        # A row is opened again to be changed.
        await page.get_by_role("button", name="Edit sertraline").click()
        dose = page.locator('[name="medications.1.dose"]')
        await dose.fill("100")
        await page.get_by_role("button", name="Done", exact=True).click()
        await expect(lines(page, "medications").nth(1)).to_have_text(
            "sertraline 100 mg by mouth once a day"
        )
        await expect(page.get_by_text("More than the usual maximum")).to_have_count(0)


async def test_there_is_none_and_rows_exclude_each_other(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana", **PHONE) as page:
        await open_step(page, "treatment")
        quick = page.get_by_label("Type or paste medicines")
        await expect(quick).to_be_visible()
        await page.get_by_label("No medicines").check()
        await expect(quick).to_be_hidden()
        await page.get_by_label("No medicines").uncheck()
        await expect(quick).to_be_visible()
        tried = page.locator('[data-grid="past_treatments"]')
        await tried.locator("[name='past_treatments.0.name']").fill("therapy group")
        await expect(page.get_by_label("Nothing tried yet")).to_be_disabled()
        await tried.get_by_role("button", name="Remove").click()
        await expect(page.get_by_label("Nothing tried yet")).to_be_enabled()


async def test_results_have_the_units_and_words_of_their_test(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana", **PHONE) as page:
        await open_step(page, "measures")
        quick = page.get_by_label("Type or paste results")
        await quick.fill("a1c 8.2 3w, crp 5, glu 7.2 3w, hbsag neg 3w")
        await quick.press("Enter")
        await expect(quick).to_have_value("crp 5")
        shown = lines(page, "labs")
        await expect(shown).to_have_text(
            ["HbA1c 8.2 %, 3 weeks ago", "HBsAg negative, 3 weeks ago"]
        )
        # 7.2 mg/dL is no fasting glucose: asked, and one tap says what was meant.
        await page.get_by_role("button", name="I mean 7.2 mmol/L").click()
        unit = page.locator('[name="labs.1.unit"]')
        await expect(unit).to_have_value("mmol/L")
        await expect(unit.locator("option")).to_have_text(["mg/dL", "mmol/L"])
        await expect(page.get_by_text("= 130 mg/dL.")).to_be_visible()
        await page.get_by_role("button", name="Done", exact=True).click()
        await expect(shown.nth(1)).to_have_text("Fasting glucose 7.2 mmol/L, 3 weeks ago")
        await page.get_by_role("button", name="Add a row").click()
        await page.locator('[name="labs.3.code"]').select_option("hiv")
        # The test stands ready without a result: the line fills its row, no new one.
        await quick.fill("hiv nd")
        await quick.press("Enter")
        await expect(page.locator('[name="labs.3.value"]')).to_have_value("not done")
        await expect(shown).to_have_count(4)
        await page.get_by_role("button", name="Edit HIV test").click()
        await page.get_by_role("button", name="positive").click()
        await expect(page.locator('[name="labs.3.value"]')).to_have_value("positive")


async def test_measures_say_what_is_kept(sit_down: Desk) -> None:
    async with sit_down("Marisol Quintana", **PHONE) as page:
        await open_step(page, "measures")
        await expect(page.get_by_label("Type or paste results")).to_be_visible()
        await page.locator("[name=weight]").fill("186")
        await page.locator("[name='weight.unit']").select_option("lb")
        weight = page.locator('[data-field="weight"]')
        await expect(weight).to_contain_text("= 84.4 kg.")
        await page.locator("[name=height]").fill("68")
        await page.get_by_role("button", name="I mean 68 in").click()
        await expect(weight).to_contain_text("BMI 28.3 kg/m².")
        await expect(page.locator("[name=weight]")).to_have_value("186")


async def test_without_scripts_the_rows_are_there(sit_down: Desk, browser: Browser) -> None:
    async with sit_down("Marisol Quintana") as page:
        link = page.get_by_role("link", name="Present a case").first
        address = await link.evaluate("a => a.href")
        kept = await page.context.storage_state()
        plain = await browser.new_context(java_script_enabled=False, storage_state=kept)
        bare = await plain.new_page()
        await bare.goto(address)
        await expect(bare.locator('[data-grid="medications"] [data-row]')).to_have_count(3)
        await expect(bare.locator('[name="medications.0.unit"]')).to_be_visible()
        await expect(bare.locator("[data-quick-input]")).to_have_count(0)
        await expect(bare.get_by_role("button", name="Add a row")).to_have_count(0)
        await plain.close()
