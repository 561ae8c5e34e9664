"""Attachments: the author's page, the pictures, and what is decided about them at the desk."""

import asyncio
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from aiohttp import web
from pydantic import Field as Limits

from cases import queries
from cases.commands import attachments as commands
from cases.commands.attachments import Brought
from cases.commands.page_reader import PageReader
from cases.queries import attachments as reads
from cases.rules.attachments import PageState
from cases.web import attachment_view
from server.edge.forms import FieldErrors, Form, check, read_form
from server.edge.guard import current_actor
from server.edge.keys import CLOCK, UNITS
from server.edge.noting import note
from server.edge.pages import done, render, see_other
from server.edge.problems import STATUS, wants_json, words_of
from server.edge.throttle import Throttle
from server.edge.uploads import UPLOAD, Upload
from server.files.sniff import LARGEST, Refused, sniff
from server.files.vault import Stored, Vault
from server.files.workshop import Picture, Workshop
from server.kit.errors import Conflict, DomainError, Invalid, TooLarge, TooMany
from server.store.unit import Units

F = TypeVar("F", bound=Form)

VAULT = web.AppKey("vault", Vault)
WORKSHOP = web.AppKey("workshop", Workshop)
PAGE_READER = web.AppKey("page_reader", PageReader)
_THROTTLE = web.AppKey("upload_throttle", Throttle)
_AT_ONCE = web.AppKey("uploads_at_once", asyncio.Semaphore)

UPLOADS_AT_ONCE = 6
"""Files held in memory while they come: 5 MB each at most."""
_SECONDS_EACH, _AT_FIRST = 20.0, 12
"""One person's uploads: twelve at once, then three a minute."""


def equip(app: web.Application, units: Units, folder: Path) -> Vault:
    """Give the application what attachments need; `folder` is where the pictures lie."""
    vault, workshop = Vault(folder), Workshop()
    app[VAULT] = vault
    app[WORKSHOP] = workshop
    app[PAGE_READER] = PageReader(units, vault, workshop)
    app[_THROTTLE] = Throttle(app[CLOCK], every=_SECONDS_EACH, burst=_AT_FIRST)
    app[_AT_ONCE] = asyncio.Semaphore(UPLOADS_AT_ONCE)
    return vault


class AttachForm(Form):
    """What stands before the file."""

    shows: Annotated[str, Limits(max_length=16)]


class DecideForm(Form):
    """A page approved, or refused for a reason.

    `mark` says which picture was looked at, `looked` that its marked lines were.
    """

    mark: Annotated[str, Limits(min_length=16, max_length=16)]
    verdict: Literal["approved", "refused"]
    reason: Annotated[str, Limits(max_length=16)] = ""
    looked: Literal["yes", ""] = ""
    back: Literal["desk", ""] = ""


class BlackenForm(Form):
    """Lines to black out by their place among the findings, or a rectangle in percent."""

    mark: Annotated[str, Limits(min_length=16, max_length=16)]
    spots: list[Annotated[int, Limits(ge=0, le=999)]] = Limits(
        default_factory=list, max_length=200
    )
    left: Annotated[float, Limits(ge=0, le=100)] | None = None
    top: Annotated[float, Limits(ge=0, le=100)] | None = None
    width: Annotated[float, Limits(ge=0, le=100)] | None = None
    height: Annotated[float, Limits(ge=0, le=100)] | None = None
    back: Literal["desk", ""] = ""


class RemoveForm(Form):
    """Taking an attachment away."""


async def _read(request: web.Request, model: type[F]) -> F:
    form = await read_form(request, model)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    return form


async def attachments(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/attachments: the pages a reader may see, and the author's form."""
    return await _page(request)


async def _page(
    request: web.Request, *, error: str = "", chosen: str = "", status: int = 200
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await reads.attached(unit, actor, request.match_info["key"])
        now = unit.now
    if not found.is_author:
        await note(
            request,
            "case.viewed",
            subject=found.case.id,
            programme=found.case.programme,
            where="attachments",
            version=found.case.content_version,
        )
    page = attachment_view.attachments_page(
        found,
        now,
        errors={"file": error} if error else {},
        chosen=chosen,
        most_bytes=LARGEST,
    )
    return render(request, page, status=status)


async def progress(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/attachments/progress: how many pages have been checked, of how many."""
    async with request.app[UNITS].read() as unit:
        read, there = await reads.progress(unit, current_actor(request), request.match_info["key"])
    return web.json_response({"read": read, "pages": there})


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/pages/{page}: one page as a picture, for who may look at it now."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        case, page, stored = await reads.page_to_show(
            unit, actor, request.match_info["key"], request.match_info["page"]
        )
    data = await request.app[VAULT].get(stored)
    if actor.person != case.author:
        await note(
            request,
            "page.viewed",
            subject=case.id,
            programme=case.programme,
            page=page.id,
            approved=page.state is PageState.APPROVED,
        )
    return web.Response(
        body=data,
        content_type="image/jpeg",
        headers={
            # Never a document of this site, whatever the bytes are (security.md 45).
            "Content-Disposition": f'attachment; filename="page-{page.number}.jpg"',
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        },
    )


async def attach(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/attachments: one file, streamed, opened elsewhere, stored re-issued."""
    actor = current_actor(request)
    upload: Upload | None = request.get(UPLOAD)
    if upload is None:
        raise web.HTTPUnsupportedMediaType
    chosen = upload.fields.get("shows", "")
    try:
        request.app[_THROTTLE].check(actor.person)
        await _attach(request, upload)
    except (Refused, TooLarge, TooMany, Conflict, Invalid) as refusal:
        await upload.drain()
        if wants_json(request) or refusal.code == "stale":
            raise
        return await _refused(request, refusal, chosen)
    request.app[PAGE_READER].wake()
    answer = see_other(f"/cases/{request.match_info['key']}/attachments", "attachment_added")
    if wants_json(request):
        # A script follows this itself, after its progress bar.
        answer.set_status(201)
        return done(answer)
    return answer


async def _refused(request: web.Request, refusal: DomainError, chosen: str) -> web.StreamResponse:
    """Show the page again with why the file was not taken."""
    status = next(s for kind, s in STATUS.items() if isinstance(refusal, kind))
    what, todo = words_of(refusal.code, status)
    return await _page(request, error=f"{what}. {todo}", chosen=chosen, status=status)


async def _attach(request: web.Request, upload: Upload) -> None:
    actor, key = current_actor(request), request.match_info["key"]
    units, vault = request.app[UNITS], request.app[VAULT]
    form = check(AttachForm, _without_ours(upload.fields))
    if isinstance(form, FieldErrors):
        raise Invalid("attachment.shows", form.fields)
    # Before a byte of the file is read, and again when it is stored.
    async with units.read() as unit:
        case = await queries.visible_case(unit, actor, key)
        allowed = await reads.attachments_allowed(unit, case.programme)
        await commands.ensure_may_attach(unit, actor, key, allowed=allowed)
    async with request.app[_AT_ONCE]:
        data = await upload.read()
        kind = await asyncio.to_thread(sniff, upload.name, data)
        pictures = await request.app[WORKSHOP].prepare(kind, data)
    pages: list[tuple[Picture, Stored]] = []
    try:
        for one in pictures:
            # Not at once: what has been written must be known when the next one fails.
            pages.append((one, await vault.put(one.data)))  # noqa: PERF401 -- see above
        async with units.write() as unit:
            brought = Brought(form.shows, kind, upload.name, pages)
            await commands.attach(unit, actor, key, brought, allowed=allowed)
    except BaseException:
        for _, stored in pages:
            await vault.erase(stored.name)
        raise


def _without_ours(fields: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in fields.items() if name not in OURS}


OURS = frozenset({"csrf", "idempotency"})


async def remove(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/attachments/{attachment}/remove: the author takes it away for good."""
    await _read(request, RemoveForm)
    async with request.app[UNITS].write() as unit:
        case = await commands.take_away(
            unit,
            current_actor(request),
            request.match_info["key"],
            request.match_info["attachment"],
        )
    return see_other(f"/cases/{case.key}/attachments", "attachment_removed")


def _back(request: web.Request, back: str, page: str, notice: str) -> web.StreamResponse:
    place = "review" if back == "desk" else "attachments"
    return see_other(f"/cases/{request.match_info['key']}/{place}#page-{page}", notice)


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/pages/{page}/decide: approve one page, or refuse and erase it."""
    form = await _read(request, DecideForm)
    page = request.match_info["page"]
    async with request.app[UNITS].write() as unit:
        await commands.decide(
            unit,
            current_actor(request),
            request.match_info["key"],
            page,
            mark=form.mark,
            verdict=PageState(form.verdict),
            reason=form.reason,
            looked=form.looked == "yes",
        )
    return _back(request, form.back, page, f"page_{form.verdict}")


async def blacken(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/pages/{page}/blacken: lines or a rectangle black in the stored picture."""
    form = await _read(request, BlackenForm)
    actor, key = current_actor(request), request.match_info["key"]
    page = request.match_info["page"]
    sides = {side: getattr(form, side) for side in ("left", "top", "width", "height")}
    percent = {side: value for side, value in sides.items() if value is not None}
    if percent and (len(percent) < len(sides) or form.spots):
        raise Invalid("attachment.box")
    units, vault, workshop = request.app[UNITS], request.app[VAULT], request.app[WORKSHOP]
    async with units.read() as unit:
        before, stored, boxes = await commands.to_blacken(
            unit, actor, key, page, mark=form.mark, spots=form.spots, percent=percent or None
        )
    made = await workshop.blacken(await vault.get(stored), boxes)
    fresh = await vault.put(made.data)
    try:
        async with units.write() as unit:
            await commands.blacken(
                unit, actor, key, before, picture=made, stored=fresh, boxes=boxes
            )
    except BaseException:
        await vault.erase(fresh.name)
        raise
    return _back(request, form.back, page, "page_blackened")
