"""What every data plane does: one suite for the pure one and any other."""

import os
import socket

import pytest
from pylibsrtp import Policy, Session

from sessions.media.dataplane.base import DataPlane, Target
from sessions.media.forwarding import Send, Sink
from sessions.media.packets import view

KEY = bytes(range(30))


def session(kind: int) -> Session:
    policy = Policy(key=KEY, ssrc_type=kind)
    policy.allow_repeat_tx = True
    return Session(policy)


def outbound() -> Session:
    return session(Policy.SSRC_ANY_OUTBOUND)


def inbound() -> Session:
    return session(Policy.SSRC_ANY_INBOUND)


class DataPlaneContract:
    @pytest.fixture
    def ears(self):
        with socket.socket(type=socket.SOCK_DGRAM) as sock:
            sock.bind(("127.0.0.1", 0))
            sock.settimeout(2)
            yield sock

    def sink(self, ears: socket.socket, mouth: socket.socket, ssrc: int, kind: int) -> Sink:
        made = Sink("viewer", "picture-0", 0, 0)
        made.target = Target(outbound(), mouth, ears.getsockname(), ssrc, kind)
        return made

    def test_a_packet_goes_to_everybody_under_their_own_numbers(
        self, data_plane: DataPlane, ears: socket.socket
    ):
        body = b"\x90\x80\x81\x02" + os.urandom(900)
        extension = b"\xbe\xde\x00\x01\x10\x7f\x00\x00"
        head = b"\x90\xe0\x00\x05\x00\x00\x00\x09\x00\x00\x00\x07"
        packet = view(head + extension + body)
        at = packet.start + 2
        with socket.socket(type=socket.SOCK_DGRAM) as mouth:
            sinks = [self.sink(ears, mouth, 100 + i, 96 + i) for i in range(5)]
            sends = [
                Send(sink, 65_535 - i, 7 + i, ((at, b"\xff\x0a"),) if i else ())
                for i, sink in enumerate(sinks)
            ]
            assert data_plane.fan(packet, sends) == 5
        patched = body[:2] + b"\xff\x0a" + body[4:]
        for i in range(5):
            plain = data_plane.open_rtp(inbound(), ears.recv(2_000))
            assert plain[:2] == bytes((0x80, 0x80 | (96 + i)))
            assert int.from_bytes(plain[2:4]) == 65_535 - i
            assert int.from_bytes(plain[4:8]) == 7 + i
            assert int.from_bytes(plain[8:12]) == 100 + i
            assert plain[12:] == (patched if i else body)
        assert [(sink.packets, sink.octets) for sink in sinks] == [(1, len(body))] * 5

    def test_padding_stays(self, data_plane: DataPlane, ears: socket.socket):
        packet = view(b"\xa0\x60" + bytes(10) + b"body" + b"\x00\x00\x03")
        with socket.socket(type=socket.SOCK_DGRAM) as mouth:
            assert data_plane.fan(packet, [Send(self.sink(ears, mouth, 1, 96), 1, 1, ())]) == 1
        plain = data_plane.open_rtp(inbound(), ears.recv(2_000))
        assert plain[0] == 0xA0 and plain[12:] == b"body\x00\x00\x03"

    def test_a_viewer_who_cannot_be_reached_costs_nobody_else(
        self, data_plane: DataPlane, ears: socket.socket
    ):
        packet = view(b"\x80\x60" + bytes(10) + b"body")
        with socket.socket(type=socket.SOCK_DGRAM) as mouth:
            sinks = [self.sink(ears, mouth, i + 1, 96) for i in range(3)]
            closed = socket.socket(type=socket.SOCK_DGRAM)
            closed.close()
            sinks[0].target.sock = closed
            sinks[1].target = None
            assert data_plane.fan(packet, [Send(sink, 1, 1, ()) for sink in sinks]) == 1
        assert data_plane.open_rtp(inbound(), ears.recv(2_000))[12:] == b"body"

    def test_too_large_a_packet_is_not_sent(self, data_plane: DataPlane, ears: socket.socket):
        packet = view(b"\x80\x60" + bytes(2_000))
        with socket.socket(type=socket.SOCK_DGRAM) as mouth:
            assert data_plane.fan(packet, [Send(self.sink(ears, mouth, 1, 96), 1, 1, ())]) == 0

    @pytest.mark.parametrize("size", [0, 1, 4, 8, 11, 12, 30, 1_500, 1_501, 9_000])
    def test_no_bytes_make_it_stumble(self, data_plane: DataPlane, size: int):
        data = (b"\x80\x60" + os.urandom(size))[:size]
        assert data_plane.open_rtp(inbound(), data) is None
        assert data_plane.open_rtcp(inbound(), data) is None

    def test_reports_are_sealed_and_opened(self, data_plane: DataPlane):
        plain = b"\x80\xc9\x00\x01\x00\x00\x00\x07"
        sealed = data_plane.seal_rtcp(outbound(), plain)
        assert sealed is not None and sealed != plain
        assert data_plane.open_rtcp(inbound(), sealed) == plain
        broken = bytearray(sealed)
        broken[-1] ^= 1
        assert data_plane.open_rtcp(inbound(), bytes(broken)) is None

    def test_a_replayed_packet_is_refused(self, data_plane: DataPlane):
        sealed = outbound().protect(b"\x80\x60" + bytes(30))
        receiving = inbound()
        assert data_plane.open_rtp(receiving, sealed) is not None
        assert data_plane.open_rtp(receiving, sealed) is None
