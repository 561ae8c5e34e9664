"""The case sheet, the author's list, and what an author does with a case besides writing it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from aiohttp import web

from cases import queries
from cases.commands import copying, submit
from cases.queries import CaseItem, CaseSheet, attachments, econsults, follow_ups
from cases.queries.econsults import EConsult
from cases.queries.follow_ups import FollowUpItem
from cases.rules import advice_access, safety
from cases.rules.fields import Section
from cases.rules.form_person import SAFETY
from cases.rules.intake import FieldErrors
from cases.rules.lifecycle import Deed
from cases.rules.models import CaseState
from cases.rules.readers import Problem
from cases.web import desk_words, follow_up_view, words
from cases.web.drawing import Drawing
from cases.web.econsult_view import econsult_view
from cases.web.field_view import SectionView, sentence
from cases.web.forms import WithdrawForm
from cases.web.helps import slots
from cases.web.pages import Brief, CaseLine, CasePage, MyCases, ProgrammeLink
from cases.web.worked import worked_view
from server.edge.forms import BadRequest, Form, raw_fields, read_form
from server.edge.forms import FieldErrors as FormErrors
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.edge.times import describe, relative
from server.kit.actor import Actor, Permission, Role
from server.kit.errors import Invalid
from server.kit.ids import CaseId
from sessions import api as sessions

_DRAFTED = frozenset({CaseState.PRESENTED, CaseState.CONVERTED, CaseState.RECS_DRAFTED})
_WAITS = frozenset(
    {CaseState.PHI_CHECK, CaseState.SUBMITTED, CaseState.IN_REVIEW, CaseState.ACCEPTED}
)
"""On its way to a place in a session."""


async def my_cases(request: web.Request) -> web.StreamResponse:
    """GET /cases: the author's own cases, what needs them first."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await queries.my_cases(unit, actor)
        programmes = await queries.presentable_programmes(unit, actor)
        following = {item.case.id: item for item in await follow_ups.mine(unit, actor)}
        begun = await follow_ups.begun(unit, actor)
        now = unit.now
    lines = [
        _with_follow_up(_line(item, actor, now), following.get(item.case.id), begun)
        for item in found
    ]
    lines.sort(key=lambda line: not line.needs_you)
    page = MyCases(
        cases=tuple(lines),
        programmes=tuple(
            ProgrammeLink(p.name, f"/programmes/{p.id}/cases/new") for p in programmes
        ),
    )
    return render(request, page)


def _line(item: CaseItem, actor: Actor, now: datetime) -> CaseLine:
    case = item.case
    state, tone, icon = words.state(case.state)
    meta = [part for part in (case.case_no, item.programme.name) if part]
    if item.session is not None:
        session = item.session.session
        when = describe(session.starts_at, session.zone, actor.zone, now)
        meta.append(f"{when.day}, {when.clinic}")
    else:
        meta.append(relative(case.state_at, now))
    writing = case.state in (CaseState.DRAFT, CaseState.NEEDS_CHANGES)
    return CaseLine(
        href=f"/cases/{case.key}/edit" if writing else f"/cases/{case.key}",
        title=item.question or gettext("No question yet"),
        meta=" · ".join(meta),
        state=state,
        tone=tone,
        icon=icon,
        needs_you=case.state in words.NEEDS_AUTHOR or not case.safety.answered,
        shield=case.safety.raised,
        lost=bool(desk_words.lost(case)),
    )


def _with_follow_up(
    line: CaseLine, item: FollowUpItem | None, begun: Mapping[CaseId, str]
) -> CaseLine:
    """Say when the presenter is asked how it went, and where to answer once that is due."""
    if item is None or all(one.answered_at for one in item.rounds):
        return line
    if item.waiting is not None:
        href = follow_up_view.answer_href(item.case, begun)
        return replace(line, needs_you=True, answer=href, begun=item.case.id in begun)
    day = follow_up_view.short(item.due_at, item.programme.zone)
    asked = gettext("follow-up on %(day)s") % {"day": day}
    return replace(line, meta=f"{line.meta} · {asked}")


async def note_view(request: web.Request, sheet: CaseSheet, where: str) -> None:
    """Record that somebody other than its author read a case (security.md 67)."""
    if sheet.is_author:
        return
    await note(
        request,
        "case.viewed",
        subject=sheet.case.id,
        programme=sheet.case.programme,
        where=where,
        version=sheet.case.content_version,
    )


async def case(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}: the case sheet."""
    return await _sheet_page(request, {}, {})


async def _sheet_page(
    request: web.Request,
    errors: Mapping[str, Problem],
    typed: Mapping[str, str],
    status: int = 200,
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        sheet = await queries.case_sheet(unit, actor, request.match_info["key"])
        attached = await attachments.attached(unit, actor, sheet.case.key)
        waits = sheet.is_author and sheet.case.state in _WAITS
        free = await sessions.free_slots(unit, sheet.case.programme) if waits else ()
        following = await follow_ups.of_case(unit, actor, sheet.case)
        writes = actor.can(Permission.CASE_WRITE, sheet.case.programme)
        answers = sheet.is_author and writes and advice_access.has_letter(sheet.case)
        begun = await follow_ups.begun(unit, actor) if answers else {}
        written = await econsults.of_case(unit, actor, sheet.case, sheet.programme.zone)
        now = unit.now
    await note_view(request, sheet, "sheet")
    found = sheet.case
    state, tone, icon = words.state(found.state)
    version = sheet.version
    zone = sheet.programme.zone
    session = sheet.session.session if sheet.session else None
    page = CasePage(
        sheet=sheet,
        sections=sheet.sections,
        worked=worked_view(sheet.workup),
        visible_to=words.visible_to(sheet.audience, is_author=sheet.is_author),
        state=state,
        tone=tone,
        icon=icon,
        checked=(
            describe(version.checked_at, zone, actor.zone, now)
            if version and version.checked_at
            else None
        ),
        session=describe(session.starts_at, session.zone, actor.zone, now) if session else None,
        session_href=f"/sessions/{session.id}" if session else "",
        attachments=attached.there,
        may_attach=attached.may_attach,
        slots=slots(free, actor, now),
        can_edit=Deed.SUBMIT in sheet.deeds,
        can_withdraw=Deed.WITHDRAW in sheet.deeds,
        follow_up_href=follow_up_view.answer_href(found, begun) if answers else "",
        follow_up_begun=answers and found.id in begun,
        follow_up=(
            follow_up_view.view(following, actor, now, begun if answers else None)
            if following
            else None
        ),
        econsult=econsult_view(written, zone, actor, now, found),
        asks_you=_was_asked(actor, sheet, written),
        can_copy=sheet.is_author and found.state is CaseState.DECLINED and bool(sheet.sections),
        lost=desk_words.lost(found),
        can_review=_can_review(actor, sheet),
        can_draft=found.state in _DRAFTED and _drafts(actor, sheet, written),
        safety_reasons=tuple(gettext(safety.REASONS[code]) for code in found.safety.reasons),
        safety_card=gettext(safety.CARD),
        safety_fields=_safety_fields(sheet, typed, errors),
        errors={path: sentence(problem) for path, problem in errors.items()},
    )
    return render(request, page, status=status)


def _drafts(actor: Actor, sheet: CaseSheet, written: EConsult | None) -> bool:
    """Say whether the reader writes the recommendations: the desk, or who was asked to answer."""
    desk = actor.can(Permission.RECOMMENDATION_DRAFT, sheet.case.programme)
    return desk or _was_asked(actor, sheet, written)


def _was_asked(actor: Actor, sheet: CaseSheet, written: EConsult | None) -> bool:
    if written is None or written.due is None or not written.is_asked(actor.person):
        return False
    return Role.HUB_SPECIALIST in actor.roles_in(sheet.case.programme)


def _can_review(actor: Actor, sheet: CaseSheet) -> bool:
    checks = actor.can(Permission.CASE_CHECK, sheet.case.programme)
    return checks and not sheet.is_author


def _safety_fields(
    sheet: CaseSheet, typed: Mapping[str, str], errors: Mapping[str, Problem]
) -> SectionView | None:
    """Return the statement's questions for an author who has not answered them yet."""
    if not sheet.is_author or sheet.case.safety.answered:
        return None
    asked = tuple(f for f in SAFETY.fields if f.key in safety.STATEMENT_KEYS)
    section = Section(SAFETY.key, SAFETY.title, SAFETY.lead, asked)
    return Drawing(form=sheet.form, raw=typed, errors=errors).section(section)


async def brief(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/brief: the sheet as a fragment, for the room in which it is discussed."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        sheet = await queries.case_sheet(unit, actor, request.match_info["key"])
    await note_view(request, sheet, "brief")
    page = Brief(sheet=sheet, sections=sheet.sections, worked=worked_view(sheet.workup))
    return render(request, page)


async def copy(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/copy: a new draft with what a declined case holds."""
    form = await read_form(request, Form)
    if isinstance(form, FormErrors):
        raise Invalid(fields=form.fields)
    async with request.app[UNITS].write() as unit:
        made = await copying.copy_case(unit, current_actor(request), request.match_info["key"])
    notice = "case_copied_partly" if made.left_out else "case_copied"
    return see_other(f"/cases/{made.case.key}/edit", notice)


async def state_safety(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/safety: what the author did about the danger."""
    actor = current_actor(request)
    key = request.match_info["key"]
    given = await raw_fields(request)
    if not set(given) <= set(safety.STATEMENT_KEYS) or not all(
        isinstance(value, str) for value in given.values()
    ):
        raise BadRequest
    async with request.app[UNITS].write() as unit:
        outcome = await submit.state_safety(unit, actor, key, given)
    if isinstance(outcome, FieldErrors):
        return await _sheet_page(request, outcome.errors, given, status=422)
    return see_other(f"/cases/{outcome.key}", "case_safety_stated")


async def withdraw(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/withdraw: the author takes the case back."""
    actor = current_actor(request)
    form = await read_form(request, WithdrawForm)
    if isinstance(form, FormErrors):
        raise Invalid(fields=form.fields)
    async with request.app[UNITS].write() as unit:
        await submit.withdraw_case(
            unit,
            actor,
            request.match_info["key"],
            row_version=form.row_version,
            erase_now=form.erase == "yes",
        )
    return see_other("/cases", "case_withdrawn")
