"""One peer connection on the shared port: offer and answer, then keys and an address.

aiortc does signalling, ICE and DTLS. Its media path is cut off here (`_mute`): no decoder thread,
no encoder, no RTCP task ever starts, and encrypted packets go from the mux straight to `on_rtp`
and `on_rtcp`. What aiortc leaves open is set: VP8 and Opus only, no STUN server, everything over
one transport.
"""

from collections.abc import Callable
from typing import Any, Literal

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpReceiver,
    RTCRtpTransceiver,
    RTCSessionDescription,
)
from pylibsrtp import Session

from sessions.media import guard, sdp
from sessions.media.dataplane.base import DataPlane, Target
from sessions.media.mux import UdpMux
from sessions.media.plane import BadSdp, Kind, Sdp, Slot

CONNECT_S = 15.0
"""Without candidates from the browser ICE never gives up by itself (security.md 58)."""

MAX_RTCP_SOURCES = 16
"""libsrtp keeps state per SSRC; a browser reports under two or three."""

Stage = Literal["new", "connecting", "connected", "gone"]
MediaKind = Literal["audio", "video"]


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
        self._rtcp_sources: set[bytes] = set()
        self.sources: tuple[int, ...] = ()
        """Down: the SSRC of each slot."""
        self.on_rtp: Callable[[bytes], None] = lambda _: None
        """Takes an encrypted RTP packet; decrypt it with `open_rtp`."""
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
        return sdp.finish_answer(self._pc.localDescription.sdp)

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
        self._dtls.on("statechange", self._changed)
        self._dtls.transport.on("statechange", self._reached)

    def _reached(self) -> None:
        if self._dtls.transport.state == "completed" and not self._closed:
            self._member.finish_checks()

    def _changed(self) -> None:
        if self._dtls.state == "connected" and not self._closed:
            self._member.on_media = self._media
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

    def target(self, ssrc: int, payload_type: int) -> Target | None:
        """Return where to send now; None while there is no connection."""
        pair = self._ice._nominated.get(1)  # noqa: SLF001 -- docs/decisions/0004
        if self.stage != "connected" or pair is None:
            return None
        sock = pair.protocol.transport.port.sock
        return Target(self._send_session, sock, pair.remote_addr, ssrc, payload_type)

    @property
    def remote(self) -> tuple[str, int] | None:
        """The browser's address in use."""
        pair = self._ice._nominated.get(1) if self._ice is not None else None  # noqa: SLF001 -- docs/decisions/0004
        return None if pair is None else pair.remote_addr

    # packets

    @property
    def _send_session(self) -> Session:
        session: Session = self._dtls._tx_srtp  # noqa: SLF001 -- docs/decisions/0004
        return session

    @property
    def _receive_session(self) -> Session:
        session: Session = self._dtls._rx_srtp  # noqa: SLF001 -- docs/decisions/0004
        return session

    def _media(self, data: bytes) -> None:
        if len(data) < 12:
            return
        if 192 <= data[1] <= 223:
            source = data[4:8]
            known = source in self._rtcp_sources
            if not known and len(self._rtcp_sources) >= MAX_RTCP_SOURCES:
                return
            plain = self._plane.open_rtcp(self._receive_session, data)
            if plain is not None:
                self._rtcp_sources.add(source)
                self.on_rtcp(plain)
        else:
            self.on_rtp(data)

    def open_rtp(self, data: bytes) -> bytes | None:
        """Decrypt one packet; None when it is not authentic."""
        return self._plane.open_rtp(self._receive_session, data)

    def send_rtcp(self, data: bytes) -> None:
        """Encrypt and send reports or feedback; dropped when not connected."""
        pair = self._ice._nominated.get(1)  # noqa: SLF001 -- docs/decisions/0004
        if self.stage != "connected" or pair is None:
            return
        sealed = self._plane.seal_rtcp(self._send_session, data)
        if sealed is not None:
            pair.protocol.transport.sendto(sealed, pair.remote_addr)

    async def close(self) -> None:
        """End the connection; the browser is told."""
        if self._closed:
            return
        self._closed = True
        if self._member is not None:
            self._member.on_media = None
        await self._pc.close()
        if self._member is not None:
            self._member.close()
