"""A browser's part played by aiortc, for tests: it sends synthetic packets and counts what comes.

Payloads are made here, never decoded: a VP8 descriptor with picture ids and a text that names the
sender, so that a test can say whose packet arrived where.
"""

import asyncio
import struct
from dataclasses import dataclass, field

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from pylibsrtp import Error as SrtpError

from sessions.media.mux import finish_checks
from sessions.media.packets import view
from sessions.media.plane import DownOffer, MediaPlane, PlaneEvent, SeatKey, Slot

HEADER = struct.Struct("!BBHLL")
KEYFRAME = b"\x10\x02\x00"
DELTA = b"\x11\x02\x00"


def _mute(transceiver):
    async def nothing(parameters):
        pass

    transceiver.sender.send = nothing
    transceiver.receiver.receive = nothing


def _codecs(kind):
    name = "audio/opus" if kind == "audio" else "video/vp8"
    codecs = RTCRtpSender.getCapabilities(kind).codecs
    return [codec for codec in codecs if codec.mimeType.lower() == name]


def connection() -> RTCPeerConnection:
    return RTCPeerConnection(
        RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
    )


def check_all(pc: RTCPeerConnection) -> None:
    """Take packets from every address that is checked, as browsers do: see `finish_checks`."""
    ice = pc.getTransceivers()[0].receiver.transport.transport

    def changed():
        if ice.state == "completed":
            finish_checks(ice._connection)

    ice.on("statechange", changed)


async def wait_connected(pc: RTCPeerConnection, timeout: float = 10) -> None:
    """Wait for the DTLS handshake; raises AssertionError when it fails."""
    dtls = pc.getTransceivers()[0].receiver.transport
    done = asyncio.get_running_loop().create_future()

    def changed():
        if dtls.state in ("connected", "failed", "closed") and not done.done():
            done.set_result(dtls.state)

    dtls.on("statechange", changed)
    changed()
    assert await asyncio.wait_for(done, timeout) == "connected"


class Raw:
    """The encrypted side of a connected aiortc connection."""

    def __init__(self, pc: RTCPeerConnection) -> None:
        self.pc = pc
        self.dtls = pc.getTransceivers()[0].receiver.transport
        self.ice = self.dtls.transport._connection

    @property
    def pair(self):
        return self.ice._nominated[1]

    def send(self, data: bytes) -> None:
        self.pair.protocol.transport.sendto(data, self.pair.remote_addr)

    def send_rtp(self, plain: bytes) -> None:
        self.send(self.dtls._tx_srtp.protect(plain))

    def send_rtcp(self, plain: bytes) -> None:
        self.send(self.dtls._tx_srtp.protect_rtcp(plain))


class Publisher:
    """Sends a voice, a camera and a screen, one packet at a time."""

    def __init__(self, name: str, kinds: tuple[str, ...] = ("audio", "video", "share")) -> None:
        self.name = name
        self.pc = connection()
        self.kinds = kinds
        self.transceivers = {}
        for kind in kinds:
            media = "audio" if kind == "audio" else "video"
            transceiver = self.pc.addTransceiver(media, direction="sendonly")
            transceiver.setCodecPreferences(_codecs(media))
            _mute(transceiver)
            self.transceivers[kind] = transceiver
        self.seq = dict.fromkeys(kinds, 1_000)
        self.stamp = dict.fromkeys(kinds, 50_000)
        self.picture = dict.fromkeys(kinds, 7)
        self.rtcp: list[bytes] = []

    async def offer(self) -> str:
        check_all(self.pc)
        await self.pc.setLocalDescription()
        return self.pc.localDescription.sdp

    async def accept(self, answer: str) -> None:
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        await wait_connected(self.pc)
        self.raw = Raw(self.pc)

        async def keep(data):
            self.rtcp.append(data)

        self.raw.dtls._handle_rtcp_data = keep

    async def join(self, plane: MediaPlane, seat: SeatKey) -> None:
        await self.accept(await plane.publish(seat, await self.offer()))

    def ssrc(self, kind: str) -> int:
        return self.transceivers[kind].sender._ssrc

    def packet(self, kind: str, *, key: bool = False, level: int = 127, size: int = 60) -> bytes:
        """Return the next plain RTP packet of this kind."""
        transceiver = self.transceivers[kind]
        self.seq[kind] = (self.seq[kind] + 1) % 65_536
        payload_type = transceiver._codecs[0].payloadType
        first, extension = 0x80, b""
        if kind == "audio":
            identity = next(
                (e.id for e in transceiver._headerExtensions if "audio-level" in e.uri), None
            )
            if identity is not None:
                first = 0x90
                extension = b"\xbe\xde\x00\x01" + bytes((identity << 4, level, 0, 0))
            self.stamp[kind] += 960
            body = b""
        else:
            self.stamp[kind] += 3_000
            self.picture[kind] = (self.picture[kind] + 1) % 32_768
            descriptor = b"\x90\x80" + (0x8000 | self.picture[kind]).to_bytes(2)
            body = descriptor + (KEYFRAME if key else DELTA)
        head = HEADER.pack(
            first, payload_type | 0x80, self.seq[kind], self.stamp[kind], self.ssrc(kind)
        )
        text = f"{self.name}:{kind}:{self.seq[kind]}".encode()
        return head + extension + body + text.ljust(size, b".")

    def send(self, kind: str, **options) -> None:
        self.raw.send_rtp(self.packet(kind, **options))

    async def close(self) -> None:
        await self.pc.close()


@dataclass
class Received:
    """One decrypted packet in a slot."""

    seq: int
    timestamp: int
    picture: int | None
    text: str


@dataclass
class Stream:
    packets: list[Received] = field(default_factory=list)

    @property
    def sequence(self) -> list[int]:
        return [packet.seq for packet in self.packets]

    @property
    def texts(self) -> list[str]:
        return [packet.text for packet in self.packets]


class Viewer:
    """Answers the plane's offer and keeps what arrives in each slot."""

    def __init__(self) -> None:
        self.pc = connection()
        self.slots: dict[Slot, Stream] = {}
        self.ssrcs: dict[int, Slot] = {}
        self.undecryptable = 0
        self.arrived = asyncio.Condition()
        self.rtcp: list[bytes] = []

    async def answer(self, offer: str) -> str:
        await self.pc.setRemoteDescription(RTCSessionDescription(offer, "offer"))
        for transceiver in self.pc.getTransceivers():
            _mute(transceiver)
        for section in offer.split("\r\nm=")[1:]:
            lines = section.split("\r\n")
            slot = next(line[7:].split()[0] for line in lines if line.startswith("a=msid:"))
            ssrc = next(line[7:].split()[0] for line in lines if line.startswith("a=ssrc:"))
            self.ssrcs[int(ssrc)] = Slot(slot)
            self.slots[Slot(slot)] = Stream()
        check_all(self.pc)
        await self.pc.setLocalDescription()
        dtls = self.pc.getTransceivers()[0].receiver.transport
        dtls._handle_rtp_data = self._rtp
        dtls._handle_rtcp_data = self._rtcp
        return self.pc.localDescription.sdp

    async def join(self, plane: MediaPlane, offer: DownOffer) -> None:
        await plane.answer(offer.seat, await self.answer(offer.sdp), offer.generation)
        await wait_connected(self.pc)
        self.raw = Raw(self.pc)

    def ssrc(self, slot: str) -> int:
        return next(ssrc for ssrc, name in self.ssrcs.items() if name == slot)

    async def _rtp(self, data: bytes, **_: int) -> None:
        _, _, seq, stamp, ssrc = HEADER.unpack_from(data)
        slot = self.ssrcs[ssrc]
        found = view(data)
        assert found is not None
        payload, picture = data[found.start :], None
        if not slot.startswith("voice"):
            picture = int.from_bytes(payload[2:4]) & 0x7FFF
            payload = payload[7:]
        text = payload.rstrip(b".").decode()
        async with self.arrived:
            self.slots[slot].packets.append(Received(seq, stamp, picture, text))
            self.arrived.notify_all()

    async def _rtcp(self, data: bytes) -> None:
        async with self.arrived:
            self.rtcp.append(data)
            self.arrived.notify_all()

    async def until(self, condition, timeout: float = 5) -> None:
        """Wait until `condition()` holds, looking whenever a packet arrives."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(condition), timeout)

    async def close(self) -> None:
        await self.pc.close()


class Events:
    """Everything a plane has said, and waiting for more."""

    def __init__(self, plane: MediaPlane) -> None:
        self.seen: list[PlaneEvent] = []
        self._changed = asyncio.Condition()
        self._task = asyncio.get_running_loop().create_task(self._read(plane))

    async def _read(self, plane):
        async for event in plane.events():
            async with self._changed:
                self.seen.append(event)
                self._changed.notify_all()

    def of(self, kind: type) -> list:
        return [event for event in self.seen if isinstance(event, kind)]

    async def first(self, condition, timeout: float = 5):
        """Return the first event for which `condition` holds, waiting for it."""

        def found():
            return next((event for event in self.seen if condition(event)), None)

        async with self._changed:
            await asyncio.wait_for(self._changed.wait_for(found), timeout)
        return found()

    async def ended(self, timeout: float = 2) -> None:
        await asyncio.wait_for(self._task, timeout)


__all__ = ["Events", "Publisher", "Raw", "SrtpError", "Viewer", "connection", "wait_connected"]
