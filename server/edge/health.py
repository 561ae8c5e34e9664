"""Is it alive, and can it serve: for people with a pager and for containers."""

from aiohttp import web

from server.edge.guard import public
from server.edge.keys import READY
from server.edge.pages import StyleGuide, render
from server.edge.routing import Routes


async def healthz(_request: web.Request) -> web.Response:
    """Answer that the process runs."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """Answer 200 when database and relay work, else 503 with what does not."""
    checks = await request.app[READY]()
    failed = {name: state for name, state in checks.items() if state != "ok"}
    return web.json_response(
        {"status": "ok" if not failed else "unready", "checks": checks},
        status=503 if failed else 200,
    )


async def styleguide(request: web.Request) -> web.StreamResponse:
    """Show every component in every state."""
    return render(request, StyleGuide())


routes = Routes()
routes.get("/healthz", healthz, public("liveness, without any data"))
routes.get("/readyz", readyz, public("readiness, without any data"))
routes.get("/style-guide", styleguide, public("components without any data"))
