"""Up: what one browser sends. It replaces aiortc's receive path; nothing is decoded.

Only negotiated SSRCs with their negotiated payload type pass, only what is granted, and only up to
a rate; the rest is dropped without a word (security.md 60, 61). The data plane does that for every
packet; here is what is decided about a source, a few times a second.
"""

import functools
from collections.abc import Callable

from aiortc import rtp

from sessions.media import rtcp
from sessions.media.dataplane.flow import Counts, Stream, StreamPlan
from sessions.media.negotiation import Link, Stage
from sessions.media.plane import Grants, Kind, Limits, Sdp
from sessions.media.sdp import Checked, Line
from sessions.media.speaker import Voice

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


NOTHING = Counts(0, 0, 0, 0, 0, 0.0, flowing=False, voice=Voice(), ssrc=0)


class Track:
    """One negotiated source of an uplink."""

    def __init__(self, line: Line, cap_kbps: int) -> None:
        self.line = line
        self.kind: Kind = line.kind
        self.ssrc = line.ssrc or 0
        self.reports = rtcp.Reports(self.ssrc)
        self.stream: Stream | None = None
        """Its packets; None before the connection is up."""
        self.flowing = False
        """The engine has made it known."""
        self.cap = cap_kbps * 125.0
        self._asked_at = -KEYFRAME_EVERY_S
        self.wanted = False
        """A keyframe was asked for too soon after another; it is asked for at the next chance."""
        self._octets = 0
        self._flooded = 0
        self._watched = False

    @property
    def counts(self) -> Counts:
        """Return what has arrived."""
        return self.stream.counts() if self.stream is not None else NOTHING

    def watch(self, eager: bool) -> None:
        """Hear at once when this voice gets loud, or at the next tick only."""
        if self.stream is not None and eager != self._watched:
            self._watched = eager
            self.stream.watch(eager)

    def may_ask(self, now: float) -> bool:
        """Say whether a keyframe may be asked for now; note that it is, or that it should be."""
        self.wanted = now - self._asked_at < KEYFRAME_EVERY_S
        if not self.wanted:
            self._asked_at = now
        return not self.wanted

    def floods(self, counts: Counts) -> bool:
        """Close a second of counting; say whether this source floods us."""
        octets, self._octets = counts.octets - self._octets, counts.octets
        self._flooded = self._flooded + 1 if octets > FLOOD * self.cap else 0
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
        self._grants = Grants(publish_audio=False, publish_video=False)
        self.on_attention: Callable[[Track], None] = lambda _: None
        """Takes a track that begins to flow, or is loud and watched."""
        self.on_report: Callable[[Track, int, int], None] = lambda *_: None
        """Takes the publisher's sender report as (track, NTP on our clock, RTP timestamp)."""
        link.on_rtcp = self._rtcp
        link.on_connected = self._connected

    async def open(self) -> Sdp:
        """Answer the offer. Raises BadSdp."""
        return await self._link.answer(self._offer)

    async def close(self) -> None:
        """End the connection."""
        for track in self._tracks.values():
            if track.stream is not None:
                track.stream.close()
                track.stream = None
        await self._link.close()

    def _connected(self) -> None:
        for track in self._tracks.values():
            track.stream = self._link.stream(
                StreamPlan(
                    track.ssrc,
                    track.line.payload_type,
                    track.kind,
                    track.cap,
                    track.line.level_extension,
                ),
                functools.partial(self._attend, track),
            )
        self.grant(self._grants)

    @property
    def stage(self) -> Stage:
        """Where the connection is in its life."""
        return self._link.stage

    @property
    def tracks(self) -> tuple[Track, ...]:
        """What was negotiated."""
        return tuple(self._tracks.values())

    def grant(self, grants: Grants) -> None:
        """Set what may be forwarded."""
        self._grants = grants
        for track in self._tracks.values():
            if track.stream is not None:
                track.stream.grant(self.granted(track.kind))

    def granted(self, kind: Kind) -> bool:
        """Say whether this kind may be forwarded."""
        if kind == "audio":
            return self._grants.publish_audio
        return self._grants.publish_video if kind == "video" else self._grants.share

    def _attend(self, track: Track) -> None:
        self._repair(track, self._monotonic())
        self.on_attention(track)

    def _repair(self, track: Track, now: float) -> None:
        """Ask for what is missing: a lost word comes too late, a lost piece of a picture does not."""
        if track.stream is None or track.kind == "audio":
            return
        due = track.stream.due(now)
        if due is None:
            self.ask_keyframe(track, now)
        elif due:
            self._link.send_rtcp(rtcp.nack(track.ssrc, due))

    def _rtcp(self, data: bytes) -> None:
        for packet in rtcp.parse(data):
            if isinstance(packet, rtp.RtcpSrPacket):
                track = self._tracks.get(packet.ssrc)
                if track is None:
                    continue
                sent = packet.sender_info.ntp_timestamp
                track.reports.note_sender_report(sent, self._monotonic())
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
        self._link.follow()
        for track in self._tracks.values():
            if track.wanted:
                self.ask_keyframe(track, now)
            self._repair(track, now)

    def second(self, now: float) -> bool:
        """Report to the publisher; say whether it floods us and must be cut off."""
        counts = [(track, track.counts) for track in self._tracks.values()]
        floods = [track.floods(count) for track, count in counts]
        infos = [info for track, count in counts if (info := track.reports.info(count, now))]
        if infos:
            kbps = sum(self._asked_kbps[track.kind] for track, _ in counts if track.flowing)
            self._link.send_rtcp(rtcp.report(infos, max(kbps, self._asked_kbps["video"])))
        return any(floods)

    @property
    def loss(self) -> float:
        """Share of packets lost on the way to us in the last second, 0 … 1."""
        return max((track.reports.loss for track in self._tracks.values()), default=0.0)
