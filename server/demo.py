"""The demonstration: one invented hub, seeded through the real commands on a clock of its own."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from rich.console import Console

from cases.commands import forms as case_forms
from server.demo_cases import FORMS
from server.demo_people import DENVER, HUB, PEOPLE, SPOKES
from server.demo_sign_in import DemoLink
from server.demo_story import Clock, Story
from server.jobs.relay import Handler
from server.kit.actor import Actor, Permission
from server.kit.events import Event
from server.kit.ids import OrganisationId, PersonId, new_id, new_token
from server.people import api as people_api
from server.people import store as people
from server.store import facts
from server.store.engine import Engines
from server.store.unit import Unit, Units
from sessions import queries as sessions
from sessions.commands import programmes, running, series
from sessions.rules.models import SessionState, Template, WeeklyRule

PAST = timedelta(days=42)
MAKING = "making"
Handlers = dict[type[Event], tuple[Handler, ...]]


class HalfMade(Exception):
    """An earlier start was interrupted while it made the demonstration."""


class NotDemo(Exception):
    """The database holds real data: the demonstration keeps its hands off."""


async def prepare(units: Units, subscribers: Handlers) -> None:
    """Seed an empty database; open a practice session when nothing is open or live.

    Raises NotDemo for a database that was not made by the demonstration, HalfMade for one whose
    seeding was interrupted.
    """
    async with units.read() as unit:
        mark = await facts.read(unit, facts.DEMO)
        empty = await people.count(unit) == 0
    if mark == MAKING:
        raise HalfMade
    if mark is None:
        if not empty:
            raise NotDemo
        await seed(units.engines, units.clock.now(), subscribers)
    await open_practice(units)


async def open_practice(units: Units) -> None:
    """Make sure there is a room to walk into: a practice session when nothing is open or live."""
    async with units.write() as unit:
        await running.open_due(unit)
        await unit.commit()
    async with units.write() as unit:
        sam = await _actor(unit, (await ids_by_email(unit))["sam"])
        around = await sessions.calendar(
            unit, sam, unit.now - timedelta(days=1), unit.now + timedelta(days=1)
        )
        walk_in = (SessionState.OPEN, SessionState.LIVE)
        if any(c.session.state in walk_in and c.session.ends_at > unit.now for c in around):
            return
        known = await sessions.programmes(unit, frozenset(sam.roles))
        programme = next(p for p in known.values() if p.code == "BH")
        await running.open_practice_session(unit, sam, programme.id)
        await unit.commit()


async def ids_by_email(unit: Unit) -> dict[str, PersonId]:
    """Return the demonstration's people by their key."""
    found: dict[str, PersonId] = {}
    for person in PEOPLE:
        account = await people.by_email(unit, person.email)
        if account is not None:
            found[person.key] = account.id
    return found


async def _actor(unit: Unit, person: PersonId) -> Actor:
    actor = await people_api.actor(unit, person)
    if actor is None:
        raise NotDemo
    return actor


async def links(units: Units) -> dict[str, DemoLink]:
    """Return fresh one-click links; they live in this process only."""
    async with units.read() as unit:
        ids = await ids_by_email(unit)
    made = (
        DemoLink(ids[p.key], f"{p.name} {p.credentials}".strip(), p.shown_as, new_token())
        for p in PEOPLE
        if p.key in ids
    )
    return {link.token: link for link in made}


def print_table(found: dict[str, DemoLink], origin: str) -> None:
    """Print who can be played, one line each."""
    console = Console(soft_wrap=True, highlight=False)
    console.print(f"\nCaseround demonstration: {origin}   (Ctrl-C stops it)\n")
    wide = max(len(link.name) for link in found.values())
    wide_role = max(len(link.role) for link in found.values())
    for link in found.values():
        console.print(
            f"  {link.name:<{wide}}  {link.role:<{wide_role}}  {origin}/demo/sign-in/{link.token}"
        )
    console.print("\nEvery person and every case here is invented.\n")


async def seed(engines: Engines, now: datetime, subscribers: Handlers) -> None:
    """Fill an empty database with the story; marked as finished at the very end."""
    clock = Clock(now - PAST - timedelta(days=7))
    units = Units(engines, clock)
    async with units.write() as unit:
        await facts.write(unit, facts.DEMO, MAKING)
        await _people(unit)
        await _programmes(unit, now)
        await unit.commit()
    async with units.read() as unit:
        ids = await ids_by_email(unit)
        actors = {key: await _actor(unit, person) for key, person in ids.items()}
        known = await sessions.programmes(unit, frozenset(actors["sam"].roles))
    programme = next(p.id for p in known.values() if p.code == "BH")
    local = quarter_hour(now)
    starts = {days: local + timedelta(days=days) for days in (-42, -28, -14, 0)}
    await Story(units, clock, subscribers, actors, programme).tell(starts)
    clock.set(now)
    async with units.write() as unit:
        await facts.change(unit, facts.DEMO, "yes")
        await unit.commit()


async def _people(unit: Unit) -> None:
    organisations = {
        name: people.Organisation(
            OrganisationId(new_id(unit.now)), "hub" if name == HUB else "spoke", name
        )
        for name in (HUB, *SPOKES)
    }
    for organisation in organisations.values():
        await people.add_organisation(unit, organisation)
    for person in PEOPLE:
        await people.add(
            unit,
            people.Person(
                id=PersonId(new_id(unit.now)),
                email=person.email,
                name=person.name,
                credentials=person.credentials,
                discipline=person.discipline,
                zone=person.zone,
                organisation=organisations[person.organisation].id,
                platform_admin=person.platform_admin,
                password_hash=None,
                failures=0,
                wait_until=None,
                disabled=False,
            ),
        )


def quarter_hour(now: datetime) -> datetime:
    """Return `now` in the clinic's zone, back to the last full quarter of an hour."""
    local = now.astimezone(ZoneInfo(DENVER))
    return local.replace(minute=local.minute // 15 * 15, second=0, microsecond=0)


async def _programmes(unit: Unit, now: datetime) -> None:
    ids = await ids_by_email(unit)
    start = quarter_hour(now)
    first = (unit.now + timedelta(days=1)).astimezone(ZoneInfo(DENVER)).date()
    plans = (
        (
            programmes.NewProgramme(
                "BH",
                "Integrated Behavioural Health Clinic",
                "Depression, anxiety, trauma and first psychosis in primary care, every week.",
                DENVER,
            ),
            "Weekly clinic",
            WeeklyRule(DENVER, start.weekday(), start.time(), first),
        ),
        (
            programmes.NewProgramme(
                "SU",
                "Substance Use and Hepatitis C Clinic",
                "Treatment of substance use disorders and hepatitis C where people live.",
                DENVER,
            ),
            "Fortnightly clinic",
            WeeklyRule(DENVER, 3, start.time().replace(hour=12, minute=30), first, every_weeks=2),
        ),
        (
            programmes.NewProgramme(
                "WH",
                "Whole Health for Serious Mental Illness",
                "Heart, weight, sugar and housing for people with serious mental illness.",
                DENVER,
                template=Template.T90_3,
            ),
            "Every four weeks",
            WeeklyRule(DENVER, 2, start.time().replace(hour=13, minute=0), first, every_weeks=4),
        ),
    )
    sam = await _actor(unit, ids["sam"])
    # The founder of a programme needs to be a coordinator somewhere; the first one is not yet.
    sam = replace(sam, everywhere=frozenset({Permission.PROGRAMME_CREATE}))
    for new, title, rule in plans:
        programme = await programmes.create_programme(unit, sam, new)
        for person in PEOPLE:
            for role in person.roles.get(new.code, ()):
                await people.grant(unit, ids[person.key], programme.id, role)
        coordinator = await _actor(unit, ids["sam"])
        await series.create_series(unit, coordinator, series.NewSeries(programme.id, title, rule))
        if new.code in FORMS:
            await case_forms.save_setup(unit, coordinator, programme.id, FORMS[new.code], after=0)
