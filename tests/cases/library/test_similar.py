"""Similar cases for an author: only what may be read, and nothing while an identifier stands there."""

import pytest

from cases.library.likeness import Facts
from cases.library.similar import Similar, similar
from server.kit.actor import Actor
from server.kit.errors import Forbidden
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.advice import a_clinic, a_signed_case
from tests.factories.people import make_actor

pytestmark = pytest.mark.both_databases

FACTS = Facts(
    "What is the next step for depression while breastfeeding?",
    ["Depression after birth"],
    ["sertraline"],
    ["dose_change"],
)


async def look(units: Units, actor: Actor, facts: Facts = FACTS) -> Similar:
    async with units.read() as unit:
        return await similar(unit, actor, facts)


async def test_people_of_the_programme_find_it_and_others_do_not(
    units: Units, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    elsewhere = await a_clinic(units, hub, spoke, "SU")
    await a_signed_case(units, clinic)
    found = await look(units, clinic.colleague)
    assert [(like.doc.number, like.score) for like in found.found] == [("KB-0001", 0.925)]
    for reader in (elsewhere.colleague, clinic.learner):
        assert await look(units, reader) == Similar()
    with pytest.raises(Forbidden):
        await look(units, await make_actor(units, "Nobody"))


@pytest.mark.parametrize(
    "facts",
    [
        Facts("Should Mrs Quintana take more sertraline for depression?", ["Depression"]),
        Facts("What next?", ["Depression, ring 505-555-0143"], ["sertraline"]),
        Facts("What next?", ["Depression"], ["sertraline since 03/14/2030"]),
    ],
)
async def test_an_identifier_stops_the_look_up(
    units: Units, hub: OrganisationId, spoke: OrganisationId, facts: Facts
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    await a_signed_case(units, clinic)
    assert await look(units, clinic.colleague, facts) == Similar(held=True)


async def test_nothing_to_look_for_finds_nothing(
    units: Units, hub: OrganisationId, spoke: OrganisationId
) -> None:
    clinic = await a_clinic(units, hub, spoke)
    await a_signed_case(units, clinic)
    for facts in (Facts(), Facts(types=["dose_change"]), Facts("???", ["  "], ["the"])):
        assert await look(units, clinic.colleague, facts) == Similar()
