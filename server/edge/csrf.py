"""Cross-site request forgery: the browser's own word first, then a token bound to the sign-in."""

import base64
import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from aiohttp import web

from server.edge.keys import EDGE, EdgeSettings
from server.kit.errors import Forbidden

FIELD = "csrf"
HEADER = "X-CSRF-Token"


class BadOrigin(Forbidden):
    """The request comes from another site or carries no proof that it does not."""

    default_code = "bad_origin"


def make_token(settings: EdgeSettings, sign_in: str) -> str:
    """Return a token for one page; a fresh nonce each time defeats compression attacks."""
    nonce = secrets.token_bytes(12)
    return base64.urlsafe_b64encode(nonce + _mac(settings, nonce, sign_in)).decode()


def _mac(settings: EdgeSettings, nonce: bytes, sign_in: str) -> bytes:
    return hmac.digest(settings.secret, b"csrf" + nonce + sign_in.encode(), hashlib.sha256)[:18]


def token_fits(settings: EdgeSettings, token: str, sign_in: str) -> bool:
    """Say whether `token` was made for this sign-in."""
    try:
        raw = base64.urlsafe_b64decode(token.encode())
    except ValueError:
        return False
    return len(raw) == 30 and hmac.compare_digest(raw[12:], _mac(settings, raw[:12], sign_in))


def same_origin(settings: EdgeSettings, request: web.Request) -> bool:
    """Say whether the browser states that the request comes from our own pages.

    `Referrer-Policy: no-referrer` makes browsers send `Origin: null` with a form's POST, so
    `null` counts only together with `Sec-Fetch-Site: same-origin`. Programs send neither.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if origin is not None and origin != "null" and not origin_allowed(settings, request, origin):
        return False
    if site is not None:
        return site in ("same-origin", "none")
    return origin is not None and origin != "null"


def origin_allowed(settings: EdgeSettings, request: web.Request, origin: str) -> bool:
    """Say whether `origin` is ours: the public URL, or in the demonstration any loopback name."""
    if origin == settings.public_url:
        return True
    if settings.secure:
        return False
    parts = urlsplit(origin)
    ours = urlsplit(settings.public_url)
    return (
        parts.scheme == ours.scheme
        and parts.hostname in ("localhost", "127.0.0.1", "::1")
        and parts.netloc == request.headers.get("Host")
    )


def check(request: web.Request, *, sign_in: str | None, token: str) -> None:
    """Raise BadOrigin unless the request is ours; with a sign-in its token must fit as well."""
    settings = request.app[EDGE]
    if not same_origin(settings, request):
        raise BadOrigin
    if sign_in is not None and not token_fits(settings, token, sign_in):
        raise BadOrigin
