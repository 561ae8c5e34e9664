"""Readers of single inputs, by kind of field: a value, or what is wrong with it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cases.instruments.base import N_
from cases.rules.fields import Field, Kind, Option
from cases.rules.options import SPAN_DAYS
from server.kit.text import clean_line, clean_text

WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,10}(?:[.,][0-9]{1,4})?")
OVER_89: Final = "90+"


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence for a person: translated, then filled in, when shown.

    `words` are message keys, put in as a list at `%(words)s`.
    """

    message: str
    numbers: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Read:
    """What one field gave. The keys of `errors` continue the field's own path."""

    value: Any = None
    errors: Mapping[str, Problem] = field(default_factory=dict)


NOT_LISTED: Final = Problem(N_("Choose one of the list."))
WHOLE: Final = Problem(N_("Type a whole number."))
NUMBER: Final = Problem(N_("Type a number."))
TYPED_TWICE: Final = Problem(N_("Give one answer here."))
NOT_A_QUESTION: Final = Problem(N_("Write it as a question, with a question mark."))
AGE_IN_YEARS: Final = Problem(N_("Type the age in years, or 90+."))
FILL_ROW: Final = Problem(N_("Fill this in, or empty the whole row."))
OUTSIDE: Final = N_("This lies outside %(low)s to %(high)s.")
BOTH: Final = Problem(N_("Either add rows or say that there is none, not both."))


def _wrong(problem: Problem) -> Read:
    return Read(errors={"": problem})


def spelled(value: Any) -> str:
    """Return a stored value as it is typed: whole decimals without their `.0`."""
    if isinstance(value, bool):
        return "yes" if value else ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def single(  # noqa: PLR0911 -- one line a kind
    typed: str | Sequence[str] | None, asked: Field, year: int, options: Any = None
) -> Read:
    """Read a field with one input, or a set of boxes; nothing typed gives nothing."""
    choices: tuple[Option, ...] = asked.options if options is None else tuple(options)
    if asked.kind == Kind.CHOICES:
        return _set(typed, choices)
    if typed is None or typed == "":
        return Read()
    if not isinstance(typed, str):
        return _wrong(TYPED_TWICE)
    match asked.kind:
        case Kind.CHOICE:
            listed = any(o.value == typed for o in choices)
            return Read(typed) if listed else _wrong(NOT_LISTED)
        case Kind.CONFIRM:
            return Read(True) if typed == "yes" else _wrong(NOT_LISTED)
        case Kind.AGE:
            return _age(typed.strip())
        case Kind.WHOLE | Kind.SCALE:
            return _number(typed.strip(), asked, year, whole=True)
        case Kind.DECIMAL:
            return _number(typed.strip(), asked, year, whole=False)
        case Kind.LINE:
            return _text(clean_line(typed), asked)
        case _:
            return _text(clean_text(typed), asked)


def _set(typed: str | Sequence[str] | None, choices: tuple[Option, ...]) -> Read:
    given = [typed] if isinstance(typed, str) else list(typed or ())
    wanted = {part for part in given if part}
    if not wanted:
        return Read()
    if not wanted <= {o.value for o in choices}:
        return _wrong(NOT_LISTED)
    # In the order of the list, so that equal sets give equal texts and hashes.
    return Read([o.value for o in choices if o.value in wanted])


def _age(typed: str) -> Read:
    if typed == OVER_89:
        return Read(OVER_89)
    if not WHOLE_NUMBER.fullmatch(typed):
        return _wrong(AGE_IN_YEARS)
    years = int(typed)
    # An exact age over 89 identifies (45 CFR 164.514(b)(2)(i)(C)): it is never kept.
    return Read(years if years <= 89 else OVER_89)


def decimal(typed: str) -> float | None:
    """Return a typed decimal, with point or comma; None for anything else."""
    return float(typed.replace(",", ".")) if _DECIMAL.fullmatch(typed) else None


def _number(typed: str, asked: Field, year: int, *, whole: bool) -> Read:
    if not (WHOLE_NUMBER if whole else _DECIMAL).fullmatch(typed):
        return _wrong(WHOLE if whole else NUMBER)
    value: int | float = int(typed) if whole else float(typed.replace(",", "."))
    low = asked.low
    # A year field has a fixed start and ends now.
    high = float(year) if asked.key.endswith("_year") else asked.high
    if (low is not None and value < low) or (high is not None and value > high):
        numbers = {"low": spelled(low), "high": spelled(high)}
        return _wrong(Problem(OUTSIDE, numbers))
    return Read(value)


def _text(text: str, asked: Field) -> Read:
    if not text:
        return Read()
    if len(text) < asked.shortest:
        numbers = {"n": str(asked.shortest)}
        return Read(
            text, {"": Problem(N_("Write a little more: at least %(n)s characters."), numbers)}
        )
    if asked.longest and len(text) > asked.longest:
        numbers = {"n": str(asked.longest)}
        return _wrong(Problem(N_("Shorten this to %(n)s characters."), numbers))
    if asked.asks and "?" not in text:
        return Read(text, {"": NOT_A_QUESTION})
    return Read(text)


def one(typed: str | Sequence[str] | None) -> str:
    """Return a single input without blanks around it; the empty string for none or several."""
    return typed.strip() if isinstance(typed, str) else ""


def span(raw: Mapping[str, str | Sequence[str]], asked: Field) -> Read:
    """Read `key.amount` and `key.unit` as a length of time up to `asked.high` years."""
    amount = one(raw.get(f"{asked.key}.amount"))
    unit = one(raw.get(f"{asked.key}.unit"))
    if not amount:
        return Read()
    if not WHOLE_NUMBER.fullmatch(amount):
        return _wrong(WHOLE)
    if unit not in SPAN_DAYS:
        return _wrong(NOT_LISTED)
    years = asked.high or 0
    if int(amount) * SPAN_DAYS[unit] > years * 365:
        numbers = {"n": spelled(years)}
        return _wrong(Problem(N_("This is longer than %(n)s years."), numbers))
    return Read({"amount": int(amount), "unit": unit})


def grid(
    raw: Mapping[str, str | Sequence[str]],
    asked: Field,
    year: int,
    options: Mapping[str, Any] = {},
) -> Read:
    """Read `key.<row>.<column>`; empty rows are skipped, the others numbered anew.

    Errors keep the row numbers of the page. An empty list means that "none" was ticked. `options`
    replaces the choices of columns, by `<key>.<column>`.
    """

    def row_of(number: int) -> tuple[dict[str, Any], dict[str, Problem]]:
        row: dict[str, Any] = {}
        wrong: dict[str, Problem] = {}
        for column in asked.columns:
            part = f".{number}.{column.key}"
            given = options.get(f"{asked.key}.{column.key}")
            read = single(raw.get(f"{asked.key}{part}"), column, year, given)
            if read.value is not None:
                row[column.key] = read.value
            wrong |= {part + rest: problem for rest, problem in read.errors.items()}
        ready = {c.key for c in asked.columns if c.default and row.get(c.key) == c.default}
        if row.keys() <= ready | {asked.fixed} and not wrong:
            return {}, {}
        for column in asked.columns:
            part = f".{number}.{column.key}"
            if column.required.holds(row) and column.key not in row and part not in wrong:
                wrong[part] = FILL_ROW
        return row, wrong

    return rows(raw, asked, row_of)


def rows(
    raw: Mapping[str, str | Sequence[str]],
    asked: Field,
    row_of: Callable[[int], tuple[dict[str, Any], dict[str, Problem]]],
) -> Read:
    """Read a table row by row; `row_of` gives what one row holds and what is wrong with it."""
    none = bool(asked.none_label) and one(raw.get(f"{asked.key}.none")) == "yes"
    found: list[dict[str, Any]] = []
    errors: dict[str, Problem] = {}
    for number in range(asked.most):
        row, wrong = row_of(number)
        errors |= wrong
        if row:
            found.append(row)
    if none and found:
        errors[""] = BOTH
    if found:
        return Read(found, errors)
    return Read([] if none else None, errors)
