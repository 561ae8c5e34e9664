"""Founding programmes, laying down series, keeping the calendar 90 days ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from server.kit.actor import Permission, Role
from server.kit.errors import Conflict, Forbidden, Invalid, NotFound
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions import queries
from sessions.commands import programmes, series
from sessions.commands.programmes import NewProgramme
from sessions.commands.series import NewSeries
from sessions.events import SeriesCreated, SessionScheduled
from sessions.rules.models import SessionState, Template
from sessions.store import programmes as programmes_store
from tests.conftest import FakeClock
from tests.factories.people import actor_of, make_actor
from tests.factories.records import audit_actions, events_of
from tests.factories.sessions import a_programme, a_series, rule, slots_of, somebody
from tests.factories.sessions import programme as plain_programme

pytestmark = pytest.mark.both_databases

NEW = NewProgramme("bh", "Behavioural Health", "For primary care", "America/Denver")


async def test_an_administrator_founds_without_a_role_in_it(
    units: Units, hub: OrganisationId
) -> None:
    admin = await make_actor(units, "Ada", platform_admin=True)
    async with units.write() as unit:
        made = await programmes.create_programme(unit, admin, replace(NEW, hub=hub))
        await unit.commit()
    founder = await actor_of(units, admin.person)
    assert founder.roles_in(made.id) == frozenset()
    async with units.read() as unit:
        assert await queries.visible_programme(unit, founder, made.id) == replace(
            plain_programme(),
            id=made.id,
            hub=hub,
            name="Behavioural Health",
            description="For primary care",
        )
    assert "programme.created" in await audit_actions(units)


async def test_a_coordinator_may_found_the_next_one(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    async with units.write() as unit:
        made = await programmes.create_programme(unit, coordinator, replace(NEW, code="SU"))
        await unit.commit()
    again = await actor_of(units, coordinator.person)
    assert again.roles_in(made.id) == {Role.COORDINATOR}
    assert again.programmes_with(Permission.SCHEDULE_MANAGE) == {found.id, made.id}


@pytest.mark.parametrize(
    "role", [Role.DIRECTOR, Role.FACILITATOR, Role.SPOKE_CLINICIAN, Role.LEARNER]
)
async def test_others_may_not(units: Units, hub: OrganisationId, role: Role) -> None:
    other = await somebody(units, await a_programme(units, hub), role)
    async with units.write() as unit:
        with pytest.raises(Forbidden):
            await programmes.create_programme(unit, other, replace(NEW, code="SU"))


async def test_codes_are_used_once(units: Units, hub: OrganisationId) -> None:
    coordinator = await somebody(units, await a_programme(units, hub), Role.COORDINATOR)
    async with units.write() as unit:
        with pytest.raises(Invalid) as caught:
            await programmes.create_programme(unit, coordinator, NEW)
    assert caught.value.fields == {"code": "programme.code_taken"}


async def test_two_at_once_make_one(units: Units, hub: OrganisationId) -> None:
    await a_programme(units, hub)
    async with units.write() as unit:
        with pytest.raises(Conflict) as caught:
            await programmes_store.insert(unit, replace(plain_programme(), hub=hub))
    assert caught.value.code == "programme.code_taken"


async def test_a_founder_without_hub_is_told(units: Units) -> None:
    admin = await make_actor(units, "Ada", platform_admin=True)
    for hub in (None, OrganisationId("z" * 26)):
        async with units.write() as unit:
            with pytest.raises(Invalid) as caught:
                await programmes.create_programme(unit, admin, replace(NEW, hub=hub))
        assert caught.value.fields == {"hub": "programme.hub"}


async def test_a_series_stands_in_the_calendar_for_ninety_days(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    laid, made = await a_series(units, coordinator, found, rule(first=date(2031, 3, 5)))
    # 12:00 in Denver: 19:00 UTC until the clocks change on 9 March 2031, 18:00 afterwards.
    assert [s.starts_at for s in made] == [
        datetime(2031, 3, 11, 18, 0, tzinfo=UTC) + timedelta(weeks=n) for n in range(12)
    ]
    assert (
        made[-1].starts_at < clock.now() + timedelta(days=90) < made[-1].starts_at + timedelta(7)
    )
    assert [s.number for s in made] == list(range(1, 13))
    assert {(s.state, s.zone, s.series, s.template) for s in made} == {
        (SessionState.PLANNED, "America/Denver", laid.id, Template.T60_2)
    }
    assert all(len(slots_of(s)) == 2 for s in made)
    assert await events_of(units, SeriesCreated) == [
        SeriesCreated(series_id=laid.id, programme_id=found.id)
    ]
    assert await events_of(units, SessionScheduled) == [
        SessionScheduled(session_id=s.id, programme_id=found.id, series_id=laid.id) for s in made
    ]


async def test_materialising_is_idempotent_and_rolls_on(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    laid, first = await a_series(units, coordinator, found, rule(first=date(2031, 3, 5)))
    _, bounded = await a_series(
        units, coordinator, found, rule(first=date(2031, 3, 5), until=date(2031, 3, 31))
    )
    counts = []
    for days in (0, 6, 14):
        clock.advance(days=days)
        async with units.write() as unit:
            counts.append(await series.materialise_all(unit))
            await unit.commit()
    # Twenty days later the edge has moved by twenty days: three more Tuesdays.
    assert counts == [0, 1, 2]
    async with units.read() as unit:
        cards = await queries.sessions_of_series(unit, laid.id)
    assert tuple(c.session for c in cards[: len(first)]) == first
    assert [c.session.number for c in cards] == list(range(1, len(first) + 4))
    assert len(bounded) == 3


async def test_what_already_started_is_not_made_up(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    first = clock.now().date() - timedelta(days=21)
    _, made = await a_series(units, coordinator, found, rule(first=first, count=5))
    assert [s.number for s in made] == [5]


async def test_a_series_follows_its_programme_unless_told(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    today = clock.now().date()
    async with units.write() as unit:
        plain = await series.create_series(
            unit, coordinator, NewSeries(found.id, "", rule(first=today))
        )
        other = await series.create_series(
            unit,
            coordinator,
            NewSeries(found.id, "Long", rule(first=today), Template.T90_3, cases_first=True),
        )
        await unit.commit()
    assert (plain.title, plain.template, plain.cases_first) == (
        found.name,
        Template.T60_2,
        False,
    )
    async with units.read() as unit:
        assert await queries.visible_series(unit, coordinator, other.id) == (other, found)
        cards = await queries.sessions_of_series(unit, other.id)
    assert cards[0].session.ends_at - cards[0].session.starts_at == timedelta(minutes=90)
    assert cards[0].session.agenda[2].kind == "case_slot"


async def test_a_wrong_series_leaves_nothing(units: Units, hub: OrganisationId) -> None:
    found = await a_programme(units, hub)
    coordinator = await somebody(units, found, Role.COORDINATOR)
    for new, fields in [
        (NewSeries(found.id, "x" * 121, rule()), {"title": "too_long"}),
        (NewSeries(found.id, "", rule(weekday=9)), {"weekday": "series.weekday"}),
    ]:
        async with units.write() as unit:
            with pytest.raises(Invalid) as caught:
                await series.create_series(unit, coordinator, new)
        assert caught.value.fields == fields
    async with units.read() as unit:
        assert await queries.series_of_programme(unit, found.id) == ()


@pytest.mark.parametrize(
    ("role", "error"),
    [(Role.SPOKE_CLINICIAN, Forbidden), (Role.LEARNER, Forbidden), (None, NotFound)],
)
async def test_who_may_not_lay_down_a_series(
    units: Units, hub: OrganisationId, role: Role | None, error: type[Exception]
) -> None:
    found = await a_programme(units, hub)
    other = await somebody(units, found, *([role] if role else []))
    async with units.write() as unit:
        with pytest.raises(error):
            await series.create_series(unit, other, NewSeries(found.id, "", rule()))
