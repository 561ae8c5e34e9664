"""Numbers for operators, in the Prometheus text format; no names, no content, no raw URLs."""

import secrets

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from server.edge.guard import public
from server.edge.keys import EDGE
from server.edge.remote import is_loopback
from server.edge.routing import Routes
from server.kit.errors import NotFound


class Metrics:
    """The application's own registry, so that two applications in one test do not meet."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "caseround_requests_total",
            "Requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.seconds = Histogram(
            "caseround_request_seconds",
            "Time to answer",
            ["route"],
            buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
            registry=self.registry,
        )
        self.outbox_oldest = Gauge(
            "caseround_outbox_oldest_seconds",
            "Age of the oldest event that waits for its handlers",
            registry=self.registry,
        )
        self.sockets = Gauge("caseround_sockets", "Live sockets connected", registry=self.registry)
        self.rooms = Gauge("caseround_rooms", "Live rooms open", registry=self.registry)


METRICS = web.AppKey("metrics", Metrics)


async def metrics(request: web.Request) -> web.Response:
    """Answer a scraper on this machine, or one that knows the token; nobody else sees it."""
    token = request.app[EDGE].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    direct = is_loopback(request) and "X-Forwarded-For" not in request.headers
    if not (direct or (token and secrets.compare_digest(given, token))):
        raise NotFound
    body = generate_latest(request.app[METRICS].registry)
    return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4"})


routes = Routes()
routes.get("/metrics", metrics, public("loopback scrapers, or bearers of the metrics token"))
