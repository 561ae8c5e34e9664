"""What the tests of the desk begin with."""

from dataclasses import dataclass

import pytest

from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.factories.people import make_actor
from tests.factories.sessions import a_programme, a_series, somebody


@dataclass
class Scene:
    """A programme with its people and a series of sessions."""

    programme: Programme
    author: Actor
    coordinator: Actor
    director: Actor


@pytest.fixture
async def scene(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Scene:
    programme = await a_programme(units, hub)
    author = await make_actor(
        units, "Marisol", {programme.id: (Role.SPOKE_CLINICIAN,)}, organisation=spoke
    )
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    director = await somebody(units, programme, Role.DIRECTOR)
    await a_series(units, coordinator, programme)
    return Scene(programme, author, coordinator, director)
