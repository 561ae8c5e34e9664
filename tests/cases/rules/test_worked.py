"""Which formulas a case brings with it, with every input, and what they refuse (domain.md §5.3)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.formulas.base import Refused, Worked
from cases.formulas.labs import LABS
from cases.rules import worked
from cases.rules.fields import Form, Module
from cases.rules.form import assemble
from cases.rules.form_setup import FormSetup
from cases.rules.models import Answers
from cases.rules.worked import Calculation

FORMS = {module: assemble(FormSetup(modules=(module,))) for module in Module}
HCV, SMI, BH = FORMS[Module.HCV], FORMS[Module.SMI], FORMS[Module.BH]


def lab(code: str, value: Any, weeks: int | None = 2) -> dict[str, Any]:
    return {"code": code, "value": value} | ({} if weeks is None else {"weeks": weeks})


def found(form: Form, **values: Any) -> dict[str, Calculation]:
    done = worked.calculations(form, Answers({"case_type": "new", **values}))
    return {one.outcome.formula.key: one for one in done}


def value(one: Calculation) -> float:
    assert isinstance(one.outcome, Worked), one.outcome
    return one.outcome.value


def refused(one: Calculation) -> tuple[tuple[str, ...], tuple[str, ...]]:
    assert isinstance(one.outcome, Refused), one.outcome
    return one.outcome.missing, one.outcome.reasons


LIVER = [lab("ast", 88.0), lab("alt", 76.0, 9), lab("platelets", 132.0), lab("ast_uln", 40, None)]


@pytest.mark.parametrize("form", [HCV, BH, SMI], ids=["hcv", "bh", "smi"])
def test_the_vectors_of_the_handbook_come_out_of_a_case(form: Form) -> None:
    done = found(form, age=52, labs=LIVER)
    assert {key: value(done[key]) for key in ("apri", "fib4")} == {"apri": 1.67, "fib4": 3.98}
    assert done["fib4"].ages == {"AST": 2, "ALT": 9, "Platelets": 2}
    assert worked.ULN_ASSUMED not in done["apri"].outcome.notes


def test_the_usual_limit_is_assumed_and_said_when_the_laboratorys_own_is_missing() -> None:
    rows = [lab("ast", 45.0), lab("alt", 60.0), lab("platelets", 240.0)]
    done = found(HCV, age=38, labs=rows)
    apri = done["apri"].outcome
    assert isinstance(apri, Worked)
    assert (apri.value, value(done["fib4"])) == (0.47, 0.92)
    assert ("AST, upper limit of normal", "40", "U/L") in [
        (i.label, i.value, i.unit) for i in apri.inputs
    ]
    assert apri.notes == (worked.ULN_ASSUMED,)


def test_the_hepatitis_module_says_what_is_missing_and_others_say_nothing() -> None:
    rows = [lab("ast", 88.0), lab("alt", "not_done", None)]
    done = found(HCV, age=52, labs=rows)
    assert {key: refused(one) for key, one in done.items()} == {
        "apri": (("Platelets",), ()),
        "fib4": (("ALT", "Platelets"), ()),
    }
    assert found(BH, age=52, labs=rows) == {}
    assert set(found(HCV, age=52)) == {"apri", "fib4"}
    assert found(HCV, age=52, case_type="followup") == {}


def test_the_newest_result_counts() -> None:
    rows = [lab("ast", 300.0, 40), *LIVER, lab("platelets", 60.0, 80)]
    assert value(found(HCV, age=52, labs=rows)["fib4"]) == 3.98


def test_body_mass_index_needs_both_parts_and_an_adult() -> None:
    done = found(BH, age=40, weight=96.4, height=175.0, vitals_weeks=3)
    assert value(done["bmi"]) == 31.5
    assert done["bmi"].ages == {"Weight": 3}
    assert refused(found(BH, age=40, weight=96.4)["bmi"]) == (("Height",), ())
    assert refused(found(BH, age=19, weight=60.0, height=170.0)["bmi"])[1] != ()
    assert value(found(BH, age="90+", weight=96.4, height=175.0)["bmi"]) == 31.5
    assert found(BH, age=40, height=175.0, case_type="followup") == {}


PUGH = [lab("bilirubin_t", 2.4), lab("albumin", 3.0), lab("inr", 1.5)]


def test_child_pugh_comes_with_a_graded_sign() -> None:
    done = found(HCV, labs=PUGH, ascites="slight", encephalopathy="none")
    assert value(done["child_pugh"]) == 8
    one_sign = found(HCV, labs=PUGH, ascites="slight")["child_pugh"]
    assert refused(one_sign) == (("Encephalopathy",), ())
    assert "child_pugh" not in found(HCV, labs=PUGH)


WOMAN = {
    "age": 61,
    "sex_for_formulas": "female",
    "sbp": 124.0,
    "pressure_treated": "no",
    "tobacco": 10,
    "medical_history": ["none"],
    "labs": [lab("chol", 180.0), lab("hdl", 47.0)],
}
MAN = {
    "age": 53,
    "sex_for_formulas": "male",
    "sbp": 125.0,
    "pressure_treated": "yes",
    "tobacco": 0,
    "medical_history": ["diabetes"],
    "labs": [lab("chol", 161.0), lab("hdl", 55.0)],
}


@pytest.mark.parametrize(("person", "risk"), [(WOMAN, 10.48), (MAN, 15.62)], ids=["woman", "man"])
def test_framingham_with_lipids(person: dict[str, Any], risk: float) -> None:
    assert value(found(SMI, **person)["framingham"]) == risk
    assert set(found(BH, **person)) == set()


def test_in_a_programme_with_several_modules_the_case_says_what_it_is_about() -> None:
    both = assemble(FormSetup(modules=(Module.BH, Module.SMI)))
    assert set(found(both, **WOMAN, about=["smi"])) == {"framingham"}
    assert found(both, **WOMAN, about=["bh"]) == {}


def test_framingham_without_laboratory_says_so() -> None:
    # 30 kg/m² at 55: the vector of domain.md §5.3.
    person = MAN | {"age": 55, "sbp": 140.0, "pressure_treated": "no", "medical_history": []}
    done = found(SMI, **person | {"labs": [], "weight": 120.0, "height": 200.0})
    outcome = done["framingham_bmi"].outcome
    assert isinstance(outcome, Worked)
    assert (outcome.value, outcome.notes) == (16.75, (worked.WITHOUT_LIPIDS,))
    assert "framingham" not in done


@pytest.mark.parametrize(
    ("change", "missing", "reasons"),
    [
        ({"pressure_treated": None}, ("Treated for blood pressure",), 0),
        ({"tobacco": None}, ("Smokes",), 0),
        ({"medical_history": None}, ("Diabetes", "Heart or vessel disease"), 0),
        ({"sex_for_formulas": "not_stated"}, (), 1),
        ({"medical_history": ["cvd"]}, (), 1),
        ({"age": 29}, (), 1),
        ({"age": "90+"}, (), 1),
    ],
)
def test_framingham_refuses(
    change: dict[str, Any], missing: tuple[str, ...], reasons: int
) -> None:
    said = refused(found(SMI, **WOMAN | change)["framingham"])
    assert (said[0], len(said[1])) == (missing, reasons)


@pytest.mark.parametrize(
    ("code", "status", "condition", "holds"),
    [
        ("E11.9", "active", "diabetes", True),
        ("e11.9", "active", "diabetes", True),
        ("E11.9", "suspected", "diabetes", False),
        ("E23.2", "active", "diabetes", False),
        ("I25.10", "remission", "cvd", True),
        ("I10", "active", "cvd", False),
    ],
)
def test_a_coded_diagnosis_says_the_same_as_a_tick(
    code: str, status: str, condition: str, *, holds: bool
) -> None:
    row = {"label": "As coded", "icd10": code, "status": status}
    answers = Answers({"medical_history": ["none"], "diagnoses": [row]})
    assert worked.has(answers, condition) is holds


labs = st.lists(
    st.builds(
        lab,
        st.sampled_from(sorted(LABS)),
        st.one_of(st.floats(0, 1e6), st.sampled_from(["not_done", "not_detected"])),
        st.one_of(st.none(), st.integers(0, 520)),
    ),
    max_size=12,
)
optional = st.one_of(
    st.none(), st.just(0), st.floats(1, 400)
)  # the form lets nothing else through
yes_no = st.sampled_from([None, "yes", "no"])


@given(
    module=st.sampled_from(list(Module)),
    values=st.fixed_dictionaries(
        {
            "case_type": st.sampled_from(["new", "followup"]),
            "age": st.one_of(st.none(), st.integers(0, 89), st.just("90+")),
            "sex_for_formulas": st.sampled_from([None, "female", "male", "not_stated"]),
            "height": optional,
            "weight": optional,
            "sbp": optional,
            "tobacco": st.one_of(st.none(), st.integers(0, 120)),
            "pressure_treated": yes_no,
            "vitals_weeks": st.one_of(st.none(), st.integers(0, 520)),
            "medical_history": st.one_of(
                st.none(), st.lists(st.sampled_from(["diabetes", "cvd", "none"]))
            ),
            "ascites": st.sampled_from([None, "none", "slight", "moderate"]),
            "encephalopathy": st.sampled_from([None, "none", "grade_1_2", "grade_3_4"]),
            "labs": labs,
        }
    ),
)
def test_every_formula_is_worked_out_or_says_why_not(
    module: Module, values: dict[str, Any]
) -> None:
    done = worked.calculations(FORMS[module], Answers(values))
    keys = [one.outcome.formula.key for one in done]
    assert len(keys) == len(set(keys))
    for one in done:
        assert one.outcome.formula.source
        if isinstance(one.outcome, Worked):
            assert one.outcome.inputs
            assert set(one.ages) <= {given.label for given in one.outcome.inputs}
        else:
            assert one.outcome.missing or one.outcome.reasons
