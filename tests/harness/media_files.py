"""Faces and voices for fake cameras: files that differ per person, and the tests to tell whose it is.

A face is a background of the person's own hue with a bright square of the opposite hue that moves
all the time (a frozen picture is therefore noticed). A voice is a row of short notes at the person's
own pitch: browsers' noise suppression removes a steady tone but lets notes pass like syllables.
"""

from __future__ import annotations

import colorsys
import os
import tempfile
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT, FPS, SECONDS = 320, 240, 15, 4
MARK = 64  # side of the square, pixels
SAMPLE_RATE = 48_000
VERSION = 1  # raise it when the files change: it is part of their names

# Semitone-free pitches, Hz: no one is near a harmonic of another, all inside a telephone's band.
PITCHES = (440.0, 620.0, 830.0, 1090.0, 1390.0, 1730.0)


@dataclass(frozen=True)
class Person:
    """One fake participant, told apart by number (0 to 5)."""

    number: int

    @property
    def hue(self) -> float:
        """Hue of the background, 0 to 1."""
        return self.number / len(PITCHES)

    @property
    def pitch(self) -> float:
        """Frequency of the voice, Hz."""
        return PITCHES[self.number]


PEOPLE = tuple(Person(number) for number in range(len(PITCHES)))


def video_file(person: Person) -> Path:
    """The person's camera: Y4M, 320x240, 15 frames a second, four seconds, played in a loop."""
    return _cached(f"face-{person.number}.y4m", lambda path: _write_video(path, person))


def audio_file(person: Person) -> Path:
    """The person's microphone: WAV, 48 kHz mono, four seconds, played in a loop."""
    return _cached(f"voice-{person.number}.wav", lambda path: _write_audio(path, person))


def whose_picture(rgb: NDArray[np.uint8]) -> Person | None:
    """Whose face an image (height x width x 3) shows; None when the colours are nobody's.

    The median colour is the background's, whatever scaling and compression did to the edges.
    """
    red, green, blue = np.median(rgb.reshape(-1, 3), axis=0) / 255
    hue, saturation, value = colorsys.rgb_to_hsv(float(red), float(green), float(blue))
    if saturation < 0.3 or value < 0.2:
        return None  # grey or black: an empty video element, a muted camera
    nearest = min(PEOPLE, key=lambda person: _hue_distance(person.hue, hue))
    return nearest if _hue_distance(nearest.hue, hue) < 0.5 / len(PEOPLE) * 0.8 else None


def mark_position(rgb: NDArray[np.uint8]) -> tuple[float, float] | None:
    """Centre of the moving square as fractions of width and height; None when it is not there."""
    values = rgb.astype(float).max(axis=2)
    bright = values > (float(np.median(values)) + 255) / 2
    if bright.mean() < 0.01:
        return None
    rows, columns = np.nonzero(bright)
    height, width = bright.shape
    return float(columns.mean() / width), float(rows.mean() / height)


def whose_voice(spectrum_db: NDArray[np.floating], sample_rate: float) -> Person | None:
    """Whose voice a spectrum holds (decibels per equal bin, 0 to half the sample rate).

    None when no pitch stands out by 15 dB over the middle of the telephone band: silence or noise.
    """
    spectrum = np.nan_to_num(np.asarray(spectrum_db, dtype=float), neginf=-200.0)
    width = sample_rate / 2 / len(spectrum)
    band = spectrum[int(300 / width) : int(3400 / width)]

    def level(person: Person) -> float:
        low, high = int((person.pitch - 40) / width), int((person.pitch + 40) / width) + 1
        return float(spectrum[low : high + 1].max())

    loudest = max(PEOPLE, key=level)
    return loudest if level(loudest) > float(np.median(band)) + 15 else None


def _hue_distance(one: float, other: float) -> float:
    return abs((one - other + 0.5) % 1 - 0.5)


def _write_video(path: Path, person: Person) -> None:
    background = _yuv(colorsys.hsv_to_rgb(person.hue, 0.9, 0.55))
    mark = _yuv(colorsys.hsv_to_rgb((person.hue + 0.5) % 1, 0.35, 1.0))
    frames = FPS * SECONDS
    with path.open("wb") as file:
        file.write(f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F{FPS}:1 Ip A1:1 C420jpeg\n".encode())
        for frame in range(frames):
            # One round in four seconds on an ellipse: the loop has no jump.
            angle = 2 * np.pi * frame / frames
            left = int((WIDTH - MARK) / 2 * (1 + np.cos(angle))) // 2 * 2
            top = int((HEIGHT - MARK) / 2 * (1 + np.sin(angle))) // 2 * 2
            file.write(b"FRAME\n")
            for index, (shade, bright) in enumerate(zip(background, mark, strict=True)):
                scale = 1 if index == 0 else 2  # colour planes have half the size
                plane = np.full((HEIGHT // scale, WIDTH // scale), shade, np.uint8)
                rows = slice(top // scale, (top + MARK) // scale)
                plane[rows, left // scale : (left + MARK) // scale] = bright
                file.write(plane.tobytes())


def _yuv(rgb: tuple[float, float, float]) -> tuple[int, int, int]:
    """BT.601 studio range, what browsers assume for a camera."""
    red, green, blue = rgb
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    blueness, redness = (blue - luma) / 1.772, (red - luma) / 1.402
    return round(16 + 219 * luma), round(128 + 224 * blueness), round(128 + 224 * redness)


def _write_audio(path: Path, person: Person) -> None:
    seconds = np.arange(SAMPLE_RATE * SECONDS) / SAMPLE_RATE
    note = seconds % 0.5  # a note of 0.3 s, a rest of 0.2 s: the pace of calm speech
    envelope = np.clip(np.minimum(note, 0.3 - note) / 0.02, 0, 1)  # 20 ms edges, no clicks
    samples = 0.5 * envelope * np.sin(2 * np.pi * person.pitch * seconds)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(SAMPLE_RATE)
        file.writeframes((samples * 32767).astype("<i2").tobytes())


def _cached(name: str, write: Callable[[Path], None]) -> Path:
    folder = Path(tempfile.gettempdir(), f"caseround-media-{os.getuid()}-{VERSION}")
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / name
    if not path.exists():
        # Renamed into place: a parallel worker never reads half a file.
        handle, part = tempfile.mkstemp(dir=folder)
        os.close(handle)
        write(Path(part))
        Path(part).replace(path)
    return path
