"""Answers to follow-ups, as presenters type them."""

from typing import Any

from cases.commands import submit
from cases.commands.submit import Submitted, Target, Written
from cases.queries.intake import ADVICE, choices
from cases.rules.models import Case, CaseType
from server.kit.actor import Actor
from server.store.unit import Unit, Units


async def an_answer(unit: Unit, prior: Case, **changes: Any) -> dict[str, Any]:
    """Return a whole follow-up as typed: every recommendation of the case before was done."""
    typed: dict[str, Any] = {
        "main_question": "What is the next step after these weeks?",
        "how_do_you_feel": "6",
        "feel_change": "better",
        "satisfied": "yes",
        "suicide_history": "none_known",
        "medications.none": "yes",
        "interval_update": "She took the higher dose and sleeps through most nights now.",
        "attest_deid": "yes",
        "attest_treating": "yes",
        "attest_no_relationship": "yes",
    }
    advised = (await choices(unit, prior.programme, prior.id))[ADVICE]
    for number, option in enumerate(advised):
        typed[f"advice_status.{number}.recommendation"] = option.value
        typed[f"advice_status.{number}.status"] = "done"
    return typed | changes


async def send_answer(units: Units, presenter: Actor, prior: Case, **changes: Any) -> Case:
    """Send a follow-up of a case; it waits for its check."""
    target = Target(programme=prior.programme, case_type=CaseType.FOLLOWUP, prior=prior.key)
    async with units.write() as unit:
        typed = await an_answer(unit, prior, **changes)
        done = await submit.submit_case(unit, presenter, target, Written(typed, {}))
    assert isinstance(done, Submitted), done
    return done.case
