"""Finds the real browsers of this machine and starts Chromium for a test.

Nothing is downloaded: the tests drive the browser the machine has. CASEROUND_CHROMIUM and
CASEROUND_FIREFOX name another one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from playwright.async_api import Browser, async_playwright

CHROMIUM_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FIREFOX_NAMES = ("firefox-esr", "firefox", "/Applications/Firefox.app/Contents/MacOS/firefox")


class BrowserMissingError(RuntimeError):
    """The machine has no such browser; the message says how to get it."""


def chromium_path() -> str:
    """Path of Chromium or Chrome; raises BrowserMissingError when there is none."""
    return _find("CASEROUND_CHROMIUM", "Chromium or Chrome", CHROMIUM_NAMES, "chromium")


def firefox_path() -> str:
    """Path of Firefox; raises BrowserMissingError when there is none."""
    return _find("CASEROUND_FIREFOX", "Firefox", FIREFOX_NAMES, "firefox-esr")


def _find(variable: str, title: str, names: tuple[str, ...], package: str) -> str:
    chosen = os.environ.get(variable)
    if chosen:
        found = shutil.which(chosen)
        if found is None:
            raise BrowserMissingError(f"{variable} names {chosen}, which cannot be run.")
        return found
    for name in names:
        if found := shutil.which(name):
            return found
    raise BrowserMissingError(
        f"{title} is missing: `apt-get install {package}`, or set {variable} to its path."
    )


def chromium_args(
    video_file: Path | str | None = None, audio_file: Path | str | None = None
) -> list[str]:
    """Command line of one participant: fake devices that play these files, and no phoning home.

    `video_file` is a .y4m or .mjpeg, `audio_file` a .wav (tests/harness/media_files.py makes both);
    without them Chromium shows its own test picture and beep.
    """
    arguments = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-quic",
        "--no-first-run",
        # Two cores carry several browsers: a page in the background must keep its timers and video.
        "--disable-background-timer-throttling",
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
    ]
    if os.geteuid() == 0:
        arguments.append("--no-sandbox")  # Chromium's sandbox cannot be set up by root
    if video_file is not None:
        arguments.append(f"--use-file-for-fake-video-capture={video_file}")
    if audio_file is not None:
        arguments.append(f"--use-file-for-fake-audio-capture={audio_file}")
    return arguments


@contextlib.asynccontextmanager
async def chromium(
    video_file: Path | str | None = None, audio_file: Path | str | None = None
) -> AsyncIterator[Browser]:
    """One headless Chromium process; close it by leaving the block.

    The fake camera belongs to the process, so every participant with an own face needs an own one.
    """
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium_path(),
            args=chromium_args(video_file, audio_file),
            headless=True,
        )
        try:
            yield browser
        finally:
            await browser.close()
