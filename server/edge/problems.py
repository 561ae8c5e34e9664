"""One table from error codes to HTTP status, and from codes to words."""

import json

from aiohttp import web

from server.edge.i18n import N_, gettext
from server.kit.errors import (
    Conflict,
    DomainError,
    Forbidden,
    Gone,
    Invalid,
    NotFound,
    SignInNeeded,
    TooLarge,
    TooMany,
)

STATUS: dict[type[DomainError], int] = {
    SignInNeeded: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    Gone: 410,
    TooLarge: 413,
    Invalid: 422,
    TooMany: 429,
}

MESSAGES: dict[str, tuple[str, str]] = {
    "not_found": (
        N_("There is nothing here"),
        N_("The address may be mistyped, or it belongs to people you are not registered with."),
    ),
    "forbidden": (
        N_("This is not open to you"),
        N_("Your role does not include this. Ask the coordinator of the programme if it should."),
    ),
    "sign_in_needed": (
        N_("Sign in to go on"),
        N_("You are not signed in, or your sign-in has ended. Sign in and come back."),
    ),
    "conflict": (
        N_("That step is not possible now"),
        N_("Its state has changed. Go back, load the page again and look before you repeat it."),
    ),
    "stale": (
        N_("Somebody else was faster"),
        N_("This was changed while you worked on it. Load it again and repeat your change."),
    ),
    "already_sent": (
        N_("This may have been sent already"),
        N_("The server was interrupted while it worked on this. Check before you send it again."),
    ),
    "gone": (
        N_("This link has been used or has expired"),
        N_("Ask for a new one; links work once and for a short time."),
    ),
    "invalid": (
        N_("Something cannot be used as it is"),
        N_("Check the marked fields and send it again. What you typed is still there."),
    ),
    "text.identifiers": (
        N_("This text holds a contact or a number of somebody"),
        N_(
            "Take out telephone numbers, addresses, links and record numbers, then send it again."
            " Nothing of it was kept."
        ),
    ),
    "bad_request": (
        N_("The request could not be read"),
        N_("Go back and try again. If you called this from a program, check its form."),
    ),
    "bad_origin": (
        N_("This form was not sent from here"),
        N_("Open the page again on this site and send the form from there."),
    ),
    "too_large": (
        N_("That is too large"),
        N_("At most 256 KB can be sent here. Shorten it and send it again."),
    ),
    "too_many": (
        N_("Too many tries"),
        N_("Wait a little before you try again."),
    ),
    "busy": (
        N_("Too many people at once"),
        N_("The server has no free connection. It tries to recover; come back in a minute."),
    ),
    "unsupported": (
        N_("This kind of content cannot be read"),
        N_("Send a web form or JSON, without compression."),
    ),
    "method_not_allowed": (
        N_("This address cannot do that"),
        N_("Go back and use the buttons of the page."),
    ),
    "server_error": (
        N_("Something went wrong on our side"),
        N_(
            "Nothing you sent was half-done. Try again; if it happens twice, give the coordinator"
            " the number below."
        ),
    ),
}
"""Code → (what happened, what to do). Features add theirs with `register`."""


def register(messages: dict[str, tuple[str, str]]) -> None:
    """Add a feature's codes; a code may be registered only once with the same words."""
    for code, words in messages.items():
        if MESSAGES.get(code, words) != words:
            msg = f"code {code} has two meanings"
            raise ValueError(msg)
        MESSAGES[code] = words


def status_of(error: DomainError) -> int:
    """Return the HTTP status of a domain error."""
    return next((s for kind, s in STATUS.items() if isinstance(error, kind)), 400)


def words_of(code: str, status: int) -> tuple[str, str]:
    """Return (what happened, what to do) for a code, translated."""
    fallback = {
        400: "bad_request",
        401: "sign_in_needed",
        403: "forbidden",
        404: "not_found",
        405: "method_not_allowed",
        409: "conflict",
        410: "gone",
        413: "too_large",
        415: "unsupported",
        422: "invalid",
        429: "too_many",
        503: "busy",
    }
    title, todo = MESSAGES.get(code) or MESSAGES[fallback.get(status, "server_error")]
    return gettext(title), gettext(todo)


def wants_json(request: web.Request) -> bool:
    """Say whether the asker is a program: JSON is accepted and HTML is not preferred."""
    accept = request.headers.get("Accept", "")
    return "json" in accept and "text/html" not in accept


def json_problem(
    code: str, status: int, request_id: str, fields: dict[str, str] | None = None
) -> web.Response:
    """Return an RFC 9457 problem document."""
    title, todo = words_of(code, status)
    body: dict[str, object] = {
        "type": f"urn:caseround:problem:{code}",
        "title": title,
        "detail": todo,
        "status": status,
        "code": code,
        "request": request_id,
    }
    if fields:
        body["fields"] = fields
    return web.Response(
        status=status,
        body=json.dumps(body).encode(),
        content_type="application/problem+json",
    )
