"""The calendar page, and what goes out into other people's calendars."""

from datetime import date, datetime, time, timedelta

from aiohttp import web

from server.edge.guard import current_actor
from server.edge.i18n import gettext
from server.edge.keys import UNITS
from server.edge.pages import render
from sessions import queries
from sessions.queries import SessionCard
from sessions.rules.models import SessionState
from sessions.rules.recurrence import to_utc
from sessions.web import ics, lines
from sessions.web.pages import CalendarPage

_SHOWN = timedelta(weeks=6)
_EARLIEST, _LATEST = date(2000, 1, 3), date(2199, 1, 7)


async def calendar(request: web.Request) -> web.StreamResponse:
    """GET /calendar[?from=2026-11-23]: six weeks of sessions, from a Monday where the reader is."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        this_monday = lines.monday_of(unit.now, actor.zone)
        monday = _from(request.query.get("from", ""), this_monday)
        start = to_utc(actor.zone, datetime.combine(monday, time()))
        end = to_utc(actor.zone, datetime.combine(monday + _SHOWN, time()))
        cards = await queries.calendar(unit, actor, start, end)
        now = unit.now
    page = CalendarPage(
        weeks=lines.weeks(cards, actor, now),
        earlier=f"/calendar?from={monday - _SHOWN}",
        later=f"/calendar?from={monday + _SHOWN}",
        today=None if monday == this_monday else "/calendar",
        zone=actor.zone.replace("_", " "),
    )
    return render(request, page)


def _from(typed: str, otherwise: date) -> date:
    """Return the Monday of a date in the address; what is no date there means this week."""
    try:
        wanted = date.fromisoformat(typed)
    except ValueError:
        return otherwise
    if not _EARLIEST <= wanted <= _LATEST:
        return otherwise
    return wanted - timedelta(days=wanted.weekday())


def entry(card: SessionCard, public_url: str) -> ics.Entry:
    """Return a session as a calendar entry: programme, topic, times, address; nothing of a case."""
    session = card.session
    return ics.Entry(
        uid=ics.uid_of(session.id),
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        zone=session.zone,
        summary=f"{card.programme.name}: {lines.title_of(card)}",
        description=gettext("Join from the session's page: sign in, then choose Join."),
        url=f"{public_url}/sessions/{session.id}",
        sequence=session.version - 1,
        cancelled=session.state is SessionState.CANCELLED,
    )


def answer(body: bytes, filename: str) -> web.Response:
    """Return a calendar file as a download."""
    return web.Response(
        body=body,
        content_type="text/calendar",
        charset="utf-8",
        headers={"Content-Disposition": f'attachment; filename="{filename}"'},
    )
