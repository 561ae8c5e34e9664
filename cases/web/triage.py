"""The review desk: the queue, one case with its findings marked, and the decision."""

from dataclasses import replace
from typing import Any, TypeVar

from aiohttp import web

from cases import queries
from cases.commands import send_back, triage
from cases.commands.send_back import Message
from cases.rules.lifecycle import Guard
from cases.rules.models import Case, CaseState
from cases.web import desk_view
from cases.web.desk_view import Answer
from cases.web.forms import DeclineForm, RejectForm, ReturnForm, SlotForm, VersionForm, WordsForm
from cases.web.sheets import note_view
from server.deid.models import Held
from server.deid.words import WORDS
from server.edge.forms import BadRequest, FieldErrors, Form, check, raw_fields
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.pages import render, see_other
from server.edge.problems import words_of
from server.kit.errors import Conflict, Invalid
from server.kit.ids import AgendaItemId, SessionId

F = TypeVar("F", bound=Form)

_PASSED = {CaseState.ACCEPTED: "case_accepted", CaseState.SUBMITTED: "case_passed"}
_COMMENT = "comment."
_OTHER = ("other_field", "other_comment")


async def desk(request: web.Request) -> web.StreamResponse:
    """GET /triage: what waits, most urgent first."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        waiting = await queries.triage_queue(unit, actor)
        now = unit.now
    return render(request, desk_view.queue(waiting, now))


async def review(request: web.Request) -> web.StreamResponse:
    """GET /cases/{key}/review: the text as submitted, findings marked, and the decision."""
    return await _review_page(request, Answer(), looked=True)


async def _review_page(
    request: web.Request, answer: Answer, status: int = 200, *, looked: bool = False
) -> web.StreamResponse:
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await queries.review(unit, actor, request.match_info["key"])
        now = unit.now
    if looked:
        await note_view(request, found.sheet, "desk")
    page = desk_view.review_page(found, actor, now, answer)
    return render(request, page, status=status)


_AT_THE_DESK = frozenset(
    {
        Guard.WARNINGS_RESOLVED.value,
        Guard.SAFETY_STATED.value,
        Guard.COMPLETE.value,
        Guard.SECOND_READER.value,
        Guard.RULES_OF_TODAY.value,
    }
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
    verdicts = _part(raw, "verdict.")
    second = raw.pop("second", [])
    second = [second] if isinstance(second, str) else second
    then = raw.pop("then", "")
    if then not in ("", "accept") or not all(isinstance(code, str) for code in second):
        raise BadRequest
    form = check(VersionForm, raw)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    answer = Answer(verdicts=verdicts, second=frozenset(filter(None, second)))
    try:
        async with request.app[UNITS].write() as unit:
            saved = await triage.pass_check(
                unit,
                actor,
                request.match_info["key"],
                row_version=form.row_version,
                verdicts=verdicts,
                second=answer.second,
                then_accept=then == "accept",
            )
    except Conflict as refusal:
        return await _refused(request, refusal, answer)
    return see_other(f"/cases/{saved.key}/review", _PASSED.get(saved.state, "case_passed_again"))


def _part(raw: dict[str, Any], prefix: str) -> dict[str, str]:
    """Take the inputs out of `raw` whose names begin with a prefix; return them without it."""
    found = {}
    for name in [name for name in raw if name.startswith(prefix)]:
        value = raw.pop(name)
        if not isinstance(value, str):
            raise BadRequest
        found[name.removeprefix(prefix)] = value
    return found


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
        return await _refused(request, refusal, Answer())
    return see_other(f"/cases/{saved.key}/review", "case_accepted")


async def _refused(request: web.Request, refusal: Conflict, answer: Answer) -> web.StreamResponse:
    """Show the page again when the coordinator can act on the refusal there."""
    if refusal.code not in _AT_THE_DESK:
        raise refusal
    what, todo = words_of(refusal.code, 409)
    errors = {"verdict": f"{what}. {todo}"}
    return await _review_page(request, replace(answer, errors=errors), status=409)


async def _with_words(
    request: web.Request, model: type[WordsForm], notice: str
) -> web.StreamResponse:
    """Run a deed that carries words for the author; words with an identifier are not stored."""
    key = request.match_info["key"]
    raw = await raw_fields(request)
    comments = _part(raw, _COMMENT)
    other, said = (raw.pop(name, "") for name in _OTHER)
    if not isinstance(other, str) or not isinstance(said, str):
        raise BadRequest
    form = check(model, raw)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    where = "decline" if isinstance(form, DeclineForm) else "ask"
    erase = frozenset(form.erase) if isinstance(form, ReturnForm) else frozenset()
    typed = {f"{_COMMENT}{path}": text for path, text in comments.items()}
    typed |= {where: form.words, "other_field": other, "other_comment": said}
    answer = Answer(typed=typed, erase=erase)
    # One line per input: where a refusal of what was typed belongs.
    inputs = {path: f"{_COMMENT}{path}" for path in comments} | {"words": where}
    if said:
        comments[other] = said
        inputs[other] = "other_comment" if other else "other_field"
    message = Message(form.words, comments)
    try:
        outcome = await _send(request, key, form, message)
    except Invalid as error:
        sentences = {
            "case.reason_needed": gettext("Write at least a few words for the author."),
            "case.comment_unknown": gettext("Choose the answer you mean."),
        }
        if error.code not in sentences:
            raise
        names = [inputs.get(path, where) for path in error.fields] or ["other_field"]
        errors = dict.fromkeys(names, sentences[error.code])
        return await _review_page(request, replace(answer, errors=errors), status=422)
    if isinstance(outcome, Held):
        errors = {
            inputs[path]: gettext(WORDS[found[0].category.value])
            for path, found in outcome.findings.items()
        }
        return await _review_page(request, replace(answer, errors=errors), status=422)
    purged = isinstance(form, DeclineForm) and form.purge
    return see_other("/triage", "case_purged" if purged else notice)


async def _send(request: web.Request, key: str, form: WordsForm, message: Message) -> Case | Held:
    actor = current_actor(request)
    async with request.app[UNITS].write() as unit:
        if isinstance(form, DeclineForm):
            return await send_back.decline(
                unit,
                actor,
                key,
                row_version=form.row_version,
                reason=form.words,
                purge=form.purge == "yes",
            )
        deed = send_back.reject if isinstance(form, RejectForm) else send_back.return_case
        return await deed(
            unit,
            actor,
            key,
            row_version=form.row_version,
            message=message,
            erase=frozenset(form.erase) if isinstance(form, ReturnForm) else frozenset(),
        )


async def return_case(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/return: back to the author for changes, with comments at fields."""
    return await _with_words(request, ReturnForm, "case_returned")


async def reject(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/reject: the check failed; texts with an identifier are erased."""
    return await _with_words(request, RejectForm, "case_returned")


async def decline(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/decline: refused; with `purge` every text is erased for good."""
    return await _with_words(request, DeclineForm, "case_declined")


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
