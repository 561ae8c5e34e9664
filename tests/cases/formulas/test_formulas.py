"""The formulas against the vectors of domain.md §5.3, their cut-offs and their refusals."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.formulas import bmi, child_pugh, framingham, liver
from cases.formulas.base import AGE, EXACT_AGE, Age, Outcome, Refused, Worked
from cases.formulas.framingham import Person


def value(outcome: Outcome) -> float:
    assert isinstance(outcome, Worked), outcome
    return outcome.value


def readings(outcome: Outcome) -> tuple[str, ...]:
    assert isinstance(outcome, Worked), outcome
    return tuple(reading.key for reading in outcome.readings)


# -- body-mass index -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kg", "cm", "index"), [(96.4, 175, 31.5), (118, 178, 37.2), (92, 161, 35.5)]
)
def test_bmi_vectors(kg: float, cm: float, index: float) -> None:
    assert value(bmi.work(weight_kg=kg, height_cm=cm, age=40)) == bmi.bmi(kg, cm) == index


def test_bmi_bands_and_their_borders() -> None:
    bands = [bmi.band(index, 40) for index in (18.4, 18.5, 24.9, 25.0, 29.9, 30.0)]
    assert [band[0] for band in bands if band] == [
        "underweight", "usual", "usual", "overweight", "overweight", "obesity",
    ]  # fmt: skip
    assert bmi.band(31.5, 19) is None


def test_bmi_says_how_it_was_worked_out() -> None:
    outcome = bmi.work(weight_kg=96.4, height_cm=175, age="90+")
    assert isinstance(outcome, Worked)
    shown = [(i.label, i.value, i.unit) for i in outcome.inputs]
    assert shown == [("Weight", "96.4", "kg"), ("Height", "175", "cm"), ("Age", "90+", "years")]
    assert (outcome.text, readings(outcome)) == ("31.5", ("obesity",))
    assert outcome.notes == (bmi.ASIAN_POINTS,)


@pytest.mark.parametrize(
    ("kg", "cm", "age", "refused"),
    [
        (None, 175.0, 40, Refused(bmi.FORMULA, ("Weight",))),
        (80.0, 0.0, 40, Refused(bmi.FORMULA, ("Height",))),
        (80.0, 175.0, None, Refused(bmi.FORMULA, (AGE,))),
        (80.0, 175.0, 19, Refused(bmi.FORMULA, (), (bmi.TOO_YOUNG,))),
    ],
)
def test_bmi_refuses(kg: float | None, cm: float, age: Age, refused: Refused) -> None:
    assert bmi.work(weight_kg=kg, height_cm=cm, age=age) == refused


# -- liver ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("inputs", "fib4", "apri"),
    [
        ((52, 88, 76, 132), 3.98, 1.67),
        ((38, 45, 60, 240), 0.92, 0.47),
        ((49, 132, 61, 98), 8.45, 3.37),  # demonstration case SU-02; the APRI by hand
    ],
)
def test_liver_vectors(inputs: tuple[int, float, float, float], fib4: float, apri: float) -> None:
    age, ast, alt, platelets = inputs
    assert value(liver.fib4(age=age, ast=ast, alt=alt, platelets=platelets)) == fib4
    assert value(liver.apri(ast=ast, ast_uln=40, platelets=platelets)) == apri


@pytest.mark.parametrize(
    ("ast", "fibrosis", "cirrhosis"),
    [
        (49, "unlikely", "unlikely"), (50, "unclear", "unlikely"), (99, "unclear", "unlikely"),
        (100, "unclear", "unclear"), (150, "unclear", "unclear"), (151, "likely", "unclear"),
        (200, "likely", "unclear"), (201, "likely", "likely"),
    ],
)  # fmt: skip
def test_apri_borders(ast: float, fibrosis: str, cirrhosis: str) -> None:
    outcome = liver.apri(ast=ast, ast_uln=100, platelets=100)
    assert readings(outcome) == (f"fibrosis_{fibrosis}", f"cirrhosis_{cirrhosis}")


@pytest.mark.parametrize(
    ("ast", "reading", "presumed"),
    [(144, "low", 0), (145, "indeterminate", 0), (325, "indeterminate", 0), (326, "advanced", 1)],
)
def test_fib4_borders(ast: float, reading: str, presumed: int) -> None:
    # 50 years, platelets 50, ALT 10 000: the value is a hundredth of the AST.
    outcome = liver.fib4(age=50, ast=ast, alt=10000, platelets=50)
    assert isinstance(outcome, Worked)
    assert (outcome.value, readings(outcome)) == (ast / 100, (reading,))
    assert outcome.notes == (liver.PRESUMED_CIRRHOSIS,) * presumed


@pytest.mark.parametrize(("age", "weak"), [(34, True), (35, False), (65, False), (66, True)])
def test_fib4_is_weak_at_both_ends_of_life(age: int, weak: bool) -> None:
    outcome = liver.fib4(age=age, ast=40, alt=40, platelets=250)
    assert isinstance(outcome, Worked)
    assert (liver.WEAK_BY_AGE in outcome.notes) is weak


def test_liver_formulas_refuse() -> None:
    assert liver.apri(ast=50, ast_uln=None, platelets=0) == Refused(
        liver.APRI, (liver.AST_ULN, liver.PLATELETS)
    )
    full = {"ast": 50.0, "alt": 50.0, "platelets": 200.0}
    assert liver.fib4(age=17, **full) == Refused(liver.FIB4, (), (liver.TOO_YOUNG,))
    assert liver.fib4(age=0, **full) == Refused(liver.FIB4, (), (liver.TOO_YOUNG,))
    assert liver.fib4(age="90+", **full) == Refused(liver.FIB4, (), (EXACT_AGE,))
    assert liver.fib4(age=None, ast=50, alt=None, platelets=200) == Refused(
        liver.FIB4, (AGE, liver.ALT)
    )


positive = st.floats(1, 1000)


@given(st.integers(18, 89), positive, positive, positive, st.floats(1.01, 5))
def test_liver_values_rise_with_ast_and_fall_with_platelets(
    age: int, ast: float, alt: float, platelets: float, more: float
) -> None:
    def both(a: float, p: float) -> tuple[float, float]:
        fib4 = liver.fib4(age=age, ast=a, alt=alt, platelets=p)
        return value(fib4), value(liver.apri(ast=a, ast_uln=40, platelets=p))

    before, higher, thinner = (
        both(ast, platelets),
        both(ast * more, platelets),
        both(ast, platelets * more),
    )
    assert all(h >= b >= t for b, h, t in zip(before, higher, thinner, strict=True))


def parts(**changed: object) -> Outcome:
    usual = {
        "bilirubin": 1.0,
        "albumin": 4.0,
        "inr": 1.0,
        "ascites": "none",
        "encephalopathy": "none",
    }
    return child_pugh.work(**(usual | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("part", "answers"),
    [
        ("bilirubin", {1.9: 5, 2.0: 6, 3.0: 6, 3.1: 7}),
        ("albumin", {3.6: 5, 3.5: 6, 2.8: 6, 2.7: 7}),
        ("inr", {1.69: 5, 1.7: 6, 2.3: 6, 2.31: 7}),
        ("ascites", {"none": 5, "slight": 6, "moderate": 7}),
        ("encephalopathy", {"none": 5, "grade_1_2": 6, "grade_3_4": 7}),
    ],
)
def test_child_pugh_points(part: str, answers: dict[object, int]) -> None:
    assert {given_: value(parts(**{part: given_})) for given_ in answers} == answers


def test_child_pugh_classes() -> None:
    grid = itertools.product(
        (1, 2, 4),
        (4, 3, 2),
        (1, 2, 3),
        child_pugh.ASCITES_GRADES,
        child_pugh.ENCEPHALOPATHY_GRADES,
    )
    names = ("bilirubin", "albumin", "inr", "ascites", "encephalopathy")
    found = {}
    for answers in grid:
        outcome = parts(**dict(zip(names, answers, strict=True)))
        assert isinstance(outcome, Worked)
        found[int(outcome.value)] = (readings(outcome), len(outcome.notes))
    wanted = {5: "A", 6: "A", 7: "B", 8: "B", 9: "B"} | dict.fromkeys(range(10, 16), "C")
    assert found == {t: ((letter,), int(t >= 7)) for t, letter in wanted.items()}


@pytest.mark.parametrize("part", ["bilirubin", "albumin", "inr", "ascites", "encephalopathy"])
def test_child_pugh_refuses_with_any_part_missing(part: str) -> None:
    label = getattr(child_pugh, part.upper())
    assert parts(**{part: None}) == Refused(child_pugh.FORMULA, (label,))


# -- Framingham ----------------------------------------------------------------------------------


def person(**changed: object) -> Person:
    usual: dict[str, object] = {
        "age": 50, "sex": "male", "sbp": 130.0, "treated": False, "smoker": False,
        "diabetes": False, "cvd": False,
    }  # fmt: skip
    return Person(**(usual | changed))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("who", "chol", "hdl", "risk"),
    [
        (person(age=61, sex="female", sbp=124, smoker=True), 180, 47, 10.48),
        (person(age=53, sbp=125, treated=True, diabetes=True), 161, 55, 15.62),
        (person(age=41, sbp=138, smoker=True), 232, 36, 15.26),  # WH-01, "15.3 %"
    ],
)
def test_framingham_vectors(who: Person, chol: float, hdl: float, risk: float) -> None:
    assert value(framingham.lipids(who, chol=chol, hdl=hdl)) == risk


def test_framingham_vector_without_laboratory() -> None:
    assert value(framingham.with_bmi(person(age=55, sbp=140), bmi=30)) == 16.75


def test_framingham_shows_everything_that_went_in() -> None:
    outcome = framingham.lipids(person(smoker=True), chol=200, hdl=50)
    assert isinstance(outcome, Worked)
    assert [(i.value, i.unit, i.listed) for i in outcome.inputs] == [
        ("50", "years", False), ("Male", "", True), ("200", "mg/dL", False),
        ("50", "mg/dL", False), ("130", "mmHg", False), ("no", "", True), ("yes", "", True),
        ("no", "", True),
    ]  # fmt: skip
    assert outcome.formula.source == "D'Agostino RB Sr et al. Circulation 2008;117:743–753."


@pytest.mark.parametrize(
    ("changed", "missing", "reasons"),
    [
        ({"age": 29}, (), (framingham.OUT_OF_AGE,)),
        ({"age": 75}, (), (framingham.OUT_OF_AGE,)),
        ({"age": "90+"}, (), (framingham.OUT_OF_AGE,)),
        ({"cvd": True}, (), (framingham.HAS_CVD,)),
        ({"sex": "not_stated"}, (), (framingham.NO_SEX,)),
        ({"sex": None, "cvd": True}, (), (framingham.HAS_CVD, framingham.NO_SEX)),
        ({"age": None}, (AGE,), ()),
        ({"sbp": None}, (framingham.SBP,), ()),
        ({"treated": None}, (framingham.TREATED,), ()),
        ({"smoker": None}, (framingham.SMOKER,), ()),
        ({"diabetes": None, "cvd": None}, (framingham.DIABETES, framingham.CVD), ()),
    ],
)
def test_framingham_refuses(
    changed: dict[str, object], missing: tuple[str, ...], reasons: tuple[str, ...]
) -> None:
    who = person(**changed)
    assert framingham.lipids(who, chol=200, hdl=50) == Refused(framingham.LIPIDS, missing, reasons)
    assert framingham.with_bmi(who, bmi=30) == Refused(framingham.WITH_BMI, missing, reasons)


def test_framingham_refuses_without_its_measures() -> None:
    assert framingham.lipids(person(), chol=None, hdl=0) == Refused(
        framingham.LIPIDS, (framingham.CHOL, framingham.HDL)
    )
    assert framingham.with_bmi(person(), bmi=None) == Refused(
        framingham.WITH_BMI, ("Body-mass index",)
    )


@pytest.mark.parametrize("age", [30, 74])
def test_framingham_holds_at_both_ends(age: int) -> None:
    assert 0 < value(framingham.lipids(person(age=age), chol=200, hdl=50)) < 100


@given(
    st.integers(30, 73), st.sampled_from(["male", "female"]), st.floats(90, 200),
    st.floats(120, 350), st.floats(20, 90),
)  # fmt: skip
def test_every_risk_factor_raises_the_risk(
    age: int, sex: str, sbp: float, chol: float, hdl: float
) -> None:
    usual = {"age": age, "sex": sex, "sbp": sbp}
    base = value(framingham.lipids(person(**usual), chol=chol, hdl=hdl))
    worse = [
        framingham.lipids(person(**usual | change), chol=chol, hdl=hdl)
        for change in ({"age": age + 1}, {"smoker": True}, {"diabetes": True}, {"treated": True},
                       {"sbp": sbp + 5})
    ]  # fmt: skip
    worse += [
        framingham.lipids(person(**usual), chol=chol + 5, hdl=hdl),
        framingham.lipids(person(**usual), chol=chol, hdl=hdl - 5),
    ]
    assert [value(outcome) >= base for outcome in worse] == [True] * 7
