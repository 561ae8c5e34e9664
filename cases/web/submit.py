"""The case form: new, kept, returned; sent as one page whether or not there is JavaScript."""

from dataclasses import replace

from aiohttp import web

from cases import queries
from cases.commands import submit
from cases.commands.submit import Kept, NotYet, Submitted, Target, Written
from cases.queries import Intake
from cases.rules.intake import FieldErrors
from cases.rules.models import CaseType
from cases.rules.safety import CARD
from cases.web import words
from cases.web.forms import Drawing, SectionView, Sent, read_case_form, sentence
from cases.web.pages import CommentView, NewCase
from server.edge import csrf
from server.edge.forms import BadRequest
from server.edge.guard import current_actor, signed_in
from server.edge.i18n import gettext
from server.edge.keys import EDGE, UNITS
from server.edge.pages import render, see_other
from server.edge.times import describe
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
    """POST /programmes/{id}/cases: submit, keep as draft, or put one suggestion in."""
    actor = current_actor(request)
    sent = await read_case_form(request)
    programme = _programme(request)
    try:
        case_type = CaseType(sent.case_type)
    except ValueError as error:
        raise BadRequest from error
    async with request.app[UNITS].read() as unit:
        form = await queries.intake_form(
            unit, actor, programme, prior_key=sent.prior, version=sent.written.form
        )
    target = Target(programme=programme, case_type=case_type, prior=sent.prior)
    return await _act(request, form, target, sent)


async def edit(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/edit: a draft, or a returned case; the author's only."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        form = await queries.kept_form(unit, actor, request.match_info["key"])
    return _draw(request, form, Written(form.raw, {}, form.form.version), _EMPTY)


async def update(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/edit: as `create`, for a case that exists."""
    actor = current_actor(request)
    sent = await read_case_form(request)
    key = request.match_info["key"]
    async with request.app[UNITS].read() as unit:
        form = await queries.kept_form(unit, actor, key, version=sent.written.form)
    return await _act(request, form, Target(key=key, row_version=sent.row_version), sent)


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
        # Another tab saved meanwhile: what was typed here stays on the screen, and the newest
        # version goes along, so that sending it again is a decision and not an accident.
        return _draw(request, form, sent.written, _EMPTY, status=409)


async def _store(
    request: web.Request, form: Intake, target: Target, sent: Sent
) -> web.StreamResponse:
    actor = current_actor(request)
    units = request.app[UNITS]
    if sent.action == "draft":
        async with units.write() as unit:
            kept = await submit.save_draft(unit, actor, target, sent.written)
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
    return _draw(request, form, written, NotYet(FieldErrors({}), again.flagged, held), status=200)


def _draw(
    request: web.Request, form: Intake, written: Written, outcome: NotYet, status: int = 200
) -> web.StreamResponse:
    actor = current_actor(request)
    case = form.case
    shown = form.form
    raw = {**written.raw, "case_type": form.raw["case_type"]}
    drawing = Drawing(
        form=shown,
        raw=raw,
        choices=form.choices,
        errors=outcome.errors.errors,
        flagged=outcome.flagged,
    )
    asked = tuple(
        CommentView(c.path.partition(".")[0], words.input_label(shown, c.path), c.text)
        for c in form.comments
    )
    sections = tuple(_with_comments(s, asked) for s in drawing.sections())
    saved = None
    if form.saved_at is not None:
        now = request.app[UNITS].clock.now()
        saved = describe(form.saved_at, actor.zone, actor.zone, now)
    open_findings = tuple(
        finding
        for section in sections
        for view in section.fields
        for finding in (*view.findings, *(f for row in view.grid for c in row for f in c.findings))
    )
    place = case.id if case else form.programme
    page = NewCase(
        action=f"/cases/{case.key}/edit" if case else f"/programmes/{form.programme}/cases",
        programme=form.programme_name,
        case_no=case.case_no if case else "",
        case_type=str(form.raw["case_type"]),
        prior=form.prior.key if form.prior else "",
        prior_no=form.prior.case_no if form.prior else "",
        row_version=case.row_version if case else 0,
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
        safety_card=gettext(CARD),
        form_words=words.form_words(),
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
