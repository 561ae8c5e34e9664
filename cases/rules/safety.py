"""The suicide and harm flag of domain.md §10.2: what raises it, what the author must say."""

from collections.abc import Mapping
from typing import Any, Final

from cases.instruments import cssrs, phq9
from cases.instruments.base import N_
from cases.rules.cues import Cue, cues
from cases.rules.fields import Form
from cases.rules.models import Answers

CARD: Final = N_(
    "This platform is not monitored for emergencies. If the person may be in danger now, assess "
    "today and use your local emergency pathway (US: 911; 988 Suicide & Crisis Lifeline)."
)
"""The words of the card, exactly as §10.2 has them."""

REASONS: Final[Mapping[str, str]] = {
    "phq9_item9": N_("PHQ-9 item 9 is answered “several days” or more"),
    "cssrs": N_("The C-SSRS found a moderate or high risk"),
    "suicide_history": N_("A suicide attempt or serious self-harm in the last 3 months"),
    "overdose": N_("An overdose in the last 3 months"),
    "reported": N_("Somebody pressed the safety button"),
}
"""What raises the flag, in the order of §10.2. Cue words only warn: see `warnings`."""

RECENT: Final = "under_3_months"

STATEMENT_KEYS: Final = ("safety_assessed", "safety_plan", "safety_means", "safety_referred")


def flags(answers: Answers, *, reported: bool = False) -> tuple[str, ...]:
    """Return why the flag is raised, as codes of REASONS; empty when it is not.

    `reported` says that a user pressed the button for this case.
    """
    result = cssrs.read(answers.get(cssrs.KEY))
    raised = {
        "phq9_item9": _item_nine(answers.get(phq9.PHQ9.key)),
        "cssrs": result is not None and cssrs.alerts(result),
        "suicide_history": answers.get("suicide_history") == RECENT,
        "overdose": answers.get("overdose_history") == RECENT,
        "reported": reported,
    }
    return tuple(code for code in REASONS if raised[code])


def _item_nine(stored: Any) -> bool:
    """Say whether item 9 is 1 or more, by its answer or because the total leaves no other way."""
    if not isinstance(stored, Mapping):
        return False
    items, total = stored.get("items"), stored.get("total")
    if items:
        return phq9.safety_alert(items)
    return isinstance(total, int) and phq9.alert_of_total(total)


def warnings(texts: Mapping[str, str]) -> dict[str, tuple[Cue, ...]]:
    """Return the cue words by the path of their text: shown to the author, who may raise the flag."""
    return {path: found for path, text in texts.items() if (found := cues(text))}


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
