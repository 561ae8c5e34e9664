"""One peer connection on the shared port: offer and answer, then keys and an address.

aiortc does signalling, ICE and DTLS. Its media path is cut off here (`_mute`): no decoder thread,
no encoder, no RTCP task ever starts, and the data plane takes encrypted packets off the port before
aiortc sees them. What aiortc leaves open is set: VP8 and Opus only, no STUN server, everything over
one transport.
"""

from collections.abc import Callable
from typing import Any, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCIceParameters,
    RTCIceTransport,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
    rtcrtpreceiver,
)

from sessions.media import guard, sdp
from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.flow import Address, Peer, Stream, StreamPlan
from sessions.media.mux import UdpMux, finish_checks
from sessions.media.plane import BadSdp, Kind, Sdp, Slot

CONNECT_S = 15.0
"""Without candidates from the browser ICE never gives up by itself (security.md 58)."""

Stage = Literal["new", "connecting", "connected", "gone"]
MediaKind = Literal["audio", "video"]


class _NoEstimate:
    """Takes the place of upstream's estimator of bandwidth.

    It makes one for every video line, some 18,000 objects a join; none is asked for anything here,
    as receivers never see a packet.
    """


setattr(rtcrtpreceiver, "RemoteBitrateEstimator", _NoEstimate)  # noqa: B010 -- replaced in the module


def _preferred(kind: MediaKind) -> list[Any]:
    name = "audio/opus" if kind == "audio" else "video/vp8"
    known: Any = RTCRtpReceiver.getCapabilities(kind)
    return [codec for codec in known.codecs if codec.mimeType.lower() == name]


def _media_kind(kind: Kind) -> MediaKind:
    return "audio" if kind == "audio" else "video"


def _mute(transceiver: RTCRtpTransceiver) -> None:
    """Keep aiortc from decoding, encoding and reporting: we do none or our own."""

    async def nothing(parameters: object) -> None:
        del parameters

    setattr(transceiver.sender, "send", nothing)  # noqa: B010 -- replaces a method
    setattr(transceiver.receiver, "receive", nothing)  # noqa: B010 -- replaces a method


def _start_once(transport: RTCIceTransport) -> None:
    """Let a browser leave while it is being connected.

    Upstream starts the one transport again for every line, and fails in a task nobody looks at when
    the browser's goodbye came in between.
    """
    start = transport.start

    async def begin(parameters: RTCIceParameters) -> None:
        if transport.state != "closed":
            await start(parameters)

    setattr(transport, "start", begin)  # noqa: B010 -- replaces a method


class Link:
    """A connection with one browser, up or down. `gone` is final: make a new one."""

    def __init__(self, mux: UdpMux, plane: DataPlane, monotonic: Callable[[], float]) -> None:
        if not guard.is_installed():
            raise RuntimeError("install the media guard before any connection (security.md §0)")
        self._mux = mux
        self._plane = plane
        self._monotonic = monotonic
        self._pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._dtls: Any = None
        self._ice: Any = None
        self._member: Any = None
        self._began: float | None = None
        self._closed = False
        self._aim: tuple[int, Address] | None = None
        self.peer: Peer | None = None
        """Keys and addresses, once it is connected."""
        self.sources: tuple[int, ...] = ()
        """Down: the SSRC of each slot."""
        self.on_rtcp: Callable[[bytes], None] = lambda _: None
        """Takes a decrypted RTCP packet."""
        self.on_connected: Callable[[], None] = lambda: None

    # offer and answer

    async def answer(self, offer: sdp.Checked) -> Sdp:
        """Answer a checked offer of the browser's. Raises BadSdp; the link is then closed."""
        for line in offer.lines:
            self._add(_media_kind(line.kind), "recvonly")
        self._hook()
        await self._set_remote(offer, "offer")
        await self._pc.setLocalDescription()
        self._began = self._monotonic()
        return sdp.finish_answer(self._pc.localDescription.sdp, offer)

    async def offer(self, slots: tuple[Slot, ...]) -> Sdp:
        """Return our offer to send in these slots."""
        for slot in slots:
            self._add(_media_kind(sdp.slot_kind(slot)), "sendonly")
        self._hook()
        description = await self._pc.createOffer()
        text = sdp.finish_offer(description.sdp, slots)
        self.sources = sdp.own_sources(text)
        await self._pc.setLocalDescription(RTCSessionDescription(text, "offer"))
        return sdp.finish_offer(self._pc.localDescription.sdp, slots)

    async def accept(self, answer: sdp.Checked) -> None:
        """Take the browser's answer to our offer. Raises BadSdp; the link is then closed."""
        await self._set_remote(answer, "answer")
        self._began = self._monotonic()

    def _add(self, kind: MediaKind, direction: str) -> None:
        transceiver = self._pc.addTransceiver(kind, direction=direction)
        transceiver.setCodecPreferences(_preferred(kind))
        _mute(transceiver)

    async def _set_remote(self, checked: sdp.Checked, kind: str) -> None:
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(checked.text, kind))
        except Exception as error:
            # Upstream's parser raises whatever it stumbles over (security.md 57).
            await self.close()
            raise BadSdp("media.sdp_refused") from error

    def _hook(self) -> None:
        self._dtls = self._pc.getTransceivers()[0].receiver.transport
        self._ice = self._dtls.transport._connection  # noqa: SLF001 -- docs/decisions/0004
        self._member = self._mux.attach(self._ice)
        _start_once(self._dtls.transport)
        self._dtls.on("statechange", self._changed)
        self._dtls.transport.on("statechange", self._reached)

    def _reached(self) -> None:
        if self._dtls.transport.state == "completed" and not self._closed:
            finish_checks(self._ice)

    def _changed(self) -> None:
        if self._dtls.state == "connected" and not self._closed and self.peer is None:
            self.peer = self._plane.peer(
                self._dtls._rx_srtp,  # noqa: SLF001 -- docs/decisions/0004
                self._dtls._tx_srtp,  # noqa: SLF001 -- docs/decisions/0004
                self.on_rtcp,
            )
            self._member.carry(self.peer)
            self.follow()
            self.on_connected()

    # state

    @property
    def stage(self) -> Stage:
        """Where the connection is in its life."""
        if self._closed or self._dtls is None:
            return "gone" if self._closed else "new"
        states = (self._dtls.state, self._dtls.transport.state)
        if any(state in ("failed", "closed") for state in states):
            return "gone"
        if self._dtls.state == "connected":
            return "connected"
        if self._began is None:
            return "new"
        late = self._monotonic() - self._began > CONNECT_S
        return "gone" if late else "connecting"

    # packets

    def follow(self) -> None:
        """Send to the address the browser uses now."""
        pair = self._ice._nominated.get(1) if self._ice is not None else None  # noqa: SLF001 -- docs/decisions/0004
        if self.peer is None or pair is None:
            return
        aim = (pair.protocol.transport.port.number, pair.remote_addr)
        if aim != self._aim:
            self._aim = aim
            self.peer.aim(*aim)

    def stream(self, plan: StreamPlan, on_attention: Callable[[], None]) -> Stream:
        """Take a source of this connection, which must be connected."""
        assert self.peer is not None  # it is set before `on_connected` is called
        return self.peer.stream(plan, on_attention)

    def send_rtcp(self, data: bytes) -> None:
        """Encrypt and send reports or feedback; dropped when not connected."""
        if self.peer is not None and self.stage == "connected":
            self.peer.report(data)

    async def close(self) -> None:
        """End the connection; the browser is told."""
        if self._closed:
            return
        self._closed = True
        if self.peer is not None:
            self.peer.close()
        await self._pc.close()
        if self._member is not None:
            self._member.close()
