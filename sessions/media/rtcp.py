"""Reports and feedback: what we tell publishers and viewers, and what they tell us.

RFC 3550 §6.4 (reports), RFC 4585 (NACK, PLI), draft-alvestrand-rmcat-remb (REMB).
"""

from collections.abc import Iterable

from aiortc import rtp

from sessions.media.dataplane.flow import Counts
from sessions.media.rewrite import ahead

SELF = 1
"""Our own SSRC in reports; we never send media under it."""

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970."""


def parse(data: bytes) -> list[rtp.AnyRtcpPacket]:
    """Return the packets of a compound packet; nothing when any of it is malformed."""
    try:
        return rtp.RtcpPacket.parse(data)
    except Exception:  # noqa: BLE001 -- authentic but possibly hostile; upstream lets struct.error out
        return []


def pli(source: int) -> bytes:
    """Return a request for a keyframe."""
    return bytes(rtp.RtcpPsfbPacket(fmt=rtp.RTCP_PSFB_PLI, ssrc=SELF, media_ssrc=source))


def nack(source: int, lost: list[int]) -> bytes:
    """Return a request to send these packets again; `lost` ascending (mod 2¹⁶), not empty."""
    packet = rtp.RtcpRtpfbPacket(fmt=rtp.RTCP_RTPFB_NACK, ssrc=SELF, media_ssrc=source, lost=[])
    # Upstream's own packing of `lost` breaks where the numbers wrap around.
    entries, at = bytearray(), 0
    while at < len(lost):
        first, mask = lost[at], 0
        at += 1
        while at < len(lost) and 0 < ahead(lost[at], first) <= 16:
            mask |= 1 << (ahead(lost[at], first) - 1)
            at += 1
        entries += first.to_bytes(2) + mask.to_bytes(2)
    head = bytearray(bytes(packet) + entries)
    head[2:4] = (len(head) // 4 - 1).to_bytes(2)
    return bytes(head)


def report(infos: list[rtp.RtcpReceiverInfo], limit_kbps: int) -> bytes:
    """Return a receiver report with the rate (REMB) all its sources together should keep to."""
    sources = [info.ssrc for info in infos]
    remb = rtp.RtcpPsfbPacket(
        fmt=rtp.RTCP_PSFB_APP,
        ssrc=SELF,
        media_ssrc=0,
        fci=rtp.pack_remb_fci(limit_kbps * 1_000, sources),
    )
    return bytes(rtp.RtcpRrPacket(ssrc=SELF, reports=infos)) + bytes(remb)


def sender_report(ssrc: int, ntp: int, timestamp: int, packets: int, octets: int) -> bytes:
    """Return a sender report for one slot."""
    info = rtp.RtcpSenderInfo(
        ntp_timestamp=ntp,
        rtp_timestamp=timestamp,
        packet_count=packets % (1 << 32),
        octet_count=octets % (1 << 32),
    )
    return bytes(rtp.RtcpSrPacket(ssrc=ssrc, sender_info=info))


def ntp_of(seconds: float) -> int:
    """Return Unix `seconds` as a 64-bit NTP timestamp."""
    return int((seconds + NTP_EPOCH) * (1 << 32)) % (1 << 64)


def remb_kbps(packet: rtp.RtcpPsfbPacket) -> int | None:
    """Return the rate a viewer says it can take."""
    try:
        rate, _ = rtp.unpack_remb_fci(packet.fci)
    except Exception:  # noqa: BLE001 -- authentic but possibly hostile
        return None
    return int(rate) // 1_000


class Reports:
    """Our receiver reports about one source: what came in each interval (RFC 3550 §6.4)."""

    def __init__(self) -> None:
        self._before = (0, 0)
        self._heard: tuple[int, float] | None = None
        self.loss = 0.0
        """Share of packets lost in the last interval, 0 … 1."""

    def note_sender_report(self, ntp: int, now: float) -> None:
        """Remember the publisher's last sender report."""
        self._heard = ((ntp >> 16) & 0xFFFFFFFF, now)

    def info(self, ssrc: int, counts: Counts, now: float) -> rtp.RtcpReceiverInfo | None:
        """Return the block for the interval since the last one; None before any packet."""
        if not counts.received:
            return None
        expected_now = counts.expected - self._before[0]
        received_now = counts.received - self._before[1]
        self._before = (counts.expected, counts.received)
        self.loss = max(0.0, 1 - received_now / expected_now) if expected_now > 0 else 0.0
        last, delay = 0, 0
        if self._heard is not None:
            last, delay = self._heard[0], int((now - self._heard[1]) * 65_536)
        return rtp.RtcpReceiverInfo(
            ssrc=ssrc,
            fraction_lost=min(255, int(self.loss * 256)),
            packets_lost=max(0, min(rtp.PACKETS_LOST_MAX, counts.expected - counts.received)),
            highest_sequence=counts.highest,
            jitter=counts.jitter,
            lsr=last,
            dlsr=min(delay, 0xFFFFFFFF),
        )


def lost_of(packets: Iterable[rtp.AnyRtcpPacket]) -> dict[int, list[int]]:
    """Return what a viewer asks to get again, per slot SSRC."""
    asked: dict[int, list[int]] = {}
    for packet in packets:
        if isinstance(packet, rtp.RtcpRtpfbPacket) and packet.fmt == rtp.RTCP_RTPFB_NACK:
            asked.setdefault(packet.media_ssrc, []).extend(n % 65_536 for n in packet.lost)
    return asked
