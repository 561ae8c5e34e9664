"""“Measured and worked out” as readers see it: case page, brief and desk, over a person's cases."""

import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import event

from cases.commands import submit
from cases.commands.submit import Submitted, Target, Written
from cases.queries.trends import presentations
from cases.rules.fields import Module
from cases.rules.form import assemble
from cases.rules.form_setup import FormSetup
from cases.rules.models import Case, CaseState, CaseType
from cases.store import cases as store
from cases.store import forms
from server.kit.actor import Actor, Role
from server.kit.ids import OrganisationId
from server.store.unit import Units
from sessions.rules.models import Programme
from tests.conftest import FakeClock
from tests.factories.cases import a_case, a_form, put_in_state
from tests.factories.sessions import a_programme, somebody
from tests.harness.browser_client import Browser, House

SETUP = FormSetup(modules=(Module.BH, Module.SMI))

PERSON = {
    "about": ["bh", "smi"],
    "age": "47",
    "pregnancy": None,
    "sex_for_formulas": "male",
    "family_history": "none known",
    "diagnoses.0.label": "Schizophrenia",
    "diagnoses.0.icd10": "F20.9",
    "medical_history": ["diabetes"],
    "case_manager": "none",
    "psychosis": ["negative"],
    "medications.0.name": "olanzapine",
    "medications.0.dose": "15",
    "antipsychotic_weeks": "30",
    "baseline_weight": "110",
    "weight": "118",
    "height": "178",
    "sbp": "138",
    "dbp": "86",
    "vitals_weeks": "1",
    "tobacco": "12",
    "tobacco_stop": "unsure",
    "pressure_treated": "no",
    "labs.0.code": "hba1c",
    "labs.0.value": "8.1",
    "labs.0.weeks": "2",
    "labs.1.code": "chol",
    "labs.1.value": "212",
    "labs.1.weeks": "2",
    "labs.2.code": "hdl",
    "labs.2.value": "38",
    "labs.2.weeks": "2",
    "sdoh_asked": "needs",
    "sdoh_needs": ["food", "childcare"],
    "cssrs": "low",
}


async def a_clinic(units: Units, hub: OrganisationId) -> tuple[Programme, Actor, Actor]:
    programme = await a_programme(units, hub)
    coordinator = await somebody(units, programme, Role.COORDINATOR)
    async with units.write() as unit:
        await forms.add_setup(unit, programme.id, SETUP, after=0, by=coordinator.person)
        await unit.commit()
    return programme, await somebody(units, programme, Role.SPOKE_CLINICIAN), coordinator


def a_person(**changes: Any) -> dict[str, Any]:
    typed = a_form() | PERSON
    typed = {key: value for key, value in typed.items() if value is not None} | changes
    known = {asked.key for asked in assemble(SETUP).fields()}
    return {key: value for key, value in typed.items() if key.partition(".")[0] in known}


async def a_new_case(units: Units, author: Actor, programme: Programme, **changes: Any) -> Case:
    async with units.write() as unit:
        done = await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(a_person(**changes), {})
        )
    assert isinstance(done, Submitted), done
    return done.case


async def a_follow_up(
    units: Units, author: Actor, programme: Programme, prior: Case, **changes: Any
) -> Case:
    await put_in_state(units, prior, CaseState.RECS_ISSUED)
    typed = {
        "main_question": "What should we try next for the weight?",
        "interval_update": "Sleeps better and walks every day; the weight has not come down yet.",
        "feel_change": "better",
        "satisfied": "yes",
        **changes,
    }
    target = Target(programme=programme.id, case_type=CaseType.FOLLOWUP, prior=prior.key)
    async with units.write() as unit:
        done = await submit.submit_case(
            unit, author, target, Written(a_person(**typed, antipsychotic_weeks="43"), {})
        )
    assert isinstance(done, Submitted), done
    return done.case


def words(text: str) -> str:
    """Return what a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text)).split())


async def test_a_case_says_what_was_worked_out_from_what_and_how(
    house: House, units: Units, hub: OrganisationId
) -> None:
    programme, author, coordinator = await a_clinic(units, hub)
    case = await a_new_case(units, author, programme)
    for actor, path in ((author, ""), (author, "/brief"), (coordinator, "/review")):
        browser = await house.browser(actor.person)
        page = words((await browser.get(f"/cases/{case.key}{path}")).text)
        for said in (
            "Body-mass index 37.2 kg/m² 30 or more",
            "Weight 118 kg (one week ago) Height 178 cm",
            "weight in kg ÷ (height in m)²",
            "WHO expert consultation. Lancet 2004;363:157–163.",
            "Framingham 2008, with lipids 31.86 % in 10 years",
            "Total cholesterol 212 mg/dL (2 weeks ago)",
            "Schedule A: ADA/APA 2004 · 30 weeks on the medicine",
            "Fasting glucose Overdue none given 30 weeks ago baseline, 12 weeks, then yearly",
            "Fasting lipids Done 2 weeks ago in 258 weeks",
            "Consider a change of medicine.",
            "110 → 118 kg, +7.3 %",
            "Done SSD Diabetes screening on an antipsychotic: Fasting glucose or HbA1c, within",
            "Gap SMD Diabetes monitoring in schizophrenia: no result within 52 weeks for: LDL",
            "For education only, after HEDIS measures; not certified HEDIS.",
            "2025, 2026: not looked up for the year of this case",
        ):
            assert said in page, (path, said)
        assert "Over time" not in page


async def test_instruments_and_needs_say_what_they_are(
    house: House, units: Units, hub: OrganisationId
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    case = await a_new_case(units, author, programme)
    browser = await house.browser(author.person)
    page = words((await browser.get(f"/cases/{case.key}")).text)
    for said in (
        "16 of 27 · moderately severe · one week ago A score is a screen, not a diagnosis.",
        "Cut-off 10. Kroenke K, Spitzer RL, Williams JBW. J Gen Intern Med 2001;16:606–613.",
        "with an educational grant from Pfizer Inc.",
        "C-SSRS Low risk : “yes” to question 1 or 2 at most A score is a screen, not a diagnosis.",
        "Posner K et al. Am J Psychiatry 2011;168:1266–1277. Only the result of a screening",
        "Economic stability Not enough food Z59.41 Social and community context Childcare no ICD",
    ):
        assert said in page, said


async def test_a_follow_up_shows_how_the_person_has_been_since(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, coordinator = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    better = {f"phq9.{item}": "1" for item in range(1, 9)} | {"cssrs": "none"}
    second = await a_follow_up(
        units, author, programme, first, weight="112", how_do_you_feel="6", **better
    )
    browser = await house.browser(author.person)
    text = (await browser.get(f"/cases/{second.key}")).text
    page = words(text)
    for said in (
        f"8 points less than before: 16 in {first.case_no}. Response: the PHQ-9 has fallen by half",
        f"Before, in {first.case_no}: Low risk.",
        "From 2 presentations by the same author.",
        "PHQ-9 points 16 → 8 points (−8) in 13 weeks",
        "Weight kg 118 → 112 kg (−6.0) in 13 weeks",
        f"Show the numbers PHQ-9 Week points Band Case 0 16 moderately severe {first.case_no} 13 8 mild",
    ):
        assert said in page, said
    figures = re.findall(r"<figure.*?</figure>", text, re.DOTALL)
    assert [words(f.partition("</strong>")[0]) for f in figures] == [
        "PHQ-9",
        "“How do you feel?”",
        "Weight",
    ]
    assert "Unchanged: Systolic blood pressure 138 mmHg; Diastolic blood pressure 86" in page
    assert all("<figcaption>" in f and "<table" in f and "style=" not in f for f in figures)
    desk = await house.browser(coordinator.person)
    assert "16 → 8 points" in words((await desk.get(f"/cases/{second.key}/review")).text)


async def test_an_older_case_does_not_know_what_came_after(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    await a_follow_up(units, author, programme, first, weight="112")
    browser = await house.browser(author.person)
    assert "Over time" not in (await browser.get(f"/cases/{first.key}")).text


async def test_nobody_sees_more_of_the_person_in_a_line_than_in_the_case_itself(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, coordinator = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    second = await a_follow_up(units, author, programme, first, weight="112")
    # Of somebody else, of another person, erased, and withdrawn: none of these is a point.
    other = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    stranger = await a_new_case(units, other, programme, weight="199")
    mine = await a_new_case(units, author, programme, weight="188")
    for one in (stranger, mine):
        await put_in_state(units, one, CaseState.PRESENTED)
    browser = await house.browser(author.person)
    page = words((await browser.get(f"/cases/{second.key}")).text)
    assert "118 → 112 kg" in page
    assert not {"199", "188"} & set(page.split())
    async with units.write() as unit:
        await store.purge(unit, first.id, coordinator.person)
        await unit.commit()
    page = words((await browser.get(f"/cases/{second.key}")).text)
    assert "118 → 112 kg" not in page
    assert "Over time" not in page


async def test_who_may_not_read_the_earlier_cases_gets_no_point_of_them(
    units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    second = await a_follow_up(units, author, programme, first, weight="112")
    # A learner may watch the second one live, but reads no presented case (domain.md §3).
    readers = {
        role: await somebody(units, programme, role) for role in (Role.LEARNER, Role.SPOKE_TEAM)
    }
    async with units.read() as unit:
        case = await store.load(unit, second.id)
        version = await store.load_version(unit, second.id, 1)
        seen = {
            role: [p.case_no for p in await presentations(unit, actor, case, version)]
            for role, actor in readers.items()
        }
    assert seen == {
        Role.LEARNER: [second.case_no],
        Role.SPOKE_TEAM: [first.case_no, second.case_no],
    }


async def test_a_presentation_that_was_taken_back_is_no_point(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    second = await a_follow_up(units, author, programme, first, weight="112")
    await put_in_state(units, first, CaseState.WITHDRAWN)
    browser = await house.browser(author.person)
    assert "Over time" not in (await browser.get(f"/cases/{second.key}")).text


async def _statements(units: Units, browser: Browser, path: str) -> int:
    engine = units.engines.read.sync_engine
    seen: list[str] = []

    def note(_c: object, _u: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")) and "outbox" not in statement:
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        answer = await browser.get(path)
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert answer.status == 200
    return len(seen)


@pytest.mark.parametrize("path", ["", "/brief"])
async def test_one_earlier_presentation_and_twenty_cost_the_same(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock, path: str
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    case = await a_new_case(units, author, programme)
    counts = {}
    for number in range(1, 21):
        clock.advance(weeks=4)
        case = await a_follow_up(units, author, programme, case, weight=str(100 + number))
        if number in (1, 20):
            # A sign-in does not outlive the weeks between two presentations.
            browser = await house.browser(author.person)
            counts[number] = await _statements(units, browser, f"/cases/{case.key}{path}")
    assert counts[1] == counts[20]
    page = words((await browser.get(f"/cases/{case.key}{path}")).text)
    assert "From 21 presentations by the same author." in page
    assert "118 → 120 kg (+2.0) in 80 weeks" in page


async def test_a_case_without_numbers_has_no_such_part(
    house: House, units: Units, hub: OrganisationId
) -> None:
    programme = await a_programme(units, hub)
    author = await somebody(units, programme, Role.SPOKE_CLINICIAN)
    case = await a_case(units, author, programme)
    browser = await house.browser(author.person)
    page = (await browser.get(f"/cases/{case.key}")).text
    assert "Measured and worked out" not in page


async def test_a_text_that_was_changed_behind_the_check_is_no_point(
    house: House, units: Units, hub: OrganisationId, clock: FakeClock
) -> None:
    programme, author, _ = await a_clinic(units, hub)
    first = await a_new_case(units, author, programme)
    clock.advance(weeks=13)
    second = await a_follow_up(units, author, programme, first, weight="112")
    async with units.write() as unit:
        connection = await unit.db.connection()
        await connection.exec_driver_sql(
            "UPDATE case_versions SET answers = replace(answers, '118', '119') WHERE number = 1"
        )
        await unit.commit()
    browser = await house.browser(author.person)
    page = await browser.get(f"/cases/{second.key}")
    assert page.status == 200
    assert "119" not in words(page.text)
