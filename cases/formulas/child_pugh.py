"""Child-Pugh: how well a liver with cirrhosis still works, 5–15 points.

Source: Pugh et al. Br J Surg 1973;60:646–649; grades and classes as domain.md §5.3.
"""

from collections.abc import Mapping
from typing import Final

from cases.formulas.base import (
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

FORMULA: Final = Formula(
    key="child_pugh",
    name="Child-Pugh",
    unit=N_("points"),
    digits=0,
    expression=N_(
        "1 to 3 points each: bilirubin below 2, 2–3, above 3 mg/dL; albumin above 3.5, 2.8–3.5, "
        "below 2.8 g/dL; INR below 1.7, 1.7–2.3, above 2.3; ascites none, slight, moderate or "
        "more; encephalopathy none, grade 1–2, grade 3–4"
    ),
    source="Pugh RNH et al. Br J Surg 1973;60:646–649.",
)

BILIRUBIN: Final = N_("Bilirubin")
ALBUMIN: Final = N_("Albumin")
INR: Final = N_("INR")
ASCITES: Final = N_("Ascites")
ENCEPHALOPATHY: Final = N_("Encephalopathy")

ASCITES_GRADES: Final[Mapping[str, str]] = {
    "none": N_("none"),
    "slight": N_("slight"),
    "moderate": N_("moderate or more"),
}
ENCEPHALOPATHY_GRADES: Final[Mapping[str, str]] = {
    "none": N_("none"),
    "grade_1_2": N_("grade 1–2"),
    "grade_3_4": N_("grade 3–4"),
}
"""The answers to choose from, in rising points from 1."""

DECOMPENSATED_FROM: Final = 7
DECOMPENSATED: Final = N_("7 points or more: decompensated cirrhosis.")

_CLASSES: Final = (
    (6, Reading("A", N_("class A (5–6)"))),
    (9, Reading("B", N_("class B (7–9)"))),
    (15, Reading("C", N_("class C (10–15)"))),
)


def _points(value: float, low: float, high: float) -> int:
    """Return 1 below `low`, 2 from `low` to `high` inclusive, 3 above."""
    return 1 if value < low else 3 if value > high else 2


def work(
    *,
    bilirubin: float | None,
    albumin: float | None,
    inr: float | None,
    ascites: str | None,
    encephalopathy: str | None,
) -> Outcome:
    """Return the points from bilirubin (mg/dL), albumin (g/dL), INR and the two graded signs.

    Refused with any part missing; KeyError for a grade that is not listed.
    """
    missing = absent(
        {
            BILIRUBIN: bilirubin,
            ALBUMIN: albumin,
            INR: inr,
            ASCITES: ascites,
            ENCEPHALOPATHY: encephalopathy,
        }
    )
    if missing:
        return Refused(FORMULA, missing)
    assert bilirubin and albumin and inr and ascites and encephalopathy  # noqa: PT018 -- narrows
    signs = {
        ASCITES: ASCITES_GRADES[ascites],
        ENCEPHALOPATHY: ENCEPHALOPATHY_GRADES[encephalopathy],
    }
    total = (
        _points(bilirubin, 2, 3)
        # Albumin falls as the liver fails: 3 points below 2.8, 1 above 3.5.
        + (4 - _points(albumin, 2.8, 3.5))
        + _points(inr, 1.7, 2.3)
        + list(ASCITES_GRADES).index(ascites)
        + list(ENCEPHALOPATHY_GRADES).index(encephalopathy)
        + 2
    )
    return Worked(
        FORMULA,
        total,
        (
            Input(BILIRUBIN, spelled(bilirubin), "mg/dL"),
            Input(ALBUMIN, spelled(albumin), "g/dL"),
            Input(INR, spelled(inr)),
            *(Input(label, grade, listed=True) for label, grade in signs.items()),
        ),
        (next(reading for last, reading in _CLASSES if total <= last),),
        (DECOMPENSATED,) if total >= DECOMPENSATED_FROM else (),
    )
