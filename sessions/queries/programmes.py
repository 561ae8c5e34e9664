"""Reads of programmes and series."""

from collections.abc import Iterable

from sqlalchemy import select

from server.kit.actor import Actor, Permission
from server.kit.errors import NotFound
from server.kit.ids import ProgrammeId, SeriesId
from server.store.unit import Unit
from sessions.rules import access
from sessions.rules.models import Programme, Series
from sessions.store.programmes import load, to_programme
from sessions.store.rows import ProgrammeRow, SeriesRow
from sessions.store.series import load as load_series
from sessions.store.series import to_series


async def programme(unit: Unit, programme_id: ProgrammeId) -> Programme:
    """Return one programme or raise NotFound; the caller checks what may be seen."""
    return await load(unit, programme_id)


async def programmes(unit: Unit, ids: Iterable[ProgrammeId]) -> dict[ProgrammeId, Programme]:
    """Return those of the programmes that exist."""
    rows = await unit.db.scalars(
        select(ProgrammeRow).where(ProgrammeRow.id.in_(list(ids))).order_by(ProgrammeRow.name)
    )
    return {ProgrammeId(row.id): to_programme(row) for row in rows}


async def visible_programmes(unit: Unit, actor: Actor) -> tuple[Programme, ...]:
    """Return the programmes whose schedule the actor may see, by name."""
    if Permission.SCHEDULE_READ in actor.everywhere:
        rows = await unit.db.scalars(select(ProgrammeRow).order_by(ProgrammeRow.name))
        return tuple(map(to_programme, rows))
    found = await programmes(unit, actor.programmes_with(Permission.SCHEDULE_READ))
    return tuple(found.values())


async def visible_programme(unit: Unit, actor: Actor, programme_id: ProgrammeId) -> Programme:
    """Return a programme the actor may see; NotFound for unknown and foreign ones alike."""
    if not access.may_see_programme(actor, programme_id):
        raise NotFound
    return await load(unit, programme_id)


async def series_of_programme(unit: Unit, programme_id: ProgrammeId) -> tuple[Series, ...]:
    """Return the series of a programme, newest first."""
    rows = await unit.db.scalars(
        select(SeriesRow)
        .where(SeriesRow.programme_id == programme_id)
        .order_by(SeriesRow.first.desc(), SeriesRow.id.desc())
    )
    return tuple(map(to_series, rows))


async def visible_series(
    unit: Unit, actor: Actor, series_id: SeriesId
) -> tuple[Series, Programme]:
    """Return a series the actor may see and its programme; NotFound otherwise."""
    series = await load_series(unit, series_id)
    return series, await visible_programme(unit, actor, series.programme)
