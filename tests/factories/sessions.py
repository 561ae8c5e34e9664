"""Programmes, series, sessions and actors for tests: plain functions, every default visible."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time

from server.kit.actor import Actor, Role
from server.kit.ids import (
    AgendaItemId,
    CaseId,
    OrganisationId,
    PersonId,
    ProgrammeId,
    SeriesId,
    SessionId,
    new_id,
)
from server.people.rules import PLATFORM_ADMIN_PERMISSIONS, permissions_of
from server.store.unit import Units
from sessions import queries
from sessions.commands import series as series_commands
from sessions.rules import agenda
from sessions.rules.models import (
    AgendaItem,
    ItemKind,
    Programme,
    Series,
    Session,
    SessionState,
    Template,
    WeeklyRule,
)
from sessions.store import programmes as programmes_store
from sessions.store import sessions as sessions_store
from tests.factories.people import make_actor

TUESDAY_NOON = datetime(2026, 11, 24, 19, 0, tzinfo=UTC)
"""Tuesday 24 November 2026, 12:00 in Denver."""


def an_id(text: str) -> str:
    """Return an id-shaped text that starts with `text` (letters i, l, o, u are not allowed)."""
    return text.ljust(26, "0")


PROGRAMME = ProgrammeId(an_id("bh"))
HUB = OrganisationId(an_id("hb"))
CASE = CaseId(an_id("case1"))
OTHER_CASE = CaseId(an_id("case2"))


def person(name: str) -> PersonId:
    """Return the id of an invented person."""
    return PersonId(an_id(name))


def actor(
    *roles: Role,
    name: str = "sam",
    programme: ProgrammeId = PROGRAMME,
    zone: str = "America/Denver",
    organisation: OrganisationId | None = HUB,
) -> Actor:
    """Return somebody who holds `roles` in one programme, with what these roles permit."""
    held = frozenset(roles)
    has: Mapping[ProgrammeId, Iterable[Role]] = {programme: held} if held else {}
    return Actor(
        person=person(name),
        name=name,
        zone=zone,
        organisation=organisation,
        roles={p: frozenset(r) for p, r in has.items()},
        permissions={p: permissions_of(r) for p, r in has.items()},
    )


def platform_admin(name: str = "adm") -> Actor:
    """Return the platform administrator: reads schedules everywhere, holds no role."""
    return Actor(
        person=person(name),
        name=name,
        zone="UTC",
        platform_admin=True,
        everywhere=PLATFORM_ADMIN_PERMISSIONS,
    )


def programme(
    *,
    id: ProgrammeId = PROGRAMME,  # noqa: A002 -- the field's own name
    code: str = "BH",
    name: str = "Integrated Behavioural Health Clinic",
    description: str = "",
    zone: str = "America/Denver",
    template: Template = Template.T60_2,
    cases_first: bool = False,
    learner_sees_case: bool = False,
) -> Programme:
    """Return the behavioural-health programme of the demonstration."""
    return Programme(
        id=id,
        code=code,
        name=name,
        description=description,
        hub=HUB,
        zone=zone,
        template=template,
        cases_first=cases_first,
        learner_sees_case=learner_sees_case,
    )


def rule(
    *,
    zone: str = "America/Denver",
    weekday: int = 1,
    at: time = time(12, 0),
    first: date = date(2026, 11, 24),
    every_weeks: int = 1,
    count: int | None = None,
    until: date | None = None,
) -> WeeklyRule:
    """Return "Tuesdays 12:00 America/Denver", every week from 24 November 2026."""
    return WeeklyRule(
        zone=zone,
        weekday=weekday,
        at=at,
        first=first,
        every_weeks=every_weeks,
        count=count,
        until=until,
    )


def numbered_ids(prefix: str = "item") -> Callable[[], AgendaItemId]:
    """Return a function that hands out item ids in order."""
    numbers = iter(range(1, 1000))
    return lambda: AgendaItemId(an_id(f"{prefix}{next(numbers):03d}"))


def session(
    *,
    state: SessionState = SessionState.PLANNED,
    template: Template = Template.T60_2,
    cases_first: bool = False,
    starts_at: datetime = TUESDAY_NOON,
    zone: str = "America/Denver",
    items: tuple[AgendaItem, ...] | None = None,
    started_at: datetime | None = None,
    ended_at: datetime | None = None,
    programme: ProgrammeId = PROGRAMME,
) -> Session:
    """Return one session of the Tuesday series with the template's agenda."""
    planned = agenda.from_template(template, cases_first, numbered_ids())
    return Session(
        id=SessionId(an_id("sess1")),
        programme=programme,
        series=SeriesId(an_id("ser1")),
        number=1,
        starts_at=starts_at,
        ends_at=starts_at + agenda.length(template),
        zone=zone,
        template=template,
        state=state,
        agenda=planned if items is None else items,
        started_at=started_at,
        ended_at=ended_at,
    )


def slots_of(found: Session) -> tuple[AgendaItem, ...]:
    """Return the case slots of a session, in order."""
    return tuple(i for i in found.agenda if i.kind is ItemKind.CASE_SLOT)


async def a_programme(
    units: Units, hub: OrganisationId, *, code: str = "BH", learner_sees_case: bool = False
) -> Programme:
    """Insert a programme of `hub`; nobody holds a role in it yet."""
    async with units.write() as unit:
        found = replace(
            programme(
                id=ProgrammeId(new_id(unit.now)), code=code, learner_sees_case=learner_sees_case
            ),
            hub=hub,
        )
        await programmes_store.insert(unit, found)
        await unit.commit()
    return found


async def somebody(
    units: Units, found: Programme, *roles: Role, zone: str = "America/Denver"
) -> Actor:
    """Insert a person who holds `roles` in one programme."""
    name = f"{found.code} {' '.join(roles) or 'Stranger'} {new_id(TUESDAY_NOON)[-6:]}"
    return await make_actor(units, name, {found.id: roles}, organisation=found.hub, zone=zone)


async def a_series(
    units: Units,
    by: Actor,
    found: Programme,
    given: WeeklyRule | None = None,
    title: str = "Spring",
) -> tuple[Series, tuple[Session, ...]]:
    """Lay down a series (Tuesdays 12:00 Denver, three sessions) and return its sessions."""
    async with units.write() as unit:
        today = unit.now.date()
        laid = await series_commands.create_series(
            unit,
            by,
            series_commands.NewSeries(
                programme=found.id, title=title, rule=given or rule(first=today, count=4)
            ),
        )
        await unit.commit()
    async with units.read() as unit:
        cards = await queries.sessions_of_series(unit, laid.id)
    return laid, tuple(card.session for card in cards)


async def reload(units: Units, session_id: SessionId) -> Session:
    """Return a session as the database has it now."""
    async with units.read() as unit:
        return await sessions_store.load(unit, session_id)
