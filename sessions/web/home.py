"""The front page: what the house is, or what comes next for the person who is signed in."""

from collections.abc import Sequence
from datetime import timedelta

from aiohttp import web

from server.edge.guard import maybe_actor
from server.edge.keys import UNITS
from server.edge.pages import render
from server.edge.todo import NEEDS_YOU
from server.kit.actor import Actor
from sessions import queries
from sessions.queries import SessionCard
from sessions.rules import access
from sessions.rules.models import Programme
from sessions.web import lines
from sessions.web.pages import Home, Landing

_SOON = timedelta(days=15)


async def home(request: web.Request) -> web.StreamResponse:
    """GET /: the landing page, or the next session, the programmes, what to do."""
    actor = maybe_actor(request)
    if actor is None:
        return render(request, Landing())
    async with request.app[UNITS].read() as unit:
        following = await queries.next_session(unit, actor, unit.now)
        soon = await queries.calendar(unit, actor, unit.now, unit.now + _SOON)
        programmes = await queries.visible_programmes(unit, actor)
        todo = await request.app[NEEDS_YOU](unit, actor)
        now = unit.now
    others = [c for c in soon if following is None or c.session.id != following.session.id]
    page = Home(
        name=actor.name,
        todo=todo,
        present=_present(following, programmes, actor),
        next=lines.session_line(following, actor, now) if following else None,
        upcoming=lines.session_lines(others, actor, now),
        programmes=tuple(lines.programme_line(p, actor) for p in programmes),
        may_create=access.may_create_programme(actor),
    )
    return render(request, page)


def _present(
    following: SessionCard | None, programmes: Sequence[Programme], actor: Actor
) -> str | None:
    first = [following.programme] if following else []
    addresses = (lines.present_href(p, actor) for p in (*first, *programmes))
    return next((address for address in addresses if address), None)
