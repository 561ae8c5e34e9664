"""The case form: new, kept, returned; sent as one page whether or not there is JavaScript."""

from dataclasses import replace
from datetime import datetime

from aiohttp import web

from cases import queries
from cases.commands import drafts as draft_commands
from cases.commands import submit
from cases.commands.drafts import Clash, Kept
from cases.commands.submit import NotYet, Submitted, Target, Written
from cases.queries import Intake, drafts
from cases.rules.drafts import Difference
from cases.rules.intake import FieldErrors
from cases.rules.models import CaseType
from cases.rules.safety import CARD
from cases.web import draft_words, words
from cases.web.drawing import Drawing
from cases.web.field_view import SectionView, sentence
from cases.web.forms import Sent, read_case_form
from cases.web.pages import CommentView, NewCase
from server.edge import csrf
from server.edge.forms import BadRequest
from server.edge.guard import current_actor, signed_in
from server.edge.i18n import gettext
from server.edge.keys import EDGE, UNITS
from server.edge.pages import render, see_other
from server.edge.times import describe
from server.files.workshop import missing
from server.kit.errors import Conflict, NotFound, SignInNeeded
from server.kit.ids import ProgrammeId, is_id

_EMPTY = NotYet(FieldErrors({}), (), held=False)


def _programme(request: web.Request) -> ProgrammeId:
    found = request.match_info["id"]
    if not is_id(found):
        raise NotFound
    return ProgrammeId(found)


async def new_case(request: web.Request) -> web.StreamResponse:
    """GET /programmes/{id}/cases/new: an empty form; `?follow=` a follow-up of an own case."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        form = await queries.intake_form(
            unit, actor, _programme(request), prior_key=request.query.get("follow", "")
        )
    return _draw(request, form, Written(form.raw, {}, form.form.version), _EMPTY)


async def create(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/cases: submit, keep as draft, or put one suggestion in.

    What the page has saved before, perhaps without hearing of it, goes on in the same case.
    """
    actor = current_actor(request)
    sent = await read_case_form(request)
    programme = _programme(request)
    try:
        case_type = CaseType(sent.case_type)
    except ValueError as error:
        raise BadRequest from error
    async with request.app[UNITS].read() as unit:
        begun = await drafts.begun_on(unit, actor, programme, sent.writer)
        if begun is not None and begun.state not in drafts.OPEN:
            return see_other(f"/cases/{begun.key}", "case_sent_before")
        if begun is not None:
            form = await queries.kept_form(unit, actor, begun.key, version=sent.written.form)
        else:
            form = await queries.intake_form(
                unit, actor, programme, prior_key=sent.prior, version=sent.written.form
            )
    target = Target(programme=programme, case_type=case_type, prior=sent.prior, writer=sent.writer)
    return await _act(request, form, target, sent)


async def edit(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/edit: a draft, or a returned case; the author's only.

    `?from=` puts an earlier text into the form (its name in the history). A case that is not open
    for writing any more shows where it stands instead.
    """
    actor = current_actor(request)
    key, name = request.match_info["key"], request.query.get("from", "")
    async with request.app[UNITS].read() as unit:
        try:
            form = await queries.kept_form(unit, actor, key)
        except Conflict:
            return see_other(f"/cases/{key}", "case_not_open")
        past = await drafts.past_text(unit, form, name) if name else None
    raw = form.raw if past is None else past.raw
    return _draw(
        request,
        form,
        Written(raw, {}, form.form.version),
        _EMPTY,
        earlier=past.at if past else None,
    )


async def update(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/edit: as `create`, for a case that exists."""
    actor = current_actor(request)
    sent = await read_case_form(request)
    key = request.match_info["key"]
    async with request.app[UNITS].read() as unit:
        form = await queries.kept_form(unit, actor, key, version=sent.written.form)
    target = Target(key=key, row_version=sent.row_version, writer=sent.writer)
    return await _act(request, form, target, sent)


async def _act(
    request: web.Request, form: Intake, target: Target, sent: Sent
) -> web.StreamResponse:
    """Do what the pressed button says; the text is stored only if the check lets it through."""
    if sent.fix:
        return await _fix(request, form, sent)
    try:
        return await _store(request, form, target, sent)
    except Conflict as error:
        if error.code != "stale":
            raise
        return await _clash(request, target.key or (form.case.key if form.case else ""), sent)


async def _clash(request: web.Request, key: str, sent: Sent) -> web.StreamResponse:
    """Show both texts: another page saved meanwhile.

    What was typed here stays in the form, and the newest version goes along, so that sending it
    again is a decision and not an accident.
    """
    async with request.app[UNITS].read() as unit:
        form = await queries.kept_form(
            unit, current_actor(request), key, version=sent.written.form
        )
        found = await drafts.differences(unit, form, sent.written.raw)
    return _draw(request, form, sent.written, _EMPTY, status=409, differences=found)


async def _store(
    request: web.Request, form: Intake, target: Target, sent: Sent
) -> web.StreamResponse:
    actor = current_actor(request)
    units = request.app[UNITS]
    if sent.action == "draft":
        async with units.write() as unit:
            kept = await draft_commands.save_draft(unit, actor, target, sent.written)
        if isinstance(kept, Clash):
            return await _clash(request, kept.case.key, sent)
        if isinstance(kept, Kept):
            notice = "case_draft_partly" if kept.unread.errors else "case_draft_saved"
            return see_other(f"/cases/{kept.case.key}/edit", notice)
        return _draw(request, form, sent.written, kept, status=422)
    if sent.action != "submit":
        raise BadRequest
    async with units.write() as unit:
        outcome = await submit.submit_case(unit, actor, target, sent.written)
    if isinstance(outcome, Submitted):
        return see_other(f"/cases/{outcome.case.key}", "case_submitted")
    return _draw(request, form, sent.written, outcome, status=422)


async def _fix(request: web.Request, form: Intake, sent: Sent) -> web.StreamResponse:
    """Put one suggestion in and show the form again: the one-click fix without JavaScript."""
    case_type = form.raw["case_type"]
    written = replace(sent.written, raw={**sent.written.raw, "case_type": case_type})
    async with request.app[UNITS].read() as unit:
        prior = form.prior.id if form.prior else form.case.prior_case if form.case else None
        checked = await submit.look(unit, written, form.programme, prior)
        try:
            written = submit.apply_fix(written, checked, sent.fix)
        except Conflict:
            # Fixed already, or the text was changed by hand meanwhile: just look again.
            written = sent.written
        again = await submit.look(unit, written, form.programme, prior)
    held = any(f.blocking and f.open for f in again.flagged)
    outcome = NotYet(FieldErrors({}), again.flagged, held)
    return _draw(request, form, written, outcome, row_version=sent.row_version)


def _draw(
    request: web.Request,
    form: Intake,
    written: Written,
    outcome: NotYet,
    status: int = 200,
    *,
    row_version: int = 0,
    differences: tuple[Difference, ...] = (),
    earlier: datetime | None = None,
) -> web.StreamResponse:
    """Draw the form; `row_version` other than 0: what the page had seen when it was sent."""
    actor = current_actor(request)
    case = form.case
    shown = form.form
    raw = {**written.raw, "case_type": form.raw["case_type"]}
    drawing = Drawing(
        form=shown,
        raw=raw,
        choices=form.choices,
        touched=case is not None or request.method == "POST",
        errors=outcome.errors.errors,
        flagged=outcome.flagged,
    )
    asked = tuple(
        CommentView(c.path.partition(".")[0], words.input_label(shown, c.path), c.text)
        for c in form.comments
    )
    sections = tuple(_with_comments(s, asked) for s in drawing.sections())
    now = request.app[UNITS].clock.now()
    saved, back = (
        describe(at, actor.zone, actor.zone, now) if at is not None else None
        for at in (form.saved_at, earlier)
    )
    open_findings = tuple(
        finding
        for section in sections
        for view in section.fields
        for finding in (*view.findings, *(f for row in view.grid for c in row for f in c.findings))
    )
    place = case.id if case else form.programme
    place_of = f"/cases/{case.key}" if case else f"/programmes/{form.programme}/cases"
    page = NewCase(
        action=f"{place_of}/edit" if case else place_of,
        programme=form.programme_name,
        case_no=case.case_no if case else "",
        case_type=str(form.raw["case_type"]),
        prior=form.prior.key if form.prior else "",
        prior_no=form.prior.case_no if form.prior else "",
        row_version=row_version or (case.row_version if case else 0),
        key=case.key if case else "",
        autosave=f"{place_of}/autosave",
        attaches=shown.attachments and not missing(),
        form_version=shown.version,
        device_key=f"{actor.person}.{place}",
        saved=saved,
        message=case.message if case else "",
        comments=asked,
        sections=sections,
        errors={path: sentence(p) for path, p in outcome.errors.errors.items()},
        labels={path: words.input_label(shown, path) for path in outcome.errors.errors},
        findings=open_findings,
        held=outcome.held,
        typed=request.method == "POST",
        stale=status == 409,
        differences=tuple(map(draft_words.difference, differences)),
        earlier=back,
        safety_card=gettext(CARD),
        form_words=words.form_words(),
        draft_words=draft_words.words(),
        check_words=words.check_words(),
    )
    return render(request, page, status=status)


def _with_comments(section: SectionView, asked: tuple[CommentView, ...]) -> SectionView:
    """Return a step of the form, marked when the desk asks for a change in it."""
    fields = {view.name for view in section.fields}
    if any(comment.field in fields for comment in asked):
        return replace(section, state="attention")
    return section


async def form_token(request: web.Request) -> web.StreamResponse:
    """GET /cases/form-token: whether the sign-in still holds, and a fresh token for the form.

    The form asks before it is sent: an expired sign-in is renewed in place and nothing is lost.
    It also learns whose sign-in it is: one clinician's case is not sent in another's name.
    """
    found = signed_in(request)
    if found is None:
        raise SignInNeeded
    token = csrf.make_token(request.app[EDGE], found.sign_in)
    return web.json_response({"csrf": token, "person": found.actor.person})
