"""Body-mass index for adults: kilograms by metres squared.

Source: WHO expert consultation, Lancet 2004;363:157–163 (with the points for Asian populations);
bands and the age limit as domain.md §5.3.
"""

from typing import Final

from cases.formulas.base import (
    AGE,
    OVER_89,
    YEARS,
    Age,
    Formula,
    Input,
    Outcome,
    Reading,
    Refused,
    Worked,
    absent,
    spelled,
)
from server.kit.text import N_

YOUNGEST: Final = 20
"""Adult bands do not hold below this age (years): children need growth charts."""

BANDS: Final = (
    (18.5, "underweight", N_("below 18.5")),
    (25.0, "usual", N_("18.5–24.9")),
    (30.0, "overweight", N_("25–29.9")),
)

FORMULA: Final = Formula(
    key="bmi",
    name=N_("Body-mass index"),
    unit="kg/m²",
    digits=1,
    expression=N_("weight in kg ÷ (height in m)²"),
    source="WHO expert consultation. Lancet 2004;363:157–163.",
)

WEIGHT: Final = N_("Weight")
HEIGHT: Final = N_("Height")
ASIAN_POINTS: Final = N_("For people of Asian descent WHO adds action points at 23 and 27.5.")
TOO_YOUNG: Final = N_("Below the age of 20 growth charts are used instead.")


def bmi(weight_kg: float, height_cm: float) -> float:
    """Return kg/m², rounded to one decimal place as it is printed."""
    metres = height_cm / 100
    return round(weight_kg / (metres * metres), 1)


def band(value: float, age_years: int) -> tuple[str, str] | None:
    """Return (key, label) of the adult band, or None below the age of 20."""
    if age_years < YOUNGEST:
        return None
    for upper, key, label in BANDS:
        if value < upper:
            return key, label
    return "obesity", N_("30 or more")


def work(*, weight_kg: float | None, height_cm: float | None, age: Age) -> Outcome:
    """Return the index of an adult with its band; refused below 20 years or with a part missing."""
    missing = absent({WEIGHT: weight_kg, HEIGHT: height_cm})
    if age is None:
        missing = (*missing, AGE)
    too_young = isinstance(age, int) and age < YOUNGEST
    if missing or too_young:
        return Refused(FORMULA, missing, (TOO_YOUNG,) if too_young else ())
    assert weight_kg is not None and height_cm is not None and age is not None  # noqa: PT018 -- narrows
    value = bmi(weight_kg, height_cm)
    found = band(value, 90 if age == OVER_89 else int(age))
    return Worked(
        FORMULA,
        value,
        (
            Input(WEIGHT, spelled(weight_kg), "kg"),
            Input(HEIGHT, spelled(height_cm), "cm"),
            Input(AGE, str(age), YEARS),
        ),
        (Reading(*found),) if found else (),
        (ASIAN_POINTS,),
    )
