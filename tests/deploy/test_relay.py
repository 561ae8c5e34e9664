"""The coturn of deploy/, started as it is shipped: whom it serves, and where it goes (security.md 63)."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pytest
import yaml
from aioice import stun, turn

from server.edge.turn import IceServer, Turn
from server.kit.ids import new_id
from tests.harness.app import ROOT
from tests.harness.turn import TurnServer

CHANNEL = 0x4000
FORBIDDEN, UNAUTHORISED, QUOTA = 403, 401, 486
# One of each special range (RFC 6890 and its registry), the edges of some, and the internet.
ELSEWHERE = """
0.0.0.0 0.0.0.1 10.0.0.1 10.255.255.255 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254
172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.170 192.0.2.200 192.31.196.1 192.52.193.1 192.88.99.1
192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1 198.19.255.255 198.51.100.1 203.0.113.1
224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 1.1.1.1 8.8.8.8 100.100.100.200 223.255.255.255
"""
ELSEWHERE_6 = """
:: ::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::127.0.0.1 64:ff9b::7f00:1
64:ff9b:1::a00:1 100::1 2001::1 2001:db8::1 2002:7f00:1::1 2606:4700:4700::1111 3fff::1 5f00::1
fc00::1 fd12:3456::1 fe80::1 fec0::1 ff02::1 ff05::2 fd00:ec2::254
"""


@pytest.fixture(scope="module")
def relay() -> Iterator[TurnServer]:
    with TurnServer() as running:
        yield running


@pytest.fixture(scope="module")
def relay_6() -> Iterator[TurnServer]:
    # It may reach its own address only, and that is a loopback one: so it may reach nothing.
    with TurnServer("::1", "::1", "--keep-address-family") as running:
        yield running


def given(relay: TurnServer, hour: int = 0) -> IceServer:
    """Return what Caseround gives a new seat of `hour` hours ago."""
    made = Turn(("turn:unused",), relay.secret, b"k" * 32, timedelta(hours=1))
    now = datetime.now(UTC)
    return made.issue(new_id(now), now - timedelta(hours=hour))["servers"][0]


@contextlib.asynccontextmanager
async def client(
    relay: TurnServer, who: IceServer, way: str = "udp"
) -> AsyncIterator[turn.TurnClientUdpProtocol | turn.TurnClientTcpProtocol]:
    """A TURN client that has asked for nothing yet."""
    loop = asyncio.get_running_loop()
    kind = turn.TurnClientUdpProtocol if way == "udp" else turn.TurnClientTcpProtocol

    def make() -> turn.TurnClientUdpProtocol | turn.TurnClientTcpProtocol:
        return kind((relay.address, port), who["username"], who["credential"], 600, 500)

    port = relay.tls_port if way == "tls" else relay.port
    if way == "udp":
        _, protocol = await loop.create_datagram_endpoint(make, remote_addr=(relay.address, port))
    else:
        trusted = ssl.create_default_context(cafile=str(relay.certificate))
        _, protocol = await loop.create_connection(
            make, relay.address, port, ssl=trusted if way == "tls" else None
        )
    try:
        yield protocol
    finally:
        await protocol.delete()


async def refusal(deed: Awaitable[object]) -> int:
    """Return the code with which the relay refuses; 0 when it does it."""
    try:
        await deed
    except stun.TransactionFailed as error:
        return error.response.error_code
    return 0


async def refusals(relay: TurnServer, peers: Iterable[str]) -> dict[str, int]:
    """Ask for a channel to each address; return what was said to each."""
    async with client(relay, given(relay)) as seat:
        await seat.connect()
        said = {}
        for place, peer in enumerate(peers):
            # Written out: IPv4 in IPv6 must stay IPv6 on the wire.
            said[peer] = await refusal(seat.channel_bind(CHANNEL + place, (peer, 9)))
        return said


class Echo(asyncio.DatagramProtocol):
    """The media server, as far as a relay is concerned."""

    def connection_made(self, transport: asyncio.DatagramTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        self.transport.sendto(data[::-1], addr)


class Ear(asyncio.DatagramProtocol):
    """Hears what comes back by the relay."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[bytes] = asyncio.Queue()

    def datagram_received(self, data: bytes, _addr: tuple[str, int]) -> None:
        self.heard.put_nowait(data)


@pytest.mark.parametrize("way", ["udp", "tcp", "tls"])
async def test_it_carries_to_the_media_server_and_back(relay: TurnServer, way: str) -> None:
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(Echo, local_addr=(relay.peers, 0))
    place = transport.get_extra_info("sockname")
    async with client(relay, given(relay), way) as seat:
        seat.receiver = Ear()
        await seat.connect()
        await seat.send_data(b"picture", place)
        async with asyncio.timeout(10):
            assert await seat.receiver.heard.get() == b"erutcip"
    transport.close()


async def test_it_goes_nowhere_else(relay: TurnServer) -> None:
    peers = [peer for peer in ELSEWHERE.split() if peer != relay.peers]
    assert await refusals(relay, [*peers, relay.peers]) == {
        **dict.fromkeys(peers, FORBIDDEN),
        relay.peers: 0,
    }


async def test_it_goes_nowhere_else_by_ipv6(relay_6: TurnServer) -> None:
    peers = ELSEWHERE_6.split()
    assert await refusals(relay_6, peers) == dict.fromkeys(peers, FORBIDDEN)


async def test_credentials_end_and_cannot_be_made_up(relay: TurnServer) -> None:
    fresh, old = given(relay), given(relay, hour=2)
    longer = f"{int(old['username'].partition(':')[0]) + 7200}:{old['username'].partition(':')[2]}"
    asked = {
        "fresh": fresh,
        "old": old,
        "prolonged": {**old, "username": longer},
        "another seat's": {**fresh, "credential": given(relay)["credential"]},
        "none": {**fresh, "username": "", "credential": ""},
    }
    said = {}
    for name, who in asked.items():
        async with client(relay, who) as seat:
            said[name] = await refusal(seat.connect())
    assert said == {"fresh": 0} | dict.fromkeys(list(asked)[1:], UNAUTHORISED)


async def test_a_seat_has_forty_allocations_and_costs_no_other_any(relay: TurnServer) -> None:
    mine = given(relay)
    async with contextlib.AsyncExitStack() as stack:
        said = []
        for _ in range(41):
            seat = await stack.enter_async_context(client(relay, mine))
            said.append(await refusal(seat.connect()))
        other = await stack.enter_async_context(client(relay, given(relay)))
        assert said == [0] * 40 + [QUOTA]
        assert await refusal(other.connect()) == 0


async def test_the_log_names_nobody(relay: TurnServer) -> None:
    before, who = len(relay.output), given(relay)
    async with client(relay, who) as seat:
        await seat.connect()
        await seat.channel_bind(CHANNEL, (relay.peers, 9))
    said = relay.output[before:]
    assert [it for it in (relay.address, who["username"], relay.secret) if it in said] == []


def test_compose_starts_what_is_tested_here() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text("utf-8"))["services"]
    coturn = services["coturn"]
    assert coturn["entrypoint"] == ["sh", "/deploy/turnserver.sh"]
    assert "./deploy:/deploy:ro" in coturn["volumes"]
    script = (ROOT / "deploy" / "turnserver.sh").read_text("utf-8")
    assert set(coturn["environment"]) == {
        "CASEROUND_TURN_SECRET",
        "CASEROUND_MEDIA_ADDRESSES",
        "TURN_ADDRESS",
        "TURN_CERTIFICATE",
        "TURN_KEY",
    }
    assert all(f"${{{name}:?" in script for name in coturn["environment"])
    # Off unless asked for, and one secret for both.
    assert coturn["profiles"] == ["turn"]
    secret = coturn["environment"]["CASEROUND_TURN_SECRET"]
    assert services["caseround"]["environment"]["CASEROUND_TURN_SECRET"] == secret


def test_ipv4_in_ipv6_is_among_what_is_asked() -> None:
    assert sum(IPv6Address(peer).ipv4_mapped is not None for peer in ELSEWHERE_6.split()) == 3
