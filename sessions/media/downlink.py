"""Down: what one browser receives. Fixed slots, our own sender reports, lost packets again."""

from collections.abc import Callable

from aiortc import rtp

from sessions.media import rtcp
from sessions.media.dataplane.base import DataPlane
from sessions.media.forwarding import Sink
from sessions.media.negotiation import Link, Stage
from sessions.media.plane import BadSdp, Sdp, SeatKey, Slot
from sessions.media.sdp import Line, check_answer, slot_kind

RESENDS_PER_S = 300
"""More retransmissions would only feed a congested line, or an attacker."""


class Downlink:
    """One down connection. `sinks` go into the room's forwarder."""

    def __init__(
        self,
        viewer: SeatKey,
        generation: int,
        link: Link,
        plane: DataPlane,
        slots: tuple[Slot, ...],
        *,
        first: Callable[[], int],
        monotonic: Callable[[], float],
    ) -> None:
        """`first` gives random 31-bit numbers for the streams to start from."""
        self.generation = generation
        self._link = link
        self._slots = slots
        self._monotonic = monotonic
        # The lower half of the range, so that SRTP's rollover counter is never guessed wrong.
        self.sinks: tuple[Sink, ...] = tuple(
            Sink(viewer, slot, plane.out(slot_kind(slot), first() % 32_768, first()))
            for slot in slots
        )
        self._by_ssrc: dict[int, Sink] = {}
        self._lines: tuple[Line, ...] = ()
        self._octets = 0
        self.sent_kbps = 0.0
        """Rate of all pictures in the last second."""
        self._reports: dict[int, float] = {}
        self._resends = RESENDS_PER_S
        self.answered = False
        self.loss = 0.0
        self.rtt: float | None = None
        self.remb_kbps: int | None = None
        """What the browser says its line takes, in kbit/s."""
        self.on_connected: Callable[[], None] = lambda: None
        self.on_keyframe: Callable[[Sink], None] = lambda _: None
        link.on_rtcp = self._rtcp
        link.on_connected = self._connected

    async def open(self) -> Sdp:
        """Return our offer."""
        text = await self._link.offer(self._slots)
        self._by_ssrc = dict(zip(self._link.sources, self.sinks, strict=True))
        return text

    async def accept(self, answer: Sdp) -> None:
        """Take the browser's answer; a bad one ends the connection. Raises BadSdp."""
        try:
            checked = check_answer(answer, len(self._slots))
        except BadSdp:
            await self._link.close()
            raise
        self._lines = checked.lines
        self.answered = True
        await self._link.accept(checked)

    async def close(self) -> None:
        """End the connection."""
        for sink in self.sinks:
            sink.out.close()
        await self._link.close()

    @property
    def stage(self) -> Stage:
        """Where the connection is in its life."""
        return self._link.stage

    def refresh(self) -> None:
        """Follow the browser to the address it uses now."""
        self._link.follow()

    def _connected(self) -> None:
        for ssrc, sink, line in zip(self._link.sources, self.sinks, self._lines, strict=True):
            sent_at = line.sent_at if line.kind != "audio" else None
            sink.out.aim(self._link.peer, ssrc, line.payload_type, sent_at)
        self.on_connected()

    def silence(self) -> None:
        """Send nothing any more."""
        for sink in self.sinks:
            sink.out.aim(None, 0, 0)

    def _rtcp(self, data: bytes) -> None:
        packets = rtcp.parse(data)
        for packet in packets:
            if isinstance(packet, (rtp.RtcpRrPacket, rtp.RtcpSrPacket)):
                self._take_reports(packet.reports)
            elif isinstance(packet, rtp.RtcpPsfbPacket):
                sink = self._by_ssrc.get(packet.media_ssrc)
                if packet.fmt in (rtp.RTCP_PSFB_PLI, rtp.RTCP_PSFB_FIR) and sink is not None:
                    self.on_keyframe(sink)
                elif packet.fmt == rtp.RTCP_PSFB_APP:
                    self.remb_kbps = rtcp.remb_kbps(packet) or self.remb_kbps
        for ssrc, lost in rtcp.lost_of(packets).items():
            sink = self._by_ssrc.get(ssrc)
            take = lost[: self._resends]
            if sink is not None and take:
                self._resends -= len(take)
                sink.out.resend(take)

    def _take_reports(self, reports: list[rtp.RtcpReceiverInfo]) -> None:
        ours = [report for report in reports if report.ssrc in self._by_ssrc]
        if not ours:
            return
        self.loss = max(report.fraction_lost / 256 for report in ours)
        now = self._monotonic()
        for report in ours:
            sent = self._reports.get(report.lsr)
            if sent is not None:
                rtt = max(0.0, now - sent - report.dlsr / 65_536)
                self.rtt = rtt if self.rtt is None else self.rtt + 0.25 * (rtt - self.rtt)

    def report(self, sink: Sink, ntp: int, timestamp: int) -> None:
        """Send the source's sender report under the slot's own numbers."""
        if sink.out.waiting or not sink.out.aimed:
            return
        stamp = (timestamp + sink.out.stamp_shift) % (1 << 32)
        self._reports[(ntp >> 16) & 0xFFFFFFFF] = self._monotonic()
        while len(self._reports) > 64:
            del self._reports[next(iter(self._reports))]
        ssrc = self._link.sources[self.sinks.index(sink)]
        self._link.send_rtcp(rtcp.sender_report(ssrc, ntp, stamp, *sink.out.sent))

    def second(self) -> None:
        """Begin a new second of retransmissions and of counting."""
        self._resends = RESENDS_PER_S
        octets = sum(sink.out.sent[1] for sink in self.sinks if sink.kind != "audio")
        self.sent_kbps = (octets - self._octets) / 125
        self._octets = octets
