"""Readers of measured numbers: body measures and laboratory results, typed in any usual unit.

Values are kept in one unit (domain.md §4.2 and §4.3); age is kept in weeks, never as a date.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from cases.formulas.labs import LABS, LISTED, NOT_DETECTED, OLDEST_WEEKS
from cases.formulas.units import Fit, Quantity
from cases.formulas.vitals import VITALS
from cases.instruments.base import N_
from cases.rules.fields import Field
from cases.rules.readers import (
    FILL_ROW,
    NOT_LISTED,
    NUMBER,
    OUTSIDE,
    WHOLE_NUMBER,
    Problem,
    Read,
    decimal,
    one,
    rows,
    spelled,
)

Raw = Mapping[str, str | Sequence[str]]

NOT_DONE: Final = "not_done"
"""The value of a test that was not done; it has no age."""

COLUMNS: Final = ("code", "value", "unit", "weeks")
TWICE: Final = Problem(N_("This test stands in another row with the same number of weeks."))

BODY: Final[Mapping[str, str]] = {code: code for code in VITALS} | {"baseline_weight": "weight"}
"""The body measures of the form: field key to quantity."""


def measure(raw: Raw, asked: Field) -> Read:
    """Read `key` in the unit of `key.unit` (the stored one when that is empty)."""
    typed = one(raw.get(asked.key))
    if not typed:
        return Read()
    value = decimal(typed)
    if value is None:
        return Read(errors={"": NUMBER})
    quantity = VITALS[BODY[asked.key]]
    unit = one(raw.get(f"{asked.key}.unit")) or quantity.unit
    if unit not in quantity.units:
        return Read(errors={".unit": NOT_LISTED})
    stored = quantity.to_stored(value, unit)
    problem = out_of_range(quantity, stored, unit)
    return Read(errors={"": problem}) if problem else Read(stored)


def out_of_range(quantity: Quantity, stored: float, unit: str) -> Problem | None:
    """Return what is wrong with a value outside the hard range, its limits in the typed unit."""
    if quantity.fit(stored) is not Fit.REFUSED:
        return None
    limits = {
        "low": spelled(quantity.shown_in(quantity.low, unit)),
        "high": spelled(quantity.shown_in(quantity.high, unit)),
    }
    return Problem(OUTSIDE, limits)


def labs(raw: Raw, asked: Field) -> Read:
    """Read `labs.<row>.code|value|unit|weeks`; a row with the test's name alone counts as empty.

    Stored rows are `{"code", "value", "weeks"}`: a number in the stored unit, "not_detected",
    "not_done" (without weeks) or one of a test's own words.
    """
    seen: set[tuple[str, Any]] = set()

    def row_of(number: int) -> tuple[dict[str, Any], dict[str, Problem]]:
        code, typed, unit, weeks = (
            one(raw.get(f"{asked.key}.{number}.{column}")) for column in COLUMNS
        )
        at = {column: f".{number}.{column}" for column in COLUMNS}
        if not typed and not weeks:
            return {}, {}
        row: dict[str, Any] = {}
        wrong: dict[str, Problem] = {}
        if code not in LABS and code not in LISTED:
            wrong[at["code"]] = NOT_LISTED if code else FILL_ROW
        else:
            row["code"] = code
            if code in LABS and unit and unit not in LABS[code].units:
                wrong[at["unit"]] = NOT_LISTED
                unit = ""
            value = _value(code, typed, unit) if typed else FILL_ROW
            if isinstance(value, Problem):
                wrong[at["value"]] = value
            else:
                row["value"] = value
        if row.get("value") != NOT_DONE and not wrong:
            problem = _weeks(code, weeks, row)
            if problem:
                wrong[at["weeks"]] = problem
        if not wrong:
            if (code, row.get("weeks")) in seen:
                wrong[at["code"]] = TWICE
            seen.add((code, row.get("weeks")))
        return row, wrong

    return rows(raw, asked, row_of)


SPELLINGS: Final[Mapping[str, str]] = {
    "nd": NOT_DONE,
    "n/a": NOT_DONE,
    "undetectable": NOT_DETECTED,
    "undetected": NOT_DETECTED,
    "neg": "negative",
    "-": "negative",
    "pos": "positive",
    "+": "positive",
}
"""How results that are words are spelled besides their own codes."""


def _value(code: str, typed: str, unit: str) -> float | str | Problem:
    word = typed.casefold()
    word = SPELLINGS.get(word, word.replace(" ", "_"))
    if word == NOT_DONE:
        return NOT_DONE
    if code in LISTED:
        return word if word in {key for key, _ in LISTED[code].options} else NOT_LISTED
    quantity = LABS[code]
    if word == NOT_DETECTED and quantity.undetectable:
        return NOT_DETECTED
    value = decimal(typed)
    if value is None:
        return NUMBER
    unit = unit or quantity.unit
    stored = quantity.to_stored(value, unit)
    return out_of_range(quantity, stored, unit) or stored


def _weeks(code: str, weeks: str, row: dict[str, Any]) -> Problem | None:
    # A limit of the laboratory has no age.
    if code == "ast_uln":
        return None
    if not weeks:
        return Problem(N_("Say how many weeks ago; 0 is this week."))
    if not WHOLE_NUMBER.fullmatch(weeks) or int(weeks) > OLDEST_WEEKS:
        return Problem(OUTSIDE, {"low": "0", "high": str(OLDEST_WEEKS)})
    row["weeks"] = int(weeks)
    return None


def latest(rows_: Sequence[Mapping[str, Any]] | None, code: str) -> Mapping[str, Any] | None:
    """Return the newest result of a test that has a value, or None."""
    found = [
        row
        for row in rows_ or ()
        if row.get("code") == code and row.get("value") not in (None, NOT_DONE)
    ]
    return min(found, key=lambda row: row.get("weeks", 0), default=None)


def number(rows_: Sequence[Mapping[str, Any]] | None, code: str) -> float | None:
    """Return the newest value of a test as a number in its stored unit, or None."""
    row = latest(rows_, code)
    value = row.get("value") if row else None
    return float(value) if isinstance(value, int | float) else None
