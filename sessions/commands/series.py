"""Lay down a series and keep its sessions in the calendar 90 days ahead."""

from dataclasses import dataclass
from datetime import timedelta

from server.deid import staff
from server.kit.actor import Actor
from server.kit.errors import Invalid
from server.kit.ids import AgendaItemId, ProgrammeId, SeriesId, SessionId, new_id
from server.kit.text import clean_line
from server.store.unit import Unit
from sessions.commands.loading import person_of, programme_for
from sessions.events import SeriesCreated, SessionScheduled
from sessions.rules import access, agenda, recurrence
from sessions.rules.models import Series, Session, Template, WeeklyRule
from sessions.store import series as store
from sessions.store import sessions

AHEAD = timedelta(days=90)
"""How far ahead sessions stand in the calendar; the periodic job moves the edge every day."""

TITLE_MAX = 120


@dataclass(frozen=True, slots=True)
class NewSeries:
    """What a coordinator types; template and order None mean the programme's own."""

    programme: ProgrammeId
    title: str
    rule: WeeklyRule
    template: Template | None = None
    cases_first: bool | None = None


async def create_series(unit: Unit, actor: Actor | None, new: NewSeries) -> Series:
    """Lay down a series and materialise its first 90 days.

    Raises NotFound or Forbidden (PROGRAMME_MANAGE), Invalid with a key per wrong field,
    `text.identifiers` for a title with somebody's contacts or numbers.
    """
    programme = await programme_for(unit, actor, new.programme, access.may_manage_series)
    rule = recurrence.check(new.rule)
    title = clean_line(new.title) or programme.name
    if len(title) > TITLE_MAX:
        raise Invalid("invalid", {"title": "too_long"})
    staff.check({"title": title}, unit.now.date())
    series = Series(
        id=SeriesId(new_id(unit.now)),
        programme=programme.id,
        title=title,
        rule=rule,
        template=new.template or programme.template,
        cases_first=programme.cases_first if new.cases_first is None else new.cases_first,
    )
    await store.insert(unit, series)
    unit.publish(SeriesCreated(series_id=series.id, programme_id=programme.id))
    made = await materialise_sessions(unit, series)
    unit.record(
        "series.created",
        actor=person_of(actor),
        subject=series.id,
        programme=programme.id,
        sessions=len(made),
    )
    return series


async def materialise_sessions(unit: Unit, series: Series) -> tuple[Session, ...]:
    """Make the sessions of the next 90 days that are not there yet; return the new ones.

    Idempotent: an occurrence is known by its number, and the database allows each number once.
    Occurrences that already started are not made up afterwards.
    """
    have = await sessions.numbers_of(unit, series.id)
    made = []
    for occurrence in recurrence.between(series.rule, unit.now, unit.now + AHEAD):
        if occurrence.number in have:
            continue
        session = Session(
            id=SessionId(new_id(unit.now)),
            programme=series.programme,
            series=series.id,
            number=occurrence.number,
            starts_at=occurrence.starts_at,
            ends_at=occurrence.starts_at + agenda.length(series.template),
            zone=series.rule.zone,
            template=series.template,
            agenda=agenda.from_template(
                series.template, series.cases_first, lambda: AgendaItemId(new_id(unit.now))
            ),
        )
        await sessions.insert(unit, session)
        unit.publish(
            SessionScheduled(
                session_id=session.id, programme_id=series.programme, series_id=series.id
            )
        )
        made.append(session)
    return tuple(made)


async def materialise_all(unit: Unit) -> int:
    """Move the 90-day edge of every running series; return how many sessions are new."""
    count = 0
    for series in await store.running(unit, unit.now):
        made = await materialise_sessions(unit, series)
        if made:
            unit.record(
                "series.materialised",
                actor=None,
                subject=series.id,
                programme=series.programme,
                sessions=len(made),
            )
        count += len(made)
    return count
