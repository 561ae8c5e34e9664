"""The metabolic schedule and the care gaps of domain.md §5.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import care_gaps, monitoring
from cases.rules.care_gaps import Checked, Condition, Facts
from cases.rules.monitoring import GRACE, PROFILES, Measure, State, Worse


def states(profile: str, weeks_on: int, **taken: list[int]) -> dict[str, str]:
    known = {Measure(name): weeks for name, weeks in taken.items()}
    found = monitoring.schedule(PROFILES[profile], weeks_on, known)
    return {status.plan.measure.value: status.state.value for status in found}


def due_weeks(profile: str, measure: Measure, until: int) -> list[int]:
    """Return the weeks in which a measure falls due when it is always taken on the day."""
    plan = next(p for p in PROFILES[profile].plans if p.measure is measure)
    found, last = [], None
    while (week := monitoring.due_week(plan, last)) <= until:
        found.append(week)
        last = week
    return found


@pytest.mark.parametrize(
    ("profile", "measure", "weeks"),
    [
        ("A", Measure.HISTORY, [0, 52, 104]),
        ("A", Measure.WEIGHT, [0, 4, 8, 12, 25, 38, 51, 64, 77, 90, 103]),
        ("A", Measure.WAIST, [0, 52, 104]),
        ("A", Measure.BLOOD_PRESSURE, [0, 12, 64]),
        ("A", Measure.GLUCOSE, [0, 12, 64]),
        ("A", Measure.LIPIDS, [0, 12]),
        ("B", Measure.WEIGHT, [0, 4, 8, 12, 16, 20, 24, 37, 50, 63, 76, 89, 102]),
        ("B", Measure.GLUCOSE, [17, 69]),
        ("B", Measure.LIPIDS, [17, 69]),
    ],
)
def test_the_columns_of_the_tables(profile: str, measure: Measure, weeks: list[int]) -> None:
    assert due_weeks(profile, measure, 104) == weeks


def test_lipids_by_profile_a_come_back_after_five_years() -> None:
    assert due_weeks("A", Measure.LIPIDS, 600) == [0, 12, 272, 532]


def test_at_the_start_everything_of_profile_a_is_due() -> None:
    assert states("A", 0) == dict.fromkeys((m.value for m in Measure), "due")
    assert states("B", 0) == {"weight": "due", "glucose": "later", "lipids": "later"}


def test_the_widget_of_a_person_thirty_weeks_on_olanzapine() -> None:
    found = states(
        "A", 30, history=[30], weight=[30, 26, 22, 18, 4], waist=[30], blood_pressure=[18],
        glucose=[30], lipids=[30, 19],
    )  # fmt: skip
    assert found == {
        "history": "done", "weight": "done", "waist": "done", "blood_pressure": "done",
        "glucose": "overdue", "lipids": "done",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("weeks_on", "state", "due_in"),
    [(11, "done", 1), (12, "due", 0), (15, "due", -3), (16, "overdue", -4)],
)
def test_due_for_four_weeks_and_then_overdue(weeks_on: int, state: str, due_in: int) -> None:
    taken = {Measure.GLUCOSE: [weeks_on]}
    found = monitoring.schedule(PROFILES["A"], weeks_on, taken)
    glucose = next(s for s in found if s.plan.measure is Measure.GLUCOSE)
    assert (glucose.state.value, glucose.due_in, glucose.last) == (state, due_in, weeks_on)


@pytest.mark.parametrize(("before", "state"), [(12, "done"), (13, "due")])
def test_a_baseline_is_at_most_twelve_weeks_older_than_the_first_dose(
    before: int, state: str
) -> None:
    assert states("A", 2, weight=[2 + before])["weight"] == state


@pytest.mark.parametrize(("at", "due"), [(9, 12), (10, 23), (12, 25), (14, 27)])
def test_a_measurement_two_weeks_early_serves_its_week(at: int, due: int) -> None:
    plan = next(p for p in PROFILES["A"].plans if p.measure is Measure.WEIGHT)
    assert monitoring.due_week(plan, at) == due


weeks = st.integers(0, 400)


@given(st.sampled_from("AB"), weeks, st.lists(weeks, max_size=4), weeks)
def test_measuring_never_brings_the_next_one_forward(
    profile: str, weeks_on: int, known: list[int], newer: int
) -> None:
    before = monitoring.schedule(PROFILES[profile], weeks_on, dict.fromkeys(Measure, known))
    more = {measure: [*known, newer] for measure in Measure}
    after = monitoring.schedule(PROFILES[profile], weeks_on, more)
    assert all(a.due_in >= b.due_in for a, b in zip(after, before, strict=True))


@given(st.sampled_from("AB"), weeks, st.lists(weeks, max_size=4))
def test_the_state_follows_from_the_weeks_left(
    profile: str, weeks_on: int, known: list[int]
) -> None:
    for status in monitoring.schedule(PROFILES[profile], weeks_on, dict.fromkeys(Measure, known)):
        assert status.last == min(known, default=None)
        if status.due_in > 0:
            assert status.state is (State.DONE if known else State.LATER)
        else:
            assert status.state is (State.DUE if -status.due_in < GRACE else State.OVERDUE)


def test_weeks_count_from_zero() -> None:
    for weeks_on, known in ((-1, 0), (5, -1)):
        with pytest.raises(ValueError, match="counted from 0"):
            monitoring.schedule(PROFILES["A"], weeks_on, {Measure.WEIGHT: [known]})


def test_the_two_profiles_say_that_they_disagree_on_lipids() -> None:
    assert {key: profile.note for key, profile in PROFILES.items()} == {
        "A": "Lipids by this schedule: every 5 years. APA 2020 asks for them every year.",
        "B": "Lipids by this schedule: every year. ADA/APA 2004 asks for them every 5 years.",
    }


@pytest.mark.parametrize(
    ("baseline", "now", "percent", "flagged"),
    [(100, 104.9, 4.9, False), (100, 105, 5.0, True), (92.4, 97.02, 5.0, True),
     (110, 118, 7.3, True), (100, 90, -10.0, False)],
)  # fmt: skip
def test_weight_gain_of_five_per_cent(
    baseline: float, now: float, percent: float, *, flagged: bool
) -> None:
    assert monitoring.gain_percent(baseline, now) == percent
    assert monitoring.gained(baseline, now) is flagged


def test_what_got_worse_is_named_with_both_values() -> None:
    baseline = {"weight": 110.0, "hdl": 40.0, "ldl": 120.0, "hba1c": 5.6, "trig": 150.0}
    latest = {"hdl": 36.0, "weight": 118.0, "ldl": 110.0, "hba1c": 6.3, "glucose_f": 300.0}
    assert monitoring.worse(baseline, latest) == (
        Worse("weight", 110.0, 118.0),
        Worse("hba1c", 5.6, 6.3),
        Worse("hdl", 40.0, 36.0),
    )
    assert monitoring.worse(baseline, baseline) == ()


# -- care gaps -----------------------------------------------------------------------------------


def facts(**changed: object) -> Facts:
    usual: dict[str, object] = {
        "age": 41, "conditions": frozenset({Condition.SCHIZOPHRENIA}), "antipsychotic": False,
        "diabetes": False, "cvd": False, "weeks_ago": {},
    }  # fmt: skip
    return Facts(**(usual | changed))  # type: ignore[arg-type]


def missing(found: tuple[Checked, ...]) -> dict[str, tuple[tuple[str, ...], ...]]:
    return {checked.measure.key: checked.missing for checked in found}


def test_all_three_measures_with_nothing_tested() -> None:
    found = care_gaps.check(facts(antipsychotic=True, diabetes=True, cvd=True), 2026)
    assert missing(found) == {
        "SSD": (("glucose_f", "hba1c"),),
        "SMD": (("hba1c",), ("ldl",)),
        "SMC": (("ldl",),),
    }
    assert [checked.gap for checked in found] == [True] * 3


@pytest.mark.parametrize(
    ("weeks_ago", "wanted"),
    [
        ({"hba1c": 52, "ldl": 52}, {"SSD": (), "SMD": (), "SMC": ()}),
        (
            {"hba1c": 53},
            {"SSD": (("glucose_f", "hba1c"),), "SMD": (("hba1c",), ("ldl",)), "SMC": (("ldl",),)},
        ),
        ({"glucose_f": 3}, {"SSD": (), "SMD": (("hba1c",), ("ldl",)), "SMC": (("ldl",),)}),
        ({"hba1c": 3, "ldl": 70}, {"SSD": (), "SMD": (("ldl",),), "SMC": (("ldl",),)}),  # WH-02
    ],
)
def test_tests_of_the_last_year_close_gaps(
    weeks_ago: dict[str, int], wanted: dict[str, object]
) -> None:
    person = facts(antipsychotic=True, diabetes=True, cvd=True, weeks_ago=weeks_ago)
    assert missing(care_gaps.check(person, 2026)) == wanted


@pytest.mark.parametrize(
    ("condition", "keys"),
    [
        (Condition.SCHIZOPHRENIA, ["SSD", "SMD", "SMC"]),
        (Condition.SCHIZOAFFECTIVE, ["SSD", "SMD", "SMC"]),
        (Condition.BIPOLAR, ["SSD"]),
    ],
)
def test_who_is_in_which_measure(condition: Condition, keys: list[str]) -> None:
    person = facts(conditions=frozenset({condition}), antipsychotic=True, diabetes=True, cvd=True)
    assert list(missing(care_gaps.check(person, 2026))) == keys
    assert care_gaps.check(facts(conditions=frozenset({condition})), 2026) == ()


@pytest.mark.parametrize(("age", "applies"), [(17, 0), (18, 1), (64, 1), (65, 0), (None, 0)])
def test_from_18_to_64_years(age: int | None, applies: int) -> None:
    assert len(care_gaps.check(facts(age=age, cvd=True), 2026)) == applies


def test_a_rule_of_another_year_says_so() -> None:
    years = {year: care_gaps.check(facts(cvd=True), year)[0].current for year in range(2024, 2028)}
    assert years == {2024: False, 2025: True, 2026: True, 2027: False}


def test_conditions_and_medicines_are_read_off_the_case() -> None:
    diagnoses = [
        ("Schizoaffective disorder, BIPOLAR type", ""),
        ("Voices", "F20.9"),
        ("T2DM", "E11"),
    ]
    assert care_gaps.conditions(diagnoses) == frozenset(Condition)
    assert care_gaps.conditions([("Depression", "F33.1"), ("Anxiety", "")]) == frozenset()
    names = ("Olanzapine", "olanzapine/samidorphan", "haloperidol decanoate", "sertraline", "")
    assert [care_gaps.is_antipsychotic(name) for name in names] == [True, True, True, False, False]
