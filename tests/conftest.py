"""A settable clock, units on real databases, actors, and the application with its browsers."""

import asyncio
import functools
import gc
import inspect
import itertools
import pathlib
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings

from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId, new_id
from server.people import store as people
from server.store import migrate
from server.store.engine import make_engines
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.advice import Clinic, a_clinic
from tests.factories.people import make_actor
from tests.factories.sessions import a_programme, somebody
from tests.harness.browser_client import House
from tests.harness.engines import SharedEngines
from tests.harness.postgres import Postgres
from tests.harness.seeds import Seeds

hypothesis_settings.register_profile("dev", max_examples=50, deadline=None)
hypothesis_settings.register_profile("ci", max_examples=200, deadline=None)
hypothesis_settings.load_profile("dev")

NOON = datetime(2031, 3, 4, 19, 0, tzinfo=UTC)
"""A Tuesday, 12:00 in Denver, a week before its clocks change."""

_names = itertools.count(1)


class FakeClock:
    """Time stands still until the test moves it."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self._monotonic = 1000.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    def advance(self, **delta: float) -> None:
        step = timedelta(**delta)
        self._now += step
        self._monotonic += step.total_seconds()

    def set(self, now: datetime) -> None:
        self._now = now


MEDIA = (
    "test_story_live",
    "test_story_firefox",
    "test_story_media",
    "test_browsers",
    "test_slow_line",
    "test_worker_death",
)
"""Files whose browsers send pictures and sound, or wait on a slow line: one after another."""


LONGEST_STORY = 240.0
"""Seconds after which a browser test has failed: what a page is asked for may never come."""


LONGEST_FIRST = (
    "test_matrix",
    "test_canary",
    "test_quality",
    "test_broken_bodies",
    "test_policies",
)
"""Files with tests of half a minute: begun last, one of them keeps one worker when all others are idle."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say which browser tests share a worker: those of a file, and all that need the machine alone.

    Two workers then halve the time; nobody's video competes with somebody else's.
    """
    items.sort(key=lambda item: item.path.stem not in LONGEST_FIRST)
    for item in items:
        if item.get_closest_marker("browser"):
            name = item.path.stem
            item.add_marker(pytest.mark.xdist_group("media" if name in MEDIA else name))
            if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
                item.obj = limited(item.obj)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what is imported and collected, and come less often."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def limited(story: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
    """Return the same test with an end: a hang says where it hangs."""

    @functools.wraps(story)
    async def run(*args: object, **named: object) -> None:
        async with asyncio.timeout(LONGEST_STORY):
            await story(*args, **named)

    return run


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "database" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("both_databases") is not None
        kinds = [pytest.param("sqlite", id="sqlite")]
        if both:
            kinds.append(pytest.param("postgresql", id="postgresql", marks=pytest.mark.postgres))
        metafunc.parametrize("database", kinds, indirect=True)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """One migrated SQLite file, copied for every test."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite3"

    async def make() -> None:
        engines = make_engines(f"sqlite:///{path}")
        await migrate.upgrade(engines)
        await engines.dispose()

    asyncio.run(make())
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A real PostgreSQL with a migrated template database."""
    server = Postgres()
    server.start()
    server.create_database("template_caseround")

    async def make() -> None:
        engines = make_engines(server.url("template_caseround"))
        await migrate.upgrade(engines)
        await engines.dispose()

    asyncio.run(make())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    """Lets the demonstrations of this process be made once in a quarter of an hour."""
    return Seeds(tmp_path_factory.mktemp("seeds"))


@pytest.fixture
def database(request: pytest.FixtureRequest, tmp_path: pathlib.Path) -> Iterator[str]:
    """The URL of a fresh, migrated database."""
    if request.param == "sqlite":
        path = tmp_path / "test.sqlite3"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: Postgres = request.getfixturevalue("postgres")
    name = f"test_{next(_names)}"
    server.create_database(name, template="template_caseround")
    yield server.url(name)
    server.drop_database(name)


@pytest.fixture(scope="session")
def shared_engines() -> SharedEngines:
    """The engines that every test's `units` work with, one test after another."""
    return SharedEngines()


@pytest.fixture
async def units(
    database: str, clock: FakeClock, shared_engines: SharedEngines
) -> AsyncIterator[Units]:
    engines = shared_engines.on(database)
    yield Units(engines, clock)
    await engines.dispose()


@pytest.fixture
async def house(units: Units, clock: FakeClock, tmp_path: pathlib.Path) -> AsyncIterator[House]:
    """The whole application on a real port, with the test's clock and database."""
    running = House(units, clock, tmp_path)
    await running.start()
    yield running
    await running.stop()


@pytest.fixture
async def hub(units: Units) -> OrganisationId:
    """A hub organisation."""
    async with units.write() as unit:
        organisation = OrganisationId(new_id(unit.now))
        await people.add_organisation(unit, people.Organisation(organisation, "hub", "Test Hub"))
        await unit.commit()
    return organisation


@pytest.fixture
async def spoke(units: Units) -> OrganisationId:
    """A spoke organisation."""
    async with units.write() as unit:
        organisation = OrganisationId(new_id(unit.now))
        await people.add_organisation(
            unit, people.Organisation(organisation, "spoke", "Test Spoke")
        )
        await unit.commit()
    return organisation


@pytest.fixture
async def programme(units: Units, hub: OrganisationId) -> Programme:
    """A programme of the hub in which nobody holds a role."""
    return await a_programme(units, hub)


@pytest.fixture
async def author(units: Units, programme: Programme, spoke: OrganisationId) -> Actor:
    """A clinician of the spoke who presents cases in the programme."""
    roles = {programme.id: (Role.SPOKE_CLINICIAN,)}
    return await make_actor(units, "Marisol", roles, organisation=spoke)


@pytest.fixture
async def coordinator(units: Units, programme: Programme) -> Actor:
    """The programme's coordinator."""
    return await somebody(units, programme, Role.COORDINATOR)


@pytest.fixture
async def clinic(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Clinic:
    """A programme with one person in each role and a series of sessions."""
    return await a_clinic(units, hub, spoke)
