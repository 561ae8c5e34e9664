"""Reading RTP and VP8: what was written is read, and no bytes whatever make it stumble."""

import struct

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.packets import Vp8, audio_level, extension, view, vp8

U16, U32 = st.integers(0, 65_535), st.integers(0, (1 << 32) - 1)


def packet(
    *, seq=1, stamp=2, ssrc=3, kind=96, marker=False, sources=0, extensions=None, body=b"x", pad=0
):
    first = 0x80 | sources | (0x10 if extensions is not None else 0) | (0x20 if pad else 0)
    head = struct.pack("!BBHLL", first, kind | (0x80 if marker else 0), seq, stamp, ssrc)
    head += bytes(4 * sources)
    if extensions is not None:
        block = b"".join(bytes(((i << 4) | (len(v) - 1),)) + v for i, v in extensions)
        block += bytes(-len(block) % 4)
        head += struct.pack("!HH", 0xBEDE, len(block) // 4) + block
    return head + body + (bytes(pad - 1) + bytes((pad,)) if pad else b"")


@given(
    seq=U16,
    stamp=U32,
    ssrc=U32,
    kind=st.integers(0, 127),
    marker=st.booleans(),
    sources=st.integers(0, 15),
    extensions=st.none()
    | st.lists(st.tuples(st.integers(1, 14), st.binary(min_size=1, max_size=16)), max_size=5),
    body=st.binary(max_size=60),
    pad=st.integers(0, 255),
)
def test_a_packet_is_read_as_it_was_written(  # noqa: PLR0917 -- one argument per header field
    seq, stamp, ssrc, kind, marker, sources, extensions, body, pad
):
    data = packet(
        seq=seq,
        stamp=stamp,
        ssrc=ssrc,
        kind=kind,
        marker=marker,
        sources=sources,
        extensions=extensions,
        body=body,
        pad=pad,
    )
    read = view(data)
    assert read is not None
    assert (read.seq, read.timestamp, read.ssrc, read.payload_type, read.marker, read.padded) == (
        seq,
        stamp,
        ssrc,
        kind,
        marker,
        pad > 0,
    )
    assert data[read.start : read.end] == body
    for identity, value in extensions or ():
        first = next(v for i, v in extensions if i == identity)
        assert extension(data, identity) == first
        assert len(value) >= 1


@given(data=st.binary(max_size=80))
def test_any_bytes_are_read_or_refused(data):
    read = view(data)
    if read is not None:
        assert 12 <= read.start <= read.end <= len(data)
        audio_level(data, 1)
        vp8(data, read.start, read.end)


@given(data=st.binary(max_size=40), wanted=st.integers(0, 255))
def test_any_extension_block_is_read_or_refused(data, wanted):
    block = data + bytes(-len(data) % 4)
    for profile in (0xBEDE, 0x1000, 0x1234):
        head = struct.pack("!BBHLLHH", 0x90, 96, 1, 2, 3, profile, len(block) // 4)
        assert view(head + block) is not None
        value = extension(head + block, wanted)
        assert value is None or value in block


@given(level=st.integers(0, 127), spoken=st.booleans())
def test_the_audio_level(level, spoken):
    value = bytes((level | (0x80 if spoken else 0),))
    assert audio_level(packet(extensions=[(5, value), (3, b"abc")]), 5) == level
    assert audio_level(packet(extensions=[(3, b"abc")]), 5) is None
    assert audio_level(packet(), 5) is None


def test_vp8_descriptors():
    # RFC 7741 §4.2; the frame tag's lowest bit is 0 in a keyframe.
    assert vp8(b"\x10\x00", 0, 2) == Vp8(True, None, 0, False, None, 0)
    assert vp8(b"\x10\x01", 0, 2) == Vp8(False, None, 0, False, None, 0)
    assert vp8(b"\x00\x00", 0, 2) == Vp8(False, None, 0, False, None, 0)
    assert vp8(b"\x11\x00", 0, 2) == Vp8(False, None, 0, False, None, 0)
    assert vp8(b"..\x90\x80\x11\x00", 2, 6) == Vp8(True, 17, 4, False, None, 2)
    assert vp8(b"\x90\x80\x81\x02\x00", 0, 5) == Vp8(True, 0x102, 2, True, None, 0)
    assert vp8(b"\x90\xe0\x81\x02\x2a\x20\x00", 0, 7) == Vp8(True, 0x102, 2, True, 42, 4)
    for cut in range(7):
        assert vp8(b"\x90\xe0\x81\x02\x2a\x20\x00", 0, cut) is None
