"""What needs a person now, for the home page: features above it give the lines."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from server.kit.actor import Actor
from server.store.unit import Unit


@dataclass(frozen=True, slots=True)
class TodoLine:
    """One thing to do; `title` and `meta` hold numbers and names, never text of a case."""

    href: str
    title: str
    meta: str
    badge: str
    tone: str
    icon: str


NEEDS_YOU: web.AppKey[Callable[[Unit, Actor], Awaitable[tuple[TodoLine, ...]]]] = web.AppKey(
    "needs_you"
)
"""Given by the roof, since the home page knows nothing of cases."""
