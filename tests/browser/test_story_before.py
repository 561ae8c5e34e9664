"""Before the clinic (story 1 to 3): a series is scheduled, a case is written, checked, placed."""

import re
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import icalendar
import pytest
from playwright.async_api import expect

from tests.browser.case_form import fill_case
from tests.browser.conftest import Desk
from tests.harness.app import Server
from tests.harness.axe import violations

pytestmark = pytest.mark.browser


async def test_a_series_stands_in_the_calendar(sit_down: Desk, server: Server) -> None:
    async with sit_down("Sam Whitlock") as sam:
        await sam.goto(f"{server.url}/programmes")
        await sam.get_by_role("link", name="Create a programme").first.click()
        await sam.get_by_label("Name").fill("Pain and Sleep Clinic")
        await sam.get_by_label("Code").fill("PS")
        await sam.get_by_label("Time zone of the clinic").fill("America/Denver")
        await sam.get_by_role("button", name="Create programme").click()
        await expect(sam.get_by_role("heading", level=1)).to_contain_text("Pain and Sleep Clinic")
        await sam.get_by_role("link", name="Add a series").first.click()
        await sam.get_by_label("Title").fill("Tuesdays at noon")
        await sam.get_by_label("Day", exact=True).select_option(label="Tuesday")
        await sam.get_by_label("Time", exact=True).fill("12:00")
        await sam.get_by_label("Time zone").fill("America/Denver")
        await sam.get_by_role("spinbutton", name="Number of sessions").fill("6")
        assert await violations(sam) == []
        await sam.get_by_role("button", name="Add series").click()
        await expect(sam.get_by_role("heading", level=1)).to_contain_text("Tuesdays at noon")
        await expect(sam.get_by_text("12:00 M", exact=False).first).to_be_visible()
        await sam.goto(f"{server.url}/calendar")
        line = sam.get_by_role("link", name="Tuesdays at noon").first
        await expect(line).to_be_visible()
        await line.click()
        async with sam.expect_download() as download:
            await sam.get_by_role("link", name="Calendar file").click()
        calendar = (await (await download.value).path()).read_bytes()
    events = icalendar.Calendar.from_ical(calendar).walk("VEVENT")
    assert len(events) == 1
    start: datetime = events[0]["DTSTART"].dt
    there = start.astimezone(ZoneInfo("America/Denver"))
    assert (there.weekday(), there.hour, there.minute) == (1, 12, 0)


async def test_another_zone_reads_the_clinics_hour_and_its_own(
    sit_down: Desk, server: Server
) -> None:
    async with sit_down("Jean-Bosco Mugisha") as nurse:
        await nurse.goto(f"{server.url}/calendar")
        first = nurse.locator(".when").filter(has_text="where you are").first
        await expect(first).to_contain_text(re.compile(r"\d\d:\d\d M[SD]T"))


NARRATIVE = (
    "Seen on March 3, 2026 with her sister Rose. Low mood and poor sleep since she lost her job. "
    "Her sister can be reached at (505) 555-0142. No thoughts of dying."
)


async def test_a_case_is_written_checked_and_placed(sit_down: Desk, server: Server) -> None:
    async with (
        sit_down("Marisol Quintana") as marisol,
        sit_down("Sam Whitlock") as sam,
        sit_down("Hugh Abernathy") as hugh,
        sit_down("Priya Venkataraman") as priya,
    ):
        await marisol.get_by_role("link", name="Present a case").first.click()
        await fill_case(marisol, NARRATIVE)
        # Caught on the screen, before anything is sent.
        story = marisol.get_by_role("link", name=re.compile("Story"))
        await story.click()
        narrative = marisol.locator("[name=presenting_problem]")
        await expect(marisol.locator(".finding--block:visible")).to_have_count(3)
        assert await violations(marisol) == []
        sent = []
        marisol.on("request", lambda request: sent.append(request.method))
        # Sent all the same: the server catches it too, and keeps nothing.
        last = marisol.locator(".steps a:visible").last
        await last.click()
        await marisol.get_by_role("button", name="Submit for review").click()
        await expect(
            marisol.get_by_text("Nothing was sent and nothing was stored")
        ).to_be_visible()
        assert "POST" in sent
        assert "555-0142" not in server.output
        assert not await stored(server, b"555-0142")
        assert not await stored(server, b"sister Rose")
        # One click each.
        await marisol.get_by_role("link", name=re.compile("Story")).click()
        blocks = marisol.locator(".finding--block:visible")
        for left in (3, 2, 1):
            await expect(blocks).to_have_count(left)
            await blocks.first.get_by_role("button", name=re.compile("Replace|Take")).click()
        await expect(blocks).to_have_count(0)
        await expect(narrative).not_to_have_value(re.compile("March 3|Rose|555"))
        for name in ("attest_deid", "attest_treating", "attest_no_relationship"):
            box = marisol.locator(f"[name={name}]")
            if not await box.is_visible():
                await last.click()
            await box.check()
        await marisol.get_by_role("button", name="Submit for review").click()
        await expect(marisol.get_by_role("heading", level=1)).to_contain_text("Which medicine")
        case_url = marisol.url
        # Nobody else can read it before it has passed.
        for outsider in (hugh, priya):
            answer = await outsider.goto(case_url)
            assert answer is not None
            assert answer.status == 404
        # The coordinator passes and accepts it with one button, and gives it a slot.
        await sam.goto(f"{server.url}/triage")
        await sam.locator(f"a[href='{urlsplit(case_url).path}/review']").click()
        await expect(sam.get_by_role("heading", level=1)).to_contain_text("Which medicine")
        assert await violations(sam) == []
        for choice in await sam.get_by_label("Identifies nobody").all():
            await choice.check()
        await sam.get_by_role("button", name="Pass and accept").click()
        await expect(sam.get_by_role("heading", name="Give it a slot")).to_be_visible()
        await sam.get_by_role("button", name="Give it this slot").click()
        await expect(sam.get_by_role("heading", level=1)).to_contain_text("Which medicine")
        await marisol.goto(case_url)
        await expect(marisol.get_by_text("Scheduled").first).to_be_visible()
        # The hub may prepare now; another spoke sees it on the day.
        answer = await priya.goto(case_url)
        assert answer is not None
        assert answer.status == 200
        answer = await hugh.goto(case_url)
        assert answer is not None
        assert answer.status == 404


async def stored(server: Server, text: bytes) -> bool:
    """Say whether the bytes are anywhere in the server's data folder."""
    return any(text in path.read_bytes() for path in server.data.rglob("*") if path.is_file())
