"""Viewers: ICE and DTLS by aiortc, then their sockets go to the counting thread."""

import asyncio
import contextlib
import socket

from aiortc import RTCSessionDescription, rtp

from tests.bench.media.counting import Counting, Stream
from tests.bench.media.server import Server
from tests.sessions.media.peers import Raw, connection, wait_connected

RECEIVE_BUFFER = 2 << 20
SO_RCVBUFFORCE = 33
"""Linux: like SO_RCVBUF, beyond the system's limit; for root."""


async def _nothing(_) -> None:
    """In place of aiortc's decoders and its own RTCP."""


class Viewer:
    """One viewer. `join`, then `count`; `take` what the counting thread did not count."""

    def __init__(self) -> None:
        self._pc = connection()
        self._ticket = ""

    async def join(self, server: Server) -> None:
        invitation = await server.invite()
        self._ticket = invitation.ticket
        await self._pc.setRemoteDescription(RTCSessionDescription(invitation.offer, "offer"))
        for transceiver in self._pc.getTransceivers():
            transceiver.sender.send = transceiver.receiver.receive = _nothing
        await self._pc.setLocalDescription()
        await server.answer(self._ticket, self._pc.localDescription.sdp)
        await wait_connected(self._pc)
        self._raw = Raw(self._pc)
        for sock in self._sockets():
            try:
                sock.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER)
            except PermissionError:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)

    async def leave(self, server: Server) -> None:
        await server.leave(self._ticket)
        await self.close()

    async def close(self) -> None:
        await self._pc.close()

    def count(self, counting: Counting, *, sampled: bool) -> int:
        """Hand the socket over, asyncio reads it no more; returns the counting thread's number."""
        self._counting = counting
        descriptor = self._raw.pair.protocol.transport.get_extra_info("socket").fileno()
        asyncio.get_running_loop()._remove_reader(descriptor)
        self._number = counting.add(descriptor, sampled=sampled)
        return self._number

    def take(self, data: bytes) -> None:
        """Give aioice a datagram: the server's consent checks want answers."""
        pair = self._raw.pair
        pair.protocol.datagram_received(data, pair.remote_addr)

    def open(self, data: bytes) -> bytes:
        """Decrypt an RTP packet."""
        return self._raw.dtls._rx_srtp.unprotect(data)

    @property
    def streams(self) -> list[Stream]:
        """What was counted."""
        return self._counting.streams(self._number)

    @property
    def ports(self) -> set[int]:
        """Of its sockets."""
        return {sock.getsockname()[1] for sock in self._sockets()}

    def report(self) -> None:
        """Send a receiver report, as every browser does (RFC 3550 §6.4.2): nothing was lost."""
        reports = [
            rtp.RtcpReceiverInfo(
                ssrc=stream.ssrc,
                fraction_lost=0,
                packets_lost=0,
                highest_sequence=stream.last % (1 << 32),
                jitter=0,
                lsr=0,
                dlsr=0,
            )
            for stream in self.streams
        ]
        # ICE may be looking for the next pair; a report is then lost like any other.
        with contextlib.suppress(ConnectionError, KeyError):
            self._raw.send_rtcp(bytes(rtp.RtcpRrPacket(ssrc=1, reports=reports[:31])))

    def _sockets(self) -> list:
        protocols = self._raw.ice._protocols
        return [protocol.transport.get_extra_info("socket") for protocol in protocols]
