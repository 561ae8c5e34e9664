"""Where a request really comes from: forwarded headers count only from trusted proxies."""

from ipaddress import ip_address

from aiohttp import web

from server.edge.keys import EDGE


def peer_address(request: web.Request) -> str:
    """Return the address of the other end of the TCP connection."""
    transport = request.transport
    peer = transport.get_extra_info("peername") if transport else None
    return str(peer[0]) if peer else "unix"


def remote_address(request: web.Request) -> str:
    """Return the client's address: the last forwarded one that no trusted proxy wrote itself."""
    address = peer_address(request)
    trusted = request.app[EDGE].trusted_proxies
    hops = [h.strip() for h in request.headers.get("X-Forwarded-For", "").split(",") if h.strip()]
    while hops and _within(address, trusted):
        address = hops.pop()
    return address


def _within(address: str, networks: tuple[object, ...]) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)  # type: ignore[operator]


def is_loopback(request: web.Request) -> bool:
    """Say whether the client sits on this very machine."""
    try:
        return ip_address(remote_address(request)).is_loopback
    except ValueError:
        return False
