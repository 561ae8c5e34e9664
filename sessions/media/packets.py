"""Reading RTP packets and VP8 payload descriptors without copying or decoding. Pure.

RFC 3550 §5.1 (header), RFC 8285 (header extensions), RFC 6464 (audio level), RFC 7741 (VP8).
"""

from dataclasses import dataclass

HEADER = 12
"""Bytes of a fixed RTP header."""
LONGEST_VP8 = 7
"""Bytes of the longest VP8 descriptor and the first byte of the frame."""


@dataclass(slots=True)
class RtpView:
    """Where things are in one RTP packet; `data` is the whole packet, unprotected."""

    data: bytes
    seq: int
    timestamp: int
    ssrc: int
    payload_type: int
    marker: bool
    padded: bool
    start: int
    """First byte of the payload."""
    end: int
    """First byte after the payload (before the padding)."""


def view(data: bytes) -> RtpView | None:
    """Return a view of the packet, or None when it is not a well-formed RTP packet."""
    size = len(data)
    if size < HEADER or data[0] >> 6 != 2:
        return None
    first = data[0]
    start = HEADER + 4 * (first & 15)
    if first & 0x10:
        if size < start + 4:
            return None
        start += 4 + 4 * int.from_bytes(data[start + 2 : start + 4])
    end = size
    if first & 0x20 and size:
        end -= data[-1]
        if data[-1] == 0:
            return None
    if start > end:
        return None
    return RtpView(
        data,
        (data[2] << 8) | data[3],
        int.from_bytes(data[4:8]),
        int.from_bytes(data[8:12]),
        data[1] & 0x7F,
        data[1] >= 0x80,
        bool(first & 0x20),
        start,
        end,
    )


def extension(data: bytes, wanted: int) -> bytes | None:
    """Return the value of header extension `wanted`; None when absent or malformed.

    `data` must be a packet `view` has accepted.
    """
    if not data[0] & 0x10:
        return None
    at = HEADER + 4 * (data[0] & 15)
    profile = data[at : at + 2]
    end = at + 4 + 4 * int.from_bytes(data[at + 2 : at + 4])
    at += 4
    one_byte = profile == b"\xbe\xde"
    if not one_byte and profile != b"\x10\x00":
        return None
    while at < end:
        if data[at] == 0:
            at += 1
            continue
        if one_byte:
            name, length, at = data[at] >> 4, (data[at] & 15) + 1, at + 1
        elif at + 1 < end:
            name, length, at = data[at], data[at + 1], at + 2
        else:
            return None
        # In the short form nothing counts after the names 0 and 15 (RFC 8285 §4.2).
        if at + length > end or (one_byte and name in (0, 15)):
            return None
        if name == wanted:
            return data[at : at + length]
        at += length
    return None


def audio_level(data: bytes, wanted: int) -> int | None:
    """Return the level in −dBov (0 loudest, 127 silence) of RFC 6464, if the packet tells it."""
    value = extension(data, wanted)
    return value[0] & 0x7F if value else None


@dataclass(slots=True)
class Vp8:
    """What the VP8 payload descriptor says; offsets are into the packet's data."""

    keyframe: bool
    """The packet begins a frame that can be decoded without any other."""
    picture: int | None
    """Picture id, 7 or 15 bits."""
    picture_at: int
    long_picture: bool
    base: int | None
    """TL0PICIDX, 8 bits."""
    base_at: int


def vp8(data: bytes, start: int, end: int) -> Vp8 | None:
    """Read the descriptor of the payload `data[start:end]`; None when it is cut short."""
    head = data[start : min(end, start + LONGEST_VP8)]
    try:
        return _vp8(head, start)
    except IndexError:
        return None


def _vp8(head: bytes, start: int) -> Vp8:
    first, at = head[0], 1
    flags = 0
    picture, picture_at, long_picture = None, 0, False
    base, base_at = None, 0
    if first & 0x80:
        flags, at = head[1], 2
    if flags & 0x80:
        picture_at, long_picture = at, head[at] >= 0x80
        picture = head[at] & 0x7F
        if long_picture:
            picture = (picture << 8) | head[at + 1]
        at += 1 + long_picture
    if flags & 0x40:
        base, base_at = head[at], at
        at += 1
    if flags & 0x30:
        at += 1
    # S bit and partition 0 begin a frame; P = 0 in the frame tag is a keyframe (RFC 7741 §4.3).
    keyframe = bool(first & 0x10) and not first & 0x07 and not head[at] & 1
    return Vp8(keyframe, picture, start + picture_at, long_picture, base, start + base_at)
