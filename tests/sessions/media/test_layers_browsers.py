"""A camera in three sizes: large where it is shown large, small in a small tile, no gap between."""

import asyncio

import pytest

from sessions.media.plane import Source, Wanted
from tests.harness import browsers
from tests.sessions.media.site import Site, site
from tests.sessions.media.test_browsers import wait_for

pytestmark = pytest.mark.browser

CAMERA = """async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 1280, height: 720 });
  const pen = canvas.getContext("2d");
  let step = 0;
  setInterval(() => {
    for (let i = 0; i < 40; i++) {
      pen.fillStyle = `hsl(${(i * 37 + step) % 360}, 60%, 50%)`;
      pen.fillRect((i % 8) * 160, Math.floor(i / 8) * 144, 160, 144);
    }
    step += 7;
  }, 40);
  await window.join(false);
  await peer.publish({ audio: null, video: canvas.captureStream(25).getVideoTracks()[0] });
}"""

WATCH = """() => {
  const video = document.querySelector("#slot-picture-0");
  window.seen = { widths: [], longest: 0 };
  let before = performance.now();
  const look = (now) => {
    window.seen.longest = Math.max(window.seen.longest, now - before);
    before = now;
    if (window.seen.widths.at(-1) !== video.videoWidth) window.seen.widths.push(video.videoWidth);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback((now) => { before = now; look(now); });
}"""


async def show(stage: Site, *, large: int) -> None:
    await stage.plane.subscribe("ben", Wanted((Source("anna", "video"),), large=large))


async def test_each_gets_the_size_that_is_shown():
    async with site() as stage, browsers.chromium() as first, browsers.chromium() as second:
        anna, ben = await first.new_page(), await second.new_page()
        for page, seat in ((anna, "anna"), (ben, "ben")):
            await page.goto(f"{stage.url}/?seat={seat}")
            await wait_for(page, "window.ready === true")
        await anna.evaluate(CAMERA)
        await ben.evaluate("() => window.join(false)")
        picture = "document.querySelector('#slot-picture-0')?.videoWidth"
        await wait_for(ben, f"{picture} === 1280", 30)
        await ben.evaluate(WATCH)
        await show(stage, large=0)
        await wait_for(ben, f"{picture} === 320", 30)
        await asyncio.sleep(1)
        await show(stage, large=1)
        await wait_for(ben, f"{picture} === 1280", 30)
        seen = await ben.evaluate("() => window.seen")
        assert seen["widths"][0] == 1280 and 320 in seen["widths"]
        assert await ben.evaluate("() => window.states.length") == 2
