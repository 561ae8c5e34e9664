"""Body measurements of the case form with their ranges and units (domain.md §4.2).

Soft ranges in the handbook are those of weight and systolic pressure; the others are a product
decision: outside them a slip of the finger is more likely than the value.
"""

from collections.abc import Mapping
from typing import Final

from cases.formulas.units import Quantity, Unit
from server.kit.text import N_

_INCHES: Final = (Unit("in", 1 / 2.54, 1),)

VITALS: Final[Mapping[str, Quantity]] = {
    q.code: q
    for q in (
        Quantity("height", N_("Height"), "cm", 50, 250, (130, 210), 1, _INCHES),
        Quantity(
            "weight", N_("Weight"), "kg", 1, 400, (30, 250), 1, (Unit("lb", 1 / 0.45359237, 1),)
        ),
        Quantity("waist", N_("Waist"), "cm", 30, 250, (50, 180), 1, _INCHES),
        Quantity("sbp", N_("Systolic blood pressure"), "mmHg", 50, 300, (80, 220), 0),
        Quantity("dbp", N_("Diastolic blood pressure"), "mmHg", 20, 200, (40, 130), 0),
        Quantity("hr", N_("Heart rate"), N_("per minute"), 20, 250, (40, 150), 0),
    )
}

DBP_TOO_HIGH: Final = N_("The diastolic pressure is lower than the systolic one. Check both.")


def pressures_agree(sbp: float | None, dbp: float | None) -> bool:
    """Say whether the pair can be: diastolic below systolic, or one of them not given."""
    return sbp is None or dbp is None or dbp < sbp
