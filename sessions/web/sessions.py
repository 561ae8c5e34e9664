"""Pages and buttons of one session."""

from datetime import datetime

from aiohttp import web

from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import EDGE, UNITS
from server.edge.noting import note
from server.edge.pages import render, see_other
from server.edge.times import clock, describe, zone_abbreviation
from server.kit.actor import Actor
from server.kit.ids import AgendaItemId, SessionId
from server.people import api as people
from server.store.unit import Unit
from sessions import queries
from sessions.commands import agenda as agenda_commands
from sessions.commands import running, wrapping
from sessions.queries import SessionCard
from sessions.rules import access, agenda, lifecycle, roster
from sessions.rules.models import ItemKind, SessionState
from sessions.web import calendars, ics, lines, words
from sessions.web.asking import id_of, read
from sessions.web.forms import ItemForm, MoveForm, NoFields, TopicForm
from sessions.web.pages import SeriesLine, SessionPage, WrapState

_OVER = frozenset({SessionState.ENDED, SessionState.WRAPPED, SessionState.ARCHIVED})


async def session(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}: when, what, who presents, and the way in."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        card = await queries.visible_session(unit, actor, SessionId(id_of(request)))
        page = await _page(unit, actor, card, request.app[EDGE].public_url)
    return render(request, page)


async def _page(unit: Unit, actor: Actor, card: SessionCard, public_url: str) -> SessionPage:
    found, now = card.session, unit.now
    sees_agenda = access.may_see_agenda(actor, found.programme)
    manages = access.may_manage_schedule(actor, found.programme)
    facilitates = access.may_facilitate(actor, found.programme)
    enters = access.may_enter(actor, found.programme)
    before = found.state in {SessionState.PLANNED, SessionState.OPEN}
    takes_cases = lifecycle.takes_cases(found, now)
    sheet = await queries.attendance_sheet(unit, found)
    sees_roster = access.may_see_roster(actor, found.programme)
    presenters = {i.presenter for i in found.agenda if i.presenter} if sees_agenda else set()
    attended = {a.person for a in sheet} if sees_roster else set()
    cards = await people.cards(unit, presenters | attended)
    entry = calendars.entry(card, public_url)
    opens = found.starts_at - lifecycle.GREEN_ROOM
    line = lines.session_line(card, actor, now)
    return SessionPage(
        line=line,
        programme_href=f"/programmes/{found.programme}",
        series=_series_line(card),
        ends=f"{clock(found.ends_at, found.zone)} {zone_abbreviation(found.ends_at, found.zone)}",
        zone=found.zone.replace("_", " "),
        viewer_differs=bool(line.when.viewer),
        room_opens=(
            describe(opens, found.zone, actor.zone, now)
            if enters and found.state is SessionState.PLANNED and now < opens
            else None
        ),
        agenda=lines.agenda_lines(card, actor, cards, now) if sees_agenda else None,
        topics=tuple(i.label for i in found.agenda if i.kind is ItemKind.DIDACTIC and i.label),
        present=_present(card, actor) if takes_cases else None,
        ics=f"/sessions/{found.id}.ics",
        google=ics.google_link(entry),
        outlook=ics.outlook_link(entry),
        story=words.story(found, now),
        wrap=_wrap_state(card, actor, now),
        may_open=facilitates and found.state is SessionState.PLANNED and now < found.ends_at,
        may_cancel=manages and before,
        may_edit=manages and takes_cases,
        spare=agenda.spare_minutes(found),
        kinds=tuple((k.value, gettext(words.ITEMS[k])) for k in ItemKind),
        attendance=(
            lines.attendance_lines(sheet, cards) if sees_roster and found.started_at else None
        ),
        own_minutes=_own_minutes(sheet, actor) if found.state in _OVER else None,
    )


def _series_line(card: SessionCard) -> SeriesLine | None:
    if card.session.series is None:
        return None
    return SeriesLine(f"/series/{card.session.series}", card.series_title, "")


def _present(card: SessionCard, actor: Actor) -> str | None:
    if not any(i.is_free_slot for i in card.session.agenda):
        return None
    return lines.present_href(card.programme, actor)


def _wrap_state(card: SessionCard, actor: Actor, now: datetime) -> WrapState | None:
    found = card.session
    final = lifecycle.attendance_final_at(found)
    if found.state is not SessionState.ENDED or final is None:
        return None
    if not access.may_wrap(actor, found.programme):
        return None
    letters = sum(item.presented_at is not None for item in found.agenda)
    return WrapState(
        letters=letters,
        signed=letters - len(lifecycle.letters_open(found)),
        final=describe(final, found.zone, actor.zone, now),
    )


def _own_minutes(sheet: tuple[roster.Attendance, ...], actor: Actor) -> int | None:
    return next((a.minutes for a in sheet if a.person == actor.person), None)


async def session_ics(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}.ics: this session as a calendar file."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        card = await queries.visible_session(unit, actor, SessionId(id_of(request)))
        now = unit.now
    await note(
        request,
        "calendar.exported",
        subject=card.session.id,
        programme=card.session.programme,
        sessions=1,
    )
    entry = calendars.entry(card, request.app[EDGE].public_url)
    body = ics.write([entry], name=card.programme.name, stamp=now)
    day = lines.local_date(card)
    return calendars.answer(body, f"{card.programme.code}-{day}.ics")


async def open_room(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/open: open the green room, then look at the session again."""
    actor = current_actor(request)
    session_id = SessionId(id_of(request))
    await read(request, NoFields)
    async with request.app[UNITS].write() as unit:
        await running.open_session(unit, actor, session_id)
        await unit.commit()
    return see_other(f"/sessions/{session_id}", "session_opened")


async def cancel(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/cancel: it will not take place."""
    actor = current_actor(request)
    session_id = SessionId(id_of(request))
    await read(request, NoFields)
    async with request.app[UNITS].write() as unit:
        await running.cancel_session(unit, actor, session_id)
        await unit.commit()
    return see_other(f"/sessions/{session_id}", "session_cancelled")


async def wrap(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/wrap: every letter is signed, attendance is final from now."""
    actor = current_actor(request)
    session_id = SessionId(id_of(request))
    await read(request, NoFields)
    async with request.app[UNITS].write() as unit:
        await wrapping.wrap_session(unit, actor, session_id)
        await unit.commit()
    return see_other(f"/sessions/{session_id}", "session_wrapped")


async def add_item(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/agenda: insert an item."""
    actor = current_actor(request)
    session_id = SessionId(id_of(request))
    form = await read(request, ItemForm)
    async with request.app[UNITS].write() as unit:
        await agenda_commands.add_item(
            unit,
            actor,
            session_id,
            kind=form.kind,
            minutes=form.minutes,
            position=form.position,
        )
        await unit.commit()
    return _agenda_saved(session_id)


async def remove_item(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/agenda/{item}/remove: take an item out."""
    actor = current_actor(request)
    session_id, item_id = SessionId(id_of(request)), AgendaItemId(id_of(request, "item"))
    await read(request, NoFields)
    async with request.app[UNITS].write() as unit:
        await agenda_commands.remove_item(unit, actor, session_id, item_id)
        await unit.commit()
    return _agenda_saved(session_id)


async def move_item(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/agenda/{item}/move: put an item somewhere else."""
    actor = current_actor(request)
    session_id, item_id = SessionId(id_of(request)), AgendaItemId(id_of(request, "item"))
    form = await read(request, MoveForm)
    async with request.app[UNITS].write() as unit:
        await agenda_commands.move_item(unit, actor, session_id, item_id, form.position)
        await unit.commit()
    return _agenda_saved(session_id)


async def set_topic(request: web.Request) -> web.StreamResponse:
    """POST /sessions/{id}/agenda/{item}/topic: say what a didactic is about."""
    actor = current_actor(request)
    session_id, item_id = SessionId(id_of(request)), AgendaItemId(id_of(request, "item"))
    form = await read(request, TopicForm)
    async with request.app[UNITS].write() as unit:
        await agenda_commands.set_topic(unit, actor, session_id, item_id, topic=form.topic)
        await unit.commit()
    return _agenda_saved(session_id)


def _agenda_saved(session_id: SessionId) -> web.Response:
    return see_other(f"/sessions/{session_id}#agenda", "agenda_saved")
