"""One mailbox per room: each command is applied, logged and committed before it is acknowledged.

A room is read from its log when somebody first writes to it, and forgotten when nobody needs it;
killing the process loses nothing that was acknowledged.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

import structlog

from server.jobs.supervisor import Supervisor
from server.kit.actor import Actor
from server.kit.clock import Clock
from server.kit.errors import Conflict, DomainError
from server.kit.ids import PersonId, SeatId, SessionId
from server.store.unit import Unit, Units
from sessions.live import codec
from sessions.live.conductor import Conductor
from sessions.live.effects import Durable
from sessions.live.messages import (
    Close,
    Command,
    Fares,
    Grade,
    Heard,
    Join,
    MediaDown,
    Plan,
    Remove,
    Restart,
    Start,
    Step,
)
from sessions.live.room import apply, due
from sessions.live.state import Room, Stage
from sessions.queries import session_card
from sessions.rules import agenda
from sessions.rules.models import Programme, Session
from sessions.store import room_log

log = structlog.get_logger("live")
T = TypeVar("T")
Deed = Callable[["_Box"], Awaitable[Any]]


@dataclass(slots=True)
class _Box:
    """A room in memory and its mail."""

    session: SessionId
    mail: "asyncio.Queue[tuple[Deed, asyncio.Future[Any]]]" = field(default_factory=asyncio.Queue)
    room: Room | None = None
    seq: int = 0
    """Number of the last line in the log."""
    version: int = 0
    """Counts what browsers were told; starts anew with the process, as do their sockets."""


class RoomGone(Conflict):
    """The room is being put away; the caller may try again."""

    default_code = "room.try_again"


class Rooms:
    """The directory of live rooms; one in the process."""

    def __init__(
        self, units: Units, clock: Clock, supervisor: Supervisor, conductor: Conductor
    ) -> None:
        self._units = units
        self._clock = clock
        self._supervisor = supervisor
        self.conductor = conductor
        self._boxes: dict[SessionId, _Box] = {}

    # -- the door --------------------------------------------------------------------------------

    async def post(self, session: SessionId, command: Command, actor: Actor | None) -> None:
        """Do `command` in its turn; when this returns, it is committed and everybody was told.

        Raises what the rules or the records refuse with; then nothing changed.
        """
        await self._do(session, lambda box: self._take(box, command, actor))

    async def show(self, session: SessionId, who: PersonId) -> None:
        """Send the person a fresh snapshot."""

        async def deed(box: _Box) -> None:
            await self.conductor.show(_room(box), who, box.version)

        await self._do(session, deed)

    async def receive(self, session: SessionId, who: PersonId) -> None:
        """Begin, or begin anew, to send pictures and sound to the person."""

        async def deed(box: _Box) -> None:
            await self.conductor.receive(_room(box), who)

        await self._do(session, deed)

    def peek(self, session: SessionId) -> Room | None:
        """Return the room as it is in memory now, None when it is not there."""
        box = self._boxes.get(session)
        return box.room if box is not None else None

    @property
    def count(self) -> int:
        """Return how many rooms are in memory."""
        return len(self._boxes)

    # -- from the house --------------------------------------------------------------------------

    async def close(self, session: SessionId) -> None:
        """Close the room of a session that was ended or cancelled; nothing when none is open."""
        if session in self._boxes:
            await self.post(session, Close(), None)

    async def remove(self, person: PersonId) -> None:
        """Cut a person out of every room at once (disabled, role taken, signed out)."""
        for session in list(self._boxes):
            room = self.peek(session)
            if room is not None and person in room.present():
                await self.post(session, Remove(person), None)

    async def tick(self) -> None:
        """Do what only time demands, in every room; forget rooms nobody needs."""
        for session in list(self._boxes):
            room = self.peek(session)
            if room is None:
                continue
            for command in due(room, self._clock.now()):
                try:
                    await self.post(session, command, None)
                except DomainError as error:
                    log.warning("time refused", kind=command.kind, code=error.code)
            await self._do(session, self._forget)

    async def recover(self, session: SessionId) -> None:
        """Read a room that was live when the process ended, so that time can end it."""

        async def nothing(_box: _Box) -> None:
            """Loading is all there is to do."""

        await self._do(session, nothing)

    # -- from the media plane --------------------------------------------------------------------

    async def heard(self, session: SessionId, seat: SeatId | None) -> None:
        """Note who speaks."""
        if session in self._boxes:
            await self.post(session, Heard(seat), None)

    async def fares(self, seat: SeatId, grade: Grade) -> None:
        """Note how a seat's connection fares."""
        for session, box in list(self._boxes.items()):
            if box.room is not None and box.room.holder(seat) is not None:
                await self.post(session, Fares(seat, grade), None)

    async def media_down(self) -> None:
        """Note in every room that pictures and sound are gone."""
        for session in list(self._boxes):
            await self.post(session, MediaDown(), None)

    # -- the mailbox -----------------------------------------------------------------------------

    async def _do(self, session: SessionId, deed: Callable[[_Box], Awaitable[T]]) -> T:
        box = self._boxes.get(session)
        if box is None:
            box = self._boxes[session] = _Box(session)
            self._supervisor.spawn(f"room {session}", lambda: self._run(box))
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        # An asker who went away in the meantime does not collect the error; nobody has to.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())
        box.mail.put_nowait((deed, answer))
        # The asker may go away while it waits (a closed tab); what was begun is finished.
        return await asyncio.shield(answer)

    async def _run(self, box: _Box) -> None:
        try:
            while self._boxes.get(box.session) is box:
                deed, answer = await box.mail.get()
                await self._answer(box, deed, answer)
        finally:
            if self._boxes.get(box.session) is box:
                del self._boxes[box.session]
            while not box.mail.empty():
                _deed, answer = box.mail.get_nowait()
                if not answer.done():
                    answer.set_exception(RoomGone())

    async def _answer(self, box: _Box, deed: Deed, answer: "asyncio.Future[Any]") -> None:
        try:
            if box.room is None:
                await self._load(box)
            result = await deed(box)
        except DomainError as error:
            if box.room is None:
                self._boxes.pop(box.session, None)  # no such session: do not keep a box for it
            _fail(answer, error)
        except Exception as error:  # noqa: BLE001 -- the mailbox lives on; the asker gets the error
            log.error("room failed", error=type(error).__name__)
            # What was committed is in the log: read it again rather than trust the memory.
            box.room = None
            _fail(answer, error)
        else:
            if not answer.done():
                answer.set_result(result)

    async def _forget(self, box: _Box) -> None:
        room = _room(box)
        if not room.present() and room.stage is not Stage.LIVE and box.mail.empty():
            # No await from here to the end of the loop: nobody can write to a box that goes.
            self._boxes.pop(box.session, None)

    # -- loading ---------------------------------------------------------------------------------

    async def _load(self, box: _Box) -> None:
        """Fold the log; whoever was present when it broke off is away now."""
        async with self._units.read() as unit:
            card = await session_card(unit, box.session)
            lines = await room_log.read(unit, box.session)
        session = card.session
        room = Room(session.id, session.programme, session.starts_at, session.ends_at)
        for line in lines:
            room, _effects = apply(room, codec.decode(line.command), line.at)
        box.room, box.seq = room, lines[-1].seq if lines else 0
        if room.present():
            await self._take(box, Restart(), None)
        await self._replan(box)

    async def _replan(self, box: _Box) -> None:
        """Take the agenda as it stands; it may change until the session starts."""
        if _room(box).stage is not Stage.GREEN:
            return
        async with self._units.read() as unit:
            card = await session_card(unit, box.session)
        await self._take(box, plan(card.session, card.programme), None)

    # -- doing -----------------------------------------------------------------------------------

    async def _take(self, box: _Box, command: Command, actor: Actor | None) -> None:
        if isinstance(command, (Join, Start)):
            await self._replan(box)
        before, now = _room(box), self._clock.now()
        after, effects = apply(before, command, now)
        if after is before and not effects:
            return
        if command.logged:
            async with self._units.write() as unit:
                await self._log(unit, box, now, command)
                for effect in effects:
                    if isinstance(effect, Durable):
                        await self.conductor.record(unit, actor, after, effect)
                await unit.commit()
            box.seq += 1
        box.room = after
        box.version += 1
        await self.conductor.perform(before, after, effects, box.version)

    async def _log(self, unit: Unit, box: _Box, now: datetime, command: Command) -> None:
        await room_log.append(unit, box.session, box.seq + 1, now, codec.encode(command))


def plan(session: Session, programme: Programme) -> Plan:
    """Return a session's agenda as the room's plan."""
    steps = []
    for phase in agenda.phases(session):
        item = agenda.find(session, phase.item)
        steps.append(
            Step(
                key=phase.key,
                kind=phase.kind,
                item=phase.item,
                seconds=phase.minutes * 60,
                label=item.label,
                case=item.ref,
                presenter=item.presenter,
            )
        )
    return Plan(session.starts_at, session.ends_at, tuple(steps), programme.learner_sees_case)


def _room(box: _Box) -> Room:
    assert box.room is not None  # deeds run only after the room was loaded
    return box.room


def _fail(answer: "asyncio.Future[Any]", error: Exception) -> None:
    if not answer.done():
        answer.set_exception(error)
