"""One UDP port for everybody: datagrams find their peer by STUN user name, then by address.

One socket per address, all on the same port number, so that an operator opens one port and the
data plane sends every viewer's packet from one place (media.md §2.3). The mux keeps the rules of
security.md §0 itself: empty datagrams are dropped, an address belongs to a peer only after a
binding request with a right MESSAGE-INTEGRITY, and anything that is not STUN is handed on only
from a validated pair, into a bounded queue. A handshake that comes before its pair is validated
is kept for it, a few datagrams per peer and only from an address that has shown the password:
browsers send their first one as soon as *their* check was answered, and the next comes late.
Reading, and everything about media, is the data plane's.
"""

import asyncio
import errno
import functools
import secrets
import socket
from typing import Any

import aioice.ice
from aioice import stun
from aioice.candidate import Candidate, candidate_foundation, candidate_priority

from sessions.media import guard
from sessions.media.binding import bind_all, plan_of
from sessions.media.dataplane.base import DataPlane
from sessions.media.dataplane.flow import Peer

LOOPBACK = "127.0.0.1"
MAX_ADDRESSES = 16
"""Addresses one peer may check from; a browser has a handful."""
MAX_HELD = 8
"""Handshake datagrams kept for a peer until its pair is validated; a ClientHello is one or two."""
HANDSHAKE = 22
"""DTLS content type (RFC 9147 §4.1)."""


class PortBusy(OSError):
    """Another program holds the media port."""


class _Transport:
    """What aioice needs of an asyncio transport, on a socket shared by all."""

    def __init__(self, port: "_Socket", member: "Member") -> None:
        self.port = port
        self._member = member
        self.protocol: aioice.ice.StunProtocol | None = None

    def sendto(self, data: bytes, addr: tuple[str, int]) -> None:
        self.port.send(data, addr)

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return {"sockname": self.port.name, "socket": self.port.sock}.get(name, default)

    def is_closing(self) -> bool:
        return self._member.closed

    def close(self) -> None:
        self._member.close()
        if self.protocol is not None:
            asyncio.get_running_loop().call_soon(self.protocol.connection_lost, None)


def finish_checks(connection: aioice.ice.Connection) -> None:
    """Check on where ICE stopped checking because it had found one good pair.

    Upstream cancels the other checks for good. But it has named each of those pairs to the browser
    as nominated already (aggressive nomination), and the browser may settle on any of them: its
    handshake then came from a pair that was never validated, for ever.
    """
    nominated = connection._nominated  # noqa: SLF001 -- docs/decisions/0004
    chosen = nominated.get(1)

    def stay(pair: aioice.ice.CandidatePair, _done: "asyncio.Task[None]") -> None:
        # The first pair that answered is the quickest: a later one is valid, but not better.
        if connection.ice_controlling and chosen is not None and nominated.get(1) is pair:
            nominated[1] = chosen

    for pair in connection._check_list:  # noqa: SLF001 -- docs/decisions/0004
        if pair.task is not None:
            pair.task = None
            connection.check_start_task(pair)
            again: asyncio.Task[None] | None = pair.task
            assert again is not None  # it was started on the line above
            again.add_done_callback(functools.partial(stay, pair))


class Member:
    """One connection's place on the shared port."""

    def __init__(self, mux: "UdpMux", connection: aioice.ice.Connection) -> None:
        self._mux = mux
        self.connection = connection
        self.closed = False
        self.peer: Peer | None = None
        """Takes SRTP and SRTCP once DTLS is done; until then they are dropped."""
        self.addresses: set[tuple[_Socket, tuple[str, int]]] = set()
        self.held: list[tuple[_Socket, tuple[str, int], bytes]] = []

    def carry(self, peer: Peer) -> None:
        """Take media from the addresses that have shown the password."""
        self.peer = peer
        for sock, addr in self.addresses:
            peer.admit(sock.number, addr)

    def release(self) -> None:
        """Hand on what was held from addresses that are validated by now, in order."""
        held, self.held = self.held, []
        for sock, addr, data in held:
            if (sock, addr) not in self.addresses:
                continue  # it went to another peer in the meantime
            if sock.validated(self, addr):
                sock.hand_on(self, data)
            else:
                self.held.append((sock, addr, data))

    def close(self) -> None:
        """Leave the port."""
        self.closed = True
        self.peer = None
        self.held.clear()
        self._mux.forget(self)


class _Socket:
    """One bound socket of the shared port."""

    def __init__(
        self, mux: "UdpMux", number: int, sock: socket.socket, advertised: tuple[str, ...]
    ) -> None:
        self._mux = mux
        self.number = number
        self.sock = sock
        self.name: tuple[str, int] = sock.getsockname()[:2]
        self.advertised = advertised
        self.peers: dict[tuple[str, int], tuple[Member, aioice.ice.StunProtocol]] = {}
        self.transactions: dict[bytes, stun.Transaction] = {}

    def send(self, data: bytes | memoryview, addr: tuple[str, int]) -> None:
        try:
            self.sock.sendto(data, addr)
        except OSError:
            # UDP may lose anything: a full buffer and an unreachable peer are such losses.
            return

    def take(self, data: bytes, addr: tuple[str, int]) -> None:
        """Sort one datagram that is not media (RFC 7983 §7)."""
        if data[0] < 4:
            self._take_stun(data, addr)
        elif 19 < data[0] < 64:
            self._take_dtls(data, addr)

    def _take_stun(self, data: bytes, addr: tuple[str, int]) -> None:
        message = guard.parse_stun(data)
        if message is None:
            return
        if message.message_class in (stun.Class.RESPONSE, stun.Class.ERROR):
            transaction = self.transactions.get(message.transaction_id)
            if transaction is not None:
                transaction.response_received(message, addr)
                peer = self.peers.get(addr)
                if peer is not None and peer[0].held:
                    # After the check, which the response has woken, noted its success.
                    asyncio.get_running_loop().call_soon(peer[0].release)
        elif message.message_class is stun.Class.REQUEST:
            name = str(message.attributes.get("USERNAME", "")).partition(":")[0]
            member = self._mux.members.get(name)
            if member is None:
                return
            known = (self, addr) in member.addresses
            if not known and len(member.addresses) >= MAX_ADDRESSES:
                return
            protocol = self.protocol_of(member)
            if protocol is not None and guard.accept_request(
                member.connection, message, addr, protocol
            ):
                self._settle(member, protocol, addr)

    def _settle(
        self, member: Member, protocol: aioice.ice.StunProtocol, addr: tuple[str, int]
    ) -> None:
        """Note whose address this is from now on."""
        before = self.peers.get(addr)
        if before is not None and before[0] is not member:
            before[0].addresses.discard((self, addr))
            if before[0].peer is not None:
                before[0].peer.forget(self.number, addr)
        self.peers[addr] = (member, protocol)
        if (self, addr) not in member.addresses:
            member.addresses.add((self, addr))
            if member.peer is not None:
                member.peer.admit(self.number, addr)

    def _take_dtls(self, data: bytes, addr: tuple[str, int]) -> None:
        peer = self.peers.get(addr)
        if peer is None:
            return
        member = peer[0]
        if self.validated(member, addr):
            member.release()
            self.hand_on(member, data)
        elif data[0] == HANDSHAKE and len(member.held) < MAX_HELD:
            member.held.append((self, addr, data))

    def validated(self, member: "Member", addr: tuple[str, int]) -> bool:
        """Say whether the member's pair with this address passed a check."""
        protocol = self.protocol_of(member)
        return any(
            pair.protocol is protocol and pair.remote_addr == addr and guard.is_validated(pair)
            for pair in member.connection._check_list  # noqa: SLF001 -- docs/decisions/0004
        )

    def hand_on(self, member: "Member", data: bytes) -> None:
        """Queue for the member's handshake, which reads in its own time."""
        if member.connection._queue.qsize() < guard.MAX_QUEUE:  # noqa: SLF001 -- docs/decisions/0004
            member.connection.data_received(data, 1)

    def protocol_of(self, member: Member) -> aioice.ice.StunProtocol | None:
        for protocol in member.connection._protocols:  # noqa: SLF001 -- docs/decisions/0004
            transport: Any = protocol.transport
            if transport.port is self:
                return protocol
        return None


class UdpMux:
    """The shared port. `open` it once; `attach` each connection before it gathers candidates."""

    def __init__(self, plane: DataPlane) -> None:
        self._plane = plane
        self.members: dict[str, Member] = {}
        self._sockets: list[_Socket] = []

    @property
    def port(self) -> int:
        """The UDP port number in use."""
        return self._sockets[0].name[1]

    @property
    def addresses(self) -> tuple[str, ...]:
        """What is advertised to browsers."""
        return tuple(address for sock in self._sockets for address in sock.advertised)

    def open(self, port: int, addresses: tuple[str, ...] = ()) -> None:
        """Bind the port (0: any free one) on `addresses`; none means every interface's.

        An address that is not this machine's (the public one of a router or a container's host)
        is advertised, and one socket listens on all addresses. Raises PortBusy.
        """
        local = aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True)
        plan = plan_of(addresses, [*local, LOOPBACK])
        for attempt in range(8):
            try:
                bound = bind_all(plan, port)
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                if port or attempt == 7:
                    raise PortBusy(
                        error.errno,
                        f"UDP port {port} is in use: stop the other program or set "
                        "CASEROUND_MEDIA_PORT to another port",
                    ) from error
        for number, (sock, advertised) in enumerate(bound):
            self._sockets.append(_Socket(self, number, sock, advertised))
        self._plane.listen([sock for sock, _ in bound], self._take)

    def _take(self, port: int, data: bytes, addr: tuple[str, int]) -> None:
        self._sockets[port].take(data, addr)

    def attach(self, connection: aioice.ice.Connection) -> Member:
        """Give the connection its place: its only candidates are those of the shared port."""
        member = Member(self, connection)

        async def candidates(
            component: int,
            addresses: list[str],  # noqa: ARG001 -- upstream's signature
            timeout: int = 5,  # noqa: ARG001, ASYNC109 -- upstream's signature
        ) -> list[Candidate]:
            # Four characters, upstream's length, would collide on a busy shared port.
            name = secrets.token_hex(8)
            connection._local_username = name  # noqa: SLF001 -- docs/decisions/0004
            self.members[name] = member
            return self._candidates(member, component)

        setattr(connection, "get_component_candidates", candidates)  # noqa: B010 -- a method
        return member

    def forget(self, member: Member) -> None:
        """Drop the member and its addresses."""
        self.members.pop(member.connection.local_username, None)
        for sock, addr in member.addresses:
            held = sock.peers.get(addr)
            if held is not None and held[0] is member:
                del sock.peers[addr]
        member.addresses.clear()

    def close(self) -> None:
        """Release the port."""
        self._plane.close()
        for item in self._sockets:
            item.sock.close()
        self._sockets.clear()
        self.members.clear()

    def _candidates(self, member: Member, component: int) -> list[Candidate]:
        found: list[Candidate] = []
        for sock in self._sockets:
            protocol = aioice.ice.StunProtocol(member.connection)
            transport: Any = _Transport(sock, member)
            transport.protocol = protocol
            protocol.connection_made(transport)
            protocol.transactions = sock.transactions
            member.connection._protocols.append(protocol)  # noqa: SLF001 -- docs/decisions/0004
            for address in sock.advertised:
                candidate = Candidate(
                    foundation=candidate_foundation("host", "udp", address),
                    component=component,
                    transport="udp",
                    priority=candidate_priority(component, "host", 65_535 - len(found)),
                    host=address,
                    port=sock.name[1],
                    type="host",
                )
                if address == sock.advertised[0]:
                    protocol.local_candidate = candidate
                found.append(candidate)
        return found
