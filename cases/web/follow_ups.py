"""Follow-ups at the desk: what is due, ask again, close."""

from typing import Annotated

from aiohttp import web
from pydantic import Field as Limits

from cases.commands import follow_ups as commands
from cases.queries import follow_ups as queries
from cases.rules.rounds import REMINDERS, ROUNDS, Reminder
from cases.web import follow_up_view
from server.edge.forms import LARGEST_INT, FieldErrors, Form, read_form
from server.edge.guard import current_actor
from server.edge.keys import UNITS
from server.edge.pages import render, see_other
from server.kit.errors import Invalid

LIST = "/triage/follow-ups"


class AskForm(Form):
    """Which of the three reminders of which round is sent now."""

    round: Annotated[int, Limits(ge=1, le=len(ROUNDS))]
    number: Annotated[int, Limits(ge=1, le=len(REMINDERS))]


class CloseForm(Form):
    """The case as it was when the page was drawn."""

    row_version: Annotated[int, Limits(ge=1, le=LARGEST_INT)]


async def listed(request: web.Request) -> web.StreamResponse:
    """GET /triage/follow-ups: what waits for an answer, and what can be closed."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        items = await queries.at_desk(unit, actor)
        now = unit.now
    return render(request, follow_up_view.page(items, actor, now))


async def ask_again(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/follow-up/ask: send the presenter the next reminder now."""
    form = await read_form(request, AskForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    reminder = Reminder(form.round, form.number)
    async with request.app[UNITS].write() as unit:
        await commands.ask_again(unit, current_actor(request), request.match_info["key"], reminder)
    return see_other(LIST, "follow_up_asked")


async def close(request: web.Request) -> web.StreamResponse:
    """POST /cases/{key}/follow-up/close: nothing more will come."""
    form = await read_form(request, CloseForm)
    if isinstance(form, FieldErrors):
        raise Invalid(fields=form.fields)
    async with request.app[UNITS].write() as unit:
        await commands.close(
            unit,
            current_actor(request),
            request.match_info["key"],
            row_version=form.row_version,
        )
    return see_other(LIST, "case_closed")
