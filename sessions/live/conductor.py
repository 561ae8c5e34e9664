"""Effects become deeds: the only place where the room touches plane, sockets and records."""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any, Protocol, assert_never

import structlog

from server.kit.actor import Actor
from server.kit.errors import Conflict, DomainError, Forbidden
from server.kit.ids import PersonId, SeatId, SessionId
from server.store.unit import Unit
from sessions.commands import attendance, capture, running
from sessions.live import attention
from sessions.live.effects import (
    Admit,
    CloseMedia,
    Dismiss,
    Durable,
    Effect,
    EndSession,
    MarkPresented,
    Note,
    NoteArrival,
    NoteDeparture,
    Release,
    SaveLine,
    StartSession,
)
from sessions.live.state import Participant, Room, Stage
from sessions.live.view import Audience, audience_of, diff, view
from sessions.media.plane import Grants, Limits, MediaPlane, RoomKey, SeatKey, Wanted
from sessions.rules import access

log = structlog.get_logger("live")

PLANE_PATIENCE = 3.0
"""Seconds the room waits for the media plane; then it goes on without (text-only works)."""


class Sockets(Protocol):
    """What the conductor needs of the socket namespace; seats that have no socket are ignored."""

    async def admit(self, session: SessionId, seat: SeatId, audience: Audience) -> None:
        """Let the seat hear what `audience` hears, and nothing else, from now on."""
        ...

    async def dismiss(self, seat: SeatId, why: str) -> None:
        """Let the seat hear nothing any more, tell it why, and close its socket."""
        ...

    async def tell(self, seat: SeatId, event: str, data: Mapping[str, Any]) -> None:
        """Send to one seat."""
        ...

    async def announce(
        self, session: SessionId, audience: Audience, event: str, data: Mapping[str, Any]
    ) -> None:
        """Send to everybody of one audience of one session."""
        ...


class Conductor:
    """Does what rooms decide. Keeps nothing but what the media plane was last asked for."""

    def __init__(self, plane: MediaPlane, limits: Limits | None = None) -> None:
        self.plane = plane
        self.limits = limits or Limits()
        self.sockets: Sockets | None = None
        self._asked: dict[SeatId, Wanted] = {}

    # -- in the transaction of the log line ------------------------------------------------------

    async def record(self, unit: Unit, actor: Actor | None, room: Room, deed: Durable) -> None:
        """Do a durable effect inside `unit`; raises what the command raises."""
        match deed:
            case StartSession():
                await running.start_session(unit, actor, room.session)
            case EndSession():
                await running.end_session(unit, actor, room.session)
            case MarkPresented(item=item):
                await running.mark_presented(unit, actor, room.session, item)
            case SaveLine():
                await self._save_line(unit, _somebody(actor), room, deed)
            case NoteArrival(seat=seat):
                await attendance.record_arrival(unit, _somebody(actor), room.session, seat)
            case NoteDeparture(seat=seat):
                await attendance.record_departure(unit, room.session, seat)
            case Note():
                unit.record(
                    deed.action,
                    actor=deed.by,
                    subject=room.session,
                    programme=room.programme,
                    **deed.facts,
                )
            case _:
                assert_never(deed)

    async def _save_line(self, unit: Unit, actor: Actor, room: Room, deed: SaveLine) -> None:
        new = capture.NewLine(
            session=room.session,
            item=deed.item,
            speaker=deed.speaker,
            lane=deed.lane,
            problem_area=deed.area,
            text=deed.text,
            at_ms=deed.at_ms,
            id=deed.line,
        )
        await capture.capture_line(unit, actor, new)
        if deed.merged_into is not None and access.may_merge_captures(actor, room.programme):
            await capture.merge_lines(unit, actor, deed.merged_into, deed.line)

    # -- after its commit ------------------------------------------------------------------------

    async def perform(
        self, before: Room, after: Room, effects: Sequence[Effect], version: int
    ) -> None:
        """Tell everybody, and bring media in line. Never raises: the deed is committed."""
        for effect in effects:
            if isinstance(effect, Dismiss):
                # First of all: whoever is cut out hears nothing of what comes next.
                await self._sockets(effect.seat, "dismiss", effect.why)
        await self._announce(before, after, version)
        for effect in effects:
            await self._media(after, effect)
        for who, person in after.present().items():
            old = before.people.get(who)
            moved = old is None or old.seat != person.seat
            if moved or audience_of(before, old or person) is not audience_of(after, person):
                await self.show(after, who, version)
        await self._attend(after)

    async def show(self, room: Room, who: PersonId, version: int) -> None:
        """Put the person's socket where it belongs and send a fresh snapshot."""
        person = room.people.get(who)
        if person is None or person.seat is None or self.sockets is None:
            return
        audience = audience_of(room, person)
        await self.sockets.admit(room.session, person.seat, audience)
        await self.sockets.tell(
            person.seat,
            "room:snapshot",
            {"v": version, "you": you(person), "state": view(room, audience)},
        )

    async def _announce(self, before: Room, after: Room, version: int) -> None:
        if self.sockets is None:
            return
        for audience in {audience_of(after, p) for p in after.present().values()}:
            patch = diff(view(before, audience), view(after, audience))
            if patch:
                await self.sockets.announce(
                    after.session, audience, "room:patch", {"v": version, "patch": patch}
                )

    async def _sockets(self, seat: SeatId, _how: str, why: str) -> None:
        self._asked.pop(seat, None)
        if self.sockets is not None:
            await self.sockets.dismiss(seat, why)

    # -- media -----------------------------------------------------------------------------------

    async def _media(self, room: Room, effect: Effect) -> None:
        key = RoomKey(room.session)
        match effect:
            case Admit():
                grants = Grants(
                    publish_audio=effect.sends, publish_video=effect.sends, share=effect.shares
                )
                await self._ask_plane(self.plane.open_room(key, self.limits))
                await self._ask_plane(self.plane.open_seat(key, SeatKey(effect.seat), grants))
            case Release():
                self._asked.pop(effect.seat, None)
                await self._ask_plane(self.plane.close_seat(SeatKey(effect.seat)))
            case CloseMedia():
                for person in room.present().values():
                    if person.seat is not None:
                        self._asked.pop(person.seat, None)
                await self._ask_plane(self.plane.close_room(key))
            case _:
                pass

    async def receive(self, room: Room, who: PersonId) -> None:
        """Begin to send pictures and sound to the person's browser: it said that it is ready.

        Raises Conflict when the plane does not; the browser then asks again.
        """
        person = room.people.get(who)
        if person is None or person.seat is None or room.stage is Stage.ENDED:
            return
        if person.seat in self._asked:
            # The page lost its connections or was loaded again in the same seat.
            done = await self._ask_plane(self.plane.renew(SeatKey(person.seat)))
        else:
            done = await self._subscribe(room, who, person.seat)
        if not done:
            raise Conflict("room.try_again")

    async def _attend(self, room: Room) -> None:
        for who, person in room.present().items():
            if person.seat is not None and person.seat in self._asked:
                await self._subscribe(room, who, person.seat)

    async def _subscribe(self, room: Room, who: PersonId, seat: SeatId) -> bool:
        wanted = attention.wanted(room, who, self.limits.pictures)
        if self._asked.get(seat) == wanted:
            return True
        self._asked[seat] = wanted
        return await self._ask_plane(self.plane.subscribe(SeatKey(seat), wanted))

    async def _ask_plane(self, deed: Awaitable[None]) -> bool:
        """Wait for the plane, but never long, and never let it stop the room; say if it did it."""
        try:
            async with asyncio.timeout(PLANE_PATIENCE):
                await deed
        except DomainError as error:
            log.warning("media refused", code=error.code)
        except Exception as error:  # noqa: BLE001 -- the conversation goes on without pictures
            log.error("media failed", error=type(error).__name__)
        else:
            return True
        return False


def you(person: Participant) -> dict[str, Any]:
    """Return what a browser must know of its own person."""
    return {
        "person": person.card.person,
        "seat": person.seat,
        "lane": person.card.lane.value,
        "duties": sorted(duty.value for duty in person.card.duties),
    }


def _somebody(actor: Actor | None) -> Actor:
    if actor is None:
        raise Forbidden  # people arrive and write; the house does neither
    return actor
