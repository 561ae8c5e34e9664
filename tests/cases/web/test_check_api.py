"""POST /api/deid/check: the identifier check for programs of signed-in people."""

import json

import pytest

from server.kit.actor import Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.people import make_actor
from tests.factories.records import audit_actions
from tests.factories.sessions import a_programme
from tests.harness.browser_client import House

TEXT = "Her sister Evangeline can be reached at 505-555-0143. "


@pytest.fixture
async def writing(house: House, units: Units, hub: OrganisationId, spoke: OrganisationId):
    programme = await a_programme(units, hub)
    roles = {programme.id: (Role.SPOKE_CLINICIAN,)}
    author = await make_actor(units, "Marisol", roles, organisation=spoke)
    return await house.browser(author.person)


async def test_the_answer_points_into_the_text_as_sent(writing, units: Units) -> None:
    before = await audit_actions(units)
    answer = await writing.post_json("/api/deid/check", {"text": f"  {TEXT}", "lang": "en"})
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    found = json.loads(answer.text)["findings"]
    assert [f["category"] for f in found] == ["name", "phone"]
    assert [f"  {TEXT}"[f["start"] : f["end"]] for f in found][1] == "505-555-0143"
    assert [set(f) for f in found] == [
        {"start", "end", "category", "tier", "rule", "suggestion"}
    ] * 2
    assert await audit_actions(units) == before


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"text": "x" * 20_001}, 422),
        ({"lang": "en"}, 422),
        ({"text": 5}, 422),
        ({"text": "x", "more": 1}, 422),
        (["x"], 400),
    ],
)
async def test_what_cannot_be_checked_is_refused(writing, sent, status) -> None:
    answer = await writing.post_json("/api/deid/check", sent)
    assert answer.status == status


async def test_only_signed_in_people_are_answered(house: House) -> None:
    stranger = house.stranger()
    answer = await stranger.post_json("/api/deid/check", {"text": TEXT})
    assert answer.status == 401
