"""What a person at the screen sees and hears: pixels of a video, spectrum of a stream.

Works on a Playwright page and on a FirefoxPage alike: both evaluate a function with one argument.
"""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tests.harness import media_files

# Drawn small: enough to tell a face and a position, little to send.
LOOK = """
(selector) => {
  const video = document.querySelector(selector);
  if (!video || !video.videoWidth) return null;
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [80, 60];
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0, 80, 60);
  return Array.from(pen.getImageData(0, 0, 80, 60).data);
}
"""
# Loudest value of each bin over a second and a quarter: notes come and go, two are always in it.
LISTEN = """
async (selector) => {
  const stream = document.querySelector(selector)?.srcObject;
  if (!stream?.getAudioTracks().length) return null;
  const context = new AudioContext();
  await context.resume();
  const analyser = new AnalyserNode(context, {fftSize: 4096, smoothingTimeConstant: 0});
  new MediaStreamAudioSourceNode(context, {mediaStream: stream}).connect(analyser);
  const loudest = new Float32Array(analyser.frequencyBinCount).fill(-200);
  const now = new Float32Array(analyser.frequencyBinCount);
  const end = performance.now() + 1250;
  while (performance.now() < end) {
    await new Promise((wake) => setTimeout(wake, 40));
    analyser.getFloatFrequencyData(now);
    now.forEach((value, bin) => { if (value > loudest[bin]) loudest[bin] = value; });
  }
  const sampleRate = context.sampleRate;
  await context.close();
  return {sampleRate, loudest: Array.from(loudest, (value) => Math.round(value * 10) / 10)};
}
"""


class Page(Protocol):
    """A page of any browser."""

    async def evaluate(self, expression: str, arg: Any = None, /) -> Any: ...


async def look(page: Page, selector: str) -> NDArray[np.uint8] | None:
    """The video's picture now, 60 x 80 x 3; None while there is no picture."""
    pixels = await page.evaluate(LOOK, selector)
    if pixels is None:
        return None
    return np.array(pixels, np.uint8).reshape(60, 80, 4)[:, :, :3]


async def sees(page: Page, selector: str) -> media_files.Person | None:
    """Whose moving picture a video element shows; None when it is nobody's or stands still."""
    first = await look(page, selector)
    await asyncio.sleep(0.5)  # the square has moved by an eighth of its round
    second = await look(page, selector)
    if first is None or second is None:
        return None
    before, after = media_files.mark_position(first), media_files.mark_position(second)
    if before is None or after is None or np.hypot(*np.subtract(before, after)) < 0.05:
        return None
    person = media_files.whose_picture(second)
    return person if person == media_files.whose_picture(first) else None


async def hears(page: Page, selector: str) -> media_files.Person | None:
    """Whose voice the stream of a media element carries; None for silence. Takes 1.3 s."""
    heard = await page.evaluate(LISTEN, selector)
    if heard is None:
        return None
    return media_files.whose_voice(np.array(heard["loudest"]), heard["sampleRate"])


async def pitch(page: Page, selector: str) -> float | None:
    """Loudest frequency between 300 and 3400 Hz of a media element, Hz; None below -70 dB."""
    heard = await page.evaluate(LISTEN, selector)
    if heard is None:
        return None
    spectrum = np.array(heard["loudest"])
    width = heard["sampleRate"] / 2 / len(spectrum)
    low, high = int(300 / width), int(3400 / width)
    loudest = low + int(spectrum[low:high].argmax())
    return None if spectrum[loudest] < -70 else loudest * width
