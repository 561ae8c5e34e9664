"""Pages of series: one series with its sessions, and the form that lays one down."""

import asyncio
from datetime import timedelta
from typing import Any

from aiohttp import web

from server.edge.forms import FieldErrors, raw_fields, read_form
from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import EDGE, UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.kit.errors import Forbidden, Invalid
from server.kit.ids import ProgrammeId, SeriesId
from sessions import queries
from sessions.commands.series import NewSeries, create_series
from sessions.rules import access
from sessions.rules.models import Programme, Template, WeeklyRule
from sessions.rules.recurrence import zone_names
from sessions.web import calendars, ics, lines, words
from sessions.web.asking import id_of, refused
from sessions.web.forms import SeriesForm
from sessions.web.pages import FormState, NewSeriesPage, SeriesPage

_DEFAULT_SESSIONS = 12
"""The usual length of a series (domain.md §1: "e.g. 12 weekly sessions")."""


async def series(request: web.Request) -> web.StreamResponse:
    """GET /series/{id}: the rule in words and every session that stands in the calendar."""
    actor = current_actor(request)
    series_id = SeriesId(id_of(request))
    async with request.app[UNITS].read() as unit:
        found, programme = await queries.visible_series(unit, actor, series_id)
        cards = await queries.sessions_of_series(unit, series_id)
        now = unit.now
    page = SeriesPage(
        title=found.title,
        programme=programme.name,
        programme_href=f"/programmes/{programme.id}",
        rule=words.rule(found.rule),
        ics=f"/series/{found.id}.ics",
        sessions=lines.session_lines(cards, actor, now),
    )
    return render(request, page)


async def series_ics(request: web.Request) -> web.StreamResponse:
    """GET /series/{id}.ics: every session of the series as a calendar file."""
    actor = current_actor(request)
    series_id = SeriesId(id_of(request))
    public_url = request.app[EDGE].public_url
    async with request.app[UNITS].read() as unit:
        found, programme = await queries.visible_series(unit, actor, series_id)
        cards = await queries.sessions_of_series(unit, series_id)
        now = unit.now
    entries = [calendars.entry(card, public_url) for card in cards]
    await note(
        request,
        "calendar.exported",
        subject=found.id,
        programme=programme.id,
        sessions=len(cards),
    )
    name = f"{programme.name}: {found.title}"
    # A long series takes tens of milliseconds to write: not on the loop.
    body = await asyncio.to_thread(ics.write, entries, name=name, stamp=now)
    return calendars.answer(body, f"{programme.code}-series.ics")


async def new_series(request: web.Request) -> web.StreamResponse:
    """GET /programmes/{id}/series/new: the form, filled with the programme's own ways."""
    programme = await _managed(request)
    tomorrow = request.app[UNITS].clock.now() + timedelta(days=1)
    values: dict[str, Any] = {
        "zone": programme.zone,
        "template": programme.template.value,
        "order": "cases" if programme.cases_first else "didactic",
        "weekday": "1",
        "at": "12:00",
        "every_weeks": "1",
        "first": tomorrow.date().isoformat(),
        "ends": "count",
        "count": str(_DEFAULT_SESSIONS),
    }
    return render(request, _form_page(programme, FormState(values=values, errors={})))


async def create(request: web.Request) -> web.StreamResponse:
    """POST /programmes/{id}/series: lay it down, or show the form again with what is wrong."""
    actor = current_actor(request)
    programme = await _managed(request)
    form = await read_form(request, SeriesForm)
    if isinstance(form, FieldErrors):
        return _again(request, programme, form.fields, form.values)
    missing = _missing_end(form)
    if missing:
        return _again(request, programme, missing, await raw_fields(request))
    rule = WeeklyRule(
        zone=form.zone,
        weekday=form.weekday,
        at=form.at,
        first=form.first,
        every_weeks=form.every_weeks,
        count=form.count if form.ends == "count" else None,
        until=form.until if form.ends == "until" else None,
    )
    new = NewSeries(
        programme=programme.id,
        title=form.title,
        rule=rule,
        template=form.template,
        cases_first=form.order == "cases",
    )
    try:
        async with request.app[UNITS].write() as unit:
            made = await create_series(unit, actor, new)
            await unit.commit()
    except Invalid as error:
        return _again(request, programme, error.fields, await raw_fields(request))
    return see_other(f"/series/{made.id}", "series_created")


def _missing_end(form: SeriesForm) -> dict[str, str]:
    if form.ends == "count" and form.count is None:
        return {"count": "series.count_needed"}
    if form.ends == "until" and form.until is None:
        return {"until": "series.until_needed"}
    return {}


async def _managed(request: web.Request) -> Programme:
    actor = current_actor(request)
    programme_id = ProgrammeId(id_of(request))
    async with request.app[UNITS].read() as unit:
        programme = await queries.visible_programme(unit, actor, programme_id)
    if not access.may_manage_series(actor, programme.id):
        raise Forbidden
    return programme


def _again(
    request: web.Request, programme: Programme, errors: dict[str, str], values: dict[str, Any]
) -> web.StreamResponse:
    page = _form_page(programme, refused(request, errors, values))
    return render(request, page, status=422)


def _form_page(programme: Programme, form: FormState) -> NewSeriesPage:
    return NewSeriesPage(
        action=f"/programmes/{programme.id}/series",
        back=f"/programmes/{programme.id}",
        programme=programme.name,
        form=form,
        weekdays=words.weekdays(),
        templates=tuple((t.value, gettext(words.TEMPLATES[t])) for t in Template),
        orders=tuple((value, gettext(label)) for value, label in words.ORDERS),
        zones=zone_names(),
    )
