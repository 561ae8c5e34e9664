"""The live room's socket: parse, post, acknowledge. No decisions (they are in sessions.live.room).

Docs: live-protocol.md. A socket sits in exactly one server-computed room, its audience's; nothing
is ever sent to a room whose name a browser could choose (security.md 21).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, StringConstraints

from server.deid.models import Held, ScreenedText
from server.deid.verdict import screen_line
from server.edge.forms import LARGEST_INT
from server.edge.guard import Authenticator, Policy, needs
from server.edge.keys import EdgeSettings
from server.edge.sockets import Nothing, P, Payload, Peer, RoomNamespace, SocketEvent
from server.edge.turn import Turn
from server.jobs.supervisor import Supervisor
from server.kit.actor import Permission
from server.kit.clock import Clock
from server.kit.errors import Conflict, Forbidden, SignInNeeded, TooMany
from server.kit.ids import (
    ID_LENGTH,
    AgendaItemId,
    CaptureId,
    PersonId,
    SeatId,
    SessionId,
    is_id,
    new_id,
)
from server.kit.text import clean_line
from server.store.unit import Units
from sessions.live import messages as m
from sessions.live import tickets
from sessions.live.directory import Rooms
from sessions.live.tickets import BadTicket, Ticket
from sessions.live.view import Audience
from sessions.media.plane import Sdp, SeatKey
from sessions.rules import access
from sessions.rules.captures import LINE_MAX
from sessions.rules.models import ProblemArea

BEAT = 4.0
"""Seconds between two heartbeats …"""
SILENCE = 11.0
"""… and the silence after which a seat is empty: three beats, under 15 s (security.md 62)."""
RELOAD = 3.0
"""Seconds a closed page has to come back before its seat is given up."""

CONNECTIONS = 8
"""New media connections (up and down counted apart) a socket may ask for …"""
CONNECTIONS_S = 20.0
"""… in so many seconds: each costs the server a key and some 30 ms; `peer.js` asks for 6 or 7."""

_JOIN = needs(Permission.SESSION_JOIN)
_RUN = needs(Permission.SESSION_RUN)
_CAPTURE = needs(Permission.RECOMMENDATION_CAPTURE)


def _an_id(text: str) -> str:
    if not is_id(text):
        msg = "not an id"
        raise ValueError(msg)
    return text


Id = Annotated[str, StringConstraints(max_length=ID_LENGTH), AfterValidator(_an_id)]
Number = Annotated[int, Field(ge=-LARGEST_INT, le=LARGEST_INT)]
Key = Annotated[str, StringConstraints(max_length=80)]
SdpText = Annotated[str, StringConstraints(min_length=1, max_length=60_000)]


class Seen(Payload):
    """A phase move; `seen` is the key of the phase the person looked at."""

    seen: Key


class More(Payload):
    """Minutes to add to the phase that was seen."""

    seen: Key
    minutes: Literal[1, 2]


class Raise(Payload):
    """A hand with its intent and a short note."""

    intent: m.Intent
    note: Annotated[str, StringConstraints(max_length=m.NOTE_LENGTH)] = ""


class Somebody(Payload):
    """One person of the room."""

    person: Id


class Place(Payload):
    """A hand and the place it goes to, from 0."""

    person: Id
    place: Annotated[Number, AfterValidator(lambda n: max(-1, min(n, 1000)))]


class NewLine(Payload):
    """A recommendation as the scribe enters it; `line` is an id the browser made."""

    line: Id
    speaker: Id
    area: ProblemArea
    text: Annotated[str, StringConstraints(min_length=1, max_length=LINE_MAX)]
    item: Id | None = None


class Reacted(Payload):
    """The presenter's word on one line."""

    line: Id
    reaction: m.Reaction


class Pressed(Payload):
    """Which safety button was pressed."""

    what: m.AlertKind


class AlertDone(Payload):
    """An alert that was dealt with."""

    alert: Id


class Devices(Payload):
    """What the browser sends, and whether it wants pictures."""

    microphone: bool
    camera: bool
    share: bool
    pictures: bool


class Offer(Payload):
    """A session description of the browser's up connection."""

    sdp: SdpText


class Answer(Payload):
    """The browser's answer for its down connection."""

    sdp: SdpText
    generation: Number | None = None


class LiveNamespace(RoomNamespace):
    """The socket of the live room; implements sessions.live.conductor.Sockets."""

    path: ClassVar[str] = "/live"

    def __init__(
        self,
        units: Units,
        authenticator: Authenticator,
        clock: Clock,
        edge: EdgeSettings,
        *,
        rooms: Rooms,
        supervisor: Supervisor,
        reload_seconds: float = RELOAD,
        turn: Turn | None = None,
    ) -> None:
        super().__init__(units, authenticator, clock, edge)
        self._rooms = rooms
        self._supervisor = supervisor
        self._reload = reload_seconds
        self._turn = turn
        self._tickets: dict[str, Ticket] = {}
        """Socket → the ticket it came in with."""
        self._seats: dict[SeatId, str] = {}
        """Seat → its socket, once it has joined."""
        self._made: dict[tuple[str, str], deque[float]] = {}
        """Socket and way → when its last media connections were asked for."""

    def table(self) -> tuple[SocketEvent[Any], ...]:
        """Return every event of the live room."""
        return (
            _event("room:join", Nothing, _JOIN, self._join, "Take the ticket's seat."),
            _event("room:leave", Nothing, _JOIN, self._leave, "Leave for good."),
            _event("room:beat", Nothing, _JOIN, self._beat, "Answer a heartbeat."),
            _event("room:refetch", Nothing, _JOIN, self._refetch, "Ask for a fresh snapshot."),
            _event("rules:accept", Nothing, _JOIN, self._accept, "Accept the rules card."),
            _event("phase:start", Nothing, _RUN, self._start, "Start the session."),
            _event("phase:next", Seen, _RUN, self._next, "Go to the next phase."),
            _event("phase:back", Seen, _RUN, self._back, "Go to the phase before."),
            _event("phase:extend", More, _RUN, self._extend, "Add one or two minutes."),
            _event("session:end", Nothing, _RUN, self._end, "End the session."),
            _event("hand:raise", Raise, _JOIN, self._raise, "Put one's hand up or change it."),
            _event("hand:lower", Somebody, _JOIN, self._lower, "Take a hand down."),
            _event("hand:move", Place, _RUN, self._move, "Reorder a lane."),
            _event("floor:give", Somebody, _RUN, self._give, "Let a person speak."),
            _event(
                "floor:take", Nothing, _JOIN, self._take, "End a turn, one's own or another's."
            ),
            _event("hub:unlock", Nothing, _RUN, self._unlock, "Let the hub in early."),
            _event("line:capture", NewLine, _CAPTURE, self._capture, "Capture a recommendation."),
            _event("line:react", Reacted, _JOIN, self._react, "The presenter's word on a line."),
            _event("alert:raise", Pressed, _JOIN, self._alert, "Press a safety button."),
            _event("alert:close", AlertDone, _RUN, self._close_alert, "Put an alert away."),
            _event("media:state", Devices, _JOIN, self._devices, "Say what is sent and wanted."),
            _event("media:ready", Nothing, _JOIN, self._ready, "Ask for pictures and sound."),
            _event("media:renew", Nothing, _JOIN, self._ready, "Ask for a fresh down connection."),
            _event("media:relays", Nothing, _JOIN, self._relays, "Ask for a way by the relay."),
            _event("media:publish", Offer, _JOIN, self._publish, "Offer the up connection."),
            _event("media:answer", Answer, _JOIN, self._answer, "Answer the down connection."),
        )

    # -- the door --------------------------------------------------------------------------------

    async def entered(self, peer: Peer, auth: Mapping[str, Any]) -> None:
        """Read the ticket; it must be fresh, ours, and of the person who is signed in."""
        text = auth.get("ticket")
        if not isinstance(text, str):
            raise BadTicket
        ticket = tickets.read(self._edge.secret, text, self.clock.now())
        taken = any(other.seat == ticket.seat for other in self._tickets.values())
        if ticket.card.person != peer.person or taken:
            raise BadTicket
        if not access.may_enter(peer.actor, ticket.programme):
            raise Forbidden
        peer.programme = ticket.programme
        self._tickets[peer.sid] = ticket

    async def left(self, peer: Peer, reason: str) -> None:
        """Empty the seat: at once when it was meant, after a moment when the page just went."""
        for way in ("up", "down"):
            self._made.pop((peer.sid, way), None)
        ticket = self._tickets.pop(peer.sid, None)
        if ticket is None or self._seats.get(ticket.seat) != peer.sid:
            return
        del self._seats[ticket.seat]
        wait = self._reload if reason in ("transport close", "transport error") else 0.0

        async def give_up() -> None:
            if wait:
                await asyncio.sleep(wait)
            await self._rooms.post(ticket.session, _leave_of(ticket), None)

        self._supervisor.once(f"leave {ticket.seat}", give_up)

    async def beat(self) -> None:
        """Do one heartbeat: cut who was silent or may not be here any more, ask the others."""
        await self.review(SILENCE)
        for peer in list(self.peers.values()):
            ticket = self._tickets.get(peer.sid)
            if ticket is not None and not access.may_enter(peer.actor, ticket.programme):
                await self._rooms.post(ticket.session, m.Remove(peer.person), None)
                await self.cut(peer.sid)
        await self.emit("room:beat", {"now": self._now_ms()})

    async def cut_person(self, person: PersonId) -> None:
        """Cut a person out at once: disabled, signed out, role taken away."""
        await self._rooms.remove(person)
        for peer in list(self.peers.values()):
            if peer.person == person:
                await self.cut(peer.sid)

    # -- for the conductor (sessions.live.conductor.Sockets) -------------------------------------

    async def admit(self, session: SessionId, seat: SeatId, audience: Audience) -> None:
        """Put the seat's socket into its audience's room and out of every other."""
        sid = self._seats.get(seat)
        if sid is None or sid not in self.peers:
            return
        wanted = _room_name(session, audience)
        for name in self.server.rooms(sid, namespace=self.path):
            if name not in (sid, wanted):
                await self.leave_room(sid, name)
        await self.enter_room(sid, wanted)

    async def dismiss(self, seat: SeatId, why: str) -> None:
        """Take the socket out of the room at once, say why, close it."""
        sid = self._seats.pop(seat, None)
        if sid is None or sid not in self.peers:
            return
        for name in self.server.rooms(sid, namespace=self.path):
            if name != sid:
                await self.leave_room(sid, name)
        self._tickets.pop(sid, None)
        await self.emit("room:dismissed", {"why": why}, to=sid)
        self._supervisor.once(f"cut {seat}", lambda: self.cut(sid))

    async def tell(self, seat: SeatId, event: str, data: Mapping[str, Any]) -> None:
        """Send to one seat."""
        sid = self._seats.get(seat)
        if sid is not None and sid in self.peers:
            await self.emit(event, self._stamped(event, data), to=sid)

    async def announce(
        self, session: SessionId, audience: Audience, event: str, data: Mapping[str, Any]
    ) -> None:
        """Send to one audience of one session."""
        await self.emit(event, self._stamped(event, data), room=_room_name(session, audience))

    def _stamped(self, event: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Add the server's time to what carries state: browsers derive every timer from it."""
        stamp = {"now": self._now_ms()} if event in ("room:snapshot", "room:patch") else {}
        return {**data, **stamp}

    def _now_ms(self) -> int:
        return round(self.clock.now().timestamp() * 1000)

    # -- events ----------------------------------------------------------------------------------

    def _ticket(self, peer: Peer) -> Ticket:
        ticket = self._tickets.get(peer.sid)
        if ticket is None:
            raise SignInNeeded("room.dismissed")
        return ticket

    async def _post(self, peer: Peer, command: m.Command) -> None:
        await self._rooms.post(self._ticket(peer).session, command, peer.actor)

    async def _join(self, peer: Peer, _: Nothing) -> dict[str, Any]:
        ticket = self._ticket(peer)
        self._seats[ticket.seat] = peer.sid
        try:
            await self._post(peer, m.Join(ticket.card, ticket.seat))
        except BaseException:
            self._seats.pop(ticket.seat, None)
            raise
        return self._pass(ticket.seat)

    async def _leave(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, _leave_of(self._ticket(peer)))

    async def _beat(self, peer: Peer, _: Nothing) -> None:
        """Nothing to do: any event is a sign of life."""

    async def _refetch(self, peer: Peer, _: Nothing) -> None:
        await self._rooms.show(self._ticket(peer).session, peer.person)

    async def _accept(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, m.Acknowledge(peer.person))

    async def _start(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, m.Start(peer.person))

    async def _next(self, peer: Peer, seen: Seen) -> None:
        await self._post(peer, m.Next(peer.person, seen.seen))

    async def _back(self, peer: Peer, seen: Seen) -> None:
        await self._post(peer, m.Back(peer.person, seen.seen))

    async def _extend(self, peer: Peer, more: More) -> None:
        await self._post(peer, m.Extend(peer.person, more.seen, more.minutes))

    async def _end(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, m.End(peer.person))

    async def _raise(self, peer: Peer, hand: Raise) -> dict[str, Any] | None:
        note = clean_line(hand.note)
        screened = self._screen(note) if note else None
        if isinstance(screened, Held):
            return await self._held(peer, "hand.held", screened)
        await self._post(peer, m.RaiseHand(peer.person, hand.intent, screened))
        return None

    async def _lower(self, peer: Peer, whose: Somebody) -> None:
        await self._post(peer, m.LowerHand(peer.person, PersonId(whose.person)))

    async def _move(self, peer: Peer, place: Place) -> None:
        await self._post(peer, m.MoveHand(peer.person, PersonId(place.person), place.place))

    async def _give(self, peer: Peer, to: Somebody) -> None:
        await self._post(peer, m.GiveFloor(peer.person, PersonId(to.person)))

    async def _take(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, m.TakeFloor(peer.person))

    async def _unlock(self, peer: Peer, _: Nothing) -> None:
        await self._post(peer, m.UnlockHub(peer.person))

    async def _capture(self, peer: Peer, new: NewLine) -> dict[str, Any] | None:
        screened = self._screen(clean_line(new.text))
        if isinstance(screened, Held):
            return await self._held(peer, "capture.held", screened)
        await self._post(
            peer,
            m.CaptureLine(
                by=peer.person,
                line=CaptureId(new.line),
                speaker=PersonId(new.speaker),
                area=new.area,
                text=screened,
                item=AgendaItemId(new.item) if new.item is not None else None,
            ),
        )
        return None

    async def _react(self, peer: Peer, word: Reacted) -> None:
        await self._post(peer, m.React(peer.person, CaptureId(word.line), word.reaction))

    async def _alert(self, peer: Peer, pressed: Pressed) -> None:
        alert = new_id(self.clock.now())
        await self._post(peer, m.RaiseAlert(peer.person, alert, pressed.what))

    async def _close_alert(self, peer: Peer, done: AlertDone) -> None:
        await self._post(peer, m.CloseAlert(peer.person, done.alert))

    # -- what is typed ---------------------------------------------------------------------------

    def _screen(self, text: str) -> ScreenedText | Held:
        return screen_line(text, today=self.clock.now().date())

    async def _held(self, peer: Peer, action: str, held: Held) -> dict[str, Any]:
        """Say where the text looks like an identifier; only counts are kept (domain.md §4.5)."""
        async with self._units.write() as unit:
            unit.record(
                action,
                actor=peer.person,
                subject=self._ticket(peer).session,
                programme=peer.programme,
                **held.counts(),
            )
            await unit.commit()
        return {
            "ok": False,
            "error": {"code": "room.held", "message": ""},
            "findings": [
                {
                    "start": finding.start,
                    "end": finding.end,
                    "category": finding.category.value,
                    "suggestion": finding.suggestion,
                }
                for finding in held.findings["text"]
            ],
        }

    # -- media -----------------------------------------------------------------------------------

    def _seated(self, peer: Peer) -> SeatKey:
        """Return the peer's media seat; the room must have admitted it (security.md 22)."""
        ticket = self._ticket(peer)
        room = self._rooms.peek(ticket.session)
        if room is None or room.holder(ticket.seat) != peer.person:
            raise Conflict("room.not_here")
        return SeatKey(ticket.seat)

    def _one_more(self, peer: Peer, way: str) -> None:
        """Count a new media connection; raises TooMany when they come too fast."""
        now = self.clock.monotonic()
        made = self._made.setdefault((peer.sid, way), deque(maxlen=CONNECTIONS))
        if len(made) == CONNECTIONS and now - made[0] < CONNECTIONS_S:
            raise TooMany
        made.append(now)

    async def _devices(self, peer: Peer, devices: Devices) -> None:
        command = m.SetMedia(
            person=peer.person,
            seat=SeatId(self._seated(peer)),
            microphone=devices.microphone,
            camera=devices.camera,
            share=devices.share,
            pictures=devices.pictures,
        )
        await self._post(peer, command)

    async def _ready(self, peer: Peer, _: Nothing) -> None:
        self._seated(peer)
        self._one_more(peer, "down")
        await self._rooms.receive(self._ticket(peer).session, peer.person)

    async def _relays(self, peer: Peer, _: Nothing) -> dict[str, Any]:
        return self._pass(SeatId(self._seated(peer)))

    def _pass(self, seat: SeatId) -> dict[str, Any]:
        """Return what the seat needs to use the relay; nothing in a house without one."""
        if self._turn is None:
            return {}
        return {"relays": self._turn.issue(seat, self.clock.now())}

    async def _publish(self, peer: Peer, offer: Offer) -> dict[str, Any]:
        seat = self._seated(peer)
        self._one_more(peer, "up")
        return {"sdp": await self._rooms.conductor.plane.publish(seat, Sdp(offer.sdp))}

    async def _answer(self, peer: Peer, answer: Answer) -> None:
        seat = self._seated(peer)
        await self._rooms.conductor.plane.answer(seat, Sdp(answer.sdp), answer.generation)


def _event(
    name: str,
    schema: type[P],
    policy: Policy,
    handler: Callable[[Peer, P], Awaitable[dict[str, Any] | None]],
    about: str,
) -> SocketEvent[P]:
    return SocketEvent(name, schema, policy, handler, about)


def _leave_of(ticket: Ticket) -> m.Leave:
    return m.Leave(ticket.card.person, ticket.seat)


def _room_name(session: SessionId, audience: Audience) -> str:
    return f"{session}:{audience.value}"
