"""APRI and FIB-4: how likely fibrosis is, from routine blood tests, in hepatitis C.

Sources: APRI: Wai et al. Hepatology 2003;38:518–526, with WHO's low and high cut-offs; FIB-4:
Sterling et al. Hepatology 2006;43:1317–1325. Cut-offs as domain.md §5.3: below the low one
unlikely, above the high one likely, the values between (both cut-offs included) decide nothing.
"""

import math
from typing import Final

from cases.formulas.base import (
    AGE,
    EXACT_AGE,
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

AST: Final = N_("AST")
ALT: Final = N_("ALT")
AST_ULN: Final = N_("AST, upper limit of normal")
PLATELETS: Final = N_("Platelets")
PLATELET_UNIT: Final = "10⁹/L"

USUAL_ULN: Final = 40
"""U/L; offered when the laboratory's own limit is not known, and always shown (§4.3)."""

APRI: Final = Formula(
    key="apri",
    name="APRI",
    unit="",
    digits=2,
    expression=N_("(AST ÷ its upper limit of normal) × 100 ÷ platelets in 10⁹/L"),
    source="Wai CT et al. Hepatology 2003;38:518–526. WHO guidelines on hepatitis C, 2014.",
)

FIB4: Final = Formula(
    key="fib4",
    name="FIB-4",
    unit="",
    digits=2,
    expression=N_("age × AST ÷ (platelets in 10⁹/L × √ALT)"),
    source="Sterling RK et al. Hepatology 2006;43:1317–1325.",
)

FIBROSIS: Final = (0.5, 1.5)
CIRRHOSIS: Final = (1.0, 2.0)
FIB4_LOW: Final = 1.45
FIB4_HIGH: Final = 3.25
FIB4_YOUNGEST: Final = 18

PRESUMED_CIRRHOSIS: Final = N_(
    "Above 3.25 the simplified hepatitis C pathway treats the person as having cirrhosis."
)
WEAK_BY_AGE: Final = N_("FIB-4 is weak below 35 and above 65 years of age.")
TOO_YOUNG: Final = N_("FIB-4 is for adults, from 18 years of age.")

_APRI_READINGS: Final = {
    "fibrosis": (
        Reading("fibrosis_unlikely", N_("fibrosis of F2 or more: unlikely (below 0.5)")),
        Reading("fibrosis_unclear", N_("fibrosis of F2 or more: not decided (0.5–1.5)")),
        Reading("fibrosis_likely", N_("fibrosis of F2 or more: likely (above 1.5)")),
    ),
    "cirrhosis": (
        Reading("cirrhosis_unlikely", N_("cirrhosis: unlikely (below 1.0)")),
        Reading("cirrhosis_unclear", N_("cirrhosis: not decided (1.0–2.0)")),
        Reading("cirrhosis_likely", N_("cirrhosis: likely (above 2.0)")),
    ),
}

_FIB4_READINGS: Final = (
    Reading("low", N_("advanced fibrosis unlikely (below 1.45)")),
    Reading("indeterminate", N_("not decided (1.45–3.25)")),
    Reading("advanced", N_("advanced fibrosis likely (above 3.25)")),
)


def _between(
    value: float, cut_offs: tuple[float, float], readings: tuple[Reading, ...]
) -> Reading:
    low, high = cut_offs
    return readings[0 if value < low else 2 if value > high else 1]


def apri(*, ast: float | None, ast_uln: float | None, platelets: float | None) -> Outcome:
    """Return the APRI from AST and its limit (U/L) and platelets (10⁹/L); refused with any missing."""
    missing = absent({AST: ast, AST_ULN: ast_uln, PLATELETS: platelets})
    if missing:
        return Refused(APRI, missing)
    assert ast is not None and ast_uln is not None and platelets is not None  # noqa: PT018 -- narrows
    value = round(ast / ast_uln * 100 / platelets, APRI.digits)
    return Worked(
        APRI,
        value,
        (
            Input(AST, spelled(ast), "U/L"),
            Input(AST_ULN, spelled(ast_uln), "U/L"),
            Input(PLATELETS, spelled(platelets), PLATELET_UNIT),
        ),
        (
            _between(value, FIBROSIS, _APRI_READINGS["fibrosis"]),
            _between(value, CIRRHOSIS, _APRI_READINGS["cirrhosis"]),
        ),
    )


def fib4(*, age: Age, ast: float | None, alt: float | None, platelets: float | None) -> Outcome:
    """Return the FIB-4 from years, AST and ALT (U/L) and platelets (10⁹/L).

    Refused below 18, without an exact age, or with a part missing.
    """
    missing = absent({AGE: age, AST: ast, ALT: alt, PLATELETS: platelets})
    reasons = []
    if age == OVER_89:
        reasons.append(EXACT_AGE)
    elif isinstance(age, int) and age < FIB4_YOUNGEST:
        reasons.append(TOO_YOUNG)
        missing = tuple(label for label in missing if label != AGE)
    if missing or reasons:
        return Refused(FIB4, missing, tuple(reasons))
    assert isinstance(age, int) and ast and alt and platelets  # noqa: PT018 -- narrows
    value = round(age * ast / (platelets * math.sqrt(alt)), FIB4.digits)
    reading = _between(value, (FIB4_LOW, FIB4_HIGH), _FIB4_READINGS)
    notes = [PRESUMED_CIRRHOSIS] if reading.key == "advanced" else []
    if age < 35 or age > 65:
        notes.append(WEAK_BY_AGE)
    return Worked(
        FIB4,
        value,
        (
            Input(AGE, str(age), YEARS),
            Input(AST, spelled(ast), "U/L"),
            Input(ALT, spelled(alt), "U/L"),
            Input(PLATELETS, spelled(platelets), PLATELET_UNIT),
        ),
        (reading,),
        tuple(notes),
    )
