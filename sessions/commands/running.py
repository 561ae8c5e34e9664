"""Open, start, end and cancel sessions; open a practice session."""

from server.kit.actor import Actor
from server.kit.ids import AgendaItemId, ProgrammeId, SessionId, new_id
from server.store.unit import Unit
from sessions.commands.loading import person_of, programme_for, session_for
from sessions.commands.moving import move
from sessions.events import AgendaItemPresented, SessionScheduled
from sessions.rules import access, agenda, lifecycle
from sessions.rules.models import Session, SessionState
from sessions.store import sessions


async def open_session(unit: Unit, actor: Actor | None, session_id: SessionId) -> Session:
    """Open the green room of a planned session (`session.cannot_open` from any other state)."""
    before = await session_for(unit, actor, session_id, access.may_facilitate)
    return await _go(unit, actor, before, SessionState.OPEN)


async def open_due(unit: Unit) -> int:
    """Open every green room whose time has come (15 minutes early); return how many."""
    count = 0
    for session_id in await sessions.planned_until(unit, unit.now + lifecycle.GREEN_ROOM):
        session = await sessions.load(unit, session_id)
        if lifecycle.due_to_open(session, unit.now):
            await _go(unit, None, session, SessionState.OPEN)
            count += 1
    return count


async def start_session(unit: Unit, actor: Actor | None, session_id: SessionId) -> Session:
    """Go live (`session.cannot_start` unless it is open); attendance counts from here."""
    before = await session_for(unit, actor, session_id, access.may_facilitate)
    return await _go(unit, actor, before, SessionState.LIVE)


async def end_session(unit: Unit, actor: Actor | None, session_id: SessionId) -> Session:
    """End a live session and every connected interval in it (`session.cannot_end` otherwise)."""
    before = await session_for(unit, actor, session_id, access.may_facilitate)
    return await _go(unit, actor, before, SessionState.ENDED)


async def cancel_session(unit: Unit, actor: Actor | None, session_id: SessionId) -> Session:
    """Cancel a planned or open session; whoever owns the cases in its slots is told by event."""
    before = await session_for(unit, actor, session_id, access.may_manage_schedule)
    return await _go(unit, actor, before, SessionState.CANCELLED)


async def mark_presented(
    unit: Unit, actor: Actor | None, session_id: SessionId, item_id: AgendaItemId
) -> Session:
    """Note that a case went through its summary phase (5f); a second time changes nothing."""
    before = await session_for(unit, actor, session_id, access.may_facilitate)
    changed = agenda.mark_presented(before, item_id, unit.now)
    if changed == before:
        return before
    after = await sessions.save(unit, before, changed)
    case = agenda.find(after, item_id).ref
    assert case is not None  # mark_presented refuses a free slot
    unit.publish(
        AgendaItemPresented(
            session_id=after.id, programme_id=after.programme, item_id=item_id, case_id=case
        )
    )
    unit.record(
        "session.item_presented",
        actor=person_of(actor),
        subject=after.id,
        programme=after.programme,
        case=case,
    )
    return after


async def open_practice_session(
    unit: Unit, actor: Actor | None, programme_id: ProgrammeId
) -> Session:
    """Return the programme's practice room, opening one that starts now when there is none.

    A practice session whose time is over is put away first: given up, or ended if it went live.
    """
    programme = await programme_for(unit, actor, programme_id, access.may_facilitate)
    for session_id in await sessions.practice_of(unit, programme_id):
        session = await sessions.load(unit, session_id)
        if unit.now < session.ends_at:
            return session
        if session.state is SessionState.LIVE:
            await end_session(unit, None, session_id)
        else:
            await move(unit, None, session, lifecycle.give_up(session, unit.now))
    session = Session(
        id=SessionId(new_id(unit.now)),
        programme=programme_id,
        series=None,
        number=None,
        starts_at=unit.now,
        ends_at=unit.now + agenda.length(programme.template),
        zone=programme.zone,
        template=programme.template,
        practice=True,
        agenda=agenda.from_template(
            programme.template,
            programme.cases_first,
            lambda: AgendaItemId(new_id(unit.now)),
        ),
    )
    await sessions.insert(unit, session)
    unit.publish(
        SessionScheduled(session_id=session.id, programme_id=programme_id, series_id=None)
    )
    return await _go(unit, actor, session, SessionState.OPEN)


async def _go(unit: Unit, actor: Actor | None, before: Session, state: SessionState) -> Session:
    return await move(unit, actor, before, lifecycle.advance(before, state, unit.now))
