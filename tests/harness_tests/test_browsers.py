"""Both browsers: a strict page, its own camera and microphone through a real peer connection."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web

from tests.harness import axe, browsers, media_files, senses
from tests.harness.firefox import TONE, Firefox, FirefoxError

pytestmark = pytest.mark.browser

# As strict as the product's own pages.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "media-src 'self' blob:; base-uri 'none'; form-action 'self'; "
    "require-trusted-types-for 'script'"
)
HTML = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Echo</title>
<script type="module" src="/echo.js"></script></head><body><main><h1>Echo</h1>
<p id="state">waiting</p><label for="name">Name</label><input id="name" value="old">
<button id="go">Start</button><video autoplay playsinline muted></video>{extra}</main></body></html>
"""
SCRIPT = """
const state = document.querySelector("#state");
document.querySelector("#go").addEventListener("click", async (event) => {
  const stream = await navigator.mediaDevices.getUserMedia({audio: true, video: true});
  const [up, down] = [new RTCPeerConnection(), new RTCPeerConnection()];
  up.onicecandidate = (e) => down.addIceCandidate(e.candidate ?? undefined);
  down.onicecandidate = (e) => up.addIceCandidate(e.candidate ?? undefined);
  down.ontrack = (e) => { document.querySelector("video").srcObject = e.streams[0]; };
  for (const track of stream.getTracks()) up.addTrack(track, stream);
  await up.setLocalDescription();
  await down.setRemoteDescription(up.localDescription);
  await down.setLocalDescription();
  await up.setRemoteDescription(down.localDescription);
  state.textContent = `${document.querySelector("#name").value} trusted=${event.isTrusted}`;
});
"""


@pytest.fixture
async def site() -> AsyncIterator[str]:
    def page(extra: str):
        async def handler(_: web.Request) -> web.Response:
            headers = {"Content-Security-Policy": POLICY}
            body = HTML.format(extra=extra)
            return web.Response(text=body, content_type="text/html", headers=headers)

        return handler

    async def script(_: web.Request) -> web.Response:
        return web.Response(text=SCRIPT, content_type="text/javascript")

    app = web.Application()
    app.router.add_get("/", page(""))
    app.router.add_get("/bad", page("<img src='/none.png'>"))
    app.router.add_get("/echo.js", script)
    runner = web.AppRunner(app)
    await runner.setup()
    server = web.TCPSite(runner, "127.0.0.1", 0)
    await server.start()
    yield f"http://localhost:{runner.addresses[0][1]}"
    await runner.cleanup()


@pytest.mark.parametrize("person", media_files.PEOPLE[:2])
async def test_chromium_shows_and_sounds_like_its_person(site, person):
    files = media_files.video_file(person), media_files.audio_file(person)
    async with browsers.chromium(*files) as browser:
        page = await browser.new_page()
        await page.goto(site)
        await page.click("#go")
        await page.locator("video").evaluate(
            "v => v.readyState > 2 || new Promise(done => { v.onplaying = () => done(true); })"
        )
        assert await senses.sees(page, "video") == person
        assert await senses.hears(page, "video") == person


async def test_axe_finds_a_picture_without_words_and_nothing_on_a_good_page(site):
    async with browsers.chromium() as browser:
        page = await browser.new_page()
        await page.goto(site + "/bad")
        bad = [violation.rule for violation in await axe.violations(page)]
        await page.goto(site)
        good = await axe.violations(page)
    assert (bad, good) == (["image-alt"], [])


async def test_firefox_clicks_types_sees_and_hears(site):
    async with Firefox.launch() as firefox:
        page = await firefox.new_page()
        await page.goto(site)
        await page.fill("#name", "Zoë O’Brien")
        await page.click("#go")
        await page.wait_for("document.querySelector('video').videoWidth > 0", timeout=20)
        said = await page.text("#state")
        picture = await senses.look(page, "video")
        pitch = await senses.pitch(page, "video")
        with pytest.raises(FirefoxError, match="boom"):
            await page.evaluate("() => { throw new Error('boom') }")
        with pytest.raises(TimeoutError, match="never"):
            await page.wait_for("window.never", timeout=0.1)
    assert said == "Zoë O’Brien trusted=true"
    assert picture is not None
    assert pitch == pytest.approx(TONE, abs=15)


async def test_two_firefox_pages_are_two_people(site):
    async with Firefox.launch() as firefox:
        pages = [await firefox.new_page() for _ in range(2)]
        for number, page in enumerate(pages):
            await page.goto(site)
            await page.evaluate("(value) => { document.cookie = `who=${value}`; }", number)
        seen = [await page.evaluate("document.cookie") for page in pages]
    assert seen == ["who=0", "who=1"]


def test_a_missing_browser_says_how_to_get_it(monkeypatch):
    monkeypatch.setenv("CASEROUND_FIREFOX", "/nowhere/firefox")
    with pytest.raises(browsers.BrowserMissingError, match="CASEROUND_FIREFOX names /nowhere"):
        browsers.firefox_path()
    monkeypatch.delenv("CASEROUND_FIREFOX")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(browsers.BrowserMissingError, match="apt-get install firefox-esr"):
        browsers.firefox_path()
