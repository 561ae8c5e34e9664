"""Which sockets the shared media port needs, and binding them."""

import errno
import ipaddress
import logging
import socket

log = logging.getLogger(__name__)

BUFFER_BYTES = 4 << 20

Plan = list[tuple[str, tuple[str, ...]]]


def plan_of(addresses: tuple[str, ...], local: list[str]) -> Plan:
    """Return what to bind and what to advertise for it; `local` are this machine's addresses."""
    if not addresses:
        return [(address, (address,)) for address in dict.fromkeys(local)]
    if all(address in local or address == "::1" for address in addresses):
        return [(address, (address,)) for address in addresses]
    plan: Plan = []
    for version, anywhere in ((4, "0.0.0.0"), (6, "::")):  # noqa: S104 -- behind a router
        family = tuple(a for a in addresses if ipaddress.ip_address(a).version == version)
        if family:
            plan.append((anywhere, family))
    return plan


def bind_all(plan: Plan, port: int) -> list[tuple[socket.socket, tuple[str, ...]]]:
    """Bind what is planned on one port (0: any) and say what each socket advertises.

    Raises OSError when the port is taken or nothing can be bound.
    """
    bound: list[tuple[socket.socket, tuple[str, ...]]] = []
    try:
        for address, advertised in plan:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            sock = socket.socket(family, socket.SOCK_DGRAM)
            try:
                sock.setblocking(False)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
                    sock.setsockopt(socket.SOL_SOCKET, option, BUFFER_BYTES)
                sock.bind((address, port))
            except OSError as error:
                sock.close()
                if error.errno == errno.EADDRNOTAVAIL and len(plan) > 1:
                    log.info("media: %s cannot be bound, left out", address)
                    continue
                raise
            port = sock.getsockname()[1]
            bound.append((sock, advertised))
    except OSError:
        for sock, _ in bound:
            sock.close()
        raise
    if not bound:
        raise OSError(errno.EADDRNOTAVAIL, "no address for media can be bound")
    return bound
