"""Monitoring and care gaps as they are read off a case and the presentations before it."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import metabolic
from cases.rules.fields import Module
from cases.rules.form import assemble
from cases.rules.form_setup import FormSetup
from cases.rules.metabolic import Since
from cases.rules.monitoring import Worse
from cases.rules.trends import Presentation

START = date(2026, 3, 3)
OLANZAPINE = [{"name": "olanzapine"}]
FORMS = {
    profile: assemble(FormSetup(modules=(Module.SMI,), monitoring=profile)) for profile in "AB"
}


def shown(week: int = 0, **values: Any) -> Presentation:
    return Presentation(f"SM-2026-{week:03}", START + timedelta(weeks=week), values)


def lab(code: str, value: Any, weeks: int) -> dict[str, Any]:
    return {"code": code, "value": value, "weeks": weeks}


def states(profile: str, *presented: Presentation) -> dict[str, tuple[str, int | None]]:
    found = metabolic.watch(FORMS[profile], presented)
    assert found is not None
    return {line.plan.measure.value: (line.state.value, line.last) for line in found.lines}


def test_the_person_thirty_weeks_on_olanzapine() -> None:
    one = shown(
        medications=OLANZAPINE,
        antipsychotic_weeks=30,
        baseline_weight=110.0,
        weight=118.0,
        waist=112.0,
        sbp=138.0,
        medical_history=["none"],
        family_history="a parent with diabetes",
        labs=[lab("hba1c", 6.2, 2), lab("glucose_f", 101.0, 30), lab("ldl", 131.0, 2)],
    )
    assert states("A", one) == {
        "history": ("done", 0),
        "weight": ("done", 0),
        "waist": ("done", 0),
        "blood_pressure": ("done", 0),
        "glucose": ("overdue", 30),
        "lipids": ("done", 2),
    }
    assert states("B", one) == {
        "weight": ("done", 0),
        "glucose": ("done", 2),
        "lipids": ("done", 2),
    }
    found = metabolic.watch(FORMS["A"], (one,))
    assert found is not None
    assert (found.profile.key, found.weeks_on, found.since) == ("A", 30, Since.ASKED)
    assert found.weight == (110.0, 118.0, 7.3)
    assert found.worse == (Worse("weight", 110.0, 118.0),)


def test_worse_glucose_and_lipids_are_those_since_the_first_dose() -> None:
    one = shown(
        antipsychotic_weeks=20,
        baseline_weight=100.0,
        weight=104.9,
        labs=[
            lab("hba1c", 5.4, 21),
            lab("hba1c", 5.9, 1),
            lab("hdl", 50.0, 20),
            lab("hdl", 41.0, 3),
            lab("ldl", 120.0, 10),
            lab("ldl", 150.0, 1),
            lab("trig", 150.0, 40),
            lab("trig", 250.0, 1),
        ],
    )
    found = metabolic.watch(FORMS["A"], (one,))
    assert found is not None
    # LDL has no number from the start, the triglycerides' is too old to be one.
    assert found.worse == (Worse("hba1c", 5.4, 5.9), Worse("hdl", 50.0, 41.0))


def test_another_medicine_is_counted_anew() -> None:
    first = shown(0, medications=OLANZAPINE, antipsychotic_weeks=2)
    second = shown(13, medications=[{"name": "aripiprazole", "weeks": 5}])
    found = metabolic.watch(FORMS["A"], (first, second))
    assert found is not None
    assert (found.weeks_on, found.since) == (5, Since.DOSE)


def test_what_earlier_presentations_told_counts() -> None:
    first = shown(
        0,
        medications=[{"name": "Olanzapine ODT"}, {"name": "clozapine"}],
        antipsychotic_weeks=2,
        weight=90.0,
        vitals_weeks=1,
        labs=[lab("ldl", 100.0, 1)],
    )
    second = shown(13, medications=OLANZAPINE, baseline_weight=89.0)
    found = metabolic.watch(FORMS["A"], (first, second))
    assert found is not None
    assert (found.weeks_on, found.since) == (15, Since.EARLIER)
    assert states("A", first, second)["weight"] == ("overdue", 14)
    assert states("A", first, second)["lipids"] == ("due", 14)
    assert found.weight == (89.0, 90.0, 1.1)


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"no_antipsychotic": True},
        {"no_antipsychotic": True, "medications": [{"name": "olanzapine", "weeks": 30}]},
        {"medications": [{"name": "sertraline", "weeks": 30}]},
        {"medications": [{"name": "olanzapine"}]},
    ],
)
def test_without_an_antipsychotic_or_its_weeks_there_is_no_schedule(
    values: dict[str, Any],
) -> None:
    assert metabolic.watch(FORMS["A"], (shown(**values),)) is None


@pytest.mark.parametrize(
    ("values", "weeks", "since"),
    [
        ({"medications": [{"name": "Zyprexa"}], "antipsychotic_weeks": 6}, 6, Since.ASKED),
        ({"medications": [], "antipsychotic_weeks": 0}, 0, Since.ASKED),
        (
            {
                "medications": [
                    {"name": "Quetiapine XR", "weeks": 9},
                    {"name": "olanzapine", "weeks": 4},
                ]
            },
            9,
            Since.DOSE,
        ),
    ],
)
def test_the_weeks_are_read_from_where_they_stand(
    values: dict[str, Any], weeks: int, since: Since
) -> None:
    found = metabolic.watch(FORMS["A"], (shown(**values),))
    assert found is not None
    assert (found.weeks_on, found.since) == (weeks, since)


SCHIZOPHRENIA = {"label": "Schizophrenia", "icd10": "F20.9", "status": "active"}
BIPOLAR = {"label": "Bipolar disorder", "status": "active"}


def gaps(*presented: Presentation) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {one.measure.key: one.missing for one in metabolic.gaps(presented)}


def test_the_gaps_of_a_person_with_schizophrenia_and_diabetes() -> None:
    values = {
        "age": 47,
        "diagnoses": [SCHIZOPHRENIA],
        "medical_history": ["diabetes", "cvd"],
        "medications": [{"name": "olanzapine"}],
        "labs": [lab("hba1c", 8.1, 53), lab("ldl", 100.0, 52)],
    }
    assert gaps(shown(**values)) == {
        "SSD": (("glucose_f", "hba1c"),),
        "SMD": (("hba1c",),),
        "SMC": (),
    }
    assert gaps(shown(**values | {"age": 65})) == {}
    assert gaps(shown(**values | {"age": "90+"})) == {}
    suspected = {**SCHIZOPHRENIA, "status": "suspected"}
    assert gaps(shown(**values | {"diagnoses": [suspected]})) == {}


def test_a_test_told_at_an_earlier_presentation_closes_a_gap_for_a_year() -> None:
    values: dict[str, Any] = {
        "age": 30,
        "diagnoses": [BIPOLAR],
        "antipsychotic_weeks": 60,
    }
    first = shown(0, labs=[lab("glucose_f", 90.0, 2)])
    assert gaps(first, shown(50, **values)) == {"SSD": ()}
    assert gaps(first, shown(51, **values)) == {"SSD": (("glucose_f", "hba1c"),)}
    assert gaps(first, shown(50, **values | {"no_antipsychotic": True})) == {}


def test_the_year_is_that_of_the_case() -> None:
    values = {
        "age": 30,
        "diagnoses": [BIPOLAR],
        "antipsychotic_weeks": 9,
    }
    years = {
        year: [
            one.current for one in metabolic.gaps((Presentation("x", date(year, 5, 5), values),))
        ]
        for year in (2024, 2025, 2026, 2027)
    }
    assert years == {2024: [False], 2025: [True], 2026: [True], 2027: [False]}


weeks = st.integers(0, 300)
rows = st.lists(
    st.builds(
        lab,
        st.sampled_from(["hba1c", "glucose_f", "ldl", "hdl", "ast_uln", "hcv_rna"]),
        st.one_of(st.floats(1, 1000), st.just("not_done")),
        weeks,
    ),
    max_size=6,
)
values = st.fixed_dictionaries(
    {"antipsychotic_weeks": weeks, "labs": rows},
    optional={"weight": st.floats(30, 300), "baseline_weight": st.floats(30, 300)},
)


@given(st.sampled_from("AB"), st.lists(st.tuples(weeks, values), min_size=1, max_size=5))
def test_one_more_presentation_never_makes_a_measure_less_done(
    profile: str, told: list[tuple[int, dict[str, Any]]]
) -> None:
    presented = [shown(week, **v) for week, v in sorted(told, key=lambda pair: pair[0])]
    found = metabolic.watch(FORMS[profile], presented)
    alone = metabolic.watch(FORMS[profile], presented[-1:])
    assert found is not None and alone is not None
    assert found.weeks_on == alone.weeks_on
    for whole, single in zip(found.lines, alone.lines, strict=True):
        assert whole.due_in >= single.due_in
    for one in found.worse:
        assert one.code != "weight" or one.latest > one.baseline
