"""The private names of aiortc and aioice we rely on still exist (docs/decisions/0004)."""

import asyncio
import importlib.metadata
import inspect

import aioice.ice
import aiortc.rtcrtpreceiver
import aiortc.rtcsctptransport
import pytest
from aiortc import RTCConfiguration, RTCPeerConnection
from pylibsrtp import Session
from pylibsrtp._binding import ffi, lib

from sessions.media import guard


def test_the_installed_releases_are_the_tested_ones():
    guard.install()
    guard.install()
    assert guard.is_installed()
    assert (aioice.ice.CONSENT_INTERVAL, aioice.ice.CONSENT_FAILURES) == (1, 5)


def test_another_release_is_refused(monkeypatch):
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "9.0.0")
    with pytest.raises(guard.WrongUpstream, match="hostile tests"):
        guard.install()


async def test_every_name_exists():
    pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
    dtls = pc.addTransceiver("audio").receiver.transport
    connection = dtls.transport._connection
    assert isinstance(connection, aioice.ice.Connection)
    assert connection.stun_server is None and connection.turn_server is None
    assert dtls._tx_srtp is None and dtls._rx_srtp is None
    assert connection._nominated == {}
    assert connection._check_list == []
    assert connection._protocols == []
    assert isinstance(connection._queue, asyncio.Queue)
    assert connection.local_username == connection._local_username
    protocol = aioice.ice.StunProtocol(connection)
    assert protocol.transactions == {}
    host = aioice.Candidate.from_sdp("1 1 udp 1 192.0.2.1 9 typ host")
    assert aioice.ice.CandidatePair(protocol, host).task is None
    assert list(inspect.signature(connection.get_component_candidates).parameters) == [
        "component",
        "addresses",
        "timeout",
    ]
    for method in ("request_received", "data_received", "protocol_lost", "check_start_task"):
        assert callable(getattr(connection, method))
    for name in ("CONSENT_INTERVAL", "CONSENT_FAILURES", "get_host_addresses"):
        assert hasattr(aioice.ice, name)
    for name in ("decode_params", "parse_packet", "padl"):
        assert hasattr(aiortc.rtcsctptransport, name)
    assert isinstance(aiortc.rtcrtpreceiver.RemoteBitrateEstimator, type)
    assert callable(dtls.transport.start)
    await pc.close()


def test_libsrtp_is_reached_through_the_binding():
    assert ffi.typeof(Session()._srtp) == ffi.typeof("srtp_t *")
    for name in ("srtp_protect", "srtp_unprotect", "srtp_protect_rtcp", "srtp_unprotect_rtcp"):
        assert callable(getattr(lib, name))


def test_sctp_parameters_of_length_zero_end():
    # Without the guard upstream loops for ever on this one (security.md §0).
    guard.install()
    with pytest.raises(ValueError, match="length"):
        aiortc.rtcsctptransport.decode_params(bytes(8))
    assert aiortc.rtcsctptransport.decode_params(b"\x00\x01\x00\x05x\0\0\0") == [(1, b"x")]
    with pytest.raises(ValueError, match="SCTP"):
        aiortc.rtcsctptransport.parse_packet(b"\x00" * 13)
