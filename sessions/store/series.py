"""Load and save series."""

from datetime import datetime

from sqlalchemy import or_, select

from server.kit.errors import NotFound
from server.kit.ids import ProgrammeId, SeriesId
from server.store.unit import Unit
from sessions.rules.models import Series, Template, WeeklyRule
from sessions.store.rows import SeriesRow


def to_series(row: SeriesRow) -> Series:
    """Return the value of a row."""
    return Series(
        id=SeriesId(row.id),
        programme=ProgrammeId(row.programme_id),
        title=row.title,
        rule=WeeklyRule(
            zone=row.zone,
            weekday=row.weekday,
            at=row.at,
            first=row.first,
            every_weeks=row.every_weeks,
            count=row.count,
            until=row.until,
        ),
        template=Template(row.template),
        cases_first=row.cases_first,
        version=row.version,
    )


async def load(unit: Unit, series_id: SeriesId) -> Series:
    """Return one series or raise NotFound."""
    row = await unit.db.get(SeriesRow, series_id, populate_existing=True)
    if row is None:
        raise NotFound
    return to_series(row)


async def running(unit: Unit, now: datetime) -> tuple[Series, ...]:
    """Return every series that may still have sessions to come, by id.

    Counted series are kept in: whether they are over follows from their rule, not from a column.
    """
    rows = await unit.db.scalars(
        select(SeriesRow)
        .where(or_(SeriesRow.until.is_(None), SeriesRow.until >= now.date()))
        .order_by(SeriesRow.id)
    )
    return tuple(to_series(row) for row in rows)


async def insert(unit: Unit, series: Series) -> None:
    """Add a new series."""
    rule = series.rule
    unit.db.add(
        SeriesRow(
            id=series.id,
            programme_id=series.programme,
            title=series.title,
            zone=rule.zone,
            weekday=rule.weekday,
            at=rule.at,
            first=rule.first,
            every_weeks=rule.every_weeks,
            count=rule.count,
            until=rule.until,
            template=series.template.value,
            cases_first=series.cases_first,
            version=series.version,
        )
    )
    # Flushed here: the sessions of this transaction refer to it by foreign key.
    await unit.db.flush()
