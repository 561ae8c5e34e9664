"""The end of a session's life: given up, ended, wrapped, archived; and what a wrapped one forgets."""

from dataclasses import dataclass
from datetime import datetime

from server.kit.actor import Actor
from server.kit.ids import CaseId, SessionId
from server.store.unit import Unit
from sessions.commands.loading import session_for
from sessions.commands.moving import move
from sessions.rules import access, agenda, forgetting, lifecycle
from sessions.rules.models import Session, SessionState
from sessions.store import attendance, captures, room_log, sessions


@dataclass(frozen=True, slots=True)
class Settled:
    """How many sessions time alone has moved."""

    given_up: int
    ended: int
    wrapped: int
    archived: int


async def settle_due(unit: Unit) -> Settled:
    """Move every session whose time has come; a second time at the same instant moves none.

    Given up: nobody started it; its cases are told by SessionCancelled and wait for another slot.
    Ended: the room was left; rooms see to that themselves, this is for one that was lost.
    """
    now = unit.now
    given_up = [
        await move(unit, None, session, lifecycle.give_up(session, now))
        for session in await sessions.unstarted_before(unit, now - lifecycle.NOT_HELD_AFTER)
        if lifecycle.due_to_give_up(session, now)
    ]
    ended = [
        await move(unit, None, session, lifecycle.advance(session, SessionState.ENDED, now))
        for session in await sessions.live_past(unit, now - lifecycle.EMPTY_ROOM)
        if lifecycle.due_to_end(session, await _empty_since(unit, session), now)
    ]
    wrapped = [
        await _wrap(unit, None, session)
        for session in await sessions.ended_before(unit, now - lifecycle.ATTENDANCE_WINDOW)
        if lifecycle.due_to_wrap(session, now)
    ]
    archived = [
        await move(unit, None, session, lifecycle.advance(session, SessionState.ARCHIVED, now))
        for session in await sessions.wrapped_before(unit, now - lifecycle.ARCHIVE_AFTER)
        if lifecycle.due_to_archive(session, now)
    ]
    return Settled(len(given_up), len(ended), len(wrapped), len(archived))


async def _empty_since(unit: Unit, session: Session) -> datetime | None:
    return await attendance.empty_since(unit, session.id, session.started_at or session.starts_at)


async def wrap_session(unit: Unit, actor: Actor, session_id: SessionId) -> Session:
    """Wrap an ended session before its day is over: attendance is final from now.

    Raises NotFound, Forbidden unless the desk's, Conflict `session.letters_open` while a presented
    case has no signed letter, `session.cannot_wrap` in any state but ended.
    """
    before = await session_for(unit, actor, session_id, access.may_wrap)
    return await _wrap(unit, actor, before)


async def _wrap(unit: Unit, actor: Actor | None, before: Session) -> Session:
    after = await move(unit, actor, before, lifecycle.wrap(before, unit.now))
    typed = await room_log.rewrite(unit, after.id, forgetting.forget_typed)
    stray = await captures.erase_without_case(unit, after.id)
    unit.record(
        "session.words_erased",
        actor=None,
        subject=after.id,
        programme=after.programme,
        log_lines=typed,
        captures=stray,
    )
    return after


async def note_letter(unit: Unit, case: CaseId) -> None:
    """Note on the agenda that the letter of a presented case is signed; again changes nothing."""
    for before in await sessions.presented(unit, case):
        after = agenda.note_letter(before, case, unit.now)
        if after != before:
            await sessions.save(unit, before, after)
