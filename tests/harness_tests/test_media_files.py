"""Faces and voices: each file is recognised as its person's and as nobody else's."""

from __future__ import annotations

import wave

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.harness.media_files import (
    HEIGHT,
    PEOPLE,
    SAMPLE_RATE,
    WIDTH,
    Person,
    audio_file,
    mark_position,
    video_file,
    whose_picture,
    whose_voice,
)


def _picture(person: Person, frame: int) -> NDArray[np.uint8]:
    """One frame of the file as RGB (BT.601), read by the format and not by our writer."""
    data = video_file(person).read_bytes()
    size = WIDTH * HEIGHT * 3 // 2
    start = data.index(b"\n") + 1 + frame * (len(b"FRAME\n") + size) + len(b"FRAME\n")
    planes = np.frombuffer(data, np.uint8, size, start).astype(float)
    luma = (planes[: WIDTH * HEIGHT].reshape(HEIGHT, WIDTH) - 16) / 219
    blue, red = (
        (half.reshape(HEIGHT // 2, WIDTH // 2).repeat(2, 0).repeat(2, 1) - 128) / 224
        for half in np.split(planes[WIDTH * HEIGHT :], 2)
    )
    rgb = (
        luma + 1.402 * red,
        luma - 0.344136 * blue - 0.714136 * red,
        luma + 1.772 * blue,
    )
    return (np.clip(np.stack(rgb, axis=2), 0, 1) * 255).astype(np.uint8)


def _spectrum(person: Person) -> NDArray[np.floating]:
    with wave.open(str(audio_file(person))) as file:
        samples = np.frombuffer(file.readframes(4096), "<i2") / 32768
    return 20 * np.log10(np.abs(np.fft.rfft(samples * np.hanning(4096)))[:-1] / 2048 + 1e-10)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_face_is_its_persons(person):
    assert whose_picture(_picture(person, 0)) == person


@pytest.mark.parametrize("person", PEOPLE)
def test_a_face_moves(person):
    # The square starts at the right edge, half way down, and is at the bottom a quarter round on.
    start, later = mark_position(_picture(person, 0)), mark_position(_picture(person, 15))
    assert start == pytest.approx((0.9, 0.5), abs=0.01)
    assert later == pytest.approx((0.5, 0.87), abs=0.01)


@pytest.mark.parametrize("person", PEOPLE)
def test_a_voice_is_its_persons(person):
    assert whose_voice(_spectrum(person), SAMPLE_RATE) == person


def test_a_grey_picture_is_nobodys():
    grey = np.full((60, 80, 3), 90, np.uint8)
    assert (whose_picture(grey), mark_position(grey)) == (None, None)


def test_noise_and_silence_are_nobodys():
    noise = np.random.default_rng(1).normal(-60, 3, 2048)
    silence = np.full(2048, -np.inf)
    assert [whose_voice(sound, SAMPLE_RATE) for sound in (noise, silence)] == [None, None]
