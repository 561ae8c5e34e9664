"""Reads of sessions: the calendar, what comes next, free slots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, case, or_, select

from server.kit.actor import Actor, Permission
from server.kit.errors import NotFound
from server.kit.ids import AgendaItemId, CaseId, ProgrammeId, SeriesId, SessionId
from server.store.unit import Unit
from sessions.queries.programmes import programmes
from sessions.rules import access, lifecycle
from sessions.rules.models import AgendaItem, ItemKind, Programme, Session, SessionState
from sessions.store.rows import AgendaRow, SeriesRow, SessionRow
from sessions.store.sessions import with_agendas

_JOINABLE = [SessionState.OPEN.value, SessionState.LIVE.value]


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A session with the names around it; `series_title` is empty for a practice session."""

    session: Session
    programme: Programme
    series_title: str


@dataclass(frozen=True, slots=True)
class FreeSlot:
    """A place for a case: `minutes` long, in a planned session that starts at `starts_at` (UTC)."""

    session: SessionId
    item: AgendaItemId
    starts_at: datetime
    zone: str
    minutes: int
    topic: str


async def session_cards(unit: Unit, ids: Iterable[SessionId]) -> dict[SessionId, SessionCard]:
    """Return those of the sessions that exist, by start."""
    wanted = select(SessionRow).where(SessionRow.id.in_(list(ids)))
    return {card.session.id: card for card in await _cards(unit, wanted)}


async def session_card(unit: Unit, session_id: SessionId) -> SessionCard:
    """Return one session or raise NotFound; the caller checks what may be seen."""
    found = await session_cards(unit, [session_id])
    if session_id not in found:
        raise NotFound
    return found[session_id]


async def visible_session(unit: Unit, actor: Actor, session_id: SessionId) -> SessionCard:
    """Return a session the actor may see; NotFound for unknown and foreign ones alike."""
    card = await session_card(unit, session_id)
    if not access.may_see_programme(actor, card.programme.id):
        raise NotFound
    return card


async def calendar(
    unit: Unit, actor: Actor, start: datetime, end: datetime
) -> tuple[SessionCard, ...]:
    """Return the sessions the actor may see that start in [start, end), by start."""
    wanted = _visible_to(actor).where(SessionRow.starts_at >= start, SessionRow.starts_at < end)
    return await _cards(unit, wanted)


async def next_session(unit: Unit, actor: Actor, now: datetime) -> SessionCard | None:
    """Return what the actor should look at next: a room that is open, else the next planned one.

    A scheduled session comes before a practice session in the same state.
    """
    wanted = (
        _visible_to(actor)
        .where(
            or_(
                SessionRow.state == SessionState.LIVE.value,
                SessionRow.state.in_([SessionState.OPEN.value, SessionState.PLANNED.value])
                & (SessionRow.ends_at > now - lifecycle.EMPTY_ROOM),
            )
        )
        .order_by(None)
        .order_by(
            SessionRow.practice,
            case((SessionRow.state.in_(_JOINABLE), 0), else_=1),
            SessionRow.starts_at,
            SessionRow.id,
        )
    )
    found = await _cards(unit, wanted.limit(1))
    return found[0] if found else None


async def sessions_of_programme(
    unit: Unit, programme_id: ProgrammeId, after: datetime, limit: int
) -> tuple[SessionCard, ...]:
    """Return a programme's next sessions that end after `after`, cancelled ones included."""
    wanted = _by_start().where(SessionRow.programme_id == programme_id, SessionRow.ends_at > after)
    return await _cards(unit, wanted.limit(limit))


async def sessions_of_series(unit: Unit, series_id: SeriesId) -> tuple[SessionCard, ...]:
    """Return every session of a series that stands in the calendar, by start."""
    return await _cards(unit, _by_start().where(SessionRow.series_id == series_id))


async def live_sessions(unit: Unit) -> tuple[SessionId, ...]:
    """Return every session that is live, by start: what a server that comes back must look after."""
    found = await unit.db.scalars(
        select(SessionRow.id)
        .where(SessionRow.state == SessionState.LIVE.value)
        .order_by(SessionRow.starts_at, SessionRow.id)
    )
    return tuple(map(SessionId, found))


async def session_of_case(unit: Unit, case_id: CaseId) -> tuple[SessionCard, AgendaItem] | None:
    """Return the latest session, not cancelled, whose agenda holds this case."""
    wanted = (
        select(SessionRow)
        .join(AgendaRow, AgendaRow.session_id == SessionRow.id)
        .where(AgendaRow.ref == case_id, SessionRow.state != SessionState.CANCELLED.value)
        .order_by(SessionRow.starts_at.desc(), SessionRow.id.desc())
    )
    found = await _cards(unit, wanted.limit(1))
    if not found:
        return None
    return found[0], next(i for i in found[0].session.agenda if i.ref == case_id)


async def free_slots(unit: Unit, programme_id: ProgrammeId) -> tuple[FreeSlot, ...]:
    """Return the free case slots of sessions to come, by start and position."""
    wanted = _by_start().where(
        SessionRow.programme_id == programme_id,
        SessionRow.state.in_([SessionState.PLANNED.value, SessionState.OPEN.value]),
        SessionRow.ends_at > unit.now,
    )
    cards = await _cards(unit, wanted)
    return tuple(
        FreeSlot(
            session=card.session.id,
            item=item.id,
            starts_at=card.session.starts_at,
            zone=card.session.zone,
            minutes=item.minutes,
            topic=card.session.topic,
        )
        for card in cards
        for item in card.session.agenda
        if item.kind is ItemKind.CASE_SLOT and item.is_free_slot
    )


def _by_start() -> Select[SessionRow]:
    return select(SessionRow).order_by(SessionRow.starts_at, SessionRow.id)


def _visible_to(actor: Actor) -> Select[SessionRow]:
    if Permission.SCHEDULE_READ in actor.everywhere:
        return _by_start()
    visible = actor.programmes_with(Permission.SCHEDULE_READ)
    return _by_start().where(SessionRow.programme_id.in_(visible))


async def _cards(unit: Unit, wanted: Select[SessionRow]) -> tuple[SessionCard, ...]:
    """Return cards for a selection: four statements however many sessions it finds."""
    rows: Sequence[SessionRow] = (await unit.db.scalars(wanted)).all()
    sessions = await with_agendas(unit, rows)
    if not sessions:
        return ()
    around = await programmes(unit, {s.programme for s in sessions})
    titles = await _titles(unit, {s.series for s in sessions if s.series})
    return tuple(
        SessionCard(s, around[s.programme], titles.get(s.series, "") if s.series else "")
        for s in sessions
    )


async def _titles(unit: Unit, ids: set[SeriesId]) -> dict[SeriesId, str]:
    rows = await unit.db.execute(
        select(SeriesRow.id, SeriesRow.title).where(SeriesRow.id.in_(ids))
    )
    return {SeriesId(series_id): title for series_id, title in rows}
