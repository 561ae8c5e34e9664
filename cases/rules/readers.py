"""Readers of single inputs, by kind of field: a value, or what is wrong with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from cases.instruments import phq9, registry
from cases.instruments.base import N_, Missing
from cases.rules.fields import Field, Kind, Option
from cases.rules.options import SPAN_DAYS
from server.kit.text import clean_line, clean_text

_WHOLE = re.compile(r"[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:[.,][0-9]{1,4})?")
OVER_89: Final = "90+"


@dataclass(frozen=True, slots=True)
class Problem:
    """A sentence for a person, with its numbers: translated, then filled in, when shown."""

    message: str
    numbers: Mapping[str, str] = field(default_factory=dict)


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
    if not _WHOLE.fullmatch(typed):
        return _wrong(AGE_IN_YEARS)
    years = int(typed)
    # An exact age over 89 identifies (45 CFR 164.514(b)(2)(i)(C)): it is never kept.
    return Read(years if years <= 89 else OVER_89)


def _number(typed: str, asked: Field, year: int, *, whole: bool) -> Read:
    if not (_WHOLE if whole else _DECIMAL).fullmatch(typed):
        return _wrong(WHOLE if whole else NUMBER)
    value: int | float = int(typed) if whole else float(typed.replace(",", "."))
    low = asked.low
    # A year field has a fixed start and ends now.
    high = float(year) if asked.key.endswith("_year") else asked.high
    if (low is not None and value < low) or (high is not None and value > high):
        numbers = {"low": spelled(low), "high": spelled(high)}
        return _wrong(Problem(N_("This lies outside %(low)s to %(high)s."), numbers))
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


def _one(typed: str | Sequence[str] | None) -> str:
    return typed.strip() if isinstance(typed, str) else ""


def span(raw: Mapping[str, str | Sequence[str]], asked: Field) -> Read:
    """Read `key.amount` and `key.unit` as a length of time up to `asked.high` years."""
    amount = _one(raw.get(f"{asked.key}.amount"))
    unit = _one(raw.get(f"{asked.key}.unit"))
    if not amount:
        return Read()
    if not _WHOLE.fullmatch(amount):
        return _wrong(WHOLE)
    if unit not in SPAN_DAYS:
        return _wrong(NOT_LISTED)
    years = asked.high or 0
    if int(amount) * SPAN_DAYS[unit] > years * 365:
        numbers = {"n": spelled(years)}
        return _wrong(Problem(N_("This is longer than %(n)s years."), numbers))
    return Read({"amount": int(amount), "unit": unit})


def grid(raw: Mapping[str, str | Sequence[str]], asked: Field, year: int) -> Read:
    """Read `key.<row>.<column>`; empty rows are skipped, the others numbered anew.

    Errors keep the row numbers of the page. An empty list means that "none" was ticked.
    """
    none = bool(asked.none_label) and _one(raw.get(f"{asked.key}.none")) == "yes"
    rows: list[dict[str, Any]] = []
    errors: dict[str, Problem] = {}
    for number in range(asked.most):
        row: dict[str, Any] = {}
        wrong: dict[str, Problem] = {}
        for column in asked.columns:
            part = f".{number}.{column.key}"
            read = single(raw.get(f"{asked.key}{part}"), column, year)
            if read.value is not None:
                row[column.key] = read.value
            wrong |= {part + rest: problem for rest, problem in read.errors.items()}
        if not row and not wrong:
            continue
        for column in asked.columns:
            part = f".{number}.{column.key}"
            if column.required.holds(row) and column.key not in row and part not in wrong:
                wrong[part] = Problem(N_("Fill this in, or empty the whole row."))
        errors |= wrong
        rows.append(row)
    if none and rows:
        errors[""] = BOTH
    if rows:
        return Read(rows, errors)
    return Read([] if none else None, errors)


MODES: Final = ("self", "interview")


def instrument_parts(key: str) -> frozenset[str]:
    """Return the inputs of one instrument: its items, and what stands around them."""
    items = {str(item.number) for item in registry.by_key(key).items}
    extra = {"total", "weeks_ago", "mode"} | ({"difficulty"} if key == "phq9" else set())
    return frozenset(items | extra)


def instrument(raw: Mapping[str, str | Sequence[str]], key: str) -> Read:
    """Read an instrument: all its items or the total alone, with its age in weeks.

    The stored form is `{"items": [points…], "total": sum, "weeks_ago": n, "mode": …}` with the
    versions of text and scoring. Half-filled items are an error and name what is missing.
    """
    scale = registry.by_key(key)
    errors: dict[str, Problem] = {}
    allowed = {str(c.points): c.points for c in scale.choices}
    items: list[int | None] = []
    for item in scale.items:
        typed = _one(raw.get(f"{key}.{item.number}"))
        if typed and typed not in allowed:
            errors[f".{item.number}"] = NOT_LISTED
        items.append(allowed.get(typed))
    stored: dict[str, Any] = {}
    given = any(points is not None for points in items)
    if given:
        result = scale.score(items)
        stored["items"] = items
        if isinstance(result, Missing):
            for number in result.items:
                errors.setdefault(
                    f".{number}", Problem(N_("Answer this one too, or clear the others."))
                )
        else:
            stored["total"] = result.total
    errors |= _given_total(raw, key, stored)
    errors |= _around(raw, key, stored)
    if not stored:
        return Read(None, errors)
    stored["version"] = scale.version
    return Read(stored, errors)


def _given_total(
    raw: Mapping[str, str | Sequence[str]], key: str, stored: dict[str, Any]
) -> dict[str, Problem]:
    typed = _one(raw.get(f"{key}.total"))
    if not typed:
        return {}
    highest = registry.by_key(key).highest
    if not _WHOLE.fullmatch(typed) or int(typed) > highest:
        outside = N_("This lies outside %(low)s to %(high)s.")
        return {".total": Problem(outside, {"low": "0", "high": str(highest)})}
    if "total" in stored and int(typed) != stored["total"]:
        differs = N_("The answers add up to %(n)s. Leave the total empty.")
        return {".total": Problem(differs, {"n": str(stored["total"])})}
    if "items" not in stored:
        stored["total"] = int(typed)
    return {}


def _around(
    raw: Mapping[str, str | Sequence[str]], key: str, stored: dict[str, Any]
) -> dict[str, Problem]:
    """Read what stands around the items: how old, how taken, the unscored question."""
    if not stored:
        return {}
    weeks = _one(raw.get(f"{key}.weeks_ago"))
    mode = _one(raw.get(f"{key}.mode"))
    difficulty = _one(raw.get(f"{key}.difficulty"))
    errors: dict[str, Problem] = {}
    if not weeks:
        errors[".weeks_ago"] = Problem(N_("Say how many weeks ago; 0 is this week."))
    elif not _WHOLE.fullmatch(weeks) or int(weeks) > 520:
        outside = N_("This lies outside %(low)s to %(high)s.")
        errors[".weeks_ago"] = Problem(outside, {"low": "0", "high": "520"})
    else:
        stored["weeks_ago"] = int(weeks)
    if mode in MODES:
        stored["mode"] = mode
    elif mode:
        errors[".mode"] = NOT_LISTED
    if difficulty in {code for code, _ in phq9.DIFFICULTY} and key == "phq9":
        stored["difficulty"] = difficulty
    elif difficulty:
        errors[".difficulty"] = NOT_LISTED
    return errors


def instrument_raw(key: str, stored: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return a stored instrument as the form would have typed it."""
    out: dict[str, str | list[str]] = {}
    for item, points in zip(registry.by_key(key).items, stored.get("items") or (), strict=False):
        if points is not None:
            out[f"{key}.{item.number}"] = str(points)
    if "items" not in stored and "total" in stored:
        out[f"{key}.total"] = str(stored["total"])
    for part in ("weeks_ago", "mode", "difficulty"):
        if part in stored:
            out[f"{key}.{part}"] = str(stored[part])
    return out
