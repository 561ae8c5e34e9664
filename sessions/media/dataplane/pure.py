"""The data plane without a compiler: libsrtp straight through cffi, one `sendto` per packet.

Compared with `Session.protect` and an asyncio transport this saves about half the time per packet
(media.md §1, "tier 1"): one scratch buffer, no copies into bytes, no queue in between.
"""

import asyncio
import socket
import time
from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from sessions.media.arrivals import Arrivals
from sessions.media.cache import Ring
from sessions.media.dataplane.base import (
    LARGEST,
    LETTERS_AT_ONCE,
    LETTERS_PER_S,
    MAX_REPORTERS,
    Take,
    Totals,
)
from sessions.media.dataplane.flow import CLOCK, Address, Counts, Peer, Stream, StreamPlan
from sessions.media.packets import HEADER, RtpView, Vp8, audio_level, extension, view, vp8
from sessions.media.plane import Kind
from sessions.media.rewrite import Continuity, patches
from sessions.media.speaker import Voice

BATCH = 64
"""Datagrams read before the event loop gets its turn."""
TRAILER = 16 + 128 + 4
"""libsrtp may append this much (tag, MKI, SRTCP index)."""

MAX_STREAMS = 16
"""Unknown sources one peer may send under: libsrtp keeps state for each."""

_HEADER = Struct("!BBHLL")
_TIME = Struct("!LL")


class PurePlane:
    """One scratch buffer, the functions of libsrtp, and the table of addresses."""

    name = "pure"

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._buffer: Any = ffi.new("char[]", LARGEST + TRAILER)
        self.scratch = memoryview(ffi.buffer(self._buffer))
        self._length: Any = ffi.new("int *")
        self.sockets: Sequence[socket.socket] = ()
        self.known: dict[tuple[int, Address], PurePeer] = {}
        self._take: Take = lambda *_: None
        self._received = self.sent = self.refused = self.forged = 0

    def listen(self, sockets: Sequence[socket.socket], take: Take) -> None:
        self.sockets, self._take = tuple(sockets), take
        loop = asyncio.get_running_loop()
        for port, sock in enumerate(self.sockets):
            loop.add_reader(sock.fileno(), self._read, port, sock)

    def peer(
        self, receiving: Session, sending: Session, on_report: Callable[[bytes], None]
    ) -> "PurePeer":
        return PurePeer(self, receiving, sending, on_report)

    def out(self, kind: Kind, seq: int, timestamp: int) -> "PureOut":
        return PureOut(self, kind, seq, timestamp)

    def totals(self) -> Totals:
        return Totals(self._received, self.sent, self.sent, self.refused, self.forged)

    def close(self) -> None:
        loop = asyncio.get_running_loop()
        for sock in self.sockets:
            loop.remove_reader(sock.fileno())

    def _read(self, port: int, sock: socket.socket) -> None:
        receive = sock.recvfrom
        for _ in range(BATCH):
            try:
                data, address = receive(LARGEST + 1)
            except BlockingIOError:
                return
            except OSError:
                continue
            self._received += 1
            if data and len(data) <= LARGEST:
                self._sort(port, data, address[:2])

    def _sort(self, port: int, data: bytes, address: Address) -> None:
        """Sort one datagram (RFC 7983 §7)."""
        peer = self.known.get((port, address))
        if not 127 < data[0] < 192:
            if peer is None or peer.may_write():
                self._take(port, data, address)
        elif peer is not None and len(data) >= HEADER:
            peer.take(data)

    # libsrtp

    def open(self, session: Session, data: bytes) -> RtpView | None:
        """Return the plain RTP packet; None when it is forged, replayed or damaged."""
        plain = self._run(lib.srtp_unprotect, session, data)
        if plain is None:
            return None
        packet = view(plain)
        self.forged += packet is None
        return packet

    def unprotect_rtcp(self, session: Session, data: bytes) -> bytes | None:
        """Return the plain RTCP packet; None when it is forged, replayed or damaged."""
        return self._run(lib.srtp_unprotect_rtcp, session, data)

    def protect_rtcp(self, session: Session, data: bytes) -> bytes | None:
        """Return the encrypted RTCP packet; None when the keys are used up."""
        return self._run(lib.srtp_protect_rtcp, session, data)

    def _run(
        self, work: Callable[[Any, Any, Any], int], session: Session, data: bytes
    ) -> bytes | None:
        size = len(data)
        if not HEADER // 2 < size <= LARGEST:
            return None
        self.scratch[:size] = data
        self._length[0] = size
        if work(session._srtp[0], self._buffer, self._length):  # noqa: SLF001 -- docs/decisions/0004
            self.forged += 1
            return None
        return bytes(self.scratch[: self._length[0]])

    def seal(self, srtp: Any, size: int) -> memoryview | None:
        """Encrypt the RTP packet of `size` bytes in the scratch buffer."""
        self._length[0] = size
        if lib.srtp_protect(srtp, self._buffer, self._length):
            return None
        return self.scratch[: self._length[0]]


class PurePeer:
    """Keys, addresses and streams of one connection."""

    def __init__(
        self,
        plane: PurePlane,
        receiving: Session,
        sending: Session,
        on_report: Callable[[bytes], None],
    ) -> None:
        self.plane = plane
        self.receiving = receiving
        self.sending = sending  # keeps the keys alive while `srtp` points at them
        self.srtp: Any = sending._srtp[0]  # noqa: SLF001 -- docs/decisions/0004
        self._on_report = on_report
        self._places: set[tuple[int, Address]] = set()
        self._reporters: set[bytes] = set()
        self.streams: dict[int, PureStream] = {}
        self.layers: list[PureStream] = []
        """Those whose SSRC is not known yet."""
        self._guessed: set[int] = set()
        self.sock: socket.socket | None = None
        self.address: Address = ("", 0)
        self.octets_in = self.octets_out = 0
        self._letters = float(LETTERS_AT_ONCE)
        self._letters_at = 0.0

    @property
    def octets(self) -> tuple[int, int]:
        return self.octets_in, self.octets_out

    def admit(self, port: int, address: Address) -> None:
        self.plane.known[port, address] = self
        self._places.add((port, address))

    def forget(self, port: int, address: Address) -> None:
        if self.plane.known.get((port, address)) is self:
            del self.plane.known[port, address]
        self._places.discard((port, address))

    def aim(self, port: int, address: Address | None) -> None:
        self.sock = self.plane.sockets[port] if address is not None else None
        self.address = address or ("", 0)

    def report(self, data: bytes) -> bool:
        sealed = self.plane.protect_rtcp(self.sending, data) if self.sock is not None else None
        return sealed is not None and self.send(sealed)

    def stream(self, plan: StreamPlan, on_attention: Callable[[], None]) -> "PureStream":
        stream = PureStream(self, plan, on_attention)
        if plan.rid:
            self.layers.append(stream)
        else:
            self.streams[plan.ssrc] = stream
        return stream

    def close(self) -> None:
        for port, address in list(self._places):
            self.forget(port, address)
        for stream in (*self.streams.values(), *self.layers):
            stream.close()
        self.sock = None

    def send(self, data: bytes | memoryview) -> bool:
        """Send an encrypted packet; UDP may lose anything, a full buffer is such a loss."""
        if self.sock is None:
            return False
        try:
            self.sock.sendto(data, self.address)
        except OSError:
            self.plane.refused += 1
            return False
        self.plane.sent += 1
        self.octets_out += len(data)
        return True

    def may_write(self) -> bool:
        """Say whether another datagram that is not media is taken of this peer."""
        now = self.plane.monotonic()
        fresh = (now - self._letters_at) * LETTERS_PER_S
        self._letters = min(float(LETTERS_AT_ONCE), self._letters + fresh)
        self._letters_at = now
        if self._letters < 1:
            self.plane.refused += 1
            return False
        self._letters -= 1
        return True

    def take(self, data: bytes) -> None:
        """Take a datagram that says it is RTP or RTCP."""
        self.octets_in += len(data)
        if not 192 <= data[1] <= 223:
            ssrc = int.from_bytes(data[8:12])
            stream = self.streams.get(ssrc)
            if stream is not None:
                stream.take(data)
            elif self._may_guess(ssrc, data[1] & 0x7F):
                self._learn(ssrc, data)
            return
        reporter = data[4:8]
        known = reporter in self._reporters or len(self._reporters) < MAX_REPORTERS
        if known and self.may_write():
            plain = self.plane.unprotect_rtcp(self.receiving, data)
            if plain is not None:
                self._reporters.add(reporter)
                self._on_report(plain)

    def _may_guess(self, ssrc: int, payload_type: int) -> bool:
        """Say whether a packet of an unknown source may be decrypted to see which layer it is."""
        if all(layer.plan.payload_type != payload_type for layer in self.layers):
            return False
        if ssrc not in self._guessed and len(self._guessed) >= MAX_STREAMS:
            return False
        return self.may_write()

    def _learn(self, ssrc: int, data: bytes) -> None:
        packet = self.plane.open(self.receiving, data)
        if packet is None:
            return
        # Not before it is known to be authentic: anybody could use the places up.
        self._guessed.add(ssrc)
        for layer in self.layers:
            plan = layer.plan
            if plan.payload_type == packet.payload_type and plan.extension is not None:
                name = extension(packet.data, plan.extension)
                if name == plan.rid.encode():
                    layer.ssrc = ssrc
                    self.layers.remove(layer)
                    self.streams[ssrc] = layer
                    layer.first(packet, len(data))
                    return


class PureStream:
    """One source."""

    def __init__(self, peer: PurePeer, plan: StreamPlan, on_attention: Callable[[], None]) -> None:
        self._peer = peer
        self.plan = plan
        self.ssrc = None if plan.rid else plan.ssrc
        self._call = on_attention
        self._arrivals = Arrivals(CLOCK[plan.kind])
        self.ring = Ring() if plan.kind != "audio" else None
        self.outs: list[PureOut] = []
        self.granted = self._flowing = self._eager = False
        self._tokens = plan.octets_per_s
        self._filled_at = 0.0
        self._octets = 0
        self._heard_at = 0.0
        self._voice = Voice()
        self.picture: int | None = None
        self.base: int | None = None

    def grant(self, granted: bool) -> None:
        self.granted = granted

    def rest(self) -> None:
        self._flowing = False
        self._voice = Voice()

    def watch(self, eager: bool) -> None:
        self._eager = eager

    def counts(self) -> Counts:
        seen = self._arrivals
        return Counts(
            seen.received,
            seen.expected,
            self._octets,
            seen.highest,
            seen.jitter,
            self._heard_at,
            self._flowing,
            self._voice,
            self.ssrc or 0,
        )

    def due(self, now: float) -> list[int] | None:
        return self._arrivals.due(now)

    def close(self) -> None:
        if self.ssrc is not None and self._peer.streams.get(self.ssrc) is self:
            del self._peer.streams[self.ssrc]
        if self in self._peer.layers:
            self._peer.layers.remove(self)
        for out in list(self.outs):
            out.lose(self)

    def take(self, data: bytes) -> None:
        """Take one encrypted packet."""
        plane = self._peer.plane
        if data[1] & 0x7F != self.plan.payload_type:
            return
        now = plane.monotonic()
        # Before decryption: a flood shall not cost us cryptography either.
        if not self._admit(len(data), now):
            plane.refused += 1
            return
        packet = plane.open(self._peer.receiving, data)
        if packet is not None:
            self._accept(packet, now)

    def first(self, packet: RtpView, size: int) -> None:
        """Take the packet that told which source this is; `size` bytes as it came."""
        now = self._peer.plane.monotonic()
        if self._admit(size, now):
            self._accept(packet, now)

    def _accept(self, packet: RtpView, now: float) -> None:
        attention = (
            self._arrivals.take(packet.seq, packet.timestamp, now) and self.ring is not None
        )
        if self.granted:
            attention |= self._note(packet, now)
        if attention:
            self._call()
        if self.granted:
            self._fan(packet, now)

    def _note(self, packet: RtpView, now: float) -> bool:
        """Keep what has to be known of a granted packet; say whether it calls for attention."""
        attention = not self._flowing
        self._heard_at, self._flowing = now, True
        if self.ring is not None:
            self.ring.put(packet.seq, packet.data)
        elif self.plan.extension is not None:
            level = audio_level(packet.data, self.plan.extension)
            if level is not None and self._voice.hear(level, now):
                attention |= self._eager
        return attention

    def _admit(self, size: int, now: float) -> bool:
        cap = self.plan.octets_per_s
        self._octets += size
        self._tokens = min(cap, self._tokens + (now - self._filled_at) * cap)
        self._filled_at = now
        if self._tokens < size:
            return False
        self._tokens -= size
        return True

    def _fan(self, packet: RtpView, now: float) -> None:
        code = vp8(packet.data, packet.start, packet.end) if self.ring is not None else None
        if code is not None and code.picture is not None:
            self.picture, self.base = code.picture, code.base
        body = packet.data[packet.start :]
        for out in tuple(self.outs):
            out.carry(self, packet, body, code, now)


class PureOut:
    """One slot of one viewer."""

    def __init__(self, plane: PurePlane, kind: Kind, seq: int, timestamp: int) -> None:
        self._plane = plane
        self._kind = kind
        self._numbers = Continuity(CLOCK[kind], seq, timestamp)
        self._stream: PureStream | None = None
        self._peer: PurePeer | None = None
        self._coming: PureStream | None = None
        self._ssrc = self._payload_type = self._sent_at = 0
        self._closed = False
        self.waiting = True
        self._packets = self._octets = 0

    @property
    def aimed(self) -> bool:
        return self._peer is not None and self._peer.sock is not None

    @property
    def changing(self) -> bool:
        return self._coming is not None

    @property
    def sent(self) -> tuple[int, int]:
        return self._packets, self._octets

    @property
    def stamp_shift(self) -> int:
        return self._numbers.stamp_shift

    def aim(
        self, peer: Peer | None, ssrc: int, payload_type: int, sent_at: int | None = None
    ) -> None:
        assert peer is None or isinstance(peer, PurePeer)  # one plane never meets another's
        self._peer = peer if not self._closed else None
        self._ssrc, self._payload_type, self._sent_at = ssrc, payload_type, sent_at or 0

    def follow(self, stream: Stream | None, *, keep: bool = False) -> None:
        assert stream is None or isinstance(stream, PureStream)
        if self._closed:
            return
        if stream is not None and stream is self._stream:
            self._await_nothing()
        elif stream is not None and stream is self._coming:
            if not keep:
                self._take_up()
        elif keep and stream is not None and self._stream is not None and not self.waiting:
            self._await_nothing()
            self._coming = stream
            stream.outs.append(self)
        else:
            self._await_nothing()
            self._leave()
            self._stream = stream
            if stream is not None:
                stream.outs.append(self)

    def lose(self, stream: PureStream) -> None:
        """The stream is going away."""
        if self._stream is stream:
            self._leave()
        else:
            self._await_nothing()

    def _await_nothing(self) -> None:
        if self._coming is not None:
            self._coming.outs.remove(self)
            self._coming = None

    def _leave(self) -> None:
        before = self._stream
        if before is not None:
            before.outs.remove(self)
            if before.picture is not None and not self.waiting:
                self._numbers.note_picture(before.picture, before.base)
        self._stream, self.waiting = None, True

    def _take_up(self) -> None:
        """What was waited for begins."""
        coming = self._coming
        self._leave()
        self._stream, self._coming = coming, None

    def resend(self, numbers: Sequence[int]) -> int:
        stream, peer = self._stream, self._peer
        ring = stream.ring if stream is not None and stream.granted else None
        if ring is None or peer is None or self.waiting or not self.aimed:
            return 0
        now, count = self._plane.monotonic(), 0
        for number in numbers:
            origin = self._numbers.origin(number)
            data = ring.get(origin) if origin is not None else None
            packet = view(data) if data is not None else None
            if packet is None:
                continue
            out = self._numbers.forward(packet.seq, packet.timestamp, now)
            if out is not None and out[0] == number:
                code = vp8(packet.data, packet.start, packet.end)
                body = packet.data[packet.start :]
                count += self._send(peer, packet, body, code, (now, *out))
        return count

    def close(self) -> None:
        self.follow(None)
        self._peer = None
        self._closed = True

    def carry(
        self, stream: PureStream, packet: RtpView, body: bytes, code: Vp8 | None, now: float
    ) -> None:
        """Send the packet on, if the viewer can make something of it."""
        peer = self._peer
        if peer is None or peer.sock is None:
            return
        if stream is not self._stream:
            if code is None or not code.keyframe:
                return
            self._take_up()
        if self.waiting:
            if self._kind != "audio" and (code is None or not code.keyframe):
                return
            picture, base = (None, None) if code is None else (code.picture, code.base)
            self._numbers.start(packet.seq, packet.timestamp, now, picture, base)
            self.waiting = False
        out = self._numbers.forward(packet.seq, packet.timestamp, now)
        if out is not None:
            self._send(peer, packet, body, code, (now, *out))

    def _send(
        self,
        peer: PurePeer,
        packet: RtpView,
        body: bytes,
        code: Vp8 | None,
        stamp: tuple[float, int, int],
    ) -> bool:
        now, seq, timestamp = stamp
        scratch, numbers = self._plane.scratch, self._numbers
        head = HEADER + 8 if self._sent_at else HEADER
        size = head + len(body)
        if size > LARGEST:
            return False
        scratch[head:size] = body
        first = 0xA0 if packet.padded else 0x80
        if self._sent_at:
            # abs-send-time: seconds as 6.18 fixed point, one-byte form (RFC 8285 §4.2).
            first |= 0x10
            time_word = self._sent_at << 28 | 2 << 24 | int(now * (1 << 18)) & 0xFFFFFF
            _TIME.pack_into(scratch, HEADER, 0xBEDE0001, time_word)
        mark = 0x80 if packet.marker else 0
        _HEADER.pack_into(scratch, 0, first, mark | self._payload_type, seq, timestamp, self._ssrc)
        if numbers.picture_shift or numbers.base_shift:
            for offset, value in patches(code, numbers):
                at = offset + head - packet.start
                scratch[at : at + len(value)] = value
        sealed = self._plane.seal(peer.srtp, size)
        if sealed is None or not peer.send(sealed):
            return False
        self._packets += 1
        self._octets += size - head
        return True
