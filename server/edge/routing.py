"""Routes are declared with their policy; one without cannot be registered."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web

from server.edge.guard import Policy
from server.edge.keys import POLICIES

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Route:
    """One URL of the house."""

    method: str
    path: str
    handler: Handler
    policy: Policy


class Routes:
    """A feature's table of URLs."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def get(self, path: str, handler: Handler, policy: Policy) -> None:
        """Declare a reading route; aiohttp answers HEAD through it too."""
        self.routes.append(Route("GET", path, handler, policy))

    def post(self, path: str, handler: Handler, policy: Policy) -> None:
        """Declare a writing route."""
        self.routes.append(Route("POST", path, handler, policy))

    def mount(self, app: web.Application) -> None:
        """Register every route and its policy with the application."""
        for route in self.routes:
            if route.method == "GET":
                resource = app.router.add_get(route.path, route.handler, allow_head=True).resource
            else:
                resource = app.router.add_post(route.path, route.handler).resource
            app[POLICIES][(route.method, resource.canonical if resource else "")] = route.policy


def policy_of(app: web.Application, request: web.Request) -> Policy | None:
    """Return the policy of the matched route; None means nobody declared one."""
    resource = request.match_info.route.resource
    if resource is None:
        return None
    method = "GET" if request.method == "HEAD" else request.method
    found = app[POLICIES].get((method, resource.canonical))
    return found if isinstance(found, Policy) else None
