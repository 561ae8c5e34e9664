"""The suicide and harm flag of domain.md §10.2: what raises it, what the author must say."""

from collections.abc import Mapping
from typing import Any, Final

from cases.instruments import phq9
from cases.instruments.base import N_
from cases.rules.fields import Form
from cases.rules.models import Answers

CARD: Final = N_(
    "This platform is not monitored for emergencies. If the person may be in danger now, assess "
    "today and use your local emergency pathway (US: 911; 988 Suicide & Crisis Lifeline)."
)
"""The words of the card, exactly as §10.2 has them."""

REASONS: Final[Mapping[str, str]] = {
    "phq9_item9": N_("PHQ-9 item 9 is answered “several days” or more"),
    "suicide_history": N_("A suicide attempt or serious self-harm in the last 3 months"),
}

STATEMENT_KEYS: Final = ("safety_assessed", "safety_plan", "safety_means", "safety_referred")


def flags(answers: Answers) -> tuple[str, ...]:
    """Return why the flag is raised, as codes of REASONS; empty when it is not."""
    found = []
    scale = answers.get("phq9")
    items = scale.get("items") if isinstance(scale, Mapping) else None
    if items and phq9.safety_alert(items):
        found.append("phq9_item9")
    if answers.get("suicide_history") == "under_3_months":
        found.append("suicide_history")
    return tuple(found)


def complete_statement(form: Form, given: Mapping[str, Any]) -> Mapping[str, str] | None:
    """Return the statement of what was done when all of it is answered, else None.

    Values that are no options of the form count as unanswered.
    """
    statement = {}
    for key in STATEMENT_KEYS:
        value = given.get(key)
        if value not in {o.value for o in form.field(key).options}:
            return None
        statement[key] = str(value)
    return statement
