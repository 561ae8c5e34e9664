"""Pages: a frozen dataclass and one template each; nothing else reaches the screen."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import ClassVar

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined
from markupsafe import Markup

from server.edge import csrf, i18n
from server.edge.assets import ASSETS, Assets
from server.edge.guard import maybe_actor, signed_in
from server.edge.keys import EDGE
from server.kit.actor import Actor

NOTICE_COOKIE = "notice"
DONE = web.ResponseKey("deed_done", bool)
NONCE_KEY = web.RequestKey("csp_nonce", str)


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the navigation."""

    label: str
    href: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Chrome:
    """What surrounds every page: language, tokens, navigation, who is signed in."""

    lang: str
    dir: str
    nonce: str
    csrf: str
    idempotency: str
    signed_in: bool
    person_name: str
    person_zone: str
    nav: tuple[NavItem, ...]
    notice: str | None
    path: str
    demo: bool
    import_map: Markup
    version: str


@dataclass(frozen=True)
class Page:
    """Base of every page; `template` names its one template."""

    template: ClassVar[str]


NOTICES: dict[str, str] = {
    "saved": i18n.N_("Saved."),
    "signed_out": i18n.N_("You are signed out."),
}
"""Notices shown once after a redirect; features add theirs with `register_notices`."""


def register_notices(notices: dict[str, str]) -> None:
    """Add a feature's notices."""
    NOTICES.update(notices)


class Pages:
    """The template environment of the house."""

    def __init__(self, folders: dict[str, Path], assets: Assets) -> None:
        self.environment = Environment(
            loader=PrefixLoader(
                {name: FileSystemLoader(str(folder)) for name, folder in folders.items()}
            ),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        )
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]
            i18n.gettext, i18n.ngettext, newstyle=True
        )
        # A global, so that imported macros see it too.
        self.environment.globals["asset"] = assets.url
        self.environment.globals["inline"] = assets.inline

    def html(self, page: Page, chrome: Chrome) -> str:
        """Return the HTML of `page`."""
        return self.environment.get_template(page.template).render(page=page, chrome=chrome)


PAGES = web.AppKey("pages", Pages)
NAV: web.AppKey[Callable[[Actor | None, str], tuple[NavItem, ...]]] = web.AppKey("nav")


def chrome_for(request: web.Request) -> Chrome:
    """Return the surroundings of a page for this request."""
    settings = request.app[EDGE]
    actor = maybe_actor(request)
    found = signed_in(request)
    notice = NOTICES.get(request.cookies.get(NOTICE_COOKIE, ""))
    language = i18n.language()
    return Chrome(
        lang="en" if language == i18n.PSEUDO else language,
        dir="ltr",
        nonce=request[NONCE_KEY],
        csrf=csrf.make_token(settings, found.sign_in) if found else "",
        idempotency=secrets.token_urlsafe(16),
        signed_in=found is not None,
        person_name=actor.name if actor else "",
        person_zone=actor.zone if actor else "UTC",
        nav=request.app[NAV](actor, request.path),
        notice=i18n.gettext(notice) if notice else None,
        path=request.path,
        demo=settings.demo,
        import_map=request.app[ASSETS].import_map,
        version=settings.version,
    )


def render(request: web.Request, page: Page, *, status: int = 200) -> web.Response:
    """Render `page` for this request."""
    text = request.app[PAGES].html(page, chrome_for(request))
    response = web.Response(text=text, status=status, content_type="text/html")
    if NOTICE_COOKIE in request.cookies:
        response.del_cookie(NOTICE_COOKIE, path="/")
    return response


def done(response: web.Response) -> web.Response:
    """Mark a page as the answer to a deed, so that a second click does not do it again."""
    response[DONE] = True
    return response


def see_other(url: str, notice: str | None = None) -> web.Response:
    """Answer a POST: look there next (303), with a notice shown once."""
    if not url.startswith("/") or url.startswith("//"):
        msg = "redirects stay in the house"
        raise ValueError(msg)
    response = web.Response(status=303, headers={"Location": url})
    if notice is not None:
        if notice not in NOTICES:
            msg = f"unknown notice {notice}"
            raise ValueError(msg)
        response.set_cookie(
            NOTICE_COOKIE, notice, max_age=60, path="/", httponly=True, samesite="Lax"
        )
    return response


@dataclass(frozen=True)
class Problem(Page):
    """An error in words: what happened, what to do."""

    template: ClassVar[str] = "edge/problem.html"
    status: int
    title: str
    what_to_do: str
    details: tuple[str, ...]
    """A sentence for each field that cannot be used, where the form has no page of its own."""
    request_id: str
    links: tuple[NavItem, ...]


@dataclass(frozen=True)
class StyleGuide(Page):
    """Every component in every state."""

    template: ClassVar[str] = "edge/styleguide.html"


def page_types() -> list[type[Page]]:
    """Return every Page class that has been defined, for the house tests."""
    found: list[type[Page]] = []
    stack: list[type[Page]] = [Page]
    while stack:
        kind = stack.pop()
        for sub in kind.__subclasses__():
            stack.append(sub)
            if "template" in vars(sub):
                found.append(sub)
    return found


def page_fields(kind: type[Page]) -> tuple[str, ...]:
    """Return the field names of a page class."""
    return tuple(f.name for f in fields(kind))
