"""The shared port: one number on every address, and a clear word when it is taken."""

import socket

import aioice.ice
import pytest
from aioice.candidate import Candidate
from pylibsrtp import Session

from server.kit.clock import SystemClock
from sessions.media import guard
from sessions.media.dataplane.pure import PurePlane
from sessions.media.local import LocalPlane, MediaSettings
from sessions.media.mux import MAX_ADDRESSES, PortBusy, UdpMux
from tests.sessions.media.hostile import binding_request


@pytest.fixture
async def mux():
    guard.install()
    made = UdpMux(PurePlane())
    yield made
    made.close()


async def member(mux: UdpMux):
    connection = aioice.ice.Connection(ice_controlling=False)
    connection.remote_username, connection.remote_password = "them", "p" * 22
    attached = mux.attach(connection)
    await connection.gather_candidates()
    return connection, attached


async def test_every_address_has_the_same_port_and_the_loopback_is_never_alone(mux):
    mux.open(0)
    connection, _ = await member(mux)
    hosts = [candidate.host for candidate in connection.local_candidates]
    machine = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
    assert hosts == [*machine, "127.0.0.1"]
    assert {candidate.port for candidate in connection.local_candidates} == {mux.port}
    priorities = [candidate.priority for candidate in connection.local_candidates]
    assert priorities == sorted(priorities, reverse=True)
    await connection.close()


async def test_a_public_address_is_advertised_and_any_address_listened_on(mux):
    mux.open(0, ("203.0.113.5",))
    connection, _ = await member(mux)
    (candidate,) = connection.local_candidates
    assert isinstance(candidate, Candidate)
    assert (candidate.host, candidate.port) == ("203.0.113.5", mux.port)
    with pytest.raises(OSError), socket.socket(type=socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", mux.port))
    await connection.close()


async def test_a_busy_port_is_said_in_one_sentence():
    with socket.socket(type=socket.SOCK_DGRAM) as holder:
        holder.bind(("127.0.0.1", 0))
        port = holder.getsockname()[1]
        with pytest.raises(PortBusy, match=f"UDP port {port} is in use: .* CASEROUND_MEDIA_PORT"):
            await LocalPlane.start(MediaSettings(port, ("127.0.0.1",)), SystemClock())


async def test_the_port_is_free_again_after_closing():
    first = await LocalPlane.start(MediaSettings(0, ("127.0.0.1",)), SystemClock())
    port = first.port
    await first.close()
    second = await LocalPlane.start(MediaSettings(port, ("127.0.0.1",)), SystemClock())
    assert second.port == port
    await second.close()


async def test_names_on_a_shared_port_are_long_and_forgotten(mux):
    mux.open(0, ("127.0.0.1",))
    made = [await member(mux) for _ in range(20)]
    names = {connection.local_username for connection, _ in made}
    assert len(names) == 20 and all(len(name) == 16 for name in names)
    assert set(mux.members) == names
    for connection, _ in made:
        await connection.close()
    assert mux.members == {}


async def test_one_peer_holds_so_many_addresses(mux):
    mux.open(0, ("127.0.0.1",))
    connection, attached = await member(mux)
    (sock,) = mux._sockets
    request = binding_request(
        f"{connection.local_username}:them", key=connection.local_password.encode()
    )
    for port in range(50):
        sock.take(request, ("127.0.0.1", 20_000 + port))
    assert len(attached.addresses) == len(sock.peers) == MAX_ADDRESSES
    await connection.close()
    assert sock.peers == {}


async def test_an_address_moves_to_whoever_proves_it_last(mux):
    mux.open(0, ("127.0.0.1",))
    (sock,), address = mux._sockets, ("127.0.0.1", 20_000)
    made = [await member(mux) for _ in range(2)]
    for connection, attached in made:
        key = connection.local_password.encode()
        sock.take(binding_request(f"{connection.local_username}:them", key=key), address)
        assert sock.peers[address][0] is attached
    assert made[0][1].addresses == set()
    # A wrong password moves nothing.
    name = made[0][0].local_username
    sock.take(binding_request(f"{name}:them", key=b"wrong" * 5), address)
    assert sock.peers[address][0] is made[1][1]
    for connection, _ in made:
        await connection.close()


async def test_media_is_dropped_until_the_connection_is_up(mux):
    mux.open(0, ("127.0.0.1",))
    (sock,), plane = mux._sockets, mux._plane
    first, second = ("127.0.0.1", 20_000), ("127.0.0.1", 20_001)
    connection, attached = await member(mux)
    request = binding_request(
        f"{connection.local_username}:them", key=connection.local_password.encode()
    )
    sock.take(request, first)
    assert plane.known == {}
    peer = plane.peer(Session(), Session(), lambda _: None)
    attached.carry(peer)
    sock.take(request, second)
    assert plane.known == {(0, first): peer, (0, second): peer}
    # Somebody else proves that the first address is theirs now.
    other, _ = await member(mux)
    key = other.local_password.encode()
    sock.take(binding_request(f"{other.local_username}:them", key=key), first)
    assert plane.known == {(0, second): peer}
    peer.close()
    assert plane.known == {}
    for made in (connection, other):
        await made.close()
