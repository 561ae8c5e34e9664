"""The review desk: the queue, one case with its findings marked, and the decision."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from cases import queries
from cases.commands import econsults, erasing, send_back, triage
from cases.queries import attachments
from cases.rules.models import Case, CaseState
from cases.web import desk_forms, desk_view, desk_words
from cases.web.desk_forms import COMMENT, Sent
from cases.web.desk_view import Answer
from cases.web.sheets import note_view
from server.deid.models import Held
from server.deid.words import WORDS
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.pages import render, see_other
from server.edge.problems import words_of
from server.jobs.recognise import RECOGNISER
from server.kit.actor import Actor
from server.kit.errors import Conflict, Invalid
from server.kit.ids import AgendaItemId, PersonId, SessionId
from server.store.unit import Unit

Deed = Callable[[Unit, Actor, str, Sent], Awaitable[Case | Held]]

_PASSED = {CaseState.ACCEPTED: "case_accepted", CaseState.SUBMITTED: "case_passed"}


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
        found = await queries.review(
            unit, actor, request.match_info["key"], request.app[RECOGNISER].find
        )
        attached = await attachments.attached(unit, actor, found.sheet.case.key)
        now = unit.now
    if looked:
        await note_view(request, found.sheet, "desk")
    page = desk_view.review_page(found, attached, actor, now, answer)
    return render(request, page, status=status)


async def stay(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/review: Enter in a choice; nothing is decided, what was typed stays."""
    return await _review_page(request, Answer(await desk_forms.read(request)))


async def _run(request: web.Request, sent: Sent, deed: Deed) -> Case | web.StreamResponse:
    """Do what a button asks; what refuses is shown on the page, with everything that was typed."""
    try:
        async with request.app[UNITS].write() as unit:
            outcome = await deed(unit, current_actor(request), request.match_info["key"], sent)
    except Conflict as refusal:
        answer = Answer(sent, refused=words_of(refusal.code, 409), code=refusal.code)
        return await _review_page(request, answer, status=409)
    except Invalid as error:
        if error.code not in desk_words.REFUSED:
            raise
        sentence = gettext(desk_words.REFUSED[error.code])
        errors = dict.fromkeys(_inputs(request, sent, error.fields), sentence)
        return await _review_page(request, Answer(sent, errors=errors), status=422)
    if isinstance(outcome, Held):
        errors = {
            name: gettext(WORDS[found[0].category.value])
            for path, found in outcome.findings.items()
            for name in _inputs(request, sent, [path])
        }
        return await _review_page(request, Answer(sent, errors=errors), status=422)
    return outcome


def _inputs(request: web.Request, sent: Sent, paths: object) -> list[str]:
    """Return the inputs that hold what is said at these paths of a message."""
    whole = "refusal" if request.path.endswith("/decline") else "words"
    other = sent.form.other_field
    found = []
    for path in paths if isinstance(paths, (list, dict)) else ():
        if path in ("reason", "erase", "specialists"):
            found.append(path)
        elif path in sent.comments and path != other:
            found.append(f"{COMMENT}{path}")
        elif sent.form.other_comment and path == other:
            found.append("other_comment" if other else "other_field")
        else:
            found.append(whole)
    return found or ["other_field"]


async def _unless_unsent(
    request: web.Request, sent: Sent, button: str, *, refusing: bool = False
) -> web.StreamResponse | None:
    """Ask first when the author was written to and this button would not send it."""
    if not sent.unsent(refusing=refusing):
        return None
    return await _review_page(request, Answer(sent, unsent=button), status=409)


async def decide(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/pass: pass the check; with `then=accept` into the programme."""
    sent = await desk_forms.read(request)
    asked = await _unless_unsent(request, sent, "accept" if sent.accepts else "pass")
    if asked is not None:
        return asked

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        return await triage.pass_check(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            verdicts=sent.verdicts,
            second=filter(None, sent.form.second),
            then_accept=sent.accepts,
        )

    done = await _run(request, sent, deed)
    if isinstance(done, web.StreamResponse):
        return done
    return see_other(f"/cases/{done.key}/review", _PASSED.get(done.state, "case_passed_again"))


async def _simple(
    request: web.Request, button: str, notice: str, deed: Deed
) -> web.StreamResponse:
    """Run a button that sends the author nothing, and stay on the page."""
    sent = await desk_forms.read(request)
    asked = await _unless_unsent(request, sent, button)
    if asked is not None:
        return asked
    done = await _run(request, sent, deed)
    if isinstance(done, web.StreamResponse):
        return done
    return see_other(f"/cases/{done.key}/review", notice)


async def accept(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/accept."""

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        return await triage.accept(unit, actor, key, row_version=sent.form.row_version)

    return await _simple(request, "take", "case_accepted", deed)


async def give_slot(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/slot: put it on a session's agenda."""

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        session, _, item = sent.form.slot.partition(".")
        if not item:
            raise Invalid(fields={"slot": "missing"})
        return await triage.give_slot(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            session=SessionId(session),
            item=AgendaItemId(item),
        )

    return await _simple(request, "slot", "case_scheduled", deed)


async def take_slot_back(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/unschedule: the slot is free again."""

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        return await triage.take_slot_back(unit, actor, key, row_version=sent.form.row_version)

    return await _simple(request, "unschedule", "case_unscheduled", deed)


async def convert(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/convert: no slot in time; specialists answer it in writing."""
    return await _simple(request, "convert", "case_converted", _asking(econsults.convert))


async def ask_specialists(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/specialists: ask further specialists to answer an e-consult."""
    return await _simple(request, "specialists", "econsult_asked", _asking(econsults.ask_more))


def _asking(command: Callable[..., Awaitable[Case]]) -> Deed:
    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        return await command(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            specialists=frozenset(PersonId(one) for one in sent.form.specialists if one),
        )

    return deed


async def purge(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/purge: an identifier was found late; every text goes, where it stands."""

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case:
        return await erasing.purge(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            reason=sent.form.reason,
            keep_advice=sent.form.keep == "yes",
        )

    return await _simple(request, "purge", "case_erased", deed)


async def _back(request: web.Request, deed: Deed, notice: str) -> web.StreamResponse:
    """Run a button that sends words to the author; words with an identifier are not stored."""
    sent = await desk_forms.read(request)
    done = await _run(request, sent, deed)
    return done if isinstance(done, web.StreamResponse) else see_other("/triage", notice)


async def return_case(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/return: back to the author for changes, with comments at fields."""
    return await _back(request, _sending(send_back.return_case), "case_returned")


async def reject(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/reject: the check failed; texts with an identifier are erased."""
    return await _back(request, _sending(send_back.reject), "case_returned")


async def recall(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/recall: an identifier was found late; back to the author."""
    return await _back(request, _sending(send_back.recall), "case_recalled")


def _sending(command: Callable[..., Awaitable[Case | Held]]) -> Deed:
    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case | Held:
        return await command(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            message=sent.message,
            erase=frozenset(sent.form.erase),
        )

    return deed


async def decline(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/decline: refused; with `purge` every text is erased for good."""
    sent = await desk_forms.read(request)
    asked = await _unless_unsent(request, sent, "decline", refusing=True)
    if asked is not None:
        return asked

    async def deed(unit: Unit, actor: Actor, key: str, sent: Sent) -> Case | Held:
        return await send_back.decline(
            unit,
            actor,
            key,
            row_version=sent.form.row_version,
            reason=sent.form.refusal,
            purge=sent.form.purge == "yes",
        )

    done = await _run(request, sent, deed)
    if isinstance(done, web.StreamResponse):
        return done
    return see_other("/triage", "case_purged" if sent.form.purge else "case_declined")
