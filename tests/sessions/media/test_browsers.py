"""Real browsers on the real plane: each sees the other's moving picture and hears their voice."""

import asyncio
import json

import pytest

from sessions.media.plane import Published
from tests.harness import browsers, media_files, senses
from tests.harness.firefox import TONE, Firefox
from tests.sessions.media.site import Site, site

pytestmark = pytest.mark.browser

ANNA, BEN = media_files.PEOPLE[0], media_files.PEOPLE[2]


async def wait_for(page, expression: str, timeout: float = 20):
    """Ask a page (of either browser) until the expression is true."""
    async with asyncio.timeout(timeout):
        while not (value := await page.evaluate(f"() => ({expression})")):
            await asyncio.sleep(0.05)
    return value


async def enter(page, stage: Site, seat: str, *, publish: bool = True) -> None:
    await page.goto(f"{stage.url}/?seat={seat}")
    await wait_for(page, "window.ready === true")
    await page.evaluate(f"() => window.join({json.dumps(publish)})")


async def slot_of(page, seat: str, kind: str) -> str:
    """Wait until a slot is filled with this source and return its element."""
    found = await wait_for(
        page, f"window.filled.find(f => f.seat === '{seat}' && f.kind === '{kind}')?.slot"
    )
    selector = f"#slot-{found}"
    if kind != "audio":
        await wait_for(page, f"document.querySelector('{selector}')?.videoWidth > 0")
    return selector


async def perceives(page, seat: str, person, tone: float | None = None) -> None:
    picture = await slot_of(page, seat, "video")
    voice = await slot_of(page, seat, "audio")
    if tone is None:
        assert await senses.sees(page, picture) == person
        assert await senses.hears(page, voice) == person
    else:
        assert await senses.pitch(page, voice) == pytest.approx(tone, abs=15)
        before = await senses.look(page, picture)
        await asyncio.sleep(0.7)
        after = await senses.look(page, picture)
        assert before is not None and after is not None and (before != after).any()


async def test_two_chromium_people_see_and_hear_each_other():
    files = [(media_files.video_file(p), media_files.audio_file(p)) for p in (ANNA, BEN)]
    async with (
        site() as stage,
        browsers.chromium(*files[0]) as first,
        browsers.chromium(*files[1]) as second,
    ):
        anna, ben = await first.new_page(), await second.new_page()
        await enter(anna, stage, "anna")
        await enter(ben, stage, "ben")
        await perceives(anna, "ben", BEN)
        await perceives(ben, "anna", ANNA)
        # Nobody gets their own picture or voice back.
        assert {f["seat"] for f in await anna.evaluate("() => window.filled")} == {"ben"}

        # A shared screen, later, without a new offer.
        generation = await ben.evaluate("() => window.states.length")
        await anna.evaluate("() => window.shareCanvas()")
        shared = await slot_of(ben, "anna", "share")
        picture = await senses.look(ben, shared)
        assert picture is not None
        red, green, blue = (int(picture[:, :, channel].mean()) for channel in range(3))
        assert green > red + 40 and green > blue + 40
        assert await ben.evaluate("() => window.states.length") == generation

        # What each connection carries, as the page would show it.
        stats = await anna.evaluate(
            "async () => { await peer.stats(); await new Promise(r => setTimeout(r, 1000));"
            " return peer.stats(); }"
        )
        assert stats["up"]["kbps"] > 30 and stats["down"]["kbps"] > 30
        assert stats["up"]["lossPercent"] == 0 and stats["down"]["lossPercent"] == 0

        # The down connection fails: a fresh one carries the same picture.
        await ben.evaluate("() => { window.filled = []; peer.restart('down'); }")
        await wait_for(ben, "window.states.filter(s => s.state === 'connected').length >= 3")
        await wait_for(ben, "document.querySelector('#slot-picture-0')?.videoWidth > 0")
        assert await senses.sees(ben, "#slot-picture-0") == ANNA


async def test_a_camera_goes_and_comes_without_a_new_offer():
    files = media_files.video_file(ANNA), media_files.audio_file(ANNA)
    async with site() as stage, browsers.chromium(*files) as browser:
        anna, ben = await browser.new_page(), await browser.new_page()
        await enter(anna, stage, "anna")
        await enter(ben, stage, "ben", publish=False)
        await slot_of(ben, "anna", "video")
        await anna.evaluate(
            "async () => { window.kept = (await navigator.mediaDevices.getUserMedia("
            "{video: true})).getVideoTracks()[0]; await peer.setCam(null); }"
        )
        await wait_for(ben, "!window.filled.some(f => f.kind === 'video')")
        await anna.evaluate("() => peer.setCam(window.kept)")
        # The element keeps its last picture until the first new one comes.
        async with asyncio.timeout(10):
            while await senses.sees(ben, await slot_of(ben, "anna", "video")) != ANNA:
                pass
        published = [e for e in stage.events if e == Published("anna", "video")]
        assert len(published) == 2


async def test_firefox_and_chromium_meet():
    files = media_files.video_file(ANNA), media_files.audio_file(ANNA)
    async with (
        site() as stage,
        browsers.chromium(*files) as chromium,
        Firefox.launch() as firefox,
    ):
        anna, fox = await chromium.new_page(), await firefox.new_page()
        await enter(anna, stage, "anna")
        await enter(fox, stage, "fox")
        await perceives(fox, "anna", ANNA)
        await perceives(anna, "fox", None, tone=TONE)
