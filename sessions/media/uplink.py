"""Up: what one browser sends. It replaces aiortc's receive path; nothing is decoded.

Only negotiated SSRCs with their negotiated payload type pass, only what is granted, and only up to
a rate; the rest is dropped without a word (security.md 60, 61).
"""

from collections.abc import Callable

from aiortc import rtp

from sessions.media import rtcp
from sessions.media.forwarding import CLOCK
from sessions.media.negotiation import Link, Stage
from sessions.media.packets import RtpView, view
from sessions.media.plane import Grants, Kind, Limits, Sdp
from sessions.media.sdp import Checked, Line

AUDIO_KBPS = 160
"""Opus speech runs at 32 to 64 kbit/s."""
HEADROOM = 2
"""A source may send this many times what it was asked to keep to before packets are dropped."""
FLOOD = 8
"""A source sending this many times its cap is cut off with its connection …"""
FLOOD_S = 3
"""… when it keeps that up for so many seconds."""
KEYFRAME_EVERY_S = 0.3
"""At most one request for a keyframe per source in this time (media.md §2.5)."""
SILENT_S = 3.0
"""A source without packets for this long has stopped; Opus DTX still sends every 0.4 s."""


class Track:
    """One negotiated source of an uplink."""

    def __init__(self, line: Line, cap_kbps: int) -> None:
        self.line = line
        self.kind: Kind = line.kind
        self.ssrc = line.ssrc or 0
        self.reception = rtcp.Reception(self.ssrc, CLOCK[line.kind])
        self.flowing = False
        self.heard_at = 0.0
        self._cap = cap_kbps * 125.0
        self._tokens = self._cap
        self._filled_at = 0.0
        self._asked_at = -KEYFRAME_EVERY_S
        self.wanted = False
        """A keyframe was asked for too soon after another; it is asked for at the next chance."""
        self._bytes = 0
        self._flooded = 0

    def admit(self, size: int, now: float) -> bool:
        """Say whether `size` bytes fit under the cap now (a bucket of one second)."""
        self._bytes += size
        self._tokens = min(self._cap, self._tokens + (now - self._filled_at) * self._cap)
        self._filled_at = now
        if self._tokens < size:
            return False
        self._tokens -= size
        return True

    def may_ask(self, now: float) -> bool:
        """Say whether a keyframe may be asked for now; note that it is, or that it should be."""
        self.wanted = now - self._asked_at < KEYFRAME_EVERY_S
        if not self.wanted:
            self._asked_at = now
        return not self.wanted

    def second(self) -> bool:
        """Close a second of counting; say whether this source floods us."""
        self._flooded = self._flooded + 1 if self._bytes > FLOOD * self._cap else 0
        self._bytes = 0
        return self._flooded >= FLOOD_S


class Uplink:
    """One up connection and its tracks."""

    def __init__(
        self,
        link: Link,
        offer: Checked,
        limits: Limits,
        monotonic: Callable[[], float],
        wall: Callable[[], float],
    ) -> None:
        caps: dict[Kind, int] = {
            "audio": AUDIO_KBPS,
            "video": limits.camera_kbps * HEADROOM,
            "share": limits.share_kbps * HEADROOM,
        }
        self._asked_kbps = {"audio": 64, "video": limits.camera_kbps, "share": limits.share_kbps}
        self._link = link
        self._offer = offer
        self._tracks = {
            track.ssrc: track for track in (Track(line, caps[line.kind]) for line in offer.lines)
        }
        self._monotonic = monotonic
        self._wall = wall
        self._skew: int | None = None
        self.grants = Grants(publish_audio=False, publish_video=False)
        self.on_packet: Callable[[Track, RtpView, float], None] = lambda *_: None
        self.on_report: Callable[[Track, int, int], None] = lambda *_: None
        """Takes the publisher's sender report as (track, NTP on our clock, RTP timestamp)."""
        link.on_rtp = self._rtp
        link.on_rtcp = self._rtcp

    async def open(self) -> Sdp:
        """Answer the offer. Raises BadSdp."""
        return await self._link.answer(self._offer)

    async def close(self) -> None:
        """End the connection."""
        await self._link.close()

    @property
    def stage(self) -> Stage:
        """Where the connection is in its life."""
        return self._link.stage

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What was negotiated."""
        return tuple(self._tracks.values())

    def granted(self, kind: Kind) -> bool:
        """Say whether this kind may be forwarded."""
        if kind == "audio":
            return self.grants.publish_audio
        return self.grants.publish_video if kind == "video" else self.grants.share

    def _rtp(self, data: bytes) -> None:
        track = self._tracks.get(int.from_bytes(data[8:12]))
        if track is None or data[1] & 0x7F != track.line.payload_type:
            return
        now = self._monotonic()
        # Before decryption: a flood shall not cost us cryptography either.
        if not track.admit(len(data), now):
            return
        plain = self._link.open_rtp(data)
        packet = view(plain) if plain is not None else None
        if packet is None:
            return
        lost = track.reception.take(packet.seq, packet.timestamp, now)
        if lost and track.kind != "audio":
            if track.reception.hopeless:
                track.reception.forget_missing()
                self.ask_keyframe(track, now)
            else:
                self._link.send_rtcp(rtcp.nack(track.ssrc, lost))
        if self.granted(track.kind):
            track.heard_at = now
            self.on_packet(track, packet, now)

    def _rtcp(self, data: bytes) -> None:
        for packet in rtcp.parse(data):
            if isinstance(packet, rtp.RtcpSrPacket):
                track = self._tracks.get(packet.ssrc)
                if track is None:
                    continue
                sent = packet.sender_info.ntp_timestamp
                track.reception.note_sender_report(sent, self._monotonic())
                if self._skew is None:
                    # One shift for all tracks keeps voice and picture in step (media.md §2.5).
                    self._skew = rtcp.ntp_of(self._wall()) - sent
                ours = (sent + self._skew) % (1 << 64)
                self.on_report(track, ours, packet.sender_info.rtp_timestamp)

    def ask_keyframe(self, track: Track, now: float) -> None:
        """Ask the browser for a keyframe; soon, if it was asked a moment ago."""
        if track.may_ask(now):
            self._link.send_rtcp(rtcp.pli(track.ssrc))

    def tick(self, now: float) -> None:
        """Ask again for what is still missing, and for keyframes that had to wait."""
        for track in self._tracks.values():
            if track.wanted:
                self.ask_keyframe(track, now)
            if track.kind != "audio" and (due := track.reception.overdue(now)):
                self._link.send_rtcp(rtcp.nack(track.ssrc, due))

    def second(self, now: float) -> bool:
        """Report to the publisher; say whether it floods us and must be cut off."""
        floods = [track.second() for track in self._tracks.values()]
        infos = [info for track in self._tracks.values() if (info := track.reception.info(now))]
        if infos:
            kbps = sum(self._asked_kbps[t.kind] for t in self._tracks.values() if t.flowing)
            self._link.send_rtcp(rtcp.report(infos, max(kbps, self._asked_kbps["video"])))
        return any(floods)

    @property
    def loss(self) -> float:
        """Share of packets lost on the way to us in the last second, 0 … 1."""
        return max((track.reception.loss for track in self._tracks.values()), default=0.0)
