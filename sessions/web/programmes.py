"""Pages of programmes: the list, one programme, the form that founds one."""

from typing import Any

from aiohttp import web

from server.edge.forms import FieldErrors, raw_fields, read_form
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.pages import render, see_other
from server.kit.actor import Permission
from server.kit.errors import Invalid
from server.kit.ids import OrganisationId, ProgrammeId
from server.people import api as people
from sessions import queries
from sessions.commands.programmes import NewProgramme, create_programme
from sessions.rules import access
from sessions.rules.models import Template
from sessions.rules.recurrence import zone_names
from sessions.web import lines, words
from sessions.web.asking import id_of, refused
from sessions.web.forms import ProgrammeForm
from sessions.web.pages import FormState, NewProgrammePage, ProgrammePage, ProgrammesPage

_UPCOMING = 8


async def programmes(request: web.Request) -> web.StreamResponse:
    """GET /programmes: the programmes the reader is registered with."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        found = await queries.visible_programmes(unit, actor)
    page = ProgrammesPage(
        programmes=tuple(lines.programme_line(p, actor) for p in found),
        may_create=access.may_create_programme(actor),
    )
    return render(request, page)


async def programme(request: web.Request) -> web.StreamResponse:
    """GET /programmes/{id}: what it is, its series, what comes next."""
    actor = current_actor(request)
    programme_id = ProgrammeId(id_of(request))
    async with request.app[UNITS].read() as unit:
        found = await queries.visible_programme(unit, actor, programme_id)
        series = await queries.series_of_programme(unit, programme_id)
        cards = await queries.sessions_of_programme(unit, programme_id, unit.now, _UPCOMING)
        now = unit.now
    manages = access.may_manage_series(actor, programme_id)
    page = ProgrammePage(
        code=found.code,
        name=found.name,
        description=found.description,
        present=lines.present_href(found, actor),
        series=tuple(map(lines.series_line, series)),
        upcoming=lines.session_lines(cards, actor, now),
        new_series=f"/programmes/{programme_id}/series/new" if manages else None,
        case_form=f"/programmes/{programme_id}/case-form" if manages else None,
        people=(
            f"/programmes/{programme_id}/people"
            if actor.can(Permission.PEOPLE_INVITE, programme_id)
            else None
        ),
    )
    return render(request, page)


async def new_programme(request: web.Request) -> web.StreamResponse:
    """GET /programmes/new: the empty form."""
    actor = current_actor(request)
    values: dict[str, Any] = {
        "zone": actor.zone,
        "template": Template.T60_2.value,
        "hub": actor.organisation or "",
    }
    return render(request, await _form_page(request, FormState(values=values, errors={})))


async def create(request: web.Request) -> web.StreamResponse:
    """POST /programmes: found it, or show the form again with what is wrong."""
    actor = current_actor(request)
    form = await read_form(request, ProgrammeForm)
    if isinstance(form, FieldErrors):
        return await _again(request, form.fields, form.values)
    new = NewProgramme(
        code=form.code,
        name=form.name,
        description=form.description,
        zone=form.zone,
        template=form.template,
        cases_first=form.order == "cases",
        learner_sees_case=form.learner_sees_case == "yes",
        hub=OrganisationId(form.hub) if form.hub else None,
    )
    try:
        async with request.app[UNITS].write() as unit:
            made = await create_programme(unit, actor, new)
            await unit.commit()
    except Invalid as error:
        return await _again(request, error.fields, await raw_fields(request))
    page = "/people" if actor.platform_admin else ""
    return see_other(f"/programmes/{made.id}{page}", "programme_created")


async def _again(
    request: web.Request, errors: dict[str, str], values: dict[str, Any]
) -> web.StreamResponse:
    page = await _form_page(request, refused(request, errors, values))
    return render(request, page, status=422)


async def _form_page(request: web.Request, form: FormState) -> NewProgrammePage:
    async with request.app[UNITS].read() as unit:
        organisations = await people.organisations(unit)
    return NewProgrammePage(
        form=form,
        hubs=tuple((o.id, o.name) for o in organisations if o.kind == "hub"),
        becomes_coordinator=not current_actor(request).platform_admin,
        templates=tuple((t.value, gettext(words.TEMPLATES[t])) for t in Template),
        orders=tuple((value, gettext(label)) for value, label in words.ORDERS),
        zones=zone_names(),
    )
