"""The data plane in C (`c/`): a thread of its own reads the port, forwards and sends.

Python sees a packet only when it is not media. What the thread has for Python waits in two boxes
(people in a call, strangers) behind one file descriptor; see `c/api.h`.
"""

import asyncio
import os
import socket
from collections.abc import Callable, Sequence
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi as srtp_ffi
from pylibsrtp._binding import lib as srtp

from sessions.media.dataplane._native import ffi, lib
from sessions.media.dataplane.base import Take, Totals
from sessions.media.dataplane.flow import CLOCK, NOTHING, Address, Counts, Peer, Stream, StreamPlan
from sessions.media.plane import Kind
from sessions.media.speaker import Voice

BATCH = 64
"""Datagrams of strangers handled before the event loop gets its turn."""
GATHER_US = 300
"""How long the thread waits after a first packet for the others of its frame, in µs.

They then share system calls, which are most of the cost; tests/bench/media measures both sides.
"""
MAX_DUE = 256

_FUNCTIONS = ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp")


def _crypt(name: str) -> Any:
    # libsrtp has no headers here: its functions are reached by their addresses (media.md §2.4).
    function = srtp_ffi.addressof(srtp, name)
    return ffi.cast("cr_crypt", int(srtp_ffi.cast("uintptr_t", function)))


def _session(session: Session) -> Any:
    pointer = session._srtp[0]  # noqa: SLF001 -- docs/decisions/0004
    return ffi.cast("void *", int(srtp_ffi.cast("uintptr_t", pointer)))


def _place(port: int, address: Address) -> tuple[int, int, bytes, int]:
    host, udp_port = address
    if ":" in host:
        return port, 6, socket.inet_pton(socket.AF_INET6, host), udp_port
    return port, 4, socket.inet_aton(host), udp_port


class NativePlane:
    """The plane in C. One per process."""

    name = "native"

    def __init__(self, *, gather_us: int = GATHER_US) -> None:
        """Raises MemoryError. `gather_us` as GATHER_US; 0 does not wait."""
        self._plane: Any = lib.cr_plane_new(*map(_crypt, _FUNCTIONS), gather_us)
        if not self._plane:
            raise MemoryError("no memory for the media plane")
        self._letter: Any = ffi.new("cr_letter *")
        self._take: Take = lambda *_: None
        self._listening = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.peers: dict[int, NativePeer] = {}
        self.streams: dict[int, NativeStream] = {}
        self.outs: set[NativeOut] = set()

    @property
    def handle(self) -> Any:
        """The plane's pointer."""
        return self._plane

    def listen(self, sockets: Sequence[socket.socket], take: Take) -> None:
        self._take = take
        for sock in sockets:
            if lib.cr_plane_listen(self._plane, sock.fileno()) < 0:
                raise OSError("the media plane cannot listen on so many addresses")
        if error := lib.cr_plane_start(self._plane):
            raise OSError(error, os.strerror(error))
        self._listening = True
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(lib.cr_plane_bell(self._plane), self._answer)

    def peer(
        self, receiving: Session, sending: Session, on_report: Callable[[bytes], None]
    ) -> "NativePeer":
        return NativePeer(self, receiving, sending, on_report)

    def out(self, kind: Kind, seq: int, timestamp: int) -> "NativeOut":
        return NativeOut(self, kind, seq, timestamp)

    def totals(self) -> Totals:
        if not self._plane:
            return Totals()
        totals = ffi.new("cr_totals *")
        lib.cr_plane_totals(self._plane, totals)
        return Totals(
            totals.received,
            totals.sent,
            totals.calls,
            totals.refused,
            totals.forged,
            totals.dropped,
        )

    def close(self) -> None:
        if self._loop is not None:
            self._loop.remove_reader(lib.cr_plane_bell(self._plane))
            self._loop = None
        if self._listening:
            self._listening = False
            lib.cr_plane_stop(self._plane)

    def __del__(self) -> None:
        if self._plane:
            self.close()
            for out in list(self.outs):
                out.close()
            for peer in list(self.peers.values()):
                peer.close()
            lib.cr_plane_free(self._plane)
            self._plane = None

    def _answer(self) -> None:
        """Take what has come; what is left over rings again."""
        plane, letter = self._plane, self._letter
        lib.cr_plane_hush(plane)
        for _ in range(BATCH):
            if not (number := lib.cr_plane_attend(plane)):
                break
            if (stream := self.streams.get(number)) is not None:
                stream.call()
        else:
            lib.cr_plane_ring(plane)
        # People in a call first, and all of them: a flood of strangers waits.
        for strangers in (0, 1):
            for _ in range(BATCH):
                if not lib.cr_plane_take(plane, strangers, letter):
                    break
                self._deliver(letter)
                if not self._listening:
                    return  # closed by what it was handed to
            else:
                lib.cr_plane_ring(plane)

    def _deliver(self, letter: Any) -> None:
        data = bytes(ffi.buffer(letter.data, letter.length))
        if letter.peer:
            if (peer := self.peers.get(letter.peer)) is not None:
                peer.on_report(data)
            return
        raw = bytes(letter.address)
        if letter.family == 4:
            host = socket.inet_ntoa(raw[:4])
        else:
            host = socket.inet_ntop(socket.AF_INET6, raw)
        self._take(letter.port, data, (host, letter.udp_port))


class NativePeer:
    """Keys and addresses of one connection."""

    def __init__(
        self,
        plane: NativePlane,
        receiving: Session,
        sending: Session,
        on_report: Callable[[bytes], None],
    ) -> None:
        self.plane = plane
        self._keys = (receiving, sending)  # alive while the thread may use them
        self.on_report = on_report
        self.handle: Any = lib.cr_peer_new(plane.handle, _session(receiving), _session(sending))
        if not self.handle:
            raise MemoryError("no memory for a connection")
        self._number = lib.cr_peer_number(self.handle)
        plane.peers[self._number] = self
        self.streams: set[NativeStream] = set()

    @property
    def octets(self) -> tuple[int, int]:
        if not self.handle:
            return 0, 0
        counts = ffi.new("uint64_t[2]")
        lib.cr_peer_octets(self.handle, counts, counts + 1)
        return counts[0], counts[1]

    def admit(self, port: int, address: Address) -> None:
        if self.handle and lib.cr_peer_admit(self.handle, *_place(port, address)):
            raise MemoryError("no memory for an address")

    def forget(self, port: int, address: Address) -> None:
        if self.handle:
            lib.cr_peer_forget(self.handle, *_place(port, address))

    def aim(self, port: int, address: Address | None) -> None:
        if self.handle:
            place = _place(port, address) if address is not None else (-1, 4, bytes(4), 0)
            lib.cr_peer_aim(self.handle, *place)

    def report(self, data: bytes) -> bool:
        return bool(self.handle) and not lib.cr_peer_report(self.handle, data, len(data))

    def stream(self, plan: StreamPlan, on_attention: Callable[[], None]) -> "NativeStream":
        return NativeStream(self, plan, on_attention)

    def close(self) -> None:
        if not self.handle:
            return
        for stream in list(self.streams):
            stream.close()
        lib.cr_peer_close(self.handle)
        self.handle = None
        self.plane.peers.pop(self._number, None)


class NativeStream:
    """One source."""

    def __init__(
        self, peer: NativePeer, plan: StreamPlan, on_attention: Callable[[], None]
    ) -> None:
        self._peer = peer
        self.call = on_attention
        self.handle: Any = lib.cr_stream_new(
            peer.handle,
            plan.ssrc,
            plan.payload_type,
            CLOCK[plan.kind],
            plan.octets_per_s,
            plan.extension or 0,
            plan.rid.encode(),
        )
        if not self.handle:
            raise MemoryError("no memory for a source")
        self._number = lib.cr_stream_number(self.handle)
        peer.streams.add(self)
        peer.plane.streams[self._number] = self

    def grant(self, granted: bool) -> None:
        if self.handle:
            lib.cr_stream_grant(self.handle, granted)

    def rest(self) -> None:
        if self.handle:
            lib.cr_stream_rest(self.handle)

    def watch(self, eager: bool) -> None:
        if self.handle:
            lib.cr_stream_watch(self.handle, eager)

    def counts(self) -> Counts:
        if not self.handle:
            return NOTHING
        counts = ffi.new("cr_counts *")
        lib.cr_stream_counts(self.handle, counts)
        return Counts(
            counts.received,
            counts.expected,
            counts.octets,
            counts.highest,
            counts.jitter,
            counts.heard_at,
            bool(counts.flowing),
            Voice(
                counts.loudness,
                counts.loud_since if counts.loud_since >= 0 else None,
                counts.loud_at if counts.loud_at >= 0 else None,
            ),
            counts.ssrc,
        )

    def due(self, now: float) -> list[int] | None:
        if not self.handle:
            return []
        numbers = ffi.new("uint16_t[]", MAX_DUE)
        count = lib.cr_stream_due(self.handle, now, numbers, MAX_DUE)
        return None if count < 0 else list(numbers[0:count])

    def close(self) -> None:
        if self.handle:
            lib.cr_stream_close(self.handle)
            self.handle = None
            self._peer.streams.discard(self)
            self._peer.plane.streams.pop(self._number, None)


class NativeOut:
    """One slot of one viewer."""

    def __init__(self, plane: NativePlane, kind: Kind, seq: int, timestamp: int) -> None:
        self._plane = plane
        self._handle: Any = lib.cr_out_new(plane.handle, CLOCK[kind], seq, timestamp)
        if not self._handle:
            raise MemoryError("no memory for a slot")
        plane.outs.add(self)

    @property
    def _sent(self) -> Any:
        sent = ffi.new("cr_sent *")
        if self._handle:
            lib.cr_out_sent(self._handle, sent)
        return sent

    @property
    def aimed(self) -> bool:
        return bool(self._sent.aimed)

    @property
    def waiting(self) -> bool:
        return bool(self._sent.waiting)

    @property
    def changing(self) -> bool:
        return bool(self._sent.changing)

    @property
    def sent(self) -> tuple[int, int]:
        sent = self._sent
        return sent.packets, sent.octets

    @property
    def stamp_shift(self) -> int:
        return int(self._sent.stamp_shift)

    def aim(
        self, peer: Peer | None, ssrc: int, payload_type: int, sent_at: int | None = None
    ) -> None:
        assert peer is None or isinstance(peer, NativePeer)  # one plane never meets another's
        if self._handle:
            handle = peer.handle if peer is not None and peer.handle else ffi.NULL
            lib.cr_out_aim(self._handle, handle, ssrc, payload_type, sent_at or 0)

    def follow(self, stream: Stream | None, *, keep: bool = False) -> None:
        assert stream is None or isinstance(stream, NativeStream)
        if self._handle:
            handle = stream.handle if stream is not None and stream.handle else ffi.NULL
            if lib.cr_out_follow(self._handle, handle, keep):
                raise MemoryError("no memory for another viewer")

    def resend(self, numbers: Sequence[int]) -> int:
        if not self._handle:
            return 0
        wanted = ffi.new("uint16_t[]", list(numbers))
        return int(lib.cr_out_resend(self._handle, wanted, len(numbers), lib.cr_now()))

    def close(self) -> None:
        if self._handle:
            lib.cr_out_close(self._handle)
            self._handle = None
            self._plane.outs.discard(self)
