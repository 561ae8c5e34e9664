"""The relay (TURN) for people whose network lets no UDP out, and who may use it for how long.

Credentials are coturn's `use-auth-secret` (draft-uberti-behave-turn-rest-00 §2.2): the user name
is `expiry:opaque`, the password an HMAC over it. The relay looks nobody up, and what it is told
says nothing about the person: the opaque part is a keyed hash of the seat, and a seat is new with
every ticket. It stays the same while the seat does, so that the relay can count allocations by it.
"""

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypedDict

from server.kit.ids import SeatId

SHORTEST_SECRET = 32
"""Characters: whoever has credentials can try secrets against them in their own time."""

_OPAQUE_BYTES = 16
_PURPOSE = b"turn-seat\x00"
_HOST = r"(?:\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
_BARE = re.compile(_HOST)
_URL = re.compile(rf"(turns?):({_HOST})(?::([0-9]{{1,5}}))?(?:\?transport=(udp|tcp))?")
_ORDER = (("turn", "udp"), ("turn", "tcp"), ("turns", "tcp"))
"""The way that costs least first; TLS on 443 looks like a web page and passes almost everywhere."""


class IceServer(TypedDict):
    """What a browser takes as an RTCIceServer."""

    urls: list[str]
    username: str
    credential: str


class Pass(TypedDict):
    """What a seat is given; `seconds` from now it is worth nothing for new allocations."""

    servers: list[IceServer]
    seconds: int


def urls_of(text: str) -> tuple[str, ...]:
    """Return the relay's addresses as browsers want them, UDP first, then TCP, then TLS.

    `text` holds names or URLs (RFC 7065) separated by commas; a bare name stands for the three
    usual ones. Raises ValueError with a sentence for anything a browser would refuse: one bad
    address there costs every picture.
    """
    found: dict[str, tuple[str, str]] = {}
    for part in filter(None, (p.strip() for p in text.split(","))):
        if _BARE.fullmatch(part):
            some = [("turn", part, "3478", t) for t in ("udp", "tcp")] + [
                ("turns", part, "443", "tcp")
            ]
        elif match := _URL.fullmatch(part):
            scheme, host, port, transport = match.groups()
            secure = scheme == "turns"
            default = "443" if secure else "3478"
            some = [(scheme, host, port or default, transport or ("tcp" if secure else "udp"))]
        else:
            msg = (
                f"{part} is no relay: write its name, or turn:name:3478?transport=udp and the like"
            )
            raise ValueError(msg)
        for scheme, host, port, transport in some:
            if (scheme, transport) not in _ORDER or not 0 < int(port) < 65_536:
                msg = f"{part} is no relay browsers can use: turn: goes over udp or tcp, turns: over tcp"
                raise ValueError(msg)
            found[f"{scheme}:{host}:{port}?transport={transport}"] = (scheme, transport)
    return tuple(sorted(found, key=lambda url: _ORDER.index(found[url])))


@dataclass(frozen=True, slots=True)
class Turn:
    """The relay of this house. Both secrets stay out of every log and `repr`."""

    urls: tuple[str, ...]
    secret: str = field(repr=False)
    """Shared with coturn: its `static-auth-secret`."""
    key: bytes = field(repr=False)
    """This server's own: without it nobody, the relay included, can tell a seat by its name."""
    lifetime: timedelta

    def issue(self, seat: SeatId, now: datetime) -> Pass:
        """Return what the seat needs to use the relay until `lifetime` after `now`."""
        opaque = hmac.digest(self.key, _PURPOSE + seat.encode(), hashlib.sha256)[:_OPAQUE_BYTES]
        expiry = int((now + self.lifetime).timestamp())
        username = f"{expiry}:{base64.urlsafe_b64encode(opaque).decode().rstrip('=')}"
        # SHA-1 is what coturn computes; as an HMAC it is sound.
        proof = hmac.digest(self.secret.encode(), username.encode(), hashlib.sha1)
        return {
            "servers": [
                {
                    "urls": list(self.urls),
                    "username": username,
                    "credential": base64.b64encode(proof).decode(),
                }
            ],
            "seconds": int(self.lifetime.total_seconds()),
        }
