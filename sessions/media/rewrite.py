"""Continuity of one slot: many sources in turn look like a single unbroken stream. Pure.

The viewer's browser sees one SSRC per slot. Numbers of the source are shifted so that the first
packet after a change follows the last one before it: sequence numbers (16 bit), timestamps
(32 bit, moved on by the time that passed) and VP8 picture ids (15 or 7 bit; TL0PICIDX 8 bit).
"""

from sessions.media.packets import Vp8

SEQ = 1 << 16
STAMP = 1 << 32
HALF = 1 << 15
SETTLED = 1 << 12
"""Packets after which nothing from before a change can still be under way."""


def ahead(a: int, b: int) -> int:
    """Return how far sequence number `a` is ahead of `b`, in −32768 … 32767."""
    return ((a - b + HALF) % SEQ) - HALF


class Continuity:
    """The shifts of one slot. `start` at each change of source, then `forward` every packet."""

    def __init__(self, clock_rate: int, seq: int, timestamp: int) -> None:
        """Start before `seq` and `timestamp`; `clock_rate` in Hz of the RTP clock."""
        self._rate = clock_rate
        self.seq = (seq - 1) % SEQ
        """Highest sequence number sent."""
        self.timestamp = timestamp
        """Timestamp of that packet."""
        self._sent_at: float | None = None
        self._seq_shift = 0
        self.stamp_shift = 0
        self._first = seq
        self._first_in = 0
        self._settled = False
        self._picture: int | None = None
        self._base: int | None = None
        self.picture_shift = 0
        self.base_shift = 0

    def start(
        self, seq: int, timestamp: int, now: float, picture: int | None, base: int | None
    ) -> None:
        """Take over a new source whose first packet has these numbers."""
        passed = 0
        if self._sent_at is not None:
            passed = max(1, int((now - self._sent_at) * self._rate))
        self._first = (self.seq + 1) % SEQ
        self._first_in = seq
        self._settled = False
        self._seq_shift = (self._first - seq) % SEQ
        self.stamp_shift = (self.timestamp + passed - timestamp) % STAMP
        if picture is not None and self._picture is not None:
            self.picture_shift = (self._picture + 1 - picture) % 32_768
        if base is not None and self._base is not None:
            self.base_shift = (self._base + 1 - base) % 256

    def forward(self, seq: int, timestamp: int, now: float) -> tuple[int, int] | None:
        """Return the numbers to send; None for a packet from before the source took over."""
        if not self._settled:
            since = ahead(seq, self._first_in)
            if since < 0:
                return None
            self._settled = since > SETTLED
        out = (seq + self._seq_shift) % SEQ
        stamp = (timestamp + self.stamp_shift) % STAMP
        if ahead(out, self.seq) > 0:
            self.seq = out
            self.timestamp = stamp
            self._sent_at = now
        return out, stamp

    def note_picture(self, picture: int, base: int | None) -> None:
        """Remember the picture id (and TL0PICIDX) of the source's newest packet."""
        self._picture = (picture + self.picture_shift) % 32_768
        if base is not None:
            self._base = (base + self.base_shift) % 256

    def origin(self, seq: int) -> int | None:
        """Return the source's number of a packet sent as `seq`; None from before the change."""
        if not self._settled and ahead(seq, self._first) < 0:
            return None
        return (seq - self._seq_shift) % SEQ


def patches(code: Vp8 | None, numbers: Continuity) -> tuple[tuple[int, bytes], ...]:
    """Return the VP8 picture numbers to write over the payload after a change of source."""
    if code is None:
        return ()
    out = []
    if code.picture is not None:
        picture = code.picture + numbers.picture_shift
        if code.long_picture:
            out.append((code.picture_at, (0x8000 | picture % 32_768).to_bytes(2)))
        else:
            out.append((code.picture_at, bytes((picture % 128,))))
    if code.base is not None:
        out.append((code.base_at, bytes(((code.base + numbers.base_shift) % 256,))))
    return tuple(out)
