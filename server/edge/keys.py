"""Typed keys for everything an application carries; no string keys anywhere."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any

from aiohttp import web

from server.kit.clock import Clock
from server.store.unit import Units


@dataclass(frozen=True, slots=True)
class EdgeSettings:
    """What the edge needs to know of the configuration."""

    public_url: str
    """Origin as browsers see it, no trailing slash, e.g. `https://clinic.example`."""
    secure: bool
    """Whether `public_url` is https: decides the cookie's name and flags."""
    demo: bool
    version: str
    static_dir: Path
    secret: bytes
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    metrics_token: str | None = None
    connections: int = 2000
    connections_per_address: int = 200

    @property
    def cookie(self) -> str:
        """Return the name of the sign-in cookie (security.md 10)."""
        return "__Host-sid" if self.secure else "sid"


UNITS = web.AppKey("units", Units)
CLOCK: web.AppKey[Clock] = web.AppKey("clock", Clock)
EDGE = web.AppKey("edge", EdgeSettings)
READY: web.AppKey[Callable[[], Awaitable[dict[str, str]]]] = web.AppKey("ready")
POLICIES: web.AppKey[dict[Any, Any]] = web.AppKey("policies", dict)
