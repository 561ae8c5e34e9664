"""Drafts beside the form: saved by the page on its own, looked back at, and the crosswalk sheet."""

from dataclasses import dataclass
from typing import Any, ClassVar

from aiohttp import web

from cases import queries
from cases.commands import drafts as commands
from cases.commands.drafts import Kept
from cases.commands.submit import Checked, Target
from cases.queries import drafts
from cases.queries.drafts import Past
from cases.rules import drafts as rules
from cases.rules.models import Case, CaseType
from cases.rules.sheet import SheetSection
from cases.web import draft_words, words
from cases.web.forms import Sent, read_case_form
from server.deid.models import Clear
from server.edge.forms import BadRequest
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.pages import Page, render
from server.edge.times import TimeText, describe
from server.kit.errors import Conflict, NotFound
from server.kit.ids import ProgrammeId, is_id


@dataclass(frozen=True, slots=True)
class PastView:
    """One earlier text in the list."""

    name: str
    title: str
    when: TimeText
    changed: str
    current: bool
    erased: bool


@dataclass(frozen=True)
class HistoryPage(Page):
    """The earlier texts of a case, and one of them to read."""

    template: ClassVar[str] = "cases/history.html"
    key: str
    case_no: str
    programme: str
    texts: tuple[PastView, ...]
    shown: PastView | None
    question: str
    sections: tuple[SheetSection, ...]
    can_write: bool


@dataclass(frozen=True)
class Crosswalk(Page):
    """A sheet of paper that says whose case it is; nothing on it comes from the case's text."""

    template: ClassVar[str] = "cases/crosswalk.html"
    key: str
    case_no: str
    patient_ref: str
    programme: str
    can_write: bool


async def autosave_new(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/cases/autosave: the first save of a new case; a repeat makes no second."""
    sent = await read_case_form(request)
    programme = request.match_info["id"]
    if not is_id(programme):
        raise NotFound
    try:
        case_type = CaseType(sent.case_type)
    except ValueError as error:
        raise BadRequest from error
    target = Target(
        programme=ProgrammeId(programme),
        case_type=case_type,
        prior=sent.prior,
        writer=sent.writer,
        sequence=sent.sequence,
    )
    return await _autosave(request, target, sent)


async def autosave(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/autosave: the page saves on its own.

    Answers 200 with the new row version or with what holds the text back, 409 with both texts.
    """
    sent = await read_case_form(request)
    target = Target(
        key=request.match_info["key"],
        row_version=sent.row_version,
        writer=sent.writer,
        sequence=sent.sequence,
    )
    return await _autosave(request, target, sent)


async def _autosave(request: web.Request, target: Target, sent: Sent) -> web.StreamResponse:
    actor = current_actor(request)
    if not target.writer or not target.sequence:
        raise BadRequest
    units = request.app[UNITS]
    async with units.read() as unit:
        checked = await commands.screen(unit, actor, target, sent.written)
    if not isinstance(checked.outcome, Clear):
        return web.json_response({"held": _held(checked)})
    async with units.write() as unit:
        kept = await commands.autosave(unit, actor, target, checked)
        now = unit.now
    if isinstance(kept, Kept):
        left = rules.left_out(sent.written.raw, checked.read.answers, checked.read.unread)
        unread = [path for path in left if path in checked.read.unread]
        return web.json_response(
            {
                **_place(kept.case),
                "saved": now.isoformat(),
                "whole": not left,
                "unread": [words.input_label(checked.form, path) for path in unread],
            }
        )
    return await _clash(request, kept.case, sent)


def _place(case: Case) -> dict[str, Any]:
    return {"key": case.key, "id": case.id, "row_version": case.row_version}


def _held(checked: Checked) -> list[dict[str, str]]:
    """Return the inputs that hold something back; the words found are on the page already."""
    paths = dict.fromkeys(f.path for f in checked.flagged if f.blocking and f.open)
    return [{"path": p, "label": words.input_label(checked.form, p)} for p in paths]


async def _clash(request: web.Request, case: Case, sent: Sent) -> web.StreamResponse:
    """Answer with what differs; two equal texts are no clash."""
    async with request.app[UNITS].read() as unit:
        form = await queries.kept_form(
            unit, current_actor(request), case.key, version=sent.written.form
        )
        raw = {**sent.written.raw, "case_type": form.raw["case_type"]}
        found = await drafts.differences(unit, form, raw)
    if form.case is None or form.saved_at is None:
        raise Conflict("case.wrong_state")
    answer = {**_place(form.case), "saved": form.saved_at.isoformat()}
    if not found:
        return web.json_response({**answer, "whole": True, "unread": []})
    shown = [
        {
            "key": view.key,
            "label": view.label,
            "here": view.here,
            "there": view.there,
            "values": dict(difference.values),
        }
        for difference in found
        for view in (draft_words.difference(difference),)
    ]
    return web.json_response({**answer, "code": "stale", "differences": shown}, status=409)


async def history(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/history: the author's earlier texts; `?show=` one of them to read."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await drafts.history(
            unit, actor, request.match_info["key"], request.query.get("show", "")
        )
        now = unit.now

    def view(past: Past) -> PastView:
        title = (
            gettext("Version %(n)s, as it was sent") % {"n": past.name[1:]}
            if past.origin is None
            else gettext(draft_words.ORIGINS[past.origin])
        )
        when = describe(past.at, actor.zone, actor.zone, now)
        return PastView(
            name=past.name,
            title=title,
            when=when,
            changed=draft_words.changed(past.changed),
            current=past.current,
            erased=past.erased,
        )

    page = HistoryPage(
        key=found.case.key,
        case_no=found.case.case_no,
        programme=found.programme.name,
        texts=tuple(map(view, found.past)),
        shown=view(found.shown) if found.shown else None,
        question=found.question,
        sections=found.sections,
        can_write=found.open,
    )
    return render(request, page)


async def crosswalk(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/crosswalk: a sheet to print and keep off the platform."""
    async with request.app[UNITS].read() as unit:
        case, programme = await drafts.own_case(
            unit, current_actor(request), request.match_info["key"]
        )
    page = Crosswalk(
        key=case.key,
        case_no=case.case_no,
        patient_ref=case.patient_ref,
        programme=programme.name,
        can_write=case.state in drafts.OPEN,
    )
    return render(request, page)
