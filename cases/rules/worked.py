"""What the formulas of domain.md §5.3 make of a case: which apply, with every input; pure.

A formula that applies and cannot be worked out says what is missing, so that the author can give
it; one that nothing speaks for is left out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from cases.formulas import bmi, child_pugh, framingham, liver
from cases.formulas.base import Age, Outcome, Worked
from cases.instruments.base import N_
from cases.rules import measure_reader
from cases.rules.fields import Form, Module
from cases.rules.models import Answers

ULN_ASSUMED: Final = N_(
    "The laboratory's own upper limit of AST was not given: the usual 40 U/L is assumed."
)
WITHOUT_LIPIDS: Final = N_(
    "Total and HDL cholesterol were not both given, so the form without laboratory is used."
)


@dataclass(frozen=True, slots=True)
class Calculation:
    """One formula with its outcome; `ages` says how many weeks old an input is, by its label."""

    outcome: Outcome
    ages: Mapping[str, int] = field(default_factory=dict)


def calculations(form: Form, answers: Answers) -> tuple[Calculation, ...]:
    """Return every formula that applies to these answers, in the order of domain.md §5.3.

    The body-mass index: once height or weight is given. APRI and FIB-4: in the hepatitis C module,
    elsewhere when all their tests are there. Child-Pugh: once ascites or encephalopathy is graded.
    Framingham: in the metabolic module. A follow-up needs no laboratory (§4.4), so there nothing
    is worked out of which it brings no part.
    """
    return tuple(_calculations(form, _Case(answers)))


@dataclass(frozen=True, slots=True)
class _Case:
    """The answers, as formulas ask for them."""

    answers: Answers

    @property
    def age(self) -> Age:
        age = self.answers.get("age")
        return age if isinstance(age, int) or age == "90+" else None

    @property
    def is_new(self) -> bool:
        return self.answers.text("case_type") != "followup"

    @property
    def labs(self) -> Sequence[Mapping[str, Any]]:
        rows = self.answers.get("labs")
        return rows if isinstance(rows, Sequence) else ()

    def lab(self, code: str) -> float | None:
        return measure_reader.number(self.labs, code)

    def body(self, key: str) -> float | None:
        value = self.answers.get(key)
        return float(value) if isinstance(value, int | float) else None

    def grade(self, key: str) -> str | None:
        return self.answers.text(key) or None

    def yes(self, key: str) -> bool | None:
        return {"yes": True, "no": False}.get(self.answers.text(key))

    def ages(self, labs: Mapping[str, str], body: Collection[str] = ()) -> dict[str, int]:
        """Return the weeks of these inputs, by label; `labs` maps labels to codes."""
        found = {}
        for label, code in labs.items():
            row = measure_reader.latest(self.labs, code)
            weeks = row.get("weeks") if row else None
            if isinstance(weeks, int):
                found[label] = weeks
        weeks = self.answers.get("vitals_weeks")
        if isinstance(weeks, int):
            found |= dict.fromkeys(body, weeks)
        return found


def _calculations(form: Form, case: _Case) -> Iterator[Calculation]:
    height, weight = case.body("height"), case.body("weight")
    index = bmi.work(weight_kg=weight, height_cm=height, age=case.age)
    if weight is not None or (height is not None and case.is_new):
        yield Calculation(index, case.ages({}, (bmi.WEIGHT,)))
    yield from _liver(form, case)
    if Module.SMI in form.modules_of(case.answers.values) and (
        case.is_new or case.body("sbp") is not None
    ):
        yield _framingham(case, index)


_APRI: Final = {liver.AST: "ast", liver.PLATELETS: "platelets"}
_FIB4: Final = {liver.AST: "ast", liver.ALT: "alt", liver.PLATELETS: "platelets"}
_CHILD_PUGH: Final = {
    child_pugh.BILIRUBIN: "bilirubin_t",
    child_pugh.ALBUMIN: "albumin",
    child_pugh.INR: "inr",
}


def _liver(form: Form, case: _Case) -> Iterator[Calculation]:
    ast, alt, platelets = (case.lab(code) for code in ("ast", "alt", "platelets"))
    limit = case.lab("ast_uln")
    apri = liver.apri(ast=ast, ast_uln=limit or liver.USUAL_ULN, platelets=platelets)
    if limit is None and isinstance(apri, Worked):
        apri = replace(apri, notes=(*apri.notes, ULN_ASSUMED))
    fib4 = liver.fib4(age=case.age, ast=ast, alt=alt, platelets=platelets)
    for outcome, labs in ((apri, _APRI), (fib4, _FIB4)):
        given = [case.lab(code) is not None for code in labs.values()]
        asked = Module.HCV in form.modules_of(case.answers.values) and (case.is_new or any(given))
        if asked or all(given):
            yield Calculation(outcome, case.ages(labs))
    ascites, encephalopathy = case.grade("ascites"), case.grade("encephalopathy")
    if ascites or encephalopathy:
        outcome = child_pugh.work(
            bilirubin=case.lab("bilirubin_t"),
            albumin=case.lab("albumin"),
            inr=case.lab("inr"),
            ascites=ascites,
            encephalopathy=encephalopathy,
        )
        yield Calculation(outcome, case.ages(_CHILD_PUGH))


def _framingham(case: _Case, index: Outcome) -> Calculation:
    tobacco = case.body("tobacco")
    person = framingham.Person(
        age=case.age,
        sex=case.grade("sex_for_formulas"),
        sbp=case.body("sbp"),
        treated=case.yes("pressure_treated"),
        smoker=None if tobacco is None else tobacco > 0,
        diabetes=has(case.answers, "diabetes"),
        cvd=has(case.answers, "cvd"),
    )
    chol, hdl = case.lab("chol"), case.lab("hdl")
    if chol is not None and hdl is not None:
        labs = {framingham.CHOL: "chol", framingham.HDL: "hdl"}
        outcome = framingham.lipids(person, chol=chol, hdl=hdl)
        return Calculation(outcome, case.ages(labs, (framingham.SBP,)))
    outcome = framingham.with_bmi(person, bmi=index.value if isinstance(index, Worked) else None)
    if isinstance(outcome, Worked):
        outcome = replace(outcome, notes=(*outcome.notes, WITHOUT_LIPIDS))
    return Calculation(outcome, case.ages({}, (framingham.SBP, bmi.FORMULA.name)))


_CODED: Final[Mapping[str, tuple[str, ...]]] = {
    "diabetes": ("E08", "E09", "E10", "E11", "E13"),
    "cvd": (
        *(f"I{number}" for number in (20, 21, 22, 23, 24, 25, 50)),
        *(f"I{number}" for number in (60, 61, 62, 63, 64, 65, 66, 67, 69, 70, 73)),
        "G45",
    ),
}
"""Starts of ICD-10-CM codes that say the same as a tick in the history: heart failure, coronary,
brain and limb arteries are what Framingham 2008 counts as an event."""


def has(answers: Answers, condition: str) -> bool | None:
    """Say whether the history or a coded diagnosis names `diabetes` or `cvd`; None: not asked."""
    history = answers.get("medical_history")
    if history is not None and condition in history:
        return True
    codes = (code.upper() for _, code in present(answers))
    if any(code.startswith(_CODED[condition]) for code in codes):
        return True
    return None if history is None else False


def present(answers: Answers) -> tuple[tuple[str, str], ...]:
    """Return (label, ICD-10-CM code or "") of the diagnoses that are more than suspected."""
    return tuple(
        (row.get("label", ""), row.get("icd10", ""))
        for row in answers.get("diagnoses") or ()
        if row.get("status") != "suspected"
    )
