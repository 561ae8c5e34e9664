"""Frames arrive whole however they are cut, and what is no frame ends the wire."""

import asyncio
import itertools
import json
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.media.workers.codec import Refused
from sessions.media.workers.wire import LONGEST, TooLong, Wire, frame, take_frame

MESSAGES = st.lists(st.dictionaries(st.text(), st.integers() | st.text()), max_size=6)


@given(messages=MESSAGES, data=st.data())
def test_however_the_stream_is_cut_the_messages_are_the_same(messages, data):
    stream = b"".join(map(frame, messages))
    cuts = data.draw(st.lists(st.integers(0, len(stream)), max_size=8))
    edges = [0, *sorted(cuts), len(stream)]
    buffer, found = bytearray(), []
    for begin, end in itertools.pairwise(edges):
        buffer += stream[begin:end]
        while (message := take_frame(buffer)) is not None:
            found.append(message)
    assert (found, buffer) == (messages, b"")


def test_the_longest_frame_passes_and_one_byte_more_does_not():
    room = LONGEST - len(json.dumps({"a": ""}, separators=(",", ":")))
    assert take_frame(bytearray(frame({"a": "x" * room}))) == {"a": "x" * room}
    with pytest.raises(TooLong):
        frame({"a": "x" * (room + 1)})


@pytest.mark.parametrize(
    "data",
    [
        (LONGEST + 1).to_bytes(4),
        b"\xff\xff\xff\xff",
        b"\x00\x00\x00\x00",
        b"\x00\x00\x00\x02[]",
        b"\x00\x00\x00\x02\xc3\x28",
        b"\x00\x00\x00\x0a" + b'{"a": NaN}',
        b"\x00\x01\x00\x00" + b"[" * 65_536,
    ],
)
def test_what_is_no_frame_is_refused(data):
    with pytest.raises(Refused):
        take_frame(bytearray(data))


@given(st.binary(max_size=64))
def test_noise_never_raises_anything_else(noise):
    buffer = bytearray(noise)
    try:
        while take_frame(buffer) is not None:
            pass
    except Refused:
        pass


async def test_a_wire_brings_messages_in_order_and_ends_once_at_noise():
    one, other = socket.socketpair()
    taken: list[dict] = []
    reasons: list[str] = []
    over = asyncio.Event()

    def gone(reason: str) -> None:
        reasons.append(reason)
        over.set()

    wire = Wire(taken.append, gone)
    await wire.open(one)
    with other:
        other.sendall(frame({"n": 1}) + frame({"n": 2}) + b"\xff" * 8)
        async with asyncio.timeout(5):
            await over.wait()
        wire.end("again")
        wire.send({"n": 3})
        other.setblocking(False)
        assert other.recv(64) == b""
    assert (taken, reasons) == ([{"n": 1}, {"n": 2}], ["refused: too long"])


async def test_a_side_that_does_not_read_is_hung_up_on():
    one, other = socket.socketpair()
    reasons: list[str] = []
    wire = Wire(lambda _: None, reasons.append)
    await wire.open(one)
    with other:
        for _ in range(40):
            wire.send({"text": "x" * 1_000_000})
    assert reasons == ["does not read"]
