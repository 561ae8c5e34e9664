"""The rows of laboratory results in the case form, as they are drawn."""

from cases.formulas.labs import LABS, LISTED, NAMES
from cases.rules import measure_reader
from cases.rules.fields import Field, Kind
from cases.rules.readers import spelled
from cases.web.field_view import Choices, FieldView, Typed, said
from server.edge.i18n import gettext

_ALL_UNITS = tuple(dict.fromkeys(unit for lab in LABS.values() for unit in lab.units))


def lab_rows(typed: Typed, asked: Field) -> tuple[tuple[FieldView, ...], ...]:
    """Return the rows of results: those typed, and those the programme needs standing ready."""
    used = [
        number
        for number in range(asked.most)
        if any(typed.one(f"{asked.key}.{number}.{c}") for c in measure_reader.COLUMNS)
    ]
    # Only an empty form gets the rows ready: what was taken out stays out.
    ready = () if used else asked.preset
    count = max([asked.rows, len(ready), *(number + 1 for number in used)])
    return tuple(
        _row(typed, asked, number, ready[number] if number < len(ready) else "")
        for number in range(min(count, asked.most))
    )


def _row(typed: Typed, asked: Field, number: int, ready: str) -> tuple[FieldView, ...]:
    at = f"{asked.key}.{number}"
    code = typed.one(f"{at}.code") or ready
    quantity = LABS.get(code)
    value = typed.one(f"{at}.value")
    if ready and quantity and quantity.default is not None:
        value = spelled(quantity.default)
    units = quantity.units if quantity else () if code in LISTED else _ALL_UNITS
    return (
        FieldView(
            f"{at}.code",
            Kind.CHOICE,
            gettext("Test"),
            choices=_tests(),
            value=code,
            error=typed.error(f"{at}.code"),
        ),
        FieldView(
            f"{at}.value",
            Kind.LINE,
            gettext("Result"),
            value=value.replace("_", " "),
            error=typed.error(f"{at}.value"),
            result=True,
        ),
        FieldView(
            f"{at}.unit",
            Kind.CHOICE,
            gettext("Unit"),
            choices=tuple((unit, unit, "") for unit in units if unit),
            value=typed.one(f"{at}.unit") or (quantity.unit if quantity else ""),
            error=typed.error(f"{at}.unit"),
        ),
        FieldView(
            f"{at}.weeks",
            Kind.WHOLE,
            gettext("Weeks ago"),
            value=typed.one(f"{at}.weeks"),
            error=typed.error(f"{at}.weeks"),
            low=0,
            high=520,
        ),
    )


def _tests() -> Choices:
    """Return every test of the catalogue, by name."""
    return tuple((code, said(label), "") for code, label in NAMES.items())
