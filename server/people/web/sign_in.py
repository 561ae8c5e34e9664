"""Signing in and out: password, link by mail, invitation."""

from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field

from server.edge import csrf
from server.edge.forms import FieldErrors, Form, read_form
from server.edge.guard import current_actor, maybe_actor, signed_in
from server.edge.i18n import gettext
from server.edge.keys import CLOCK, EDGE, UNITS
from server.edge.pages import render, see_other
from server.edge.problems import wants_json
from server.edge.remote import remote_address
from server.jobs.mail import Letter
from server.kit.errors import Gone, Invalid
from server.kit.ids import new_id, token_hash
from server.people import commands, queries
from server.people.rules import SIGN_IN_ABSOLUTE
from server.people.web import pages, words
from server.people.web.keys import (
    MAILER,
    PASSWORDS,
    PROGRAMME_NAME,
    SIGN_IN_THROTTLE,
    SUPERVISOR,
)

LONGEST_NEXT = 2000
"""Characters of the address to go on to; ours are far shorter."""


class SignInForm(Form):
    """Address and password."""

    email: Annotated[str, Field(min_length=3, max_length=254)]
    password: Annotated[str, Field(min_length=1, max_length=256)]
    next: Annotated[str, Field(max_length=LONGEST_NEXT)] = "/"


class LinkForm(Form):
    """Where to send a sign-in link."""

    email: Annotated[
        str, Field(min_length=3, max_length=254, pattern=r"^[^@\s\p{C}]+@[^@\s\p{C}]+$")
    ]


class AcceptForm(Form):
    """What an invited person fills in."""

    name: Annotated[str, Field(min_length=2, max_length=120)]
    credentials: Annotated[str, Field(max_length=40)] = ""
    discipline: Annotated[str, Field(max_length=40)] = "other"
    zone: Annotated[str, Field(max_length=64)] = "UTC"
    password: Annotated[str, Field(max_length=256)] = ""


class SignOutForm(Form):
    """Sign out here, or everywhere."""

    everywhere: Literal["yes", ""] = ""


def safe_next(target: str) -> str:
    """Return `target` if it is a path of this site, else the start page."""
    fine = target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable()
    return target if fine else "/"


def set_cookie(request: web.Request, response: web.Response, token: str) -> None:
    """Give the browser its sign-in cookie (security.md 10)."""
    settings = request.app[EDGE]
    response.set_cookie(
        settings.cookie,
        token,
        max_age=int(SIGN_IN_ABSOLUTE.total_seconds()),
        path="/",
        httponly=True,
        secure=settings.secure,
        samesite="Lax",
    )


def _old_token(request: web.Request) -> str | None:
    return request.cookies.get(request.app[EDGE].cookie)


def welcomed(
    request: web.Request, welcome: commands.Welcome, target: str, notice: str | None = None
) -> web.Response:
    """Answer a successful sign-in: JSON for a page that signs in in place, else go on."""
    response: web.Response
    if wants_json(request):
        token = csrf.make_token(request.app[EDGE], token_hash(welcome.token))
        response = web.json_response({"ok": True, "csrf": token})
    else:
        response = see_other(safe_next(target), notice)
    set_cookie(request, response, welcome.token)
    return response


async def sign_in_page(request: web.Request) -> web.StreamResponse:
    """Show the sign-in form."""
    target = safe_next(request.query.get("next", "/"))
    if maybe_actor(request) is not None:
        return see_other(target)
    return render(request, pages.SignIn("", target, False, request.app[MAILER].configured))


async def sign_in(request: web.Request) -> web.StreamResponse:
    """Sign in with a password."""
    request.app[SIGN_IN_THROTTLE].check(remote_address(request))
    form = await read_form(request, SignInForm)
    by_mail = request.app[MAILER].configured
    if isinstance(form, FieldErrors):
        if wants_json(request):
            raise Invalid(fields=form.fields)
        page = pages.SignIn(str(form.values.get("email", "")), "/", True, by_mail)
        return render(request, page, status=422)
    outcome = await commands.sign_in(
        request.app[UNITS],
        request.app[PASSWORDS],
        email=form.email,
        password=form.password,
        replaces=_old_token(request),
    )
    if isinstance(outcome, commands.WrongPassword):
        if wants_json(request):
            raise Invalid("wrong_password")
        page = pages.SignIn(form.email, safe_next(form.next), True, by_mail)
        return render(request, page, status=422)
    return welcomed(request, outcome, form.next)


async def request_link(request: web.Request) -> web.StreamResponse:
    """Mail a sign-in link; the answer is the same whether or not there is such an account.

    And it takes the same time: the account is looked for after the answer.
    """
    request.app[SIGN_IN_THROTTLE].check(remote_address(request))
    form = await read_form(request, LinkForm)
    if isinstance(form, FieldErrors) or not request.app[MAILER].configured:
        email = "" if isinstance(form, FieldErrors) else form.email
        page = pages.SignIn(email, "/", True, request.app[MAILER].configured)
        return render(request, page, status=422)
    subject = gettext("Your sign-in link for Caseround")
    text = gettext(
        "Open this link within 30 minutes to sign in. It works once.\n\n%(link)s\n\n"
        "If you did not ask for it, do nothing."
    )

    async def make() -> None:
        async with request.app[UNITS].write() as unit:
            made = await commands.request_link(unit, form.email)
            await unit.commit()
        if made is not None:
            token, person = made
            link = f"{request.app[EDGE].public_url}/links/{token}"
            send_link(request, to=person.email, subject=subject, text=text % {"link": link})

    request.app[SUPERVISOR].once("make link", make)
    return render(request, pages.LinkSent(form.email))


def send_link(request: web.Request, *, to: str, subject: str, text: str) -> None:
    """Hand a link to the mail server in the background.

    Not through the outbox: a link in a table would be a secret at rest in the clear. A mail that
    is lost is asked for again.
    """
    mailer = request.app[MAILER]
    letter = Letter(to, subject, text, new_id(request.app[CLOCK].now()))

    async def deliver() -> None:
        await mailer.send(letter)

    request.app[SUPERVISOR].once("send link", deliver)


async def link_page(request: web.Request) -> web.StreamResponse:
    """Show what a link will do; mail scanners may look as often as they like."""
    token = request.match_info["token"]
    async with request.app[UNITS].read() as unit:
        link = await commands.open_link(unit, token)
    if link.kind != "sign_in":
        return see_other(f"/invitations/{token}")
    return render(request, pages.UseLink(token))


async def use_link(request: web.Request) -> web.StreamResponse:
    """Sign in with the link."""
    request.app[SIGN_IN_THROTTLE].check(remote_address(request))
    async with request.app[UNITS].write() as unit:
        welcome = await commands.use_sign_in_link(
            unit, request.match_info["token"], replaces=_old_token(request)
        )
        await unit.commit()
    return welcomed(request, welcome, "/")


async def _accept_page(
    request: web.Request, errors: dict[str, str], values: dict[str, str]
) -> pages.Accept:
    token = request.match_info["token"]
    actor = maybe_actor(request)
    async with request.app[UNITS].read() as unit:
        link = await commands.open_link(unit, token)
        if link.kind == "sign_in":
            raise Gone
        account = await queries.by_email(unit, link.email)
        programme = (
            await request.app[PROGRAMME_NAME](unit, link.programme) if link.programme else None
        )
    return pages.Accept(
        token=token,
        email=link.email,
        programme=programme or "",
        role=gettext(words.ROLE_LABELS[link.role]) if link.role else "",
        values={"name": link.name, "zone": "", "discipline": "", "credentials": ""} | values,
        errors=errors,
        disciplines=words.disciplines(),
        zones=words.ZONES,
        has_account=account is not None,
        signed_in_as_invited=bool(actor and account and actor.person == account.id),
        admin=link.kind == "admin",
    )


async def accept_page(request: web.Request) -> web.StreamResponse:
    """Show an invitation."""
    return render(request, await _accept_page(request, {}, {}))


async def accept(request: web.Request) -> web.StreamResponse:
    """Open the account, or add the role to the account that is signed in."""
    token = request.match_info["token"]
    request.app[SIGN_IN_THROTTLE].check(remote_address(request))
    actor = maybe_actor(request)
    if actor is not None:
        async with request.app[UNITS].write() as unit:
            await commands.accept_signed_in(unit, actor, token)
            await unit.commit()
        return see_other("/", "people.accepted")
    form = await read_form(request, AcceptForm)
    if isinstance(form, FieldErrors):
        values = {k: v for k, v in form.values.items() if isinstance(v, str) and k != "password"}
        errors = {name: gettext(key) for name, key in form.fields.items()}
        return render(request, await _accept_page(request, errors, values), status=422)
    wanted = commands.NewAccount(
        form.name, form.credentials, form.discipline, form.zone, form.password
    )
    try:
        welcome = await commands.accept(
            request.app[UNITS],
            request.app[PASSWORDS],
            token,
            wanted,
            replaces=_old_token(request),
        )
    except Invalid as error:
        values = {k: str(v) for k, v in form.model_dump(exclude={"password"}).items()}
        page = await _accept_page(request, words.field_words(error.fields), values)
        return render(request, page, status=422)
    return welcomed(request, welcome, "/", "people.accepted")


async def sign_out(request: web.Request) -> web.StreamResponse:
    """End this sign-in, or all; the browser forgets what it kept for this site."""
    actor = current_actor(request)
    form = await read_form(request, SignOutForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    everywhere = form.everywhere == "yes"
    found = signed_in(request)
    async with request.app[UNITS].write() as unit:
        await commands.sign_out(unit, actor, found.sign_in if found else "", everywhere=everywhere)
        await unit.commit()
    response = see_other("/sign-in", "signed_out")
    response.del_cookie(request.app[EDGE].cookie, path="/")
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
