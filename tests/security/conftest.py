"""The clinic that bad input is sent to, and everything it logs."""

import io
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from server import logs
from server.kit.actor import Role
from server.kit.ids import OrganisationId
from server.people import store as people
from server.people.passwords import Passwords
from server.store.unit import Units
from tests.factories.sessions import a_programme, somebody
from tests.harness.browser_client import House
from tests.security.clinic import PASSWORD, Clinic


@pytest.fixture
async def clinic(units: Units, house: House, hub: OrganisationId) -> Clinic:
    programme = await a_programme(units, hub)
    author = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    hashed = await Passwords().hash(PASSWORD)
    async with units.write() as unit:
        await people.change(unit, author.person, password_hash=hashed)
        await unit.commit()
    writing, desk = await house.browser(author.person), await house.browser(coordinator.person)
    await writing.get("/profile")
    await desk.get("/profile")
    return Clinic(programme, author, coordinator, writing, desk)


@pytest.fixture
def log_lines() -> Iterator[io.StringIO]:
    """Everything the house logs during a test, written as in production."""
    before = logging.getLogger().handlers[:], logging.getLogger().level
    taken, sys.stderr = sys.stderr, io.StringIO()
    written = sys.stderr
    try:
        logs.setup(form="json", level="debug")
        yield written
    finally:
        sys.stderr = taken
        structlog.reset_defaults()
        logging.getLogger().handlers[:] = before[0]
        logging.getLogger().setLevel(before[1])
