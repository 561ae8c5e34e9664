"""The review desk: the queue, one case with its findings marked, and the decision."""

from typing import TypeVar

from aiohttp import web

from cases import queries
from cases.commands import triage
from cases.queries import QueueItem, Review
from cases.queries.lists import DESK_ORDER
from cases.rules import safety
from cases.rules.findings import REASONS, WORDS, Flagged
from cases.rules.form import SAFETY
from cases.rules.lifecycle import Deed, Guard
from cases.rules.models import Case, CaseState
from cases.web import words
from cases.web.forms import (
    FindingView,
    RejectForm,
    SlotForm,
    VersionForm,
    WordsForm,
    finding_view,
)
from cases.web.pages import (
    CaseLine,
    DeskFinding,
    QueueGroup,
    ReviewPage,
    SlotView,
    TextView,
    Triage,
)
from cases.web.sheets import note_view
from server.deid.models import Held
from server.edge.forms import BadRequest, FieldErrors, Form, check, raw_fields
from server.edge.guard import current_actor
from server.edge.i18n import N_, gettext
from server.edge.keys import UNITS
from server.edge.pages import render, see_other
from server.edge.problems import words_of
from server.edge.times import describe, relative
from server.kit.errors import Conflict, Invalid
from server.kit.ids import AgendaItemId, SessionId

F = TypeVar("F", bound=Form)

_GROUPS = {
    CaseState.PHI_CHECK: (N_("To check for identifiers"), N_("Nothing to check.")),
    CaseState.SUBMITTED: (N_("Checked, to review"), N_("Nothing to review.")),
    CaseState.IN_REVIEW: (N_("In review"), N_("Nothing in review.")),
    CaseState.ACCEPTED: (
        N_("Accepted, waiting for a slot"),
        N_("Every accepted case has a slot."),
    ),
}


async def desk(request: web.Request) -> web.StreamResponse:
    """GET /triage: what waits, oldest first."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        queue = await queries.triage_queue(unit, actor)
        now = unit.now

    def line(item: QueueItem) -> CaseLine:
        state, tone, icon = words.state(item.case.state)
        author = item.author.label if item.author else ""
        place = item.author.organisation_name if item.author else ""
        return CaseLine(
            href=f"/cases/{item.case.key}/review",
            title=item.case.case_no,
            meta=" · ".join(part for part in (item.programme.name, author, place) if part),
            state=state,
            tone=tone,
            icon=icon,
            needs_you=item.case.state is not CaseState.ACCEPTED,
            waiting=relative(item.since, now),
            shield=item.case.safety.raised,
        )

    groups = tuple(
        QueueGroup(
            key=state.value,
            title=gettext(_GROUPS[state][0]),
            empty=gettext(_GROUPS[state][1]),
            cases=tuple(line(item) for item in queue if item.case.state is state),
        )
        for state in DESK_ORDER
    )
    return render(request, Triage(groups, len(queue)))


async def review(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/review: the text as submitted, findings marked, and the decision."""
    return await _review_page(request, {}, {}, {}, looked=True)


async def _review_page(
    request: web.Request,
    verdicts: dict[str, str],
    typed: dict[str, str],
    errors: dict[str, str],
    status: int = 200,
    *,
    looked: bool = False,
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await queries.review(unit, actor, request.match_info["key"])
        now = unit.now
    if looked:
        await note_view(request, found.sheet, "desk")
    case = found.sheet.case
    state, tone, icon = words.state(case.state)
    session = found.sheet.session.session if found.sheet.session else None
    numbers = {f.key: number for number, f in enumerate(found.flagged, start=1)}
    page = ReviewPage(
        review=found,
        sections=found.sheet.sections,
        state=state,
        tone=tone,
        icon=icon,
        waiting=relative(case.state_at, now),
        texts=tuple(_text(found, index, numbers) for index in range(len(found.texts))),
        findings=tuple(_finding(f, numbers[f.key], verdicts) for f in found.flagged),
        slots=tuple(
            SlotView(
                value=f"{slot.session}.{slot.item}",
                when=describe(slot.starts_at, slot.zone, actor.zone, now),
                detail=" · ".join(
                    part
                    for part in (gettext("%(n)d minutes") % {"n": slot.minutes}, slot.topic)
                    if part
                ),
            )
            for slot in found.slots
        ),
        session=describe(session.starts_at, session.zone, actor.zone, now) if session else None,
        can_accept_too=Deed.ACCEPT in found.deeds_once_open and case.safety.answered,
        can=_can(found),
        safety_reasons=tuple(gettext(safety.REASONS[code]) for code in case.safety.reasons),
        safety_statement=_statement(case),
        words=typed,
        errors=errors,
        check_words=words.check_words(),
    )
    return render(request, page, status=status)


def _can(found: Review) -> frozenset[str]:
    """Return the deeds worth a button; a checked case is opened and decided in one press."""
    deeds = found.sheet.deeds
    if Deed.OPEN in deeds:
        deeds |= found.deeds_once_open
    return frozenset(deed.value for deed in deeds)


def _text(found: Review, index: int, numbers: dict[str, int]) -> TextView:
    marked = found.texts[index]
    segments = tuple((s.text, numbers.get(s.mark, 0)) for s in marked.segments)
    return TextView(marked.path, words.input_label(marked.path), segments)


def _finding(f: Flagged, number: int, verdicts: dict[str, str]) -> DeskFinding:
    reasons = {option.value: option.label for option in REASONS}
    view: FindingView = finding_view(f)
    return DeskFinding(
        number=number,
        view=view,
        label=words.input_label(f.path),
        reason=gettext(reasons[f.decided]) if f.decided in reasons else "",
        verdict=verdicts.get(f.key, ""),
    )


def _statement(case: Case) -> tuple[tuple[str, str], ...]:
    lines = []
    for asked in SAFETY.fields:
        value = case.safety.statement.get(asked.key)
        if value is not None:
            labels = {o.value: o.label for o in asked.options}
            lines.append((gettext(asked.label), gettext(labels[value])))
    return tuple(lines)


_AT_THE_DESK = frozenset(
    {Guard.WARNINGS_RESOLVED.value, Guard.SAFETY_STATED.value, Guard.COMPLETE.value}
)
"""Refusals that the coordinator can act on from the same page."""


async def _read(request: web.Request, model: type[F]) -> F:
    form = check(model, await raw_fields(request))
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    return form


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/pass: pass the check; with `then=accept` into the programme."""
    actor = current_actor(request)
    raw = await raw_fields(request)
    verdicts = {
        key.removeprefix("verdict."): value
        for key, value in raw.items()
        if key.startswith("verdict.") and isinstance(value, str)
    }
    rest = {key: value for key, value in raw.items() if not key.startswith("verdict.")}
    then = rest.pop("then", "")
    if then not in ("", "accept"):
        raise BadRequest
    form = check(VersionForm, rest)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    try:
        async with request.app[UNITS].write() as unit:
            saved = await triage.pass_check(
                unit,
                actor,
                request.match_info["key"],
                row_version=form.row_version,
                verdicts=verdicts,
                then_accept=then == "accept",
            )
    except Conflict as refusal:
        return await _refused(request, refusal, verdicts)
    notice = "case_accepted" if saved.state is CaseState.ACCEPTED else "case_passed"
    return see_other(f"/cases/{saved.key}/review", notice)


async def accept(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/accept."""
    form = await _read(request, VersionForm)
    try:
        async with request.app[UNITS].write() as unit:
            saved = await triage.accept(
                unit,
                current_actor(request),
                request.match_info["key"],
                row_version=form.row_version,
            )
    except Conflict as refusal:
        return await _refused(request, refusal, {})
    return see_other(f"/cases/{saved.key}/review", "case_accepted")


async def _refused(
    request: web.Request, refusal: Conflict, verdicts: dict[str, str]
) -> web.StreamResponse:
    """Show the page again when the coordinator can act on the refusal there."""
    if refusal.code not in _AT_THE_DESK:
        raise refusal
    what, todo = words_of(refusal.code, 409)
    return await _review_page(request, verdicts, {}, {"verdict": f"{what}. {todo}"}, status=409)


async def _with_words(request: web.Request, deed: str, notice: str) -> web.StreamResponse:
    """Run a deed that carries words for the author; words with an identifier are not stored."""
    actor, key = current_actor(request), request.match_info["key"]
    form = await _read(request, RejectForm if deed == "reject" else WordsForm)
    outcome: Case | Held
    try:
        async with request.app[UNITS].write() as unit:
            if isinstance(form, RejectForm):
                outcome = await triage.reject(
                    unit,
                    actor,
                    key,
                    row_version=form.row_version,
                    reason=form.words,
                    erase=frozenset(form.erase),
                )
            elif deed == "return":
                outcome = await triage.return_case(
                    unit, actor, key, row_version=form.row_version, comments=form.words
                )
            else:
                outcome = await triage.decline(
                    unit, actor, key, row_version=form.row_version, reason=form.words
                )
    except Invalid as error:
        if error.code != "case.reason_needed":
            raise
        sentence = gettext("Write at least a few words for the author.")
        return await _review_page(request, {}, {deed: form.words}, {deed: sentence}, status=422)
    if isinstance(outcome, Held):
        first = next(iter(outcome.findings.values()))[0]
        sentence = gettext(WORDS[first.category.value])
        return await _review_page(request, {}, {deed: form.words}, {deed: sentence}, status=422)
    return see_other("/triage", notice)


async def return_case(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/return: back to the author for changes."""
    return await _with_words(request, "return", "case_returned")


async def reject(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/reject: the check failed; texts with an identifier are erased."""
    return await _with_words(request, "reject", "case_returned")


async def decline(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/decline."""
    return await _with_words(request, "decline", "case_declined")


async def give_slot(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/slot: put it on a session's agenda."""
    form = await _read(request, SlotForm)
    session, _, item = form.slot.partition(".")
    async with request.app[UNITS].write() as unit:
        saved = await triage.give_slot(
            unit,
            current_actor(request),
            request.match_info["key"],
            row_version=form.row_version,
            session=SessionId(session),
            item=AgendaItemId(item),
        )
    return see_other(f"/cases/{saved.key}/review", "case_scheduled")


async def take_slot_back(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/unschedule: the slot is free again."""
    form = await _read(request, VersionForm)
    async with request.app[UNITS].write() as unit:
        saved = await triage.take_slot_back(
            unit,
            current_actor(request),
            request.match_info["key"],
            row_version=form.row_version,
        )
    return see_other(f"/cases/{saved.key}/review", "case_unscheduled")
