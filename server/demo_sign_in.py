"""One-click sign-in for the demonstration: loopback only, on a database marked as such."""

from dataclasses import dataclass
from ipaddress import ip_address
from typing import ClassVar

from aiohttp import web

from server.config import LOOPBACK_NAMES
from server.edge.guard import public
from server.edge.keys import EDGE, UNITS
from server.edge.pages import Page, render
from server.edge.remote import peer_address
from server.edge.routing import Routes
from server.kit.errors import NotFound
from server.kit.ids import PersonId
from server.people import commands
from server.people.web.sign_in import welcomed


@dataclass(frozen=True, slots=True)
class DemoLink:
    """One invented person and the secret part of the link."""

    person: PersonId
    name: str
    role: str
    token: str


@dataclass(frozen=True)
class DemoSignIn(Page):
    """A page that sends its own form: looking never signs anybody in."""

    template: ClassVar[str] = "edge/demo_sign_in.html"
    name: str
    role: str
    token: str


DEMO_LINKS: web.AppKey[dict[str, DemoLink]] = web.AppKey("demo_links", dict)


def _link(request: web.Request) -> DemoLink:
    """Return the link; hidden from everybody who is not on this machine (also by DNS tricks)."""
    links = request.app.get(DEMO_LINKS)
    host = request.host.rsplit(":", 1)[0].strip("[]")
    try:
        near = ip_address(peer_address(request)).is_loopback
    except ValueError:
        near = False
    if links is None or not near or host not in LOOPBACK_NAMES:
        raise NotFound
    link = links.get(request.match_info["token"])
    if link is None:
        raise NotFound
    return link


async def show(request: web.Request) -> web.StreamResponse:
    """Show who this link signs in; its script presses the button."""
    link = _link(request)
    return render(request, DemoSignIn(link.name, link.role, link.token))


async def use(request: web.Request) -> web.StreamResponse:
    """Sign in as an invented person."""
    link = _link(request)
    async with request.app[UNITS].write() as unit:
        welcome = await commands.open_sign_in(
            unit, link.person, replaces=request.cookies.get(request.app[EDGE].cookie)
        )
        await unit.commit()
    return welcomed(request, welcome, "/")


_PATH = "/demo/sign-in/{token:[A-Za-z0-9_-]{20,80}}"

routes = Routes()
routes.get(_PATH, show, public("demonstration on loopback only"))
routes.post(_PATH, use, public("demonstration on loopback only"))
