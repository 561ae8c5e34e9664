"""Time from the press on "enter" to the first decoded picture, in a real browser."""

import asyncio

from tests.bench.media.server import Unavailable


async def late_joiner(joins: int) -> dict:
    """Let so many join one after the other, each in a page of its own. Raises Unavailable."""
    try:
        from tests.harness import browsers, media_files
        from tests.sessions.media.site import site
    except ImportError as error:
        message = f"the browser tests' packages are missing ({error.name}): make setup-test"
        raise Unavailable(message) from None
    try:
        browsers.chromium_path()
    except browsers.BrowserMissingError as error:
        raise Unavailable(str(error)) from None
    person = media_files.PEOPLE[0]
    files = media_files.video_file(person), media_files.audio_file(person)
    times = []
    async with site() as stage, browsers.chromium(*files) as browser:
        sender = await browser.new_page()
        await sender.goto(f"{stage.url}/?seat=speaker")
        await sender.wait_for_function("window.ready")
        await sender.evaluate("() => window.join(true)")
        await asyncio.sleep(3)
        for number in range(joins):
            page = await browser.new_page()
            await page.goto(f"{stage.url}/?seat=late-{number}")
            await page.wait_for_function("window.ready")
            await page.evaluate("() => window.join(false)")
            await page.wait_for_function("window.firstFrame")
            times.append(await page.evaluate("() => window.firstFrame - window.began"))
            await page.close()
    times.sort()
    return {
        "bench": "late_joiner",
        "joins": joins,
        "first_picture_ms_median": round(times[len(times) // 2]),
        "first_picture_ms_p95": round(times[min(joins - 1, int(joins * 0.95))]),
    }
