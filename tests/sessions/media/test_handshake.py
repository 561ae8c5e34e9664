"""The first handshake of a browser: it may come early, and from another address than ICE chose."""

import asyncio
import re
import socket
from dataclasses import dataclass

import aioice.ice
import pytest
from aioice import stun

from sessions.media import guard
from sessions.media.dataplane.pure import PurePlane
from sessions.media.mux import MAX_HELD, UdpMux
from sessions.media.plane import DownOffer, Grants, Limits, RoomKey, SeatKey, Wanted
from tests.sessions.media.hostile import ALERT, client_hello, udp
from tests.sessions.media.peers import Viewer

ROOM, BEN = RoomKey("room"), SeatKey("ben")
OURS = "themthem"
SECRET = "p" * 22


@dataclass
class Address:
    """One of a browser's addresses, played datagram by datagram."""

    sock: socket.socket
    server: tuple[str, int]
    username: str
    password: str

    def send(self, data: bytes) -> None:
        self.sock.sendto(data, self.server)

    def check(self) -> None:
        """Send a connectivity check as the side that does not nominate."""
        request = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
        request.attributes["USERNAME"] = f"{self.username}:{OURS}"
        request.attributes["PRIORITY"] = 1_862_270_975
        request.attributes["ICE-CONTROLLED"] = 1
        request.add_message_integrity(self.password.encode())
        self.send(bytes(request))

    async def receive(self) -> bytes:
        async with asyncio.timeout(10):
            return await asyncio.get_running_loop().sock_recv(self.sock, 2_000)

    async def checked(self, *besides: bytes) -> stun.Message:
        """Wait for a check of the server's that is none of these transactions."""
        while True:
            data = await self.receive()
            message = stun.parse_message(data) if data[0] < 4 else None
            if (
                message is not None
                and message.message_class is stun.Class.REQUEST
                and message.transaction_id not in besides
            ):
                return message

    def agree(self, request: stun.Message) -> None:
        """Answer a check."""
        response = stun.Message(stun.Method.BINDING, stun.Class.RESPONSE, request.transaction_id)
        response.attributes["XOR-MAPPED-ADDRESS"] = self.server
        response.add_message_integrity(SECRET.encode())
        self.send(bytes(response))

    async def shaken(self) -> bytes:
        """Wait for a handshake record."""
        while (data := await self.receive())[0] != 22:
            pass
        return data


def of(sdp: str, name: str) -> str:
    found = re.search(rf"a={name}:(\S+)", sdp)
    assert found is not None
    return found[1]


async def answered(plane, events) -> tuple[str, str, DownOffer, str]:
    """Subscribe, and answer as a browser whose ICE name and password are ours."""
    await plane.open_room(ROOM, Limits(voices=1, pictures=1))
    await plane.open_seat(ROOM, BEN, Grants())
    await plane.subscribe(BEN, Wanted())
    offer = await events.first(lambda e: isinstance(e, DownOffer))
    viewer = Viewer()
    answer = await viewer.answer(offer.sdp)
    await viewer.close()
    answer = re.sub(r"a=ice-ufrag:\S+", f"a=ice-ufrag:{OURS}", answer)
    answer = re.sub(r"a=ice-pwd:\S+", f"a=ice-pwd:{SECRET}", answer)
    return of(offer.sdp, "ice-ufrag"), of(offer.sdp, "ice-pwd"), offer, answer


async def test_a_handshake_before_the_answer_is_not_lost(plane, events):
    username, password, offer, answer = await answered(plane, events)
    with udp("127.0.0.1") as sock:
        browser = Address(sock, ("127.0.0.1", plane.port), username, password)
        browser.check()
        # The check is answered at once, so the browser begins before the server has its answer.
        assert stun.parse_message(await browser.receive()).message_class is stun.Class.RESPONSE
        browser.send(client_hello())
        await plane.answer(BEN, answer, offer.generation)
        browser.agree(await browser.checked())
        await browser.shaken()


async def test_a_browser_may_settle_on_another_address_than_ice_did(plane, events):
    username, password, offer, answer = await answered(plane, events)
    with udp("127.0.0.1") as first, udp("127.0.0.1") as second:
        server = ("127.0.0.1", plane.port)
        one, other = (Address(sock, server, username, password) for sock in (first, second))
        await plane.answer(BEN, answer, offer.generation)
        one.check()
        other.check()
        began = await other.checked()
        other.send(client_hello())
        # The first address completes ICE. The other was told that it is nominated as well.
        assert "USE-CANDIDATE" in began.attributes
        one.agree(await one.checked())
        other.agree(await other.checked(began.transaction_id))
        # Its handshake is taken; the answer goes where ICE settled, which the browser hears too.
        await one.shaken()


@pytest.fixture
async def mux():
    guard.install()
    made = UdpMux(PurePlane())
    made.open(0, ("127.0.0.1",))
    yield made
    made.close()


async def test_only_handshakes_of_who_knows_the_password_are_kept_and_few_of_them(mux):
    connection = aioice.ice.Connection(ice_controlling=True)
    connection.remote_username, connection.remote_password = OURS, SECRET
    member = mux.attach(connection)
    await connection.gather_candidates()
    (port,) = mux._sockets
    with udp("127.0.0.1") as sock:
        address = sock.getsockname()
        browser = Address(sock, port.name, connection.local_username, connection.local_password)
        hello = client_hello()
        port.take(hello, address)
        assert member.held == []

        browser.check()
        await browser.receive()
        port.take(ALERT, address)
        port.take(hello, ("127.0.0.1", 9))
        for number in range(MAX_HELD + 5):
            port.take(hello + bytes([number]), address)
        kept = [hello + bytes([number]) for number in range(MAX_HELD)]
        assert [data for _, _, data in member.held] == kept
        assert connection._queue.empty()

        # Validated: all of it, in order, and nothing is kept any more.
        connecting = asyncio.ensure_future(connection.connect())
        browser.agree(await browser.checked())
        await connecting
        queued = [connection._queue.get_nowait() for _ in range(connection._queue.qsize())]
        assert queued == [(data, 1) for data in kept]
        port.take(hello, address)
        assert member.held == []
        assert connection._queue.get_nowait() == (hello, 1)
    await connection.close()


async def test_what_was_kept_goes_with_its_peer(mux):
    connection = aioice.ice.Connection(ice_controlling=True)
    connection.remote_username, connection.remote_password = OURS, SECRET
    member = mux.attach(connection)
    await connection.gather_candidates()
    (port,) = mux._sockets
    with udp("127.0.0.1") as sock:
        browser = Address(sock, port.name, connection.local_username, connection.local_password)
        browser.check()
        await browser.receive()
        port.take(client_hello(), sock.getsockname())
    assert len(member.held) == 1
    await connection.close()
    assert member.held == []
