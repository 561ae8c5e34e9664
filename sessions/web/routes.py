"""The table of URLs of programmes, series and sessions; the live room has its own."""

from aiohttp import web

from server.edge.guard import SIGNED_IN, needs, public
from server.edge.routing import Routes
from server.kit.actor import Permission
from sessions.web import calendars, home, programmes, series, sessions

_READ = needs(Permission.SCHEDULE_READ)
_MANAGE = needs(Permission.SCHEDULE_MANAGE)
_SERIES = needs(Permission.PROGRAMME_MANAGE)
_RUN = needs(Permission.SESSION_RUN)
_WRAP = needs(Permission.RECOMMENDATION_DRAFT)
_FOUND = needs(Permission.PROGRAMME_CREATE)


def setup(app: web.Application) -> None:
    """Mount this feature's pages."""
    routes = Routes()
    routes.get("/", home.home, public("the front page says what this is before one signs in"))
    routes.get("/calendar", calendars.calendar, SIGNED_IN)
    routes.get("/programmes", programmes.programmes, SIGNED_IN)
    routes.get("/programmes/new", programmes.new_programme, _FOUND)
    routes.post("/programmes", programmes.create, _FOUND)
    routes.get("/programmes/{id}", programmes.programme, _READ)
    routes.get("/programmes/{id}/series/new", series.new_series, _SERIES)
    routes.post("/programmes/{id}/series", series.create, _SERIES)
    # The calendar files come first: `{id}` alone would take the dot along.
    routes.get("/series/{id}.ics", series.series_ics, _READ)
    routes.get("/series/{id}", series.series, _READ)
    routes.get("/sessions/{id}.ics", sessions.session_ics, _READ)
    routes.get("/sessions/{id}", sessions.session, _READ)
    routes.post("/sessions/{id}/open", sessions.open_room, _RUN)
    routes.post("/sessions/{id}/cancel", sessions.cancel, _MANAGE)
    routes.post("/sessions/{id}/wrap", sessions.wrap, _WRAP)
    routes.post("/sessions/{id}/agenda", sessions.add_item, _MANAGE)
    routes.post("/sessions/{id}/agenda/{item}/remove", sessions.remove_item, _MANAGE)
    routes.post("/sessions/{id}/agenda/{item}/move", sessions.move_item, _MANAGE)
    routes.post("/sessions/{id}/agenda/{item}/topic", sessions.set_topic, _MANAGE)
    routes.mount(app)
