"""Load and save sessions; a session and its agenda are one aggregate with one version."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from server.kit.errors import Conflict, NotFound
from server.kit.ids import AgendaItemId, CaseId, PersonId, ProgrammeId, SeriesId, SessionId
from server.store.unit import Unit
from sessions.rules.models import (
    AgendaItem,
    CancelReason,
    ItemKind,
    Session,
    SessionState,
    Template,
)
from sessions.store.counting import changed_rows
from sessions.store.rows import AgendaRow, SessionRow


def to_session(row: SessionRow, agenda: Iterable[AgendaRow]) -> Session:
    """Return the value of a session row and its agenda rows (any order)."""
    return Session(
        id=SessionId(row.id),
        programme=ProgrammeId(row.programme_id),
        series=SeriesId(row.series_id) if row.series_id else None,
        number=row.number,
        starts_at=row.starts_at,
        ends_at=row.ends_at,
        zone=row.zone,
        template=Template(row.template),
        state=SessionState(row.state),
        practice=row.practice,
        agenda=tuple(sorted(map(_to_item, agenda), key=lambda item: item.position)),
        opened_at=row.opened_at,
        started_at=row.started_at,
        ended_at=row.ended_at,
        wrapped_at=row.wrapped_at,
        cancelled_for=CancelReason(row.cancelled_for) if row.cancelled_for else None,
        version=row.version,
    )


def _to_item(row: AgendaRow) -> AgendaItem:
    return AgendaItem(
        id=AgendaItemId(row.id),
        kind=ItemKind(row.kind),
        minutes=row.minutes,
        position=row.position,
        ref=CaseId(row.ref) if row.ref else None,
        label=row.label,
        presenter=PersonId(row.presenter_id) if row.presenter_id else None,
        presented_at=row.presented_at,
        letter_at=row.letter_at,
    )


def _item_columns(item: AgendaItem) -> dict[str, object]:
    return {
        "kind": item.kind.value,
        "minutes": item.minutes,
        "position": item.position,
        "ref": item.ref,
        "label": item.label,
        "presenter_id": item.presenter,
        "presented_at": item.presented_at,
        "letter_at": item.letter_at,
    }


async def load(unit: Unit, session_id: SessionId) -> Session:
    """Return one session with its agenda or raise NotFound."""
    found = await load_many(unit, [session_id])
    if not found:
        raise NotFound
    return found[0]


async def load_many(unit: Unit, ids: Sequence[SessionId]) -> tuple[Session, ...]:
    """Return those of the sessions that exist, by start; two statements however many there are."""
    rows = await unit.db.scalars(
        select(SessionRow)
        .where(SessionRow.id.in_(ids))
        .order_by(SessionRow.starts_at, SessionRow.id)
        .execution_options(populate_existing=True)
    )
    return await with_agendas(unit, rows.all())


async def with_agendas(unit: Unit, rows: Sequence[SessionRow]) -> tuple[Session, ...]:
    """Return the values of session rows, in their order, with one statement for all agendas."""
    if not rows:
        return ()
    items = await unit.db.scalars(
        select(AgendaRow)
        .where(AgendaRow.session_id.in_([row.id for row in rows]))
        .execution_options(populate_existing=True)
    )
    by_session: dict[str, list[AgendaRow]] = {}
    for item in items:
        by_session.setdefault(item.session_id, []).append(item)
    return tuple(to_session(row, by_session.get(row.id, ())) for row in rows)


async def numbers_of(unit: Unit, series_id: SeriesId) -> frozenset[int]:
    """Return the occurrence numbers of a series that already have a session."""
    found = await unit.db.scalars(
        select(SessionRow.number).where(SessionRow.series_id == series_id)
    )
    return frozenset(number for number in found if number is not None)


async def planned_until(unit: Unit, until: datetime) -> tuple[SessionId, ...]:
    """Return the planned sessions that start no later than `until`, by start."""
    found = await unit.db.scalars(
        select(SessionRow.id)
        .where(SessionRow.state == SessionState.PLANNED.value, SessionRow.starts_at <= until)
        .order_by(SessionRow.starts_at, SessionRow.id)
    )
    return tuple(map(SessionId, found))


async def unstarted_before(unit: Unit, before: datetime) -> tuple[Session, ...]:
    """Return the planned and open sessions whose planned end is no later than `before`."""
    return await _where(
        unit,
        SessionRow.state.in_([SessionState.PLANNED.value, SessionState.OPEN.value]),
        SessionRow.ends_at <= before,
    )


async def live_past(unit: Unit, ends_before: datetime) -> tuple[Session, ...]:
    """Return the live sessions whose planned end is no later than `ends_before`."""
    return await _where(
        unit, SessionRow.state == SessionState.LIVE.value, SessionRow.ends_at <= ends_before
    )


async def ended_before(unit: Unit, before: datetime) -> tuple[Session, ...]:
    """Return the sessions that ended no later than `before` and are not wrapped yet."""
    return await _where(
        unit, SessionRow.state == SessionState.ENDED.value, SessionRow.ended_at <= before
    )


async def wrapped_before(unit: Unit, before: datetime) -> tuple[Session, ...]:
    """Return the sessions that were wrapped no later than `before` and are not archived yet."""
    return await _where(
        unit, SessionRow.state == SessionState.WRAPPED.value, SessionRow.wrapped_at <= before
    )


async def presented(unit: Unit, case: CaseId) -> tuple[Session, ...]:
    """Return the sessions in which a case was presented."""
    found = await unit.db.scalars(
        select(AgendaRow.session_id).where(
            AgendaRow.ref == case, AgendaRow.presented_at.is_not(None)
        )
    )
    return await load_many(unit, [SessionId(session) for session in found])


async def _where(unit: Unit, *conditions: ColumnElement[bool]) -> tuple[Session, ...]:
    rows = await unit.db.scalars(
        select(SessionRow)
        .where(*conditions)
        .order_by(SessionRow.starts_at, SessionRow.id)
        .execution_options(populate_existing=True)
    )
    return await with_agendas(unit, rows.all())


async def practice_of(unit: Unit, programme: ProgrammeId) -> tuple[SessionId, ...]:
    """Return the programme's practice sessions that are open or live, newest first."""
    found = await unit.db.scalars(
        select(SessionRow.id)
        .where(
            SessionRow.programme_id == programme,
            SessionRow.practice,
            SessionRow.state.in_([SessionState.OPEN.value, SessionState.LIVE.value]),
        )
        .order_by(SessionRow.starts_at.desc())
    )
    return tuple(map(SessionId, found))


async def insert(unit: Unit, session: Session) -> None:
    """Add a new session with its agenda."""
    unit.db.add(
        SessionRow(
            id=session.id,
            programme_id=session.programme,
            series_id=session.series,
            number=session.number,
            starts_at=session.starts_at,
            ends_at=session.ends_at,
            zone=session.zone,
            template=session.template.value,
            state=session.state.value,
            practice=session.practice,
            opened_at=session.opened_at,
            started_at=session.started_at,
            ended_at=session.ended_at,
            wrapped_at=session.wrapped_at,
            cancelled_for=session.cancelled_for,
            version=session.version,
        )
    )
    # Flushed here: there is no ORM relationship that would order the agenda after its session.
    await unit.db.flush()
    for item in session.agenda:
        unit.db.add(AgendaRow(id=item.id, session_id=session.id, **_item_columns(item)))
    await unit.db.flush()


async def save(unit: Unit, before: Session, after: Session) -> Session:
    """Write what changed between two values of a session; return it with its new version.

    Raises Conflict `stale` when the row no longer has the version of `before`.
    """
    changed = await changed_rows(
        unit,
        update(SessionRow)
        .where(SessionRow.id == before.id, SessionRow.version == before.version)
        .values(
            version=before.version + 1,
            starts_at=after.starts_at,
            ends_at=after.ends_at,
            state=after.state.value,
            opened_at=after.opened_at,
            started_at=after.started_at,
            ended_at=after.ended_at,
            wrapped_at=after.wrapped_at,
            cancelled_for=after.cancelled_for,
        ),
    )
    if changed == 0:
        raise Conflict("stale")
    await _save_agenda(unit, before, after)
    return await load(unit, before.id)


async def _save_agenda(unit: Unit, before: Session, after: Session) -> None:
    old = {item.id: item for item in before.agenda}
    new = {item.id: item for item in after.agenda}
    gone = [item_id for item_id in old if item_id not in new]
    if gone:
        await unit.db.execute(delete(AgendaRow).where(AgendaRow.id.in_(gone)))
    for item in after.agenda:
        if item.id not in old:
            unit.db.add(AgendaRow(id=item.id, session_id=after.id, **_item_columns(item)))
        elif item != old[item.id]:
            await unit.db.execute(
                update(AgendaRow).where(AgendaRow.id == item.id).values(**_item_columns(item))
            )
    await unit.db.flush()
