"""Puts the house together: one application from settings, clock, plane and mailer."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache
from importlib.metadata import version
from ipaddress import ip_network
from pathlib import Path

import structlog
from aiohttp import web
from sqlalchemy import text

import cases
import server
import sessions
from cases.rules.browser_words import browser_words
from cases.rules.quick_line import browser_texts
from cases.web import attachments
from server import wiring
from server.config import Settings
from server.deid.load import rule_files, warm, word_files
from server.demo_sign_in import DEMO_LINKS, DemoLink
from server.demo_sign_in import routes as demo_routes
from server.edge import assets, health, metrics, middleware
from server.edge.assets import ASSETS, Assets
from server.edge.guard import AUTHENTICATOR
from server.edge.keys import CLOCK, EDGE, POLICIES, READY, UNITS, EdgeSettings
from server.edge.metrics import METRICS, Metrics
from server.edge.middleware import DOUBLE_CLICKS, DoubleClicks
from server.edge.pages import NAV, PAGES, Pages
from server.edge.throttle import Throttle
from server.edge.todo import NEEDS_YOU
from server.edge.turn import Turn, urls_of
from server.jobs.mail import Mailer, NoMailer, SmtpMailer
from server.jobs.post import Post
from server.jobs.recognise import RECOGNISER, Recogniser
from server.jobs.relay import Relay
from server.jobs.supervisor import Supervisor
from server.kit.clock import Clock, SystemClock
from server.people.passwords import Passwords
from server.people.sign_in import DatabaseAuthenticator
from server.people.web import keys as people_keys
from server.store.unit import Units
from sessions.media.plane import MediaPlane
from sessions.web import live
from sessions.web.sockets import RELOAD

ROOT = Path(__file__).resolve().parent.parent
RELAY = web.AppKey("relay", Relay)
POST = web.AppKey("post", Post)
LATEST_READY_SECONDS = 60.0


def template_folders() -> dict[str, Path]:
    """Return the template folders by their prefix."""
    house = Path(server.__file__).parent
    return {
        "edge": house / "edge" / "templates",
        "people": house / "people" / "templates",
        "sessions": Path(sessions.__file__).parent / "web" / "templates",
        "cases": Path(cases.__file__).parent / "web" / "templates",
    }


@cache
def _files() -> tuple[Assets, Pages]:
    """Return the static files and the templates, read once a process: every application has the same."""
    texts = {**rule_files(), "cases/writing-rules.json": browser_words(), **browser_texts()}
    static = Assets(ROOT / "static", texts, word_files())
    return static, Pages(template_folders(), static)


def read_secret(data_dir: Path) -> bytes:
    """Return this installation's key, made on first use and readable by its owner only."""
    path = data_dir / "secret.key"
    try:
        return bytes.fromhex(path.read_text("ascii").strip())
    except FileNotFoundError:
        key = secrets.token_bytes(32)
        path.touch(mode=0o600)
        path.write_text(key.hex(), "ascii")
        return key


def make_mailer(settings: Settings) -> Mailer:
    """Return the operator's mail server, or its absence."""
    url = settings.mail_url.get_secret_value()
    return SmtpMailer(url, settings.mail_from) if url else NoMailer()


def make_turn(settings: Settings, secret: bytes) -> Turn | None:
    """Return the operator's relay for picture and sound, or none."""
    urls = urls_of(settings.turn_urls)
    if not urls:
        return None
    lifetime = timedelta(seconds=settings.turn_lifetime)
    return Turn(urls, settings.turn_key(), secret, lifetime)


def create_app(
    settings: Settings,
    units: Units,
    *,
    secret: bytes,
    plane: MediaPlane,
    clock: Clock | None = None,
    mailer: Mailer | None = None,
    demo_links: dict[str, DemoLink] | None = None,
    reload_seconds: float = RELOAD,
) -> web.Application:
    """Return the application; nothing runs before its start-up.

    `units` must be migrated; the caller closes `plane` after the application. `reload_seconds`
    is how long a closed page has to come back before its seat is given up.
    """
    app = web.Application(middlewares=middleware.MIDDLEWARES, client_max_size=256 * 1024)
    app[POLICIES] = {}
    app[UNITS] = units
    app[CLOCK] = clock or SystemClock()
    app[EDGE] = EdgeSettings(
        public_url=settings.origin,
        secure=settings.secure,
        demo=demo_links is not None,
        version=version("caseround"),
        static_dir=ROOT / "static",
        secret=secret,
        trusted_proxies=tuple(
            ip_network(part.strip(), strict=False)
            for part in settings.trusted_proxies.split(",")
            if part.strip()
        ),
        metrics_token=settings.metrics_token.get_secret_value() or None,
        connections=settings.connections,
        connections_per_address=settings.connections_per_address,
    )
    warm()
    app[ASSETS], app[PAGES] = _files()
    app[METRICS] = Metrics()
    app[DOUBLE_CLICKS] = DoubleClicks()
    app[NAV] = wiring.navigation
    app[NEEDS_YOU] = wiring.todo
    app[AUTHENTICATOR] = DatabaseAuthenticator(units)
    app[people_keys.PASSWORDS] = Passwords()
    app[people_keys.MAILER] = mailer or make_mailer(settings)
    app[people_keys.SUPERVISOR] = Supervisor()
    app[people_keys.SIGN_IN_THROTTLE] = Throttle(app[CLOCK], every=3.0, burst=20)
    app[people_keys.PROGRAMME_NAME] = wiring.programme_name

    assets.routes.mount(app)
    health.routes.mount(app)
    metrics.routes.mount(app)
    wiring.mount(app)
    if demo_links is not None:
        app[DEMO_LINKS] = demo_links
        demo_routes.mount(app)
    room = live.setup(
        app,
        plane=plane,
        supervisor=app[people_keys.SUPERVISOR],
        reload_seconds=reload_seconds,
        turn=make_turn(settings, secret),
    )
    metrics_of_room(app[METRICS], room)
    mailing = app[people_keys.MAILER].configured and demo_links is None
    vault = attachments.equip(app, units, settings.data_dir / "files")
    app[RELAY] = Relay(
        units, wiring.subscribers(room, settings.origin if mailing else None, vault)
    )
    app[POST] = Post(units, app[people_keys.MAILER])
    app[READY] = _readiness(app)
    app[RECOGNISER] = Recogniser(settings.deid_ner)
    app.cleanup_ctx.extend([_recogniser, _background])
    return app


def metrics_of_room(found: Metrics, room: live.Live) -> None:
    """Let a scraper see how many sockets and rooms there are, counted when it asks."""
    found.sockets.set_function(lambda: len(room.namespace.peers))
    found.rooms.set_function(lambda: room.rooms.count)


def _readiness(app: web.Application) -> wiring.Ready:
    async def ready() -> dict[str, str]:
        checks = {"database": "ok", "relay": "ok"}
        try:
            async with asyncio.timeout(5), app[UNITS].read() as unit:
                await unit.db.execute(text("SELECT 1"))
            oldest = await app[RELAY].oldest_seconds()
            app[METRICS].outbox_oldest.set(oldest)
            if oldest > LATEST_READY_SECONDS:
                checks["relay"] = "behind"
        except Exception as error:  # noqa: BLE001 -- whatever it is, the answer is "not ready"
            structlog.get_logger("app").error("not ready", error=type(error).__name__)
            checks["database"] = "unreachable"
        return checks

    return ready


async def _recogniser(app: web.Application) -> AsyncIterator[None]:
    app[people_keys.SUPERVISOR].once("recogniser", app[RECOGNISER].warm)
    yield
    app[RECOGNISER].close()


async def _background(app: web.Application) -> AsyncIterator[None]:
    supervisor = app[people_keys.SUPERVISOR]
    supervisor.spawn("relay", app[RELAY].run)
    if app[people_keys.MAILER].configured:
        supervisor.spawn("post", app[POST].run)
    app[live.LIVE].start()
    await wiring.start(app, supervisor)
    yield
    await supervisor.close()
