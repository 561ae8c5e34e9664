"""How long a form takes: a keystroke-level estimate from the form's own data; pure.

Times of single acts: Card, Moran, Newell. Commun ACM 1980;23:396–410 (mental preparation 1.35 s,
pointing 1.1 s, a keystroke of an average typist 0.28 s). It counts what the hand does, not the
thinking about the person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cases.instruments import registry
from cases.rules.fields import ABOUT, FREE_TEXT, TABLES, Field, Form, Kind, Module

THINK: Final = 1.35
POINT: Final = 1.1
KEY: Final = 0.28

TYPICAL: Final[Mapping[str, int]] = {
    "main_question": 120,
    "goal_own_words": 50,
    "presenting_problem": 700,
    "interval_update": 400,
}
"""Characters of a usual text; others count with `LINE`."""
LINE: Final = 25
LISTED_ROWS: Final = 2
ROW_KEYS: Final = 14
""""sert 50 qd 6w" and Enter: one line of fast entry."""

KNOWN: Final = frozenset({"presenter_discipline", "supervisor", "setting", "area"})
"""What the profile and the author's last case fill in; defaults of the form come on top."""

NEVER_NONE: Final = frozenset({"substances"})
"""Tables that a usual case cannot answer with "none"."""

USUAL_CASE: Final[Mapping[str, Any]] = {
    "case_type": "new",
    "age": 34,
    "sex_for_formulas": "female",
    "question_types": ["dose_change"],
    "admissions_lifetime": 0,
    "sdoh_asked": "none",
    "hcv_treated": "no",
    "cirrhosis_evidence": ["none"],
    "antipsychotic_weeks": 24,
    "tobacco": 0,
    "phq9": {"items": [1] * 8 + [0]},
}
"""A case with few surprises: it decides which questions appear."""


@dataclass(frozen=True, slots=True)
class Effort:
    """What a new case asks: answers that must be given, typed texts among them, seconds of work."""

    answers: int
    typed: int
    seconds: float


def of_new_case(form: Form, values: Mapping[str, Any] = USUAL_CASE) -> Effort:
    """Return the effort of a usual new case, answered in the quickest way the page offers.

    A programme with several modules: a case about the first of them.
    """
    first = next((module for module in Module if module in form.modules), None)
    values = {**values, ABOUT: [first]}
    asked = [
        field
        for field in form.visible(values)
        if field.key not in KNOWN and not field.default and field.required.holds(values)
    ]
    scale = [form.field(key) for key in form.scales[:1] if first is Module.BH]
    parts = [_of(field, form) for field in (*asked, *scale)]
    return Effort(
        answers=sum(part.answers for part in parts),
        typed=sum(part.typed for part in parts),
        seconds=sum(part.seconds for part in parts),
    )


TAP: Final = THINK + POINT
_MORE: Final = {
    Kind.SCALE: 0.0,
    Kind.CONFIRM: 0.0,
    Kind.CHOICES: POINT,
    Kind.SPAN: 2 * KEY + POINT,
}
"""What an answer of one input takes beside finding and touching it; others are three digits."""


def _of(asked: Field, form: Form) -> Effort:
    if asked.kind in TABLES:
        return _of_table(asked, form)
    if asked.kind in FREE_TEXT and not asked.none_label:
        return Effort(1, 1, TAP + KEY * TYPICAL.get(asked.key, LINE))
    if asked.kind is Kind.INSTRUMENT:
        items = len(registry.by_key(asked.key).items)
        return Effort(items, 0, THINK + items * TAP)
    if asked.kind is Kind.CHOICE:
        # More than six answers stand in a list that has to be opened first.
        return Effort(1, 0, TAP + (POINT if len(asked.options) > 6 else 0))
    more = 0.0 if asked.none_label else _MORE.get(asked.kind, 3 * KEY)
    return Effort(1, 0, TAP + more)


def _of_table(asked: Field, form: Form) -> Effort:
    if asked.kind is Kind.LABS:
        rows = len({group for _, group in form.labs})
        return Effort(rows, 0, rows * (THINK + ROW_KEYS * KEY) + POINT)
    if asked.quick:
        return Effort(1, 0, LISTED_ROWS * (THINK + ROW_KEYS * KEY) + POINT)
    if asked.none_label and asked.key not in NEVER_NONE:
        return Effort(1, 0, TAP)
    cells = sum(1 for column in asked.columns if column.required.holds({}) and not column.default)
    return Effort(cells, 0, cells * TAP + LINE * KEY)
