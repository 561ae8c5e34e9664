"""Cases for tests: a whole behavioural-health form as it is typed, and cases in any state."""

from dataclasses import replace
from typing import Any

from cases.commands import submit, triage
from cases.commands.submit import Submitted, Target, Written
from cases.queries import review
from cases.rules.form_setup import FormSetup
from cases.rules.models import Case, CaseState
from cases.store import cases as store
from cases.store import forms
from server.kit.actor import Actor
from server.kit.ids import PersonId
from server.store.unit import Units
from sessions import api as sessions
from sessions.rules.models import Programme

STORY = (
    "Low mood since the birth, tearful most days, wakes at four and cannot get back to sleep. "
    "Appetite is poor. Bonding is good. No psychotic symptoms."
)


def a_form(**changes: Any) -> dict[str, Any]:
    """Return a complete new case as typed; `changes` replace inputs, None removes them.

    Double underscores stand for dots: `phq9__9="1"`.
    """
    typed: dict[str, Any] = {
        "main_question": "What is the next step for depression while breastfeeding?",
        "question_types": ["diagnosis", "dose_change"],
        "urgency": "routine",
        "presenter_discipline": "np",
        "setting": "rural_clinic",
        "area": "rural",
        "age": "34",
        "sex_for_formulas": "female",
        "pregnancy": "breastfeeding",
        "goal_own_words": "I want to enjoy my baby",
        "how_do_you_feel": "3",
        "strengths": ["family", "motivation"],
        "person_aware": "agreed",
        "presenting_problem": STORY,
        "duration.amount": "16",
        "duration.unit": "weeks",
        "function_impact": "moderate",
        "diagnoses.0.label": "Depression after birth",
        "diagnoses.0.status": "active",
        "diagnoses.0.onset_year": "2030",
        "sleep": ["early"],
        "trauma_exposure": "no",
        "psych_history": "One episode of depression ten years ago, treated with talking therapy.",
        "admissions_lifetime": "0",
        "suicide_history": "none_known",
        "mania_screen": "asked_negative",
        "medical_history": ["none"],
        "allergies": "none known",
        "medications.0.name": "sertraline",
        "medications.0.dose": "50",
        "medications.0.unit": "mg",
        "medications.0.route": "PO",
        "medications.0.freq": "daily",
        "medications.0.weeks": "6",
        "past_treatments.none": "yes",
        "barriers": ["none"],
        **{f"phq9.{item}": "2" for item in range(1, 9)},
        "phq9.9": "0",
        "phq9.weeks_ago": "1",
        "sdoh_asked": "none",
        "attest_deid": "yes",
        "attest_treating": "yes",
        "attest_no_relationship": "yes",
    }
    for key, value in changes.items():
        path = key.replace("__", ".")
        if value is None:
            typed.pop(path, None)
        else:
            typed[path] = value
    return typed


async def submit_raw(
    units: Units, author: Actor, programme: Programme, typed: dict[str, Any]
) -> Submitted | submit.NotYet:
    """Submit a new case and return whatever came of it."""
    async with units.write() as unit:
        return await submit.submit_case(
            unit, author, Target(programme=programme.id), Written(typed, {})
        )


async def a_case(units: Units, author: Actor, programme: Programme, **changes: Any) -> Case:
    """Return a submitted case that waits for its check."""
    outcome = await submit_raw(units, author, programme, a_form(**changes))
    assert isinstance(outcome, Submitted), outcome
    return outcome.case


async def verdicts_of(units: Units, checker: Actor, case: Case) -> dict[str, str]:
    """Return `clear` for every finding of a case."""
    async with units.read() as unit:
        found = await review(unit, checker, case.key)
    return {f.key: triage.CLEAR for f in found.flagged}


async def an_accepted_case(
    units: Units, author: Actor, coordinator: Actor, programme: Programme, **changes: Any
) -> Case:
    """Return a case that passed the check and the review."""
    case = await a_case(units, author, programme, **changes)
    verdicts = await verdicts_of(units, coordinator, case)
    async with units.write() as unit:
        return await triage.pass_check(
            unit,
            coordinator,
            case.key,
            row_version=case.row_version,
            verdicts=verdicts,
            then_accept=True,
        )


async def a_scheduled_case(
    units: Units, author: Actor, coordinator: Actor, programme: Programme, **changes: Any
) -> Case:
    """Return a case in the first free slot; the programme needs sessions to come."""
    case = await an_accepted_case(units, author, coordinator, programme, **changes)
    async with units.write() as unit:
        slot = (await sessions.free_slots(unit, programme.id))[0]
        return await triage.give_slot(
            unit,
            coordinator,
            case.key,
            row_version=case.row_version,
            session=slot.session,
            item=slot.item,
        )


async def put_in_state(units: Units, case: Case, state: CaseState) -> Case:
    """Write a state straight into the row, for tests of what a state allows."""
    async with units.write() as unit:
        now = await store.load(unit, case.id)
        saved = await store.save(unit, now, replace(now, state=state))
        await unit.commit()
    return saved


async def set_up(units: Units, programme: Programme, setup: FormSetup) -> None:
    """Give a programme the next setup of its case form."""
    async with units.write() as unit:
        number, _ = await forms.load_setup(unit, programme.id)
        await forms.add_setup(unit, programme.id, setup, after=number, by=PersonId("0" * 26))
        await unit.commit()
