"""Both data planes do the same with the same packets and calls, at the same times, to the bit."""

import random
import socket
import struct
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib import util
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.media.dataplane.base import LETTERS_AT_ONCE, LETTERS_PER_S
from sessions.media.dataplane.flow import Out, Stream, StreamPlan
from sessions.media.dataplane.pure import PurePlane
from tests.sessions.media.dataplane_contract import HOST, inbound, outbound

pytestmark = pytest.mark.skipif(
    util.find_spec("sessions.media.dataplane._native") is None,
    reason="no compiler here when Caseround was installed",
)

KINDS = ("video", "share", "audio", "audio", "video", "video")
"""Of the publisher's sources; their SSRCs count from 1."""
RIDS = ("", "", "", "", "l", "h")
OUTS = ("video", "video", "video", "audio", "audio")
PUBLISHER = (HOST, 40_000)
LEVEL = 3


class Box:
    """A socket that keeps what comes to it."""

    def __init__(self) -> None:
        self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        self.sock.settimeout(5)

    def until(self, mark: bytes) -> Iterator[bytes]:
        while (data := self.sock.recv(4_000)) != mark:
            yield data


@dataclass
class Seen:
    """Everything one can learn of a plane after one step."""

    left: list[list[bytes]]
    counts: list[Any]
    outs: list[Any]
    octets: list[tuple[int, int]]
    due: list[list[int] | None]
    calls: set[int]
    letters: list[bytes]
    totals: tuple[int, int, int]


class Side(ABC):
    """A plane with one publisher and one viewer for each out; time is the script's."""

    def __init__(self) -> None:
        self.now = 100.0
        self.port, self.boxes = Box(), [Box() for _ in OUTS]
        self.calls: set[int] = set()
        self.letters: list[bytes] = []
        self.plane: Any = self.make()
        self.publisher = self.plane.peer(inbound(), outbound(), self.letters.append)
        self.publisher.admit(0, PUBLISHER)
        self.streams: list[Stream] = [self.source(i) for i in range(len(KINDS))]
        self.peers = [self.plane.peer(inbound(), outbound(), self.letters.append) for _ in OUTS]
        self.outs: list[Out] = []
        for i, kind in enumerate(OUTS):
            self.peers[i].aim(0, self.boxes[i].sock.getsockname())
            out = self.plane.out(kind, 65_500 + i, (1 << 32) - 5_000)
            out.aim(self.peers[i], 1_000 + i, 96, 3 * (i % 2))
            self.outs.append(out)

    @abstractmethod
    def make(self) -> Any: ...

    @abstractmethod
    def feed(self, data: bytes) -> None: ...

    @abstractmethod
    def resend(self, out: int, numbers: list[int]) -> int: ...

    def source(self, which: int) -> Stream:
        rate = 1e9 if which else 40_000.0
        extension = LEVEL if KINDS[which] == "audio" or RIDS[which] else None
        plan = StreamPlan(which + 1, 96, KINDS[which], rate, extension, RIDS[which])
        stream: Stream = self.publisher.stream(plan, lambda: self.calls.add(which))
        stream.grant(True)
        return stream

    def renew(self, which: int) -> None:
        self.streams[which].close()
        self.streams[which] = self.source(which)

    @abstractmethod
    def settle(self) -> None:
        """Let everything out that waits."""

    def see(self, *, due: bool) -> Seen:
        self.settle()
        mark = b"\xff end"
        for box in self.boxes:
            self.port.sock.sendto(mark, box.sock.getsockname())
        totals = self.plane.totals()
        seen = Seen(
            [list(box.until(mark)) for box in self.boxes],
            [stream.counts() for stream in self.streams],
            [
                (out.aimed, out.waiting, out.changing, out.sent, out.stamp_shift)
                for out in self.outs
            ],
            [peer.octets for peer in (self.publisher, *self.peers)],
            [stream.due(self.now) for stream in self.streams] if due else [],
            set(self.calls),
            list(self.letters),
            (totals.sent, totals.refused, totals.forged),
        )
        self.calls.clear()
        self.letters.clear()
        return seen

    def close(self) -> None:
        for closing in (*self.outs, *self.peers, self.publisher):
            closing.close()
        for box in (self.port, *self.boxes):
            box.sock.close()


class Pure(Side):
    def make(self) -> PurePlane:
        plane = PurePlane(lambda: self.now)
        plane.sockets = (self.port.sock,)
        plane._take = lambda _port, data, _address: self.letters.append(data)
        return plane

    def feed(self, data: bytes) -> None:
        self.plane._sort(0, data, PUBLISHER)

    def resend(self, out: int, numbers: list[int]) -> int:
        return self.outs[out].resend(numbers)

    def settle(self) -> None:
        """Nothing waits here."""


class Native(Side):
    def make(self) -> Any:
        from sessions.media.dataplane._native import ffi, lib
        from sessions.media.dataplane.native import NativePlane

        self.ffi, self.lib = ffi, lib
        plane = NativePlane(gather_us=0)
        assert lib.cr_plane_listen(plane.handle, self.port.sock.fileno()) == 0
        return plane

    def feed(self, data: bytes) -> None:
        place = (0, 4, socket.inet_aton(HOST), PUBLISHER[1])
        self.lib.cr_plane_feed(self.plane.handle, *place, data, len(data), self.now)

    def resend(self, out: int, numbers: list[int]) -> int:
        handle: Any = self.outs[out]
        wanted = self.ffi.new("uint16_t[]", numbers)
        return int(self.lib.cr_out_resend(handle._handle, wanted, len(numbers), self.now))

    def settle(self) -> None:
        handle = self.plane.handle
        self.lib.cr_plane_flush(handle)
        while number := self.lib.cr_plane_attend(handle):
            self.plane.streams[number].call()
        letter = self.ffi.new("cr_letter *")
        while self.lib.cr_plane_take(handle, 0, letter):
            self.letters.append(bytes(self.ffi.buffer(letter.data, letter.length)))


# what a publisher may send

bytes_of = st.integers(0, 255)


@st.composite
def descriptors(draw) -> bytes:
    """VP8 descriptors of every shape, and the first byte of the frame (RFC 7741 §4.2)."""
    flags = draw(st.sampled_from([0xC0, 0xE0, 0x80, 0x40, 0x00, 0xF0])) | draw(st.integers(0, 15))
    out = bytearray([draw(st.sampled_from([0x90, 0x90, 0x90, 0x10, 0x80, 0x93, 0xB0]))])
    if out[0] & 0x80:
        out.append(flags)
        if flags & 0x80:
            number = draw(st.integers(0, 0x7FFF))
            out += bytes([number >> 8 | 0x80, number & 255]) if number > 127 else bytes([number])
        if flags & 0x40:
            out.append(draw(bytes_of))
        if flags & 0x30:
            out.append(draw(bytes_of))
    out.append(draw(st.sampled_from([0x10, 0x11, 0x10, 0x31])))
    return bytes(out[: draw(st.integers(0, 12))])


@st.composite
def extensions(draw) -> bytes:
    """Header extensions: the level alone, among others, cut short, of a sort that is unknown."""
    items = bytearray()
    wide = draw(st.booleans())
    for name in draw(st.lists(st.sampled_from([LEVEL, LEVEL, 1, 15, 0]), max_size=3)):
        value = draw(st.sampled_from([b"l", b"h"]) | st.binary(min_size=not wide, max_size=4))
        if wide:
            items += bytes([name, len(value)]) + value
        else:
            items += bytes([name << 4 | (len(value) - 1)]) + value
    items += bytes(-len(items) % 4)
    profile = draw(st.sampled_from([0xBEDE, 0x1000, 0x1003])) if draw(st.booleans()) else 0
    words = max(0, len(items) // 4 - draw(st.sampled_from([0, 0, 0, 1])))
    return struct.pack("!HH", profile or (0x1000 if wide else 0xBEDE), words) + items


@st.composite
def bodies(draw, kind: str) -> tuple[int, bytes]:
    """The first byte of a packet, and all that follows the fixed header."""
    first, rest = 0x80, b""
    if draw(st.integers(0, 5)) == 0:
        sources = draw(st.integers(1, 15))
        first, rest = first | sources, bytes(4 * sources)
    if draw(st.booleans()):
        first, rest = first | 0x10, rest + draw(extensions())
    if kind != "audio":
        rest += draw(descriptors())
    rest += bytes(draw(st.sampled_from([0, 1, 30, 200, 1_100])))
    if draw(st.integers(0, 7)) == 0:
        padding = draw(st.integers(0, 20))
        first, rest = first | 0x20, rest + bytes(max(0, padding - 1)) + bytes([padding])
    return first, rest


@dataclass
class Publisher:
    """Numbers and keys of the sources; packets that are on their way."""

    starts: list[int]
    sealing: Any = field(default_factory=outbound)
    stamp: int = (1 << 32) - 50_000

    def packet(self, which: int, gap: int, kind: int, body: tuple[int, bytes]) -> bytes:
        self.starts[which] = (self.starts[which] + gap) % 65_536
        self.stamp = (self.stamp + 960) % (1 << 32)
        first, rest = body
        head = struct.pack("!BBHLL", first, kind, self.starts[which], self.stamp, which + 1)
        return self.sealing.protect(head + rest)


which_source = st.integers(0, len(KINDS) - 1)
which_out = st.integers(0, len(OUTS) - 1)


@st.composite
def packets(draw) -> tuple[Any, ...]:
    which = draw(which_source)
    gap = draw(st.sampled_from([1] * 12 + [2, 3, 40, 190, 260, 5_000]))
    kind = draw(st.sampled_from([96] * 10 + [224, 97]))
    fate = draw(st.sampled_from(["now"] * 10 + ["late", "twice", "lost", "broken"]))
    return "packet", which, gap, kind, draw(bodies(KINDS[which])), fate


steps = st.one_of(
    packets(),
    packets(),
    packets(),
    packets(),
    st.tuples(st.just("late")),
    st.tuples(st.just("wait"), st.sampled_from([0.0, 0.001, 0.02, 0.05, 0.09, 0.4, 3.0])),
    st.tuples(st.just("follow"), which_out, st.none() | which_source, st.booleans()),
    st.tuples(st.just("aim"), which_out, st.booleans()),
    st.tuples(st.just("grant"), which_source, st.booleans()),
    st.tuples(st.just("rest"), which_source),
    st.tuples(st.just("watch"), which_source, st.booleans()),
    st.tuples(st.just("renew"), which_source),
    st.tuples(st.just("due")),
    st.tuples(
        st.just("resend"), which_out, st.lists(st.integers(-60, 3), min_size=1, max_size=12)
    ),
    st.tuples(st.just("letter"), st.binary(max_size=40)),
    st.tuples(st.just("report"), st.integers(0, 20), st.binary(max_size=40)),
)


def seq_of(packet: bytes) -> int:
    return int.from_bytes(packet[2:4])


def play(script: list[tuple[Any, ...]], starts: list[int]) -> list[Seen]:
    """Do the same to both planes; return what both showed, step by step."""
    publisher = Publisher(list(starts))
    sides: list[Side] = [Pure(), Native()]
    late: list[bytes] = []
    newest = [65_499 + i for i in range(len(OUTS))]
    shown: list[Seen] = []

    def both(work: Callable[[Side], object]) -> None:
        first, second = (work(side) for side in sides)
        assert first == second

    def feed(data: bytes) -> None:
        both(lambda side: side.feed(data))

    def step(name: str, *words: Any) -> None:
        match name, words:
            case "packet", (which, gap, kind, body, fate):
                data = publisher.packet(which, gap, kind, body)
                if fate == "late":
                    late.append(data)
                elif fate == "broken":
                    feed(data[:-1] + bytes([data[-1] ^ 1]))
                elif fate != "lost":
                    feed(data)
                if fate == "twice":
                    feed(data)
            case "late", ():
                while late:
                    feed(late.pop())
            case "wait", (seconds,):
                for side in sides:
                    side.now += seconds
            case "follow", (out, which, keep):
                kind = None if which is None else KINDS[which]
                if (kind == "audio") == (OUTS[out] == "audio") or which is None:
                    both(
                        lambda side: side.outs[out].follow(
                            None if which is None else side.streams[which], keep=keep
                        )
                    )
            case "aim", (out, there):
                both(
                    lambda side: side.peers[out].aim(
                        0, side.boxes[out].sock.getsockname() if there else None
                    )
                )
            case "grant" | "watch", (which, yes):
                both(lambda side: getattr(side.streams[which], name)(yes))
            case "rest", (which,):
                both(lambda side: side.streams[which].rest())
            case "renew", (which,):
                both(lambda side: side.renew(which))
            case "resend", (out, before):
                numbers = [(newest[out] + number) % 65_536 for number in before]
                both(lambda side: side.resend(out, numbers))
            case "letter", (data,):
                feed(b"\x01" + data)
            case "report", (source, data):
                plain = b"\x80\xc9\x00\x01" + source.to_bytes(4) + data
                feed(publisher.sealing.protect_rtcp(plain))

    try:
        for name, *words in script:
            step(name, *words)
            if name == "wait":
                continue
            seen, other = (side.see(due=name in ("due", "packet")) for side in sides)
            assert seen == other, (name, words)
            shown.append(seen)
            for i, left in enumerate(seen.left):
                if left:
                    newest[i] = seq_of(left[-1])
    finally:
        for side in sides:
            side.close()
    return shown


starts_near_the_end = st.lists(
    st.integers(65_400, 65_535), min_size=len(KINDS), max_size=len(KINDS)
)


@given(starts_near_the_end, st.lists(steps, max_size=60))
def test_they_are_alike(starts: list[int], script: list[tuple[Any, ...]]):
    follows = [("follow", i, 0 if kind == "video" else 2, False) for i, kind in enumerate(OUTS)]
    play([*follows, *script], starts)


def vp8(picture: int, base: int, *, key: bool) -> tuple[int, bytes]:
    number = (0x8000 | picture).to_bytes(2)
    return 0x80, b"\x90\xc0" + number + bytes((base % 256, 0x10 if key else 0x11)) + bytes(200)


def extended(value: int, rest: bytes) -> tuple[int, bytes]:
    return 0x90, struct.pack("!HHBBH", 0xBEDE, 1, LEVEL << 4, value, 0) + rest


def voice(level: int) -> tuple[int, bytes]:
    return extended(level, bytes(60))


def named(rid: str, body: tuple[int, bytes]) -> tuple[int, bytes]:
    return extended(ord(rid), body[1]) if rid else body


@pytest.mark.parametrize("seed", range(3))
def test_they_are_alike_in_a_long_session(seed: int):
    """Long enough for numbers to settle and wrap, with everything a meeting does."""
    dice = random.Random(seed)
    script: list[tuple[Any, ...]] = [
        ("follow", i, 0 if kind == "video" else 2, False) for i, kind in enumerate(OUTS)
    ]
    for i in range(1_500):
        which = dice.randrange(len(KINDS))
        fate = dice.choices(["now", "late", "twice", "lost", "broken"], [90, 3, 1, 5, 1])[0]
        loud = 20 + 60 * (i // 100 % 2)
        code = vp8(i % 32_768, i, key=dice.random() < 0.2)
        body = voice(loud) if KINDS[which] == "audio" else named(RIDS[which], code)
        gap = dice.choices([1, 3, 6_000], [300, 10, 1])[0]
        script.append(("packet", which, gap, 96, body, fate))
        script.append(("wait", dice.random() / 100))
        if dice.random() < 0.2:
            script.append(
                dice.choice(
                    [
                        ("late",),
                        (
                            "follow",
                            dice.randrange(3),
                            dice.choice([None, 0, 1, 4, 5]),
                            dice.random() < 0.5,
                        ),
                        ("follow", dice.randrange(3, 5), dice.choice([2, 3]), False),
                        ("aim", dice.randrange(5), dice.random() < 0.9),
                        ("grant", which, dice.random() < 0.9),
                        ("rest", which),
                        ("watch", which, dice.random() < 0.5),
                        ("resend", dice.randrange(3), [-dice.randrange(40) for _ in range(9)]),
                        ("report", dice.randrange(10), b""),
                        ("letter", bytes(20)),
                    ]
                )
            )
    shown = play(script, [dice.randrange(65_300, 65_450) for _ in KINDS])
    left = sum(len(packets) for seen in shown for packets in seen.left)
    assert left > 600
    assert sum(bool(due) for seen in shown for due in seen.due) > 40
    assert sum(len(seen.calls) for seen in shown) > 40
    assert min(stream.received for stream in shown[-1].counts) > 80


def test_one_persons_flood_is_bounded():
    """Checks, handshakes and reports share a bucket; it fills up again."""
    report = ("report", 7, b"")
    flood = [("letter", b""), report] * LETTERS_AT_ONCE
    shown = play([*flood, ("wait", 0.025), *flood], [0] * len(KINDS))
    taken = sum(len(seen.letters) for seen in shown)
    assert taken == LETTERS_AT_ONCE + int(0.025 * LETTERS_PER_S)
    assert shown[-1].totals[1] == 2 * len(flood) - taken
