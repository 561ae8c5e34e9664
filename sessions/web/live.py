"""The live page, the way in, and the putting together of room, socket and media plane."""

from dataclasses import dataclass
from typing import Any

from aiohttp import web

from server.edge.guard import AUTHENTICATOR, current_actor, needs
from server.edge.keys import CLOCK, EDGE, UNITS
from server.edge.pages import render
from server.edge.routing import Routes
from server.edge.sockets import make_socket_server, mount
from server.edge.times import describe
from server.edge.turn import Turn
from server.jobs.periodic import Periodic
from server.jobs.supervisor import Supervisor
from server.kit.actor import Actor, Permission
from server.kit.errors import Conflict, Forbidden
from server.kit.events import Event
from server.kit.ids import ProgrammeId, SeatId, SessionId, new_id
from server.people import api as people
from server.store.unit import Unit, Units
from sessions import queries
from sessions.events import SessionCancelled, SessionEnded
from sessions.live import tickets
from sessions.live.conductor import Conductor
from sessions.live.directory import Rooms
from sessions.live.listener import Listener
from sessions.live.messages import NOTE_LENGTH, Card, Duty
from sessions.live.view import Audience
from sessions.media.plane import MediaPlane
from sessions.queries import SessionCard
from sessions.rules import access, lifecycle
from sessions.rules.captures import LINE_MAX
from sessions.rules.models import SessionState
from sessions.web import lines, live_words
from sessions.web.asking import id_of
from sessions.web.pages import LiveAgenda, LiveRoom
from sessions.web.sockets import BEAT, RELOAD, LiveNamespace

CLOCK_SECONDS = 10.0
"""How often rooms are asked what time alone demands; the shortest such time is two minutes."""


@dataclass(frozen=True, slots=True)
class Live:
    """Everything of the live room that lives as long as the application."""

    rooms: Rooms
    namespace: LiveNamespace
    listener: Listener
    server: Any
    supervisor: Supervisor
    units: Units
    turn: Turn | None

    def start(self) -> None:
        """Begin to listen to the media plane and to watch hearts and clocks."""
        self.supervisor.once("recover rooms", self.recover)
        self.supervisor.spawn("media listener", self.listener.run)
        for job in (
            Periodic("live heartbeat", BEAT, self.namespace.beat),
            Periodic("live clock", CLOCK_SECONDS, self.rooms.tick),
        ):
            self.supervisor.spawn(job.name, job.run)

    async def recover(self) -> None:
        """Read the rooms that were live when the process ended; time may have to end them."""
        async with self.units.read() as unit:
            live = await queries.live_sessions(unit)
        for session in live:
            await self.rooms.recover(session)

    async def on_session_over(self, _unit: Unit, event: SessionEnded | SessionCancelled) -> None:
        """Handle SessionEnded and SessionCancelled: nobody meets there any more.

        Outside the event's own transaction: the room writes to its log.
        """
        self.supervisor.once("close room", lambda: self.rooms.close(event.session_id))

    async def on_roles_changed(self, _unit: Unit, _event: Event) -> None:
        """Handle RolesChanged: look at every socket's sign-in and roles again, now."""
        self.supervisor.once("review sockets", self.namespace.beat)

    async def redraw_sheet(self, session: SessionId) -> None:
        """Have every screen of a session fetch the sheet it shows again: its text may be gone.

        Outside the event's own transaction: it speaks to the network.
        """

        async def tell() -> None:
            for audience in Audience:
                await self.namespace.announce(session, audience, "room:sheet", {})

        self.supervisor.once("redraw sheet", tell)


LIVE: web.AppKey[Live] = web.AppKey("live", Live)


def setup(
    app: web.Application,
    *,
    plane: MediaPlane,
    supervisor: Supervisor,
    reload_seconds: float = RELOAD,
    turn: Turn | None = None,
) -> Live:
    """Mount page, way in and socket; `Live.start` must be called when the application starts."""
    conductor = Conductor(plane)
    rooms = Rooms(app[UNITS], app[CLOCK], supervisor, conductor)
    server = make_socket_server()
    namespace = LiveNamespace(
        app[UNITS],
        app[AUTHENTICATOR],
        app[CLOCK],
        app[EDGE],
        rooms=rooms,
        supervisor=supervisor,
        reload_seconds=reload_seconds,
        turn=turn,
    )
    conductor.sockets = namespace
    server.register_namespace(namespace)
    mount(server, app)
    routes = Routes()
    join = needs(Permission.SESSION_JOIN)
    routes.get("/sessions/{id}/live", live_page, join)
    routes.get("/sessions/{id}/live/ticket", ticket, join)
    routes.get("/sessions/{id}/live/lobby", lobby, join)
    routes.mount(app)
    app[LIVE] = Live(
        rooms, namespace, Listener(plane, rooms, namespace), server, supervisor, app[UNITS], turn
    )
    return app[LIVE]


async def _enterable(unit: Unit, actor: Actor, request: web.Request) -> SessionCard:
    card = await queries.visible_session(unit, actor, SessionId(id_of(request)))
    if not access.may_enter(actor, card.programme.id):
        raise Forbidden
    return card


async def live_page(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/live: devices, who is here, and the room itself once one has joined."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        card = await _enterable(unit, actor, request)
        page = await _page(unit, actor, card, relayed=request.app[LIVE].turn is not None)
    return render(request, page)


async def _page(unit: Unit, actor: Actor, card: SessionCard, *, relayed: bool) -> LiveRoom:
    session, now = card.session, unit.now
    opens = session.starts_at - lifecycle.GREEN_ROOM
    duties = tickets.duties_of(actor, card.programme.id)
    sees = access.may_see_agenda(actor, session.programme)
    return LiveRoom(
        programme=card.programme.name,
        href=f"/sessions/{session.id}",
        when=describe(session.starts_at, session.zone, actor.zone, now),
        room_opens=(
            describe(opens, session.zone, actor.zone, now)
            if session.state is SessionState.PLANNED and now < opens
            else None
        ),
        joinable=access.may_join(actor, session, now),
        over=lifecycle.is_over(session, now),
        cancelled=session.state is SessionState.CANCELLED
        and not lifecycle.was_not_held(session, now),
        speaks=Duty.SPEAK in duties,
        runs=Duty.RUN in duties,
        captures=Duty.CAPTURE in duties,
        relayed=relayed,
        areas=live_words.areas(),
        note_max=NOTE_LENGTH,
        line_max=LINE_MAX,
        agenda=tuple(
            LiveAgenda(line.clinic, line.label, line.detail)
            for line in lines.agenda_lines(card, actor, {}, now)
        )
        if sees
        else (),
        boot={
            "session": session.id,
            "person": actor.person,
            "name": actor.name,
            "startsAt": round(session.starts_at.timestamp() * 1000),
            "words": live_words.words(),
        },
    )


async def ticket(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/live/ticket: 60 seconds to take a seat (JSON); never cached."""
    actor = current_actor(request)
    app = request.app
    async with app[UNITS].read() as unit:
        card = await _enterable(unit, actor, request)
        if not access.may_join(actor, card.session, unit.now):
            raise Conflict("session.not_joinable")
        found = await people.card(unit, actor.person)
    now = app[CLOCK].now()
    text = tickets.sign(
        app[EDGE].secret,
        tickets.Ticket(
            session=card.session.id,
            programme=card.programme.id,
            seat=SeatId(new_id(now)),
            card=room_card(actor, card.programme.id, found),
            issued_at=now,
        ),
    )
    return web.json_response({"ticket": text})


def room_card(actor: Actor, programme: ProgrammeId, card: people.PersonCard | None) -> Card:
    """Return how the person is shown in the room, and what the person may do there."""
    return Card(
        person=actor.person,
        name=card.label if card is not None else actor.name,
        site=card.organisation_name if card is not None else "",
        lane=actor.lane_in(programme),
        duties=tickets.duties_of(actor, programme),
    )


async def lobby(request: web.Request) -> web.StreamResponse:
    """GET /sessions/{id}/live/lobby: who is here, and whether one can come in (JSON)."""
    actor = current_actor(request)
    async with request.app[UNITS].read() as unit:
        card = await _enterable(unit, actor, request)
        joinable = access.may_join(actor, card.session, unit.now)
    room = request.app[LIVE].rooms.peek(card.session.id)
    here = room.present().values() if room is not None and joinable else ()
    return web.json_response(
        {
            "state": card.session.state.value,
            "joinable": joinable,
            "here": [
                {"name": p.card.name, "site": p.card.site, "lane": p.card.lane.value} for p in here
            ],
        }
    )
