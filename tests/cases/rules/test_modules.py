"""The four modules of the form, measured numbers, results, scales, and a programme's own setup."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.formulas.labs import LABS
from cases.rules import intake, sheet
from cases.rules.fields import NEVER, Form, Kind, Module
from cases.rules.form import (
    KEPT_ON,
    USUAL,
    assemble,
    form_version,
    setup_number,
    switchable,
)
from cases.rules.form_setup import FormSetup, OwnQuestion, restore
from cases.rules.intake import FieldErrors, Intake
from cases.rules.options import ADVICE_STATUS, Option
from tests.factories.cases import a_form

ALL = tuple(Module)


def read(form: Form, typed: dict[str, Any], **options: Any) -> Intake | FieldErrors:
    whole = {"case_type": "new", **typed}
    return intake.validate(form, whole, year=2031, complete=True, options=options)


def errors(form: Form, typed: dict[str, Any], **options: Any) -> set[str]:
    outcome = read(form, typed, **options)
    return set(outcome.errors) if isinstance(outcome, FieldErrors) else set()


def labs(*rows: tuple[str, str, str, str]) -> dict[str, str]:
    typed = {}
    for number, row in enumerate(rows):
        for column, value in zip(("code", "value", "unit", "weeks"), row, strict=True):
            typed[f"labs.{number}.{column}"] = value
    return typed


HCV_LABS = labs(
    ("hcv_rna", "1200000", "", "2"),
    ("ast", "88", "", "2"),
    ("alt", "76", "", "2"),
    ("ast_uln", "40", "", ""),
    ("platelets", "132", "", "2"),
    ("creatinine", "80", "µmol/L", "2"),
    ("hbsag", "negative", "", "8"),
    ("anti_hbc", "neg", "", "8"),
    ("hiv", "Not done", "", ""),
)


def hcv_case(**changes: Any) -> dict[str, Any]:
    typed = a_form(**dict.fromkeys(only_in(Module.BH, Module.HCV)))
    typed = {k: v for k, v in typed.items() if not k.startswith("phq9")}
    typed |= {"hcv_treated": "no", "cirrhosis_evidence": ["elastography"]} | HCV_LABS
    return typed | {"elastography_kpa": "9.5"} | changes


def only_in(one: Module, not_in: Module) -> set[str]:
    """Return the questions that the form of `one` asks and that of `not_in` does not."""
    keys = [
        {asked.key for asked in assemble(FormSetup(modules=(module,))).fields()}
        for module in (one, not_in)
    ]
    return keys[0] - keys[1]


HCV = assemble(FormSetup(modules=(Module.HCV,)))


def test_a_hepatitis_c_case_is_whole_with_its_own_module_only() -> None:
    outcome = read(HCV, hcv_case())
    assert isinstance(outcome, Intake)
    assert outcome.answers.get("labs")[5] == {"code": "creatinine", "value": 0.905, "weeks": 2}
    assert outcome.answers.get("labs")[7] == {"code": "anti_hbc", "value": "negative", "weeks": 8}
    assert outcome.answers.get("labs")[8] == {"code": "hiv", "value": "not_done"}
    again = read(HCV, {**intake.raw_of(outcome.answers), **_signed()})
    assert isinstance(again, Intake)
    assert again.answers == outcome.answers


def _signed() -> dict[str, str]:
    return dict.fromkeys(("attest_deid", "attest_treating", "attest_no_relationship"), "yes")


def test_the_tests_that_are_still_needed_are_named() -> None:
    typed = {k: v for k, v in hcv_case().items() if not k.startswith(("labs.0.", "labs.5."))}
    outcome = read(HCV, typed)
    assert isinstance(outcome, FieldErrors)
    assert outcome.errors["labs"].words == ("Hepatitis C RNA", "Creatinine")


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        (("ast", "", "", "2"), "labs.1.value"),
        (("ast", "88", "", ""), "labs.1.weeks"),
        (("ast", "88", "mmol/L", "2"), "labs.1.unit"),
        (("ast", "99999", "", "2"), "labs.1.value"),
        (("ast", "positive", "", "2"), "labs.1.value"),
        (("hbsag", "17", "", "2"), "labs.1.value"),
        (("", "17", "", "2"), "labs.1.code"),
        (("ferritin", "17", "", "2"), "labs.1.code"),
        (("alt", "76", "", "521"), "labs.1.weeks"),
    ],
)
def test_a_wrong_result_is_named_at_its_box(row: tuple[str, str, str, str], wrong: str) -> None:
    typed = labs(("alt", "76", "", "2"), row)
    outcome = intake.validate(USUAL, {"case_type": "new", **typed}, year=2031, complete=False)
    assert isinstance(outcome, Intake)
    assert set(outcome.unread) == {wrong}


def test_the_same_test_twice_in_one_week_is_refused() -> None:
    assert "labs.1.code" in errors(USUAL, a_form() | labs(*[("alt", "76", "", "2")] * 2))


def test_ready_rows_without_a_result_count_as_empty() -> None:
    outcome = read(USUAL, a_form() | labs(("alt", "", "U/L", ""), ("ast", "", "", "")))
    assert isinstance(outcome, Intake)
    assert outcome.answers.get("labs") is None


@given(st.sampled_from(sorted(LABS)), st.data())
def test_a_result_comes_back_as_it_was_typed_in_any_unit(code: str, data: st.DataObject) -> None:
    quantity = LABS[code]
    unit = data.draw(st.sampled_from(quantity.units))
    kept = data.draw(st.floats(quantity.low, quantity.high))
    typed = quantity.shown_in(kept, unit)
    outcome = read(USUAL, a_form() | labs((code, f"{typed:.4f}", unit, "1")))
    if isinstance(outcome, FieldErrors):
        # Rounded for typing, a value at the very edge may fall out of the range.
        assert set(outcome.errors) == {"labs.0.value"}
        assert not quantity.low <= quantity.to_stored(typed, unit) <= quantity.high
    else:
        stored = outcome.answers.get("labs")[0]["value"]
        assert quantity.shown_in(stored, unit) == pytest.approx(typed)


def test_measures_are_kept_in_one_unit() -> None:
    outcome = read(USUAL, a_form(weight="212", weight__unit="lb", height="70", height__unit="in"))
    assert isinstance(outcome, Intake)
    kept = outcome.answers
    assert (round(kept.get("weight"), 1), kept.get("height")) == (96.2, 177.8)


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"weight": "900"}, "weight"),
        ({"weight": "12", "weight.unit": "stone"}, "weight.unit"),
        ({"height": "tall"}, "height"),
        ({"sbp": "120", "dbp": "130"}, "dbp"),
    ],
)
def test_a_measure_out_of_range_is_refused(typed: dict[str, str], wrong: str) -> None:
    assert errors(USUAL, a_form() | typed) == {wrong}


def test_limits_are_told_in_the_unit_that_was_typed() -> None:
    outcome = read(USUAL, a_form(weight="2000", weight__unit="lb"))
    assert isinstance(outcome, FieldErrors)
    assert outcome.errors["weight"].numbers == {"low": "2.2", "high": "881.8"}


SUD = assemble(FormSetup(modules=(Module.SUD,)))


def sud_case(**changes: Any) -> dict[str, Any]:
    typed = a_form(**dict.fromkeys(only_in(Module.BH, Module.SUD)))
    return (
        {k: v for k, v in typed.items() if not k.startswith("phq9")}
        | {
            "substances.0.substance": "opioid_fentanyl",
            "substances.0.way": "smoked",
            "substances.0.days_30": "28",
            "substances.0.last_use": "24_hours",
            "substances.0.fentanyl": "yes",
            "overdose_history": "over_1_year",
            "naloxone": "yes",
            "moud": "none",
            "readiness": "7",
            "stage_of_care": "pre_treatment",
            "case_manager": "none",
            **{f"cows.{n}": "0" for n in range(1, 12)},
            "cows.3": "5",
            "cows.weeks_ago": "0",
            "audit.total": "18",
            "audit.weeks_ago": "2",
        }
        | changes
    )


def test_a_substance_use_case_keeps_scores_by_each_scales_rules() -> None:
    outcome = read(SUD, sud_case())
    assert isinstance(outcome, Intake)
    cows, audit = outcome.answers.get("cows"), outcome.answers.get("audit")
    assert (cows["total"], cows["items"][2]) == (5, 5)
    assert audit == {
        "total": 18,
        "weeks_ago": 2,
        "instrument_version": "1",
        "scoring_version": "1",
    }
    bands = {
        scale.key: scale.score.band.key
        for section in sheet.sections(SUD, outcome.answers, quiet=False)
        for scale in section.scales
    }
    assert bands == {"cows": "mild", "audit": "harmful"}


def test_no_question_of_a_score_only_scale_can_be_sent() -> None:
    assert errors(SUD, sud_case(**{"audit.1": "4"})) == {"audit.1"}
    assert errors(SUD, sud_case(**{"cows.3": "4"})) == {"cows.3"}


def test_an_overdose_in_the_last_three_months_asks_for_the_safety_statement() -> None:
    assert errors(SUD, sud_case(overdose_history="under_3_months")) == {"safety_ack"}


@pytest.mark.parametrize(
    ("typed", "kept", "wrong"),
    [
        ({"gate": "no", "weeks_ago": "0"}, 0, set()),
        ({"gate": "no", "1": "1", "weeks_ago": "0"}, 0, set()),
        ({"gate": "yes", **{str(n): "1" for n in range(1, 6)}, "weeks_ago": "0"}, 5, set()),
        ({"gate": "yes", "weeks_ago": "0"}, None, {"pc_ptsd5.1"}),
        (
            {"gate": "yes", "1": "1", "weeks_ago": "0"},
            None,
            {f"pc_ptsd5.{n}" for n in (2, 3, 4, 5)},
        ),
        ({**{str(n): "1" for n in range(1, 6)}, "weeks_ago": "0"}, None, {"pc_ptsd5.gate"}),
        ({"total": "3", "weeks_ago": "1"}, 3, set()),
    ],
)
def test_the_gate_of_the_trauma_screen(
    typed: dict[str, str], kept: int | None, wrong: set[str]
) -> None:
    outcome = read(USUAL, a_form() | {f"pc_ptsd5.{part}": value for part, value in typed.items()})
    if isinstance(outcome, FieldErrors):
        assert set(outcome.errors) == wrong
    else:
        assert (outcome.answers.get("pc_ptsd5")["total"], wrong) == (kept, set())


def test_a_case_of_every_module_asks_for_what_each_needs() -> None:
    whole = assemble(FormSetup(modules=ALL))
    assert errors(whole, a_form()) == {"about"}
    lacking = errors(whole, a_form(about=[module.value for module in ALL]))
    assert {"substances", "cirrhosis_evidence", "antipsychotic_weeks", "weight", "labs"} <= lacking
    assert "phq9" not in lacking
    assert errors(whole, a_form(about=["bh"])) == set()
    no_scale = {k: v for k, v in a_form(about=["sud"]).items() if not k.startswith("phq9")}
    assert "substances" in errors(whole, no_scale) and "phq9" not in errors(whole, no_scale)


def test_children_need_a_programme_that_takes_them() -> None:
    assert errors(USUAL, a_form(age="15")) == {"age"}
    assert errors(assemble(FormSetup(minors=True)), a_form(age="15")) == set()


def test_sleep_is_asked_once() -> None:
    assert errors(USUAL, a_form(sleep=None)) == set()
    total_alone = {k: v for k, v in a_form().items() if not k.startswith("phq9")}
    total_alone |= {"phq9.total": "9", "phq9.weeks_ago": "0"}
    assert errors(USUAL, {k: v for k, v in total_alone.items() if k != "sleep"}) == {"sleep"}


ADVICE = (Option("r1", "Raise sertraline"), Option("r2", "Ask about mania"))


def followup(**changes: Any) -> dict[str, Any]:
    return {
        "case_type": "followup",
        "main_question": "What is the next step after eight weeks?",
        "how_do_you_feel": "6",
        "feel_change": "better",
        "satisfied": "yes",
        "suicide_history": "none_known",
        "medications.none": "yes",
        "interval_update": "She took the higher dose and sleeps through most nights now.",
        "advice_status.0.recommendation": "r1",
        "advice_status.0.status": "done",
        "advice_status.1.recommendation": "r2",
        "advice_status.1.status": "not_done",
        "advice_status.1.barrier": "staffing",
        **_signed(),
        **changes,
    }


def followup_errors(**changes: Any) -> set[str]:
    options = {"advice_status.recommendation": ADVICE}
    outcome = intake.validate(USUAL, followup(**changes), year=2031, options=options)
    return set(outcome.errors) if isinstance(outcome, FieldErrors) else set()


def test_a_follow_up_says_what_became_of_each_recommendation() -> None:
    assert followup_errors() == set()
    assert followup_errors(**{"advice_status.1.status": ""}) == {"advice_status.1.status"}
    unanswered = {"advice_status.1.status": "", "advice_status.1.barrier": ""}
    assert followup_errors(**unanswered) == {"advice_status"}
    assert followup_errors(**{"advice_status.1.recommendation": "r9"}) == {
        "advice_status.1.recommendation"
    }
    assert {option.value for option in ADVICE_STATUS} == {
        "done",
        "partly",
        "planned",
        "not_done",
        "not_applicable",
    }


def test_a_follow_up_may_come_without_a_question() -> None:
    assert followup_errors(main_question="") == {"main_question"}
    assert followup_errors(main_question="", for_information="yes") == set()


own_questions = st.builds(
    OwnQuestion,
    key=st.integers(1, 99).map("own_{}".format),
    kind=st.sampled_from([Kind.CHOICE, Kind.CHOICES, Kind.WHOLE, Kind.LINE, Kind.TEXT]),
    label=st.text(min_size=1),
    help=st.text(),
    options=st.lists(st.text(min_size=1), max_size=5).map(tuple),
    required=st.booleans(),
)
setups = st.builds(
    FormSetup,
    modules=st.lists(st.sampled_from(ALL), min_size=1, unique=True).map(tuple),
    off=st.sets(st.sampled_from([f.key for f in assemble(FormSetup(modules=ALL)).fields()])).map(
        frozenset
    ),
    own=st.lists(own_questions, max_size=4, unique_by=lambda own: own.key).map(tuple),
    minors=st.booleans(),
    attachments=st.booleans(),
    pc_ptsd5_cut_off=st.sampled_from((3, 4)),
    monitoring=st.sampled_from(("A", "B")),
    next_own=st.integers(100, 200),
)


@given(setups)
def test_a_setup_comes_back_as_it_was_stored(setup: FormSetup) -> None:
    assert restore(setup.as_json()) == setup


@given(setups)
def test_only_optional_questions_can_be_left_out(setup: FormSetup) -> None:
    form = assemble(setup)
    whole = assemble(FormSetup(modules=setup.modules, own=setup.own))
    gone = {f.key for f in whole.fields()} - {f.key for f in form.fields()}
    assert gone == setup.off & {f.key for f in switchable(setup)}
    assert not gone & KEPT_ON
    assert all(whole.field(key).required == NEVER for key in gone)


@given(setups)
def test_no_question_stands_twice(setup: FormSetup) -> None:
    keys = [asked.key for asked in assemble(setup).fields()]
    assert len(keys) == len(set(keys))


@given(st.integers(0, 999_999))
def test_a_version_names_its_setup(number: int) -> None:
    assert setup_number(form_version(number)) == number


@pytest.mark.parametrize("version", ["bh-1", "", "2", "2.", "3.1", "2.x", "2.9999999", "2.-1"])
def test_a_version_that_names_none_is_the_usual_form(version: str) -> None:
    assert setup_number(version) == 0
