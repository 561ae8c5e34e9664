"""The clinic that bad input is sent to."""

import pytest

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
