"""What every request passes: id, headers, limits, sign-in, policy, forgery check, double clicks."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from weakref import WeakValueDictionary

import structlog
from aiohttp import web
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from server.edge import csrf, forms, i18n, uploads
from server.edge.guard import AUTHENTICATOR, SIGNED_IN_KEY, Policy, signed_in
from server.edge.keys import CLOCK, EDGE, UNITS
from server.edge.metrics import METRICS
from server.edge.pages import DONE, NONCE_KEY, NavItem, Problem, render
from server.edge.problems import json_problem, status_of, wants_json, words_of
from server.edge.routing import policy_of
from server.kit.errors import Conflict, DomainError, NotFound
from server.kit.ids import token_hash
from server.store.tables import IdempotencyRow

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
BODY_SECONDS = 20.0
"""How often a body that is still coming is looked at …"""
BODY_RATE = 1024
"""… and the bytes a second it must have brought since the last look (security.md 47)."""
LONGEST_LOCATION = 400
_READABLE = frozenset({"application/x-www-form-urlencoded", "application/json"})
REQUEST_ID = web.RequestKey("request_id", str)
log = structlog.get_logger("edge")


def security_headers(request: web.Request, nonce: str) -> dict[str, str]:
    """Return the headers of every answer (security.md 26, 27, 72)."""
    settings = request.app[EDGE]
    socket = settings.public_url.replace("http", "ws", 1)
    host = request.headers.get("Host", "")
    # Only what an address is made of: anything else could end this directive and begin another.
    plain = bool(host) and all(c.isalnum() or c in ".-:[]" for c in host)
    local = f" ws://{host}" if not settings.secure and plain else ""
    headers = {
        "Content-Security-Policy": "; ".join(
            (
                "default-src 'none'",
                f"script-src 'self' 'nonce-{nonce}'",
                "style-src 'self'",
                "img-src 'self' data: blob:",
                "media-src 'self' blob:",
                "font-src 'self'",
                f"connect-src 'self' {socket}{local}",
                "form-action 'self'",
                "base-uri 'none'",
                "object-src 'none'",
                "frame-ancestors 'none'",
                "manifest-src 'self'",
                "require-trusted-types-for 'script'",
            )
        ),
        "Server": "Caseround",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": (
            "camera=(self), microphone=(self), display-capture=(self), geolocation=()"
        ),
    }
    if settings.secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    return headers


@web.middleware
async def outermost(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give the request an id, turn every error into an answer, set headers, count and log."""
    request_id = secrets.token_hex(8)
    request[REQUEST_ID] = request_id
    request[NONCE_KEY] = secrets.token_urlsafe(16)
    i18n.use(_language(request))
    started = request.app[CLOCK].monotonic()
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "unknown"
    try:
        response = await handler(request)
    except DomainError as error:
        response = _problem(request, error.code, status_of(error), error.fields)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        response = _problem(request, "", error.status, {})
    except (ConnectionResetError, asyncio.CancelledError):
        raise
    except Exception as error:  # noqa: BLE001 -- the last resort: nothing leaks, the id remains
        # The exception's text may quote what a person typed: only its type and place are kept.
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}" if frame else ""
        log.error("unhandled", request=request_id, error=type(error).__name__, where=where)
        response = _problem(request, "server_error", 500, {})
    if not response.prepared:
        for name, value in security_headers(request, request[NONCE_KEY]).items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = request_id
        _compress(request, response)
    if response.prepared and response.status == 101:
        return response  # a socket's whole life is no request's duration
    seconds = request.app[CLOCK].monotonic() - started
    metrics = request.app[METRICS]
    metrics.requests.labels(request.method, route, str(response.status)).inc()
    metrics.seconds.labels(route).observe(seconds)
    log.info(
        "request",
        request=request_id,
        method=request.method,
        route=route,
        status=response.status,
        ms=round(seconds * 1000, 1),
    )
    return response


def _language(request: web.Request) -> str:
    wanted = request.cookies.get("language", "")
    if wanted == i18n.PSEUDO or wanted in i18n.available():
        return wanted
    for part in request.headers.get("Accept-Language", "").split(","):
        code = part.split(";")[0].strip().split("-")[0].lower()
        if code in i18n.available():
            return code
    return i18n.DEFAULT


def _compress(request: web.Request, response: web.StreamResponse) -> None:
    """Compress pages; safe because each page's tokens carry a fresh nonce (csrf.make_token)."""
    if (
        isinstance(response, web.Response)
        and response.content_type == "text/html"
        and isinstance(response.body, bytes)
        and len(response.body) > 1024
        and "gzip" in request.headers.get("Accept-Encoding", "")
    ):
        response.enable_compression(web.ContentCoding.gzip)


def _problem(
    request: web.Request, code: str, status: int, fields: dict[str, str]
) -> web.StreamResponse:
    request_id = request[REQUEST_ID]
    if wants_json(request):
        return json_problem(code or str(status), status, request_id, fields)
    if status == 401 and request.method in ("GET", "HEAD"):
        target = request.path_qs if request.path_qs.startswith("/") else "/"
        location = str(request.rel_url.with_path("/sign-in").with_query({"next": target}))
        return web.Response(status=303, headers={"Location": location})
    title, todo = words_of(code, status)
    home = NavItem(i18n.gettext("Go to the start page"), "/")
    # Words for a field are sentences, or keys that only the form's own page can read.
    details = tuple(dict.fromkeys(i18n.gettext(key) for key in fields.values() if " " in key))
    page = Problem(status, title, todo, details, request_id, (home,))
    try:
        return render(request, page, status=status)
    except Exception as error:  # noqa: BLE001 -- even a broken template must not show its insides
        log.error("problem page failed", request=request_id, error=type(error).__name__)
        return web.Response(text=f"{title}\n{todo}\n{request_id}\n", status=status)


@web.middleware
async def limits(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse what cannot be meant: zero bytes, compressed uploads, bodies over the limit."""
    # PostgreSQL raises on U+0000 in a look-up; nothing here has it in its name.
    if "\x00" in request.path:
        raise NotFound
    if "\x00" in request.query_string:
        raise forms.BadRequest
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise web.HTTPUnsupportedMediaType
    if request.method in SAFE or not request.can_read_body:
        return await handler(request)
    policy = policy_of(request.app, request)
    if policy and policy.file_bytes and request.content_type == uploads.CONTENT_TYPE:
        # Its handler reads the file, after sign-in, policy and token have been looked at.
        await uploads.begin(request, policy.file_bytes, _patience)
        return await handler(request)
    if request.content_type not in _READABLE:
        raise web.HTTPUnsupportedMediaType
    length = request.content_length
    if length is not None and length > forms.MAX_BODY:
        raise web.HTTPRequestEntityTooLarge(max_size=forms.MAX_BODY, actual_size=length)
    # Read here, once, so that no handler waits for a body that trickles in.
    async with _patience(request):
        await request.read()
    return await handler(request)


@asynccontextmanager
async def _patience(request: web.Request) -> AsyncIterator[None]:
    """Let a body be read; HTTPRequestTimeout when it comes too slowly to be meant."""
    loop = asyncio.get_running_loop()
    look: asyncio.TimerHandle
    try:
        async with asyncio.timeout(None) as patience:

            def looked(before: int) -> None:
                nonlocal look
                arrived = request.content.total_bytes
                if arrived - before < BODY_SECONDS * BODY_RATE:
                    patience.reschedule(loop.time())
                else:
                    look = loop.call_later(BODY_SECONDS, looked, arrived)

            look = loop.call_later(BODY_SECONDS, looked, request.content.total_bytes)
            try:
                yield
            finally:
                look.cancel()
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error


@web.middleware
async def identify(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Find out who is asking, then let the route's policy decide."""
    policy = policy_of(request.app, request)
    token = request.cookies.get(request.app[EDGE].cookie)
    asset = request.match_info.route.resource is not None and request.path.startswith("/static/")
    if token and not asset:
        async with request.app[UNITS].read() as unit:
            found = await request.app[AUTHENTICATOR].authenticate(unit, token)
        if found is not None:
            request[SIGNED_IN_KEY] = found
            await request.app[AUTHENTICATOR].touch(found.sign_in)
    if request.match_info.http_exception is not None:
        # No such route: the same answer for everybody, in our own words.
        return await handler(request)
    if policy is None:
        raise NotFound
    _check(policy, request)
    return await handler(request)


def _check(policy: Policy, request: web.Request) -> None:
    found = signed_in(request)
    policy.check(found.actor if found else None)


@web.middleware
async def forgery(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse writes that did not come from our own pages (security.md 30)."""
    if request.method in SAFE:
        return await handler(request)
    found = signed_in(request)
    token = request.headers.get(csrf.HEADER, "")
    if not csrf.same_origin(request.app[EDGE], request):
        raise csrf.BadOrigin
    if found is not None and not token:
        token = await _field(request, csrf.FIELD)
    csrf.check(request, sign_in=found.sign_in if found else None, token=token)
    return await handler(request)


async def _field(request: web.Request, name: str) -> str:
    upload: uploads.Upload | None = request.get(uploads.UPLOAD)
    if upload is not None:
        return upload.fields.get(name, "")
    if request.content_type == "application/json":
        value = await forms.read_json(request)
        found = value.get(name, "") if isinstance(value, dict) else ""
    else:
        found = (await forms.posted(request)).get(name, "")
    return found if isinstance(found, str) else ""


class DoubleClicks:
    """Handles each form once: a second click waits for the first and gets its answer."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    def lock(self, person: str, key: str) -> asyncio.Lock:
        """Return the lock of one form of one person."""
        return self._locks.setdefault((person, key), asyncio.Lock())


DOUBLE_CLICKS = web.AppKey("double_clicks", DoubleClicks)


@web.middleware
async def once(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer a repeated POST with the first answer instead of doing the deed again.

    The key is remembered before the deed and completed after it. A key without an address to go
    to, after a crash or because the answer was a page shown once, is reported as such: the person
    looks before sending again (security.md 77).
    """
    found = signed_in(request)
    if request.method in SAFE or found is None:
        return await handler(request)
    key = request.headers.get("Idempotency-Key") or await _field(request, forms.IDEMPOTENCY_FIELD)
    if not key:
        return await handler(request)
    if len(key) > 400:
        raise forms.BadRequest
    key = token_hash(f"{request.path}\n{key}")
    person = found.actor.person
    units = request.app[UNITS]
    async with request.app[DOUBLE_CLICKS].lock(person, key):
        row = (IdempotencyRow.person_id == person, IdempotencyRow.key == key)
        try:
            async with units.write() as unit:
                unit.db.add(
                    IdempotencyRow(
                        person_id=person,
                        key=key,
                        created_at=unit.now,
                    )
                )
                await unit.commit()
        except IntegrityError:
            async with units.read() as unit:
                before = await unit.db.scalar(select(IdempotencyRow).where(*row))
            if before is None or before.status is None or before.location is None:
                raise Conflict("already_sent") from None
            return web.Response(status=before.status, headers={"Location": before.location})
        done = False
        try:
            response = await handler(request)
            done = response.status == 303 or bool(response.get(DONE))
        finally:
            if not done:
                async with units.write() as unit:
                    await unit.db.execute(delete(IdempotencyRow).where(*row))
                    await unit.commit()
        if done:
            async with units.write() as unit:
                await unit.db.execute(
                    update(IdempotencyRow)
                    .where(*row)
                    .values(status=response.status, location=_location(response))
                )
                await unit.commit()
        return response


def _location(response: web.StreamResponse) -> str | None:
    """Return where to send a second click; None for a page that is shown only once."""
    location = response.headers.get("Location")
    return location if location is None or len(location) <= LONGEST_LOCATION else "/"


MIDDLEWARES = (outermost, limits, identify, forgery, once)
