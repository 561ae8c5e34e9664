"""Framingham 2008: risk of a first cardiovascular event within ten years, in per cent.

Source: D'Agostino et al. Circulation 2008;117:743–753, in the form with lipids and in the form
with the body-mass index for places without a laboratory; coefficients as domain.md §5.3.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cases.formulas.base import (
    AGE,
    OVER_89,
    YEARS,
    Age,
    Formula,
    Input,
    Outcome,
    Refused,
    Worked,
    absent,
    spelled,
    yes_no,
)
from cases.formulas.bmi import FORMULA as BMI
from server.kit.text import N_

_SOURCE: Final = "D'Agostino RB Sr et al. Circulation 2008;117:743–753."

LIPIDS: Final = Formula(
    key="framingham",
    name=N_("Framingham 2008, with lipids"),
    unit=N_("% in 10 years"),
    digits=2,
    expression=N_(
        "1 − S₀ ^ exp(sum of coefficient × value − mean), with the logarithms of age, total "
        "cholesterol, HDL and systolic blood pressure (treated or untreated), and smoking and "
        "diabetes as 0 or 1; coefficients, mean and S₀ by sex"
    ),
    source=_SOURCE,
)

WITH_BMI: Final = Formula(
    key="framingham_bmi",
    name=N_("Framingham 2008, without laboratory"),
    unit=N_("% in 10 years"),
    digits=2,
    expression=N_(
        "1 − S₀ ^ exp(sum of coefficient × value − mean), with the logarithms of age, body-mass "
        "index and systolic blood pressure (treated or untreated), and smoking and diabetes as 0 "
        "or 1; coefficients, mean and S₀ by sex"
    ),
    source=_SOURCE,
)

YOUNGEST: Final = 30
OLDEST: Final = 74

SEX: Final = N_("Sex used in medical formulas")
CHOL: Final = N_("Total cholesterol")
HDL: Final = N_("HDL cholesterol")
SBP: Final = N_("Systolic blood pressure")
TREATED: Final = N_("Treated for blood pressure")
SMOKER: Final = N_("Smokes")
DIABETES: Final = N_("Diabetes")
CVD: Final = N_("Heart or vessel disease")

_SEXES: Final[Mapping[str, str]] = {"female": N_("Female"), "male": N_("Male")}

OUT_OF_AGE: Final = N_("The formula holds from 30 to 74 years of age.")
HAS_CVD: Final = N_("The formula is for people without heart or vessel disease.")
NO_SEX: Final = N_("The formula differs by sex, and the sex used in formulas is not stated.")


@dataclass(frozen=True, slots=True)
class Weights:
    """Coefficients of one form for one sex; `measures` belong to the form's own logarithms."""

    age: float
    measures: tuple[float, ...]
    sbp_untreated: float
    sbp_treated: float
    smoker: float
    diabetes: float
    mean: float
    survival: float


_LIPIDS: Final[Mapping[str, Weights]] = {
    "male": Weights(
        3.06117, (1.12370, -0.93263), 1.93303, 1.99881, 0.65451, 0.57367, 23.9802, 0.88936
    ),
    "female": Weights(
        2.32888, (1.20904, -0.70833), 2.76157, 2.82263, 0.52873, 0.69154, 26.1931, 0.95012
    ),
}

_BMI: Final[Mapping[str, Weights]] = {
    "male": Weights(3.11296, (0.79277,), 1.85508, 1.92672, 0.70953, 0.53160, 23.9388, 0.88431),
    "female": Weights(2.72107, (0.51125,), 2.81291, 2.88267, 0.61868, 0.77763, 26.0145, 0.94833),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """What both forms need: mmHg untouched by units, years, and answers (None: not answered)."""

    age: Age
    sex: str | None
    sbp: float | None
    treated: bool | None
    smoker: bool | None
    diabetes: bool | None
    cvd: bool | None


def lipids(person: Person, *, chol: float | None, hdl: float | None) -> Outcome:
    """Return the risk from total and HDL cholesterol (mg/dL); refused as §5.3 says."""
    return _work(LIPIDS, _LIPIDS, person, ((CHOL, chol, "mg/dL"), (HDL, hdl, "mg/dL")))


def with_bmi(person: Person, *, bmi: float | None) -> Outcome:
    """Return the risk from the body-mass index (kg/m²); refused as §5.3 says."""
    return _work(WITH_BMI, _BMI, person, ((BMI.name, bmi, BMI.unit),))


def _work(
    formula: Formula,
    by_sex: Mapping[str, Weights],
    person: Person,
    measures: tuple[tuple[str, float | None, str], ...],
) -> Outcome:
    answers = {
        TREATED: person.treated,
        SMOKER: person.smoker,
        DIABETES: person.diabetes,
    }
    missing = absent(
        {
            AGE: person.age,
            **{label: value for label, value, _ in measures},
            SBP: person.sbp,
            **answers,
            CVD: person.cvd,
        }
    )
    reasons = _reasons(person)
    if missing or reasons:
        return Refused(formula, missing, reasons)
    assert isinstance(person.age, int) and person.sbp and person.sex  # noqa: PT018 -- narrows
    weights = by_sex[person.sex]
    values = [value for _, value, _ in measures if value is not None]
    total = (
        weights.age * math.log(person.age)
        + sum(w * math.log(v) for w, v in zip(weights.measures, values, strict=True))
        + (weights.sbp_treated if person.treated else weights.sbp_untreated) * math.log(person.sbp)
        + weights.smoker * bool(person.smoker)
        + weights.diabetes * bool(person.diabetes)
    )
    risk = 100 * (1 - weights.survival ** math.exp(total - weights.mean))
    return Worked(
        formula,
        round(risk, formula.digits),
        (
            Input(AGE, str(person.age), YEARS),
            Input(SEX, _SEXES[person.sex], listed=True),
            *(
                Input(label, spelled(value), unit)
                for label, value, unit in measures
                if value is not None
            ),
            Input(SBP, spelled(person.sbp), "mmHg"),
            *(Input(label, yes_no(value), listed=True) for label, value in answers.items()),
        ),
    )


def _reasons(person: Person) -> tuple[str, ...]:
    found = []
    too_young = isinstance(person.age, int) and person.age < YOUNGEST
    if too_young or person.age == OVER_89 or (isinstance(person.age, int) and person.age > OLDEST):
        found.append(OUT_OF_AGE)
    if person.cvd:
        found.append(HAS_CVD)
    if person.sex not in _SEXES:
        found.append(NO_SEX)
    return tuple(found)
