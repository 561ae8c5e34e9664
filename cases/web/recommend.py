"""The drafting page: what was captured becomes a letter, and the signature."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from aiohttp import web

from cases.commands import recommend, sign
from cases.commands.recommend import NotYet
from cases.queries import advice
from cases.queries.advice import Workbench
from cases.rules.recommendations import Guard
from cases.web.advice_forms import (
    DelegateForm,
    DropForm,
    ItemForm,
    MergeForm,
    NobodyForm,
    NotesForm,
    ReasonForm,
    RevisionForm,
    SignForm,
    Typed,
    VersionedForm,
    at_ms,
    sentences,
)
from cases.web.bench_view import page_of
from server.deid.models import Held
from server.edge.forms import FieldErrors, Form, check, raw_fields
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.edge.problems import words_of
from server.kit.errors import Conflict, Invalid
from server.kit.ids import PersonId, ProgrammeId, RecommendationId
from server.store.unit import Unit

F = TypeVar("F", bound=Form)
R = TypeVar("R")

_ON_THE_PAGE = frozenset(
    {Guard.COMPLETE.value, Guard.ALL_SPOKEN.value, Guard.NO_CONFLICT.value, "rec.too_many"}
)
"""Refusals that are answered on the page itself, with nothing lost."""


async def bench(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/recommendations."""
    return await _page(request, Typed(), looked=True)


async def _page(
    request: web.Request, typed: Typed, status: int = 200, *, looked: bool = False
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found: Workbench = await advice.workbench(unit, actor, request.match_info["key"])
    if looked:
        await note(
            request,
            "case.viewed",
            subject=found.case.id,
            programme=found.case.programme,
            where="bench",
            version=found.case.content_version,
        )
    return render(request, page_of(found, typed), status=status)


def _home(request: web.Request, notice: str, anchor: str = "") -> web.Response:
    return see_other(f"/cases/{request.match_info['key']}/recommendations{anchor}", notice)


async def _read(request: web.Request, model: type[F]) -> F:
    form = check(model, await raw_fields(request))
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    return form


async def _do(
    request: web.Request, deed: Callable[[Unit], Coroutine[Any, Any, R]], where: str
) -> R | web.StreamResponse:
    """Run a command; what the person can put right is said on the page, beside its form."""
    try:
        async with request.app[UNITS].write() as unit:
            return await deed(unit)
    except Conflict as refusal:
        if refusal.code not in _ON_THE_PAGE:
            raise
        title, todo = words_of(refusal.code, 409)
        return await _page(request, Typed(where, {}, {where: f"{title}. {todo}"}), status=409)


async def take_over(request: web.Request) -> web.StreamResponse:
    """POST …/start: make an item of every captured line."""
    await _read(request, NobodyForm)
    async with request.app[UNITS].write() as unit:
        await recommend.take_over(unit, current_actor(request), request.match_info["key"])
    return _home(request, "rec_taken_over")


async def add(request: web.Request) -> web.StreamResponse:
    """POST …/add: an item that nobody captured."""
    actor = current_actor(request)
    form, raw = await _item_form(request, "new-")
    if isinstance(form, FieldErrors):
        return await _item_again(request, "new-", raw, form)
    if not form.speaker:
        return await _page(
            request, Typed("new-", raw, {"speaker": gettext("Say who recommended it.")}), 422
        )
    if form.said_at and at_ms(form.said_at) is None:
        sentence = gettext("Minutes and seconds on the case clock, such as 12:07.")
        return await _page(request, Typed("new-", raw, {"said_at": sentence}), status=422)
    outcome = await _do(
        request,
        lambda unit: recommend.add_item(
            unit,
            actor,
            request.match_info["key"],
            form.content(),
            speaker=PersonId(form.speaker),
            at_ms=at_ms(form.said_at),
        ),
        "new",
    )
    if isinstance(outcome, web.StreamResponse):
        return outcome
    if isinstance(outcome, NotYet):
        return await _page(request, Typed("new-", raw, sentences(outcome)), status=422)
    return _home(request, "rec_added", f"#item-{outcome.id}")


async def _item_form(
    request: web.Request, prefix: str
) -> tuple[ItemForm | FieldErrors, dict[str, Any]]:
    raw = {k.removeprefix(prefix): v for k, v in (await raw_fields(request)).items()}
    return check(ItemForm, raw), raw


async def _item_again(
    request: web.Request, prefix: str, raw: dict[str, Any], form: FieldErrors
) -> web.StreamResponse:
    shown = {name: gettext(key) for name, key in form.fields.items()}
    return await _page(request, Typed(prefix, raw, shown), status=422)


async def save(request: web.Request) -> web.StreamResponse:
    """POST …/{item}/save."""
    actor, item = current_actor(request), request.match_info["item"]
    prefix = f"{item}-"
    form, raw = await _item_form(request, prefix)
    if isinstance(form, FieldErrors):
        return await _item_again(request, prefix, raw, form)
    async with request.app[UNITS].write() as unit:
        outcome = await recommend.save_item(
            unit,
            actor,
            request.match_info["key"],
            RecommendationId(item),
            form.version,
            content=form.content(),
        )
    if isinstance(outcome, NotYet):
        return await _page(request, Typed(prefix, raw, sentences(outcome)), status=422)
    return _home(request, "rec_saved", f"#item-{item}")


async def drop(request: web.Request) -> web.StreamResponse:
    """POST …/{item}/drop."""
    actor, item = current_actor(request), request.match_info["item"]
    form = await _read(request, DropForm)
    return await _with_reason(
        request,
        lambda unit: recommend.drop_item(
            unit,
            actor,
            request.match_info["key"],
            RecommendationId(item),
            form.version,
            reason=form.reason,
        ),
        f"drop-{item}",
        form.reason,
        "rec_dropped",
    )


async def _with_reason(
    request: web.Request,
    deed: Callable[[Unit], Coroutine[Any, Any, object]],
    where: str,
    reason: str,
    notice: str,
) -> web.StreamResponse:
    """Run a deed that carries a reason; too short or with an identifier, it is asked again."""
    typed = {"reason": reason}
    try:
        async with request.app[UNITS].write() as unit:
            outcome = await deed(unit)
    except Invalid as error:
        if error.code != Guard.REASON.value:
            raise
        title, todo = words_of(error.code, 422)
        return await _page(request, Typed(where, typed, {where: f"{title}. {todo}"}), status=422)
    if isinstance(outcome, Held):
        shown = sentences(NotYet({}, outcome))
        return await _page(
            request, Typed(where, typed, {where: " ".join(shown.values())}), status=422
        )
    return _home(request, notice)


async def restore(request: web.Request) -> web.StreamResponse:
    """POST …/{item}/restore."""
    form, item = await _read(request, VersionedForm), request.match_info["item"]
    async with request.app[UNITS].write() as unit:
        await recommend.restore_item(
            unit,
            current_actor(request),
            request.match_info["key"],
            RecommendationId(item),
            form.version,
        )
    return _home(request, "rec_restored", f"#item-{item}")


async def merge(request: web.Request) -> web.StreamResponse:
    """POST …/{item}/merge."""
    form, item = await _read(request, MergeForm), request.match_info["item"]
    async with request.app[UNITS].write() as unit:
        await recommend.merge_items(
            unit,
            current_actor(request),
            request.match_info["key"],
            duplicate=RecommendationId(item),
            version=form.version,
            into=RecommendationId(form.into),
        )
    return _home(request, "rec_merged", f"#item-{form.into}")


async def notes(request: web.Request) -> web.StreamResponse:
    """POST …/notes: summary and what to watch for."""
    form = await _read(request, NotesForm)
    async with request.app[UNITS].write() as unit:
        outcome = await recommend.save_notes(
            unit,
            current_actor(request),
            request.match_info["key"],
            revision=form.revision,
            summary=form.summary,
            watch_for=form.watch_for,
        )
    if outcome is not None:
        values = {"summary": form.summary, "watch_for": form.watch_for}
        return await _page(request, Typed("notes", values, sentences(outcome)), status=422)
    return _home(request, "rec_saved")


async def send(request: web.Request) -> web.StreamResponse:
    """POST …/review: to the director."""
    actor, form = current_actor(request), await _read(request, RevisionForm)
    outcome = await _do(
        request,
        lambda unit: sign.send_to_director(
            unit, actor, request.match_info["key"], revision=form.revision
        ),
        "sign",
    )
    return outcome if outcome is not None else _home(request, "rec_sent")


async def send_back(request: web.Request) -> web.StreamResponse:
    """POST …/return: to the desk, with a comment."""
    actor, form = current_actor(request), await _read(request, ReasonForm)
    return await _with_reason(
        request,
        lambda unit: sign.send_back(
            unit,
            actor,
            request.match_info["key"],
            revision=form.revision,
            comment=form.reason,
        ),
        "return",
        form.reason,
        "rec_sent_back",
    )


async def sign_letter(request: web.Request) -> web.StreamResponse:
    """POST …/sign: the letter's next version."""
    actor, form = current_actor(request), await _read(request, SignForm)
    outcome = await _do(
        request,
        lambda unit: sign.sign_recommendations(
            unit,
            actor,
            request.match_info["key"],
            revision=form.revision,
            attested=form.attested == "yes",
        ),
        "sign",
    )
    if isinstance(outcome, web.StreamResponse):
        return outcome
    if isinstance(outcome, Held):
        shown = " ".join(dict.fromkeys(sentences(NotYet({}, outcome)).values()))
        return await _page(request, Typed("sign", {}, {"sign": shown}), status=422)
    return see_other(f"/cases/{request.match_info['key']}/letter", "rec_signed")


async def amend(request: web.Request) -> web.StreamResponse:
    """POST …/amend: open a signed draft again."""
    actor, form = current_actor(request), await _read(request, ReasonForm)
    return await _with_reason(
        request,
        lambda unit: sign.amend(
            unit, actor, request.match_info["key"], revision=form.revision, reason=form.reason
        ),
        "amend",
        form.reason,
        "rec_amending",
    )


async def name_delegate(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/delegates."""
    form = await _read(request, DelegateForm)
    async with request.app[UNITS].write() as unit:
        await sign.name_delegate(
            unit,
            current_actor(request),
            ProgrammeId(request.match_info["id"]),
            PersonId(form.person),
        )
    return _back(form.back, "delegate_named")


async def remove_delegate(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/delegates/remove."""
    form = await _read(request, DelegateForm)
    async with request.app[UNITS].write() as unit:
        await sign.remove_delegate(
            unit,
            current_actor(request),
            ProgrammeId(request.match_info["id"]),
            PersonId(form.person),
        )
    return _back(form.back, "delegate_removed")


def _back(case: str, notice: str) -> web.Response:
    known = case and all(c.isalnum() or c == "-" for c in case)
    return see_other(f"/cases/{case}/recommendations" if known else "/letters", notice)
