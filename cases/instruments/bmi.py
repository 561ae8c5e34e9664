"""Body-mass index for adults: kilograms by metres squared.

Source: WHO expert consultation, Lancet 2004;363:157–163 (with the points for Asian populations);
bands and the age limit as domain.md §5.3.
"""

from typing import Final

from cases.instruments.base import N_

YOUNGEST: Final = 20
"""Adult bands do not hold below this age (years): children need growth charts."""

BANDS: Final = (
    (18.5, "underweight", N_("below 18.5")),
    (25.0, "usual", N_("18.5–24.9")),
    (30.0, "overweight", N_("25–29.9")),
)

SOURCE: Final = "WHO expert consultation. Lancet 2004;363:157–163."


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
