"""Who reads a signed letter: the table of domain.md §2, for every role, page by page and link by link.

The colleague who may not open the letter finds what was advised in the library all the same.
"""

import re

import pytest

from cases.rules.models import Case
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from tests.factories.advice import RAISE, Clinic, a_clinic, a_signed_case
from tests.factories.people import make_actor
from tests.harness.browser_client import Answer, House
from tests.security.village import body_of

READS_LETTER = {Role.DIRECTOR, Role.COORDINATOR, Role.FACILITATOR, Role.HUB_SPECIALIST}
"""And the presenter, who is tried apart: "R own" (domain.md §2)."""

FINDS_IT = READS_LETTER | {Role.SPOKE_CLINICIAN, Role.SPOKE_TEAM}
"""Registered people find what was advised in the library before it is published."""

READS_SHEET = FINDS_IT | {Role.ADVISER}


@pytest.fixture
async def clinic(units: Units, hub: OrganisationId, spoke: OrganisationId) -> Clinic:
    return await a_clinic(units, hub, spoke)


@pytest.fixture
async def case(units: Units, clinic: Clinic) -> Case:
    return await a_signed_case(units, clinic)


def links(answer: Answer) -> set[str]:
    """Return the addresses a page leads to."""
    return set(re.findall(r'href="([^"#]+)"', answer.text))


@pytest.mark.parametrize("role", list(Role))
async def test_who_reads_and_who_is_led_there(
    house: House, units: Units, clinic: Clinic, case: Case, role: Role
) -> None:
    person = await make_actor(units, f"Reader {role}", {clinic.programme.id: (role,)})
    browser = await house.browser(person.person)
    letter = f"/cases/{case.case_no}/letter"
    answer = await browser.get(letter)
    assert (answer.status, RAISE in answer.text) == (
        (200, True) if role in READS_LETTER else (404, False)
    )
    if answer.status == 404:
        unreal = await browser.get("/cases/BH-2031-999/letter")
        assert (unreal.status, body_of(unreal)) == (404, body_of(answer))
    listed = await browser.get("/letters")
    assert (letter in links(listed)) == (role in READS_LETTER)
    sheet = await browser.get(f"/cases/{case.case_no}")
    assert sheet.status == (200 if role in READS_SHEET else 404)
    entry = await browser.get("/library/KB-0001")
    assert (entry.status, RAISE in entry.text) == (
        (200, True) if role in FINDS_IT else (404, False)
    )
    for page in (sheet, entry):
        assert (letter in links(page)) == (page.status == 200 and role in READS_LETTER)
    if role in FINDS_IT - READS_LETTER:
        assert "/library/KB-0001" in links(sheet)
    else:
        assert "/library/KB-0001" not in links(sheet)
    # No page leads to a closed door.
    for address in sorted(links(sheet) | links(entry) | links(listed)):
        if address.startswith(("/cases/", "/library", "/letters")):
            assert (await browser.get(address)).status == 200, address


async def test_the_presenter_reads_it_for_ever(
    house: House, units: Units, clinic: Clinic, case: Case
) -> None:
    async def reads(actor: Actor) -> tuple[int, bool]:
        browser = await house.browser(actor.person)
        answer = await browser.get(f"/cases/{case.case_no}/letter")
        listed = await browser.get("/letters")
        return answer.status, f"/cases/{case.case_no}/letter" in links(listed)

    assert await reads(clinic.presenter) == (200, True)
    admin = await house.browser(
        (await make_actor(units, "Lena Admin", {}, platform_admin=True)).person
    )
    revoked = await admin.post(
        f"/programmes/{clinic.programme.id}/people/revoke",
        {"person": clinic.presenter.person, "role": "spoke_clinician"},
    )
    assert revoked.status == 303
    assert await reads(clinic.presenter) == (200, True)
    assert await reads(clinic.colleague) == (404, False)


async def test_a_colleague_finds_who_recommended_it_when_and_in_which_version(
    house: House, clinic: Clinic, case: Case
) -> None:
    """Story 6 does not need the letter's page."""
    colleague = await house.browser(clinic.colleague.person)
    found = await colleague.get("/library?q=sertraline")
    assert "/library/KB-0001" in links(found)
    entry = (await colleague.get("/library/KB-0001")).text
    for part in (RAISE, clinic.specialist.name, "12:07", "version 1", "4 March 2031"):
        assert part in entry
    assert case.patient_ref not in entry
