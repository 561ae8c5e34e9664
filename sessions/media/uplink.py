"""Up: what one browser sends. It replaces aiortc's receive path; nothing is decoded.

Only negotiated SSRCs with their negotiated payload type pass, only what is granted, and only up to
a rate; the rest is dropped without a word (security.md 60, 61). The data plane does that for every
packet; here is what is decided about a source, a few times a second.
"""

import functools
from collections.abc import Callable

from aiortc import rtp

from sessions.media import rtcp
from sessions.media.dataplane.flow import NOTHING, Counts, Stream, StreamPlan
from sessions.media.negotiation import Link, Stage
from sessions.media.plane import Grants, Kind, Limits, Sdp
from sessions.media.sdp import Checked, Line
from sessions.media.speaker import Voice

AUDIO_KBPS = 160
"""Opus speech runs at 32 to 64 kbit/s."""
HEADROOM = 2
"""A source may send this many times what it was asked to keep to before packets are dropped."""
SMALLER_LAYERS = 1.5
"""The smaller layers of a camera add up to half of the largest."""
FLOOD = 8
"""A source sending this many times its cap is cut off with its connection …"""
FLOOD_S = 3
"""… when it keeps that up for so many seconds."""
KEYFRAME_EVERY_S = 0.3
"""At most one request for a keyframe per source in this time (media.md §2.5)."""
FLOWS_S = 0.5
"""A layer without packets for this long is not chosen for anybody."""
SILENT_S = 3.0
"""A source without packets for this long has stopped; Opus DTX still sends every 0.4 s."""


class Layer:
    """One stream of a track: the whole of it, or one size of a camera's picture."""

    def __init__(self, rid: str, ssrc: int) -> None:
        self.rid = rid
        self._ssrc = ssrc
        self.stream: Stream | None = None
        """Its packets; None before the connection is up."""
        self.reports = rtcp.Reports()
        self.kbps = 0
        """Rate of the last second."""
        self.flows = False
        """Packets have come in the last half second."""
        self._octets = 0
        self._asked_at = -KEYFRAME_EVERY_S
        self.wanted = False
        """A keyframe was asked for too soon after another; it is asked for at the next chance."""

    @property
    def counts(self) -> Counts:
        """Return what has arrived."""
        return self.stream.counts() if self.stream is not None else NOTHING

    @property
    def ssrc(self) -> int:
        """Return its SSRC; 0 while it is not known."""
        return self._ssrc or self.counts.ssrc

    def may_ask(self, now: float) -> bool:
        """Say whether a keyframe may be asked for now; note that it is, or that it should be."""
        self.wanted = now - self._asked_at < KEYFRAME_EVERY_S
        if not self.wanted:
            self._asked_at = now
        return not self.wanted

    def second(self, counts: Counts) -> None:
        """Close a second of counting."""
        self.kbps = (counts.octets - self._octets) // 125
        self._octets = counts.octets


class Track:
    """One negotiated source of an uplink."""

    def __init__(self, line: Line, cap_kbps: int) -> None:
        self.line = line
        self.kind: Kind = line.kind
        rids = line.rids or ("",)
        self.layers = tuple(Layer(rid, 0 if rid else line.ssrc or 0) for rid in rids)
        self.flowing = False
        """The engine has made it known."""
        self.cap_kbps = cap_kbps
        self._flooded = 0
        self._watched = False

    @property
    def streams(self) -> tuple[Stream, ...]:
        """Return the streams of its layers, once it is connected."""
        return tuple(layer.stream for layer in self.layers if layer.stream is not None)

    @property
    def voice(self) -> Voice:
        """Return what the levels of a voice come to."""
        return self.layers[0].counts.voice

    @property
    def heard_at(self) -> float:
        """Return when anything of it was last forwarded; 0: never."""
        return max(layer.counts.heard_at for layer in self.layers)

    def has_begun(self) -> bool:
        """Say whether packets have come since it was last put to rest."""
        return any(layer.counts.flowing for layer in self.layers)

    def rest(self) -> None:
        """Call again when the next packet comes."""
        for stream in self.streams:
            stream.rest()

    def watch(self, eager: bool) -> None:
        """Hear at once when this voice gets loud, or at the next tick only."""
        if eager != self._watched and self.streams:
            self._watched = eager
            self.streams[0].watch(eager)

    def floods(self) -> bool:
        """Close a second of counting; say whether this source floods us."""
        kbps = sum(layer.kbps for layer in self.layers)
        self._flooded = self._flooded + 1 if kbps > FLOOD * self.cap_kbps else 0
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
        if any(line.rids for line in offer.lines):
            self._asked_kbps["video"] = int(limits.camera_kbps * SMALLER_LAYERS)
        self._link = link
        self._offer = offer
        self.tracks = tuple(Track(line, caps[line.kind]) for line in offer.lines)
        """What was negotiated."""
        self._monotonic = monotonic
        self._wall = wall
        self._skew: int | None = None
        self._grants = Grants(publish_audio=False, publish_video=False)
        self.on_attention: Callable[[Track], None] = lambda _: None
        """Takes a track that begins to flow, or is loud and watched."""
        self.on_report: Callable[[Track, Stream, int, int], None] = lambda *_: None
        """Takes a sender report as (track, whose stream, NTP on our clock, RTP timestamp)."""
        link.on_rtcp = self._rtcp
        link.on_connected = self._connected

    async def open(self) -> Sdp:
        """Answer the offer. Raises BadSdp."""
        return await self._link.answer(self._offer)

    async def close(self) -> None:
        """End the connection."""
        for track in self.tracks:
            for layer in track.layers:
                if layer.stream is not None:
                    layer.stream.close()
                    layer.stream = None
        await self._link.close()

    def _connected(self) -> None:
        for track in self.tracks:
            line = track.line
            for layer in track.layers:
                plan = StreamPlan(
                    layer.ssrc,
                    line.payload_type,
                    line.kind,
                    track.cap_kbps * 125.0,
                    line.rid_extension if layer.rid else line.level_extension,
                    layer.rid,
                )
                layer.stream = self._link.stream(
                    plan, functools.partial(self._attend, track, layer)
                )
        self.grant(self._grants)

    @property
    def stage(self) -> Stage:
        """Where the connection is in its life."""
        return self._link.stage

    def grant(self, grants: Grants) -> None:
        """Set what may be forwarded."""
        self._grants = grants
        for track in self.tracks:
            for stream in track.streams:
                stream.grant(self.granted(track.kind))

    def granted(self, kind: Kind) -> bool:
        """Say whether this kind may be forwarded."""
        if kind == "audio":
            return self._grants.publish_audio
        return self._grants.publish_video if kind == "video" else self._grants.share

    def _attend(self, track: Track, layer: Layer) -> None:
        self._repair(track, layer, self._monotonic())
        self.on_attention(track)

    def _repair(self, track: Track, layer: Layer, now: float) -> None:
        """Ask for what is missing: a lost word comes too late, a lost piece of a picture does not."""
        if layer.stream is None or track.kind == "audio":
            return
        due = layer.stream.due(now)
        if due is None:
            self.ask_keyframe(layer, now)
        elif due and layer.ssrc:
            self._link.send_rtcp(rtcp.nack(layer.ssrc, due))

    def _rtcp(self, data: bytes) -> None:
        for packet in rtcp.parse(data):
            if isinstance(packet, rtp.RtcpSrPacket):
                found = self._source(packet.ssrc)
                if found is None:
                    continue
                track, layer = found
                sent = packet.sender_info.ntp_timestamp
                layer.reports.note_sender_report(sent, self._monotonic())
                if self._skew is None:
                    # One shift for all tracks keeps voice and picture in step (media.md §2.5).
                    self._skew = rtcp.ntp_of(self._wall()) - sent
                ours = (sent + self._skew) % (1 << 64)
                if layer.stream is not None:
                    self.on_report(track, layer.stream, ours, packet.sender_info.rtp_timestamp)

    def _source(self, ssrc: int) -> tuple[Track, Layer] | None:
        for track in self.tracks:
            for layer in track.layers:
                if layer.ssrc == ssrc:
                    return track, layer
        return None

    def ask_keyframe(self, layer: Layer, now: float) -> None:
        """Ask the browser for a keyframe; soon, if it was asked a moment ago."""
        if layer.ssrc and layer.may_ask(now):
            self._link.send_rtcp(rtcp.pli(layer.ssrc))

    def tick(self, now: float) -> None:
        """Ask again for what is still missing, and for keyframes that had to wait."""
        self._link.follow()
        for track in self.tracks:
            for layer in track.layers:
                layer.flows = now - layer.counts.heard_at < FLOWS_S
                if layer.wanted:
                    self.ask_keyframe(layer, now)
                self._repair(track, layer, now)

    def second(self, now: float) -> bool:
        """Report to the publisher; say whether it floods us and must be cut off."""
        infos = []
        for track in self.tracks:
            for layer in track.layers:
                counts = layer.counts
                layer.second(counts)
                info = layer.reports.info(layer.ssrc, counts, now) if layer.ssrc else None
                infos += [info] if info is not None else []
        if infos:
            kbps = sum(self._asked_kbps[track.kind] for track in self.tracks if track.flowing)
            self._link.send_rtcp(rtcp.report(infos, max(kbps, self._asked_kbps["video"])))
        floods = [track.floods() for track in self.tracks]
        return any(floods)

    @property
    def loss(self) -> float:
        """Share of packets lost on the way to us in the last second, 0 … 1."""
        layers = (layer for track in self.tracks for layer in track.layers)
        return max((layer.reports.loss for layer in layers), default=0.0)
