"""Every page people meet: no accessibility findings, no sideways scrolling, no console errors."""

import re

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Desk
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser

PAGES = {
    "Sam Whitlock": (
        "/",
        "/calendar",
        "/programmes",
        "/programmes/new",
        "{programme}",
        "{programme}/people",
        "{programme}/series/new",
        "/triage",
        "/letters",
        "{bipolar}/review",
        "/profile",
    ),
    "Marisol Quintana": (
        "/",
        "/cases",
        "{programme}/cases/new",
        "{breastfeeding}",
        "{breastfeeding}/letter",
        "{alcohol}/edit",
    ),
    "Hugh Abernathy": ("/library", "/library?q=sertraline", "/library?q=nothingatall"),
    "Lena Osei": ("/", "/accounts", "/nowhere"),
}
SHAPES = {
    "narrow and light": {"viewport": {"width": 320, "height": 640}, "color_scheme": "light"},
    "wide and dark": {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"},
}


async def faults(page: Page) -> list[str]:
    found = [str(v) for v in await violations(page)]
    wide, shown = await page.evaluate(
        "[document.documentElement.scrollWidth, document.documentElement.clientWidth]"
    )
    if wide > shown:
        found.append(f"scrolls sideways: {wide} > {shown}")
    return found


async def places_of(page: Page, server: Server) -> dict[str, str]:
    """Return the addresses that differ from demonstration to demonstration."""
    await page.goto(f"{server.url}/programmes")
    link = page.get_by_role("link", name="Integrated Behavioural Health Clinic").first
    places = {"programme": await link.get_attribute("href") or ""}
    await page.goto(f"{server.url}/cases")
    for word in ("alcohol", "bipolar", "breastfeeding"):
        link = page.get_by_role("link", name=re.compile(word)).first
        places[word] = await link.get_attribute("href") or ""
    return places


@pytest.mark.parametrize("who", PAGES)
@pytest.mark.parametrize("shape", SHAPES)
async def test_pages(sit_down: Desk, server: Server, who: str, shape: str) -> None:
    async with sit_down(who, **SHAPES[shape]) as page:
        async with sit_down("Marisol Quintana") as marisol:
            places = await places_of(marisol, server)
        found: dict[str, list[str]] = {}
        for path in PAGES[who]:
            await page.goto(server.url + path.format(**places))
            await expect(page.get_by_role("heading", level=1)).to_be_attached()
            wrong = await faults(page)
            if wrong:
                found[path] = wrong
        assert found == {}
