"""What every data plane does: one suite for the pure one and any other, over real sockets."""

import asyncio
import os
import socket
import struct
from collections.abc import AsyncIterator

import pytest
from pylibsrtp import Policy, Session

from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.flow import Address, Out, Peer, Stream, StreamPlan

KEY = bytes(range(30))
HOST = "127.0.0.1"
VIDEO, VOICE = 7, 8
"""SSRCs of the publisher's sources."""
KEYFRAME, DELTA = b"\x10", b"\x11"


def session(kind: int) -> Session:
    policy = Policy(key=KEY, ssrc_type=kind)
    policy.allow_repeat_tx = True
    return Session(policy)


def outbound() -> Session:
    return session(Policy.SSRC_ANY_OUTBOUND)


def inbound() -> Session:
    return session(Policy.SSRC_ANY_INBOUND)


def rtp(
    seq: int,
    text: bytes = b"",
    *,
    ssrc: int = VIDEO,
    stamp: int = 0,
    key: bool = False,
    picture: int = 1,
    base: int | None = None,
    level: int | None = None,
    rid: bytes = b"",
    kind: int = 96,
    first: int = 0x80,
) -> bytes:
    """Return a plain RTP packet: VP8 with picture numbers, or a voice with its level."""
    extension = b""
    if level is not None or rid:
        first |= 0x10
        value = rid or bytes((level,))
        word = (bytes((0x10 | len(value) - 1,)) + value).ljust(4, b"\0")
        extension = b"\xbe\xde\x00\x01" + word
    head = struct.pack("!BBHLL", first, kind, seq % 65_536, stamp % (1 << 32), ssrc)
    if ssrc == VOICE:
        return head + extension + text
    flags = 0x80 if base is None else 0xC0
    numbers = (0x8000 | picture).to_bytes(2) + (b"" if base is None else bytes((base,)))
    return head + extension + bytes((0x90, flags)) + numbers + (KEYFRAME if key else DELTA) + text


class End:
    """A socket at the other end, with keys: a publisher or a viewer."""

    def __init__(self) -> None:
        self.sock = socket.socket(type=socket.SOCK_DGRAM)
        self.sock.bind((HOST, 0))
        self.sock.setblocking(False)
        self.sealing, self.opening = outbound(), inbound()

    @property
    def address(self) -> Address:
        return self.sock.getsockname()

    def send(self, to: Address, plain: bytes) -> None:
        self.sock.sendto(self.sealing.protect(plain), to)

    async def raw(self) -> bytes:
        loop = asyncio.get_running_loop()
        return await asyncio.wait_for(loop.sock_recv(self.sock, 4_000), 2)

    async def take(self) -> bytes:
        """Return the next packet, decrypted."""
        return self.opening.unprotect(await self.raw())


class Rig:
    """A plane on one port, one publisher with a camera and a voice, and viewers."""

    def __init__(self, plane: DataPlane) -> None:
        self.plane = plane
        self.port = End()
        self.taken: asyncio.Queue[tuple[int, bytes, Address]] = asyncio.Queue()
        plane.listen([self.port.sock], lambda *letter: self.taken.put_nowait(letter))
        self.publisher = End()
        self.reports: asyncio.Queue[bytes] = asyncio.Queue()
        self.calls: asyncio.Queue[str] = asyncio.Queue()
        self.peer = self.connect(self.publisher)
        self.video = self.source(VIDEO, "video")
        self.voice = self.source(VOICE, "audio")
        self.ends = [self.port, self.publisher]
        self.made: list[Peer | Out] = [self.peer]

    def connect(self, end: End) -> Peer:
        peer = self.plane.peer(inbound(), outbound(), self.reports.put_nowait)
        peer.admit(0, end.address)
        peer.aim(0, end.address)
        return peer

    def source(self, ssrc: int, kind: str, rate: float = 1e9) -> Stream:
        level = 1 if kind == "audio" else None
        plan = StreamPlan(ssrc, 96, kind, rate, level)
        stream = self.peer.stream(plan, lambda: self.calls.put_nowait(kind))
        stream.grant(True)
        return stream

    def viewer(self, ssrc: int = 100, kind: str = "video", seq: int = 100) -> tuple[End, Out]:
        end = End()
        peer = self.connect(end)
        out = self.plane.out(kind, seq, 7_000)
        out.aim(peer, ssrc, 96)
        self.ends.append(end)
        self.made += [out, peer]
        return end, out

    def send(self, *packets: bytes) -> None:
        for packet in packets:
            self.publisher.send(self.port.address, packet)

    async def close(self) -> None:
        for made in self.made:
            made.close()
        self.plane.close()
        for end in self.ends:
            end.sock.close()


def numbers(packet: bytes) -> tuple[int, int, int]:
    """Return sequence number, timestamp and SSRC."""
    return struct.unpack("!HLL", packet[2:12])


def picture(packet: bytes) -> int:
    return int.from_bytes(packet[14:16]) & 0x7FFF


class DataPlaneContract:
    @pytest.fixture
    async def rig(self, data_plane: DataPlane) -> AsyncIterator[Rig]:
        made = Rig(data_plane)
        yield made
        await made.close()

    async def test_a_packet_goes_to_everybody_under_their_own_numbers(self, rig: Rig):
        viewers = [rig.viewer(100 + i, seq=65_535 - i) for i in range(5)]
        for _, out in viewers:
            out.follow(rig.video)
        body = os.urandom(900)
        packet = rtp(5, body, stamp=9, key=True, level=7, kind=0xE0, first=0x80)
        rig.send(packet)
        for i, (end, out) in enumerate(viewers):
            plain = await end.take()
            assert plain[:2] == b"\x80\xe0"
            assert numbers(plain) == (65_535 - i, 7_000, 100 + i)
            assert plain[12:] == packet[20:]
            assert out.sent == (1, len(packet) - 20)
            assert not out.waiting
        assert rig.plane.totals().sent == 5

    async def test_padding_stays(self, rig: Rig):
        end, out = rig.viewer(kind="audio")
        out.follow(rig.voice)
        rig.send(rtp(1, b"word\x00\x00\x03", ssrc=VOICE, first=0xA0))
        plain = await end.take()
        assert plain[0] == 0xA0 and plain[12:] == b"word\x00\x00\x03"

    async def test_a_picture_begins_with_a_keyframe_and_a_voice_at_once(self, rig: Rig):
        end, out = rig.viewer()
        ears, ear = rig.viewer(200, "audio")
        out.follow(rig.video)
        ear.follow(rig.voice)
        rig.send(rtp(50), rtp(51, b"key", key=True), rtp(52, b"next"), rtp(9, b"hm", ssrc=VOICE))
        first, second = await end.take(), await end.take()
        assert (numbers(first)[0], first[-3:]) == (100, b"key")
        assert (numbers(second)[0], second[-4:]) == (101, b"next")
        assert (await ears.take())[12:] == b"hm"

    async def test_a_slot_runs_on_when_its_source_changes(self, rig: Rig):
        end, out = rig.viewer()
        other = rig.source(99, "video")
        out.follow(rig.video)
        rig.send(rtp(9, key=True, picture=30, base=5, stamp=90_000))
        first = await end.take()
        out.follow(other)
        assert out.waiting
        rig.send(rtp(10, picture=31, base=6))
        rig.send(rtp(7_000, ssrc=99, key=True, picture=500, base=200, stamp=4))
        second = await end.take()
        assert numbers(second)[0] == numbers(first)[0] + 1
        assert 0 < numbers(second)[1] - numbers(first)[1] < 5 * 90_000
        assert (picture(second), second[16]) == (31, 6)
        rig.send(rtp(7_001, ssrc=99, picture=501, base=201, stamp=3_004))
        third = await end.take()
        assert numbers(third)[1] == numbers(second)[1] + 3_000
        assert (picture(third), third[16]) == (32, 7)
        assert out.stamp_shift == (numbers(third)[1] - 3_004) % (1 << 32)

    async def test_a_short_picture_number_is_rewritten_in_its_seven_bits(self, rig: Rig):
        def short(seq: int, ssrc: int, number: int) -> bytes:
            head = struct.pack("!BBHLL", 0x80, 96, seq, 0, ssrc)
            return head + bytes((0x90, 0x80, number)) + KEYFRAME

        end, out = rig.viewer()
        other = rig.source(99, "video")
        out.follow(rig.video)
        rig.send(short(1, VIDEO, 127))
        assert (await end.take())[14] == 127
        out.follow(other)
        rig.send(short(1, 99, 3))
        assert (await end.take())[14] == 0

    async def test_a_layer_is_known_by_its_name(self, rig: Rig):
        end, out = rig.viewer()
        layers = {}
        for rid in ("l", "h"):
            plan = StreamPlan(0, 96, "video", 1e9, 1, rid)
            layers[rid] = rig.peer.stream(plan, lambda rid=rid: rig.calls.put_nowait(rid))
            layers[rid].grant(True)
        out.follow(layers["h"])
        rig.send(rtp(1, ssrc=501, rid=b"l", key=True), rtp(1, ssrc=502, key=True))
        rig.send(
            rtp(2, ssrc=503, rid=b"h", kind=97), rtp(3, b"high", ssrc=503, rid=b"h", key=True)
        )
        assert (await end.take())[-4:] == b"high"
        # Once the browser knows that we know, it leaves the name out.
        rig.send(rtp(4, b"more", ssrc=503))
        assert (await end.take())[-4:] == b"more"
        assert [layers[rid].counts().ssrc for rid in "lh"] == [501, 503]
        assert [layers[rid].counts().received for rid in "lh"] == [1, 2]
        assert {rig.calls.get_nowait() for _ in range(2)} == {"l", "h"}

    async def test_a_peer_may_send_few_unknown_sources(self, rig: Rig):
        plan = StreamPlan(0, 96, "video", 1e9, 1, "l")
        layer = rig.peer.stream(plan, lambda: None)
        for ssrc in range(1_000, 1_020):
            rig.send(rtp(1, ssrc=ssrc, rid=b"x"))
        rig.send(rtp(1, ssrc=2_000, rid=b"l"))
        await self.through(rig)
        assert layer.counts().ssrc == 0
        rig.send(rtp(2, ssrc=1_003, rid=b"l"))
        await self.through(rig)
        assert layer.counts().ssrc == 1_003

    async def test_a_change_of_layer_waits_for_its_keyframe(self, rig: Rig):
        end, out = rig.viewer()
        other = rig.source(99, "video")
        out.follow(rig.video)
        rig.send(rtp(1, key=True, picture=10, base=3))
        first = await end.take()
        out.follow(other, keep=True)
        assert (out.waiting, out.changing) == (False, True)
        rig.send(rtp(50, b"not yet", ssrc=99), rtp(2, b"still", picture=11, base=3))
        assert (await end.take())[-5:] == b"still"
        rig.send(rtp(51, b"now", ssrc=99, key=True, picture=700, base=90))
        rig.send(rtp(3, b"gone", picture=12), rtp(52, b"on", ssrc=99, picture=701, base=91))
        second, third = await end.take(), await end.take()
        assert (out.waiting, out.changing) == (False, False)
        assert (second[-3:], third[-2:]) == (b"now", b"on")
        assert [numbers(p)[0] - numbers(first)[0] for p in (second, third)] == [2, 3]
        assert [(picture(p), p[16]) for p in (second, third)] == [(12, 4), (13, 5)]

    async def test_a_change_of_mind(self, rig: Rig):
        end, out = rig.viewer()
        other, third = rig.source(99, "video"), rig.source(98, "video")
        out.follow(rig.video)
        rig.send(rtp(1, b"a", key=True))
        await end.take()
        out.follow(other, keep=True)
        out.follow(third, keep=True)
        out.follow(rig.video)
        assert not out.changing
        rig.send(rtp(1, ssrc=99, key=True), rtp(1, ssrc=98, key=True), rtp(2, b"b"))
        assert (await end.take())[-1:] == b"b"
        out.follow(other, keep=True)
        other.close()
        assert not out.changing
        out.follow(third, keep=True)
        rig.video.close()
        assert (out.waiting, out.changing) == (True, True)
        rig.send(rtp(2, b"c", ssrc=98, key=True))
        assert (await end.take())[-1:] == b"c"
        out.follow(None)
        again = rig.source(VIDEO, "video")
        out.follow(third)
        out.follow(again, keep=True)
        assert (out.waiting, out.changing) == (True, False)

    async def test_packets_tell_when_they_left(self, rig: Rig):
        end, out = rig.viewer()
        out.aim(rig.made[-1], 100, 96, 3)
        out.follow(rig.video)
        packet = rtp(1, b"picture", key=True)
        rig.send(packet, rtp(2))
        times = []
        for _ in range(2):
            plain = await end.take()
            assert (plain[0], plain[12:17]) == (0x90, b"\xbe\xde\x00\x01\x32")
            times.append(int.from_bytes(plain[17:20]))
            packet = plain[20:] if not times[1:] else packet
        assert packet == rtp(1, b"picture", key=True)[12:]
        assert (times[1] - times[0]) % (1 << 24) < 1 << 18
        assert out.sent == (2, len(packet) + len(rtp(2)) - 12)

    async def test_what_follows_nothing_gets_nothing(self, rig: Rig):
        end, out = rig.viewer()
        out.follow(rig.video)
        rig.send(rtp(1, key=True))
        await end.take()
        out.follow(None)
        rig.send(rtp(2, b"unseen", key=True))
        rig.send(rtp(3, ssrc=VOICE))
        out.follow(rig.video)
        rig.send(rtp(4, b"unseen"), rtp(5, b"seen", key=True))
        plain = await end.take()
        assert (numbers(plain)[0], plain[-4:]) == (101, b"seen")

    async def test_a_lost_packet_is_sent_again_as_it_was(self, rig: Rig):
        end, out = rig.viewer()
        out.follow(rig.video)
        rig.send(*(rtp(9 + i, bytes((i,)) * 30, key=not i, stamp=i) for i in range(3)))
        sent = [await end.take() for _ in range(3)]
        end.opening = inbound()
        assert out.resend([101, 102, 4_000, 99]) == 2
        assert [await end.take(), await end.take()] == sent[1:]
        out.follow(None)
        assert out.resend([101]) == 0

    async def test_a_viewer_who_cannot_be_reached_costs_nobody_else(self, rig: Rig):
        ends = [rig.viewer(100 + i, "audio") for i in range(3)]
        for _, out in ends:
            out.follow(rig.voice)
        ends[1][1].aim(None, 0, 0)
        rig.made[-1].aim(0, None)
        assert [out.aimed for _, out in ends] == [True, False, False]
        rig.send(rtp(1, b"hello", ssrc=VOICE))
        assert (await ends[0][0].take())[12:] == b"hello"
        assert ends[1][1].sent == ends[2][1].sent == (0, 0)

    async def test_only_what_was_negotiated_and_granted_passes(self, rig: Rig):
        end, out = rig.viewer(kind="audio")
        out.follow(rig.voice)
        stranger = End()
        rig.ends.append(stranger)
        stranger.send(rig.port.address, rtp(1, b"from elsewhere", ssrc=VOICE))
        rig.send(rtp(2, b"other codec", ssrc=VOICE, kind=97), rtp(3, b"other source", ssrc=55))
        rig.voice.grant(False)
        await self.through(rig)
        rig.send(rtp(4, b"not granted", ssrc=VOICE))
        await self.through(rig)
        rig.voice.grant(True)
        sealed = rig.publisher.sealing.protect(rtp(5, b"good", ssrc=VOICE))
        for data in (sealed[:-1] + bytes((sealed[-1] ^ 1,)), sealed, sealed):
            rig.publisher.sock.sendto(data, rig.port.address)
        rig.send(rtp(6, b"last", ssrc=VOICE))
        assert [(await end.take())[12:] for _ in range(2)] == [b"good", b"last"]
        assert rig.plane.totals().forged == 2
        assert rig.voice.counts().received == 3

    async def through(self, rig: Rig) -> None:
        """Wait until everything sent so far has been read: another datagram came through."""
        mark = b"\x01" + os.urandom(30)
        rig.publisher.sock.sendto(mark, rig.port.address)
        while (await asyncio.wait_for(rig.taken.get(), 2))[1] != mark:
            pass

    async def test_more_than_its_rate_is_dropped(self, rig: Rig):
        stream = rig.source(99, "audio", rate=1_000)
        for i in range(30):
            rig.send(rtp(i, bytes(88), ssrc=99))
        await self.through(rig)
        counts = stream.counts()
        assert counts.octets == 30 * (12 + 1 + 4 + 88 + 10)
        assert 8 <= counts.received <= 10
        assert rig.plane.totals().refused == 30 - counts.received

    async def test_too_long_and_empty_datagrams_are_dropped(self, rig: Rig):
        end, out = rig.viewer(kind="audio")
        out.follow(rig.voice)
        for data in (b"", bytes(1_501), rtp(1, bytes(1_489), ssrc=VOICE), bytes(5_000)):
            rig.publisher.sock.sendto(data, rig.port.address)
        rig.send(rtp(2, b"fits", ssrc=VOICE))
        assert (await end.take())[12:] == b"fits"
        assert rig.taken.empty()

    async def test_what_is_not_media_is_handed_on(self, rig: Rig):
        stranger = End()
        rig.ends.append(stranger)
        for end in (stranger, rig.publisher):
            for data in (b"\x00stun", b"\x16" + bytes(1_499), b"\xff"):
                end.sock.sendto(data, rig.port.address)
                assert await asyncio.wait_for(rig.taken.get(), 2) == (0, data, end.address)
        stranger.sock.sendto(b"\x80" + bytes(40), rig.port.address)
        stranger.sock.sendto(b"\x02", rig.port.address)
        assert (await asyncio.wait_for(rig.taken.get(), 2))[1] == b"\x02"

    async def test_reports_go_both_ways(self, rig: Rig):
        plain = b"\x80\xc9\x00\x01\x00\x00\x00\x07"
        sealed = rig.publisher.sealing.protect_rtcp(plain)
        broken = sealed[:-1] + bytes((sealed[-1] ^ 1,))
        for data in (broken, sealed, sealed):
            rig.publisher.sock.sendto(data, rig.port.address)
        assert await asyncio.wait_for(rig.reports.get(), 2) == plain
        await self.through(rig)
        assert rig.reports.empty()
        assert rig.peer.report(plain)
        assert rig.publisher.opening.unprotect_rtcp(await rig.publisher.raw()) == plain
        rig.peer.aim(0, None)
        assert not rig.peer.report(plain)

    async def test_a_peer_reports_under_few_sources(self, rig: Rig):
        for source in range(40):
            plain = b"\x80\xc9\x00\x01" + source.to_bytes(4)
            rig.publisher.sock.sendto(rig.publisher.sealing.protect_rtcp(plain), rig.port.address)
        await self.through(rig)
        assert rig.reports.qsize() == 16

    async def test_attention_is_called_for(self, rig: Rig):
        async def called() -> str:
            return await asyncio.wait_for(rig.calls.get(), 2)

        rig.send(rtp(10, key=True))
        assert await called() == "video"
        assert rig.video.counts().flowing
        assert rig.video.due(0.0) == []
        rig.send(rtp(11), rtp(14))
        assert await called() == "video"
        assert rig.video.due(50.0) == [12, 13]
        assert rig.video.due(50.01) == []
        rig.send(rtp(13))
        await self.through(rig)
        assert rig.video.due(50.1) == [12]
        rig.send(rtp(900))
        assert await called() == "video"
        assert rig.video.due(51.0) is None
        assert rig.video.due(51.0) == []
        rig.video.rest()
        assert not rig.video.counts().flowing
        rig.send(rtp(901))
        assert await called() == "video"
        rig.video.grant(False)
        rig.video.rest()
        rig.send(rtp(902))
        await self.through(rig)
        assert rig.calls.empty()

    async def test_a_watched_voice_calls_when_it_is_loud(self, rig: Rig):
        rig.send(rtp(1, ssrc=VOICE, level=100))
        assert await asyncio.wait_for(rig.calls.get(), 2) == "audio"
        rig.send(rtp(2, ssrc=VOICE, level=10))
        await self.through(rig)
        assert rig.calls.empty()
        rig.voice.watch(True)
        rig.send(rtp(3, ssrc=VOICE, level=100))
        await self.through(rig)
        assert rig.calls.empty()
        rig.send(rtp(4, ssrc=VOICE, level=20))
        assert await asyncio.wait_for(rig.calls.get(), 2) == "audio"
        voice = rig.voice.counts().voice
        loudness = 0.0
        for level in (100, 10, 100, 20):
            loudness += 0.25 * ((127 - level) - loudness)
        assert voice.loudness == pytest.approx(loudness)
        assert voice.loud_since is not None and voice.loud_at >= voice.loud_since
        rig.voice.rest()
        assert rig.voice.counts().voice.loud_at is None

    async def test_counts(self, rig: Rig):
        assert rig.video.counts().received == rig.video.counts().expected == 0
        for seq in (65_530, 65_534, 65_531, 3):
            rig.send(rtp(seq))
        await self.through(rig)
        counts = rig.video.counts()
        assert (counts.received, counts.expected, counts.highest) == (4, 10, 65_539)
        assert counts.heard_at > 0
        assert rig.peer.octets[0] == counts.octets

    async def test_an_address_belongs_to_whoever_had_it_last(self, rig: Rig):
        end, out = rig.viewer(kind="audio")
        out.follow(rig.voice)
        other = rig.plane.peer(inbound(), outbound(), lambda _: None)
        other.admit(0, rig.publisher.address)
        rig.send(rtp(1, b"lost", ssrc=VOICE))
        await self.through(rig)
        other.close()
        rig.send(rtp(2, b"lost", ssrc=VOICE))
        await self.through(rig)
        rig.peer.admit(0, rig.publisher.address)
        rig.send(rtp(3, b"back", ssrc=VOICE))
        assert (await end.take())[12:] == b"back"

    async def test_closing_what_is_in_use(self, rig: Rig):
        end, out = rig.viewer()
        _, gone = rig.viewer(200)
        out.follow(rig.video)
        gone.follow(rig.video)
        rig.send(rtp(1, key=True))
        await end.take()
        gone.close()
        gone.close()
        gone.follow(rig.video)
        assert (gone.aimed, gone.resend([100])) == (False, 0)
        rig.video.close()
        rig.video.close()
        rig.video.grant(True)
        assert (out.waiting, rig.video.due(1.0)) == (True, [])
        again = rig.source(VIDEO, "video")
        out.follow(again)
        rig.send(rtp(2, b"again", key=True))
        assert (await end.take())[-5:] == b"again"
        rig.peer.close()
        rig.peer.close()
        assert not rig.peer.report(bytes(8))

    @pytest.mark.parametrize("size", [1, 2, 4, 8, 11, 12, 13, 16, 30, 1_500])
    async def test_no_bytes_make_it_stumble(self, rig: Rig, size: int):
        for first in (0x80, 0x90, 0xB0, 0xBF):
            for second in (96, 200, 223):
                data = bytes((first, second)) + os.urandom(size)
                rig.publisher.sock.sendto(data[:size], rig.port.address)
                head = rtp(1, ssrc=VIDEO)[:12]
                rig.publisher.sock.sendto((head + os.urandom(size))[:1_500], rig.port.address)
        await self.through(rig)
        assert rig.video.counts().received == 0
        assert rig.reports.empty()
