"""The data plane without a compiler: libsrtp straight through cffi, one `sendto` per packet.

Compared with `Session.protect` and an asyncio transport this saves about half the time per packet
(media.md §1, "tier 1"): one scratch buffer, no copies into bytes, no queue in between.
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import Any

from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from sessions.media.dataplane.base import Target
from sessions.media.forwarding import Send
from sessions.media.packets import HEADER, RtpView

LARGEST = 1_500
TRAILER = 16 + 128 + 4
"""libsrtp may append this much (tag, MKI, SRTCP index)."""

_HEADER = Struct("!BBHLL")


class PurePlane:
    """One scratch buffer and the functions of libsrtp."""

    def __init__(self) -> None:
        self._buffer: Any = ffi.new("char[]", LARGEST + TRAILER)
        self._bytes = memoryview(ffi.buffer(self._buffer))
        self._length: Any = ffi.new("int *")

    def fan(self, packet: RtpView, sends: Sequence[Send[Target]]) -> int:
        """Encrypt and send; a viewer whose packet cannot leave is passed over."""
        body = packet.data[packet.start :]
        size = HEADER + len(body)
        if size > LARGEST:
            return 0
        first = 0xA0 if packet.padded else 0x80
        mark = 0x80 if packet.marker else 0
        shift = HEADER - packet.start
        scratch, buffer, length = self._bytes, self._buffer, self._length
        pack, protect, sent = _HEADER.pack_into, lib.srtp_protect, 0
        for sink, seq, timestamp, patches in sends:
            target = sink.target
            if target is None:
                continue
            scratch[HEADER:size] = body
            pack(scratch, 0, first, mark | target.payload_type, seq, timestamp, target.ssrc)
            for at, value in patches:
                scratch[at + shift : at + shift + len(value)] = value
            length[0] = size
            if protect(target.srtp, buffer, length):
                continue
            try:
                target.sock.sendto(scratch[: length[0]], target.addr)
            except OSError:
                continue
            sink.packets += 1
            sink.octets += size - HEADER
            sent += 1
        return sent

    def open_rtp(self, session: Session, data: bytes) -> bytes | None:
        return self._run(lib.srtp_unprotect, session, data)

    def open_rtcp(self, session: Session, data: bytes) -> bytes | None:
        return self._run(lib.srtp_unprotect_rtcp, session, data)

    def seal_rtcp(self, session: Session, data: bytes) -> bytes | None:
        return self._run(lib.srtp_protect_rtcp, session, data)

    def _run(
        self, work: Callable[[Any, Any, Any], int], session: Session, data: bytes
    ) -> bytes | None:
        size = len(data)
        if not HEADER // 2 < size <= LARGEST:
            return None
        self._bytes[:size] = data
        self._length[0] = size
        if work(session._srtp[0], self._buffer, self._length):  # noqa: SLF001 -- docs/decisions/0004
            return None
        return bytes(self._bytes[: self._length[0]])
