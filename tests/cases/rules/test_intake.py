"""The form: what it takes, what it refuses, and that nothing unknown or hidden gets through."""

import json
import pathlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import fields, findings, intake, safety, sheet
from cases.rules.fields import AllOf, AnyOf, Between, Condition, Kind, Not, OneOf
from cases.rules.form import USUAL as FORM
from cases.rules.form import assemble
from cases.rules.form_conditions import FLAGGED, IS_FOLLOWUP
from cases.rules.form_setup import FormSetup, OwnQuestion
from cases.rules.intake import FieldErrors, Intake
from cases.rules.models import Answers, Attestation
from server.deid import detect
from tests.factories.cases import a_form

VECTORS = pathlib.Path(__file__).parents[2] / "vectors" / "instruments" / "conditions.json"


def read(typed: dict[str, Any], *, complete: bool = True) -> Intake | FieldErrors:
    return intake.validate(FORM, {"case_type": "new", **typed}, year=2031, complete=complete)


def wrong(typed: dict[str, Any]) -> list[str]:
    outcome = read(typed)
    return list(outcome.errors) if isinstance(outcome, FieldErrors) else []


def answers(typed: dict[str, Any]) -> Answers:
    outcome = read(typed)
    assert isinstance(outcome, Intake), outcome
    return outcome.answers


def test_a_complete_form_is_read_and_can_be_typed_again() -> None:
    outcome = read(a_form())
    assert isinstance(outcome, Intake)
    assert outcome.attested == frozenset(Attestation)
    assert outcome.unread == {}
    typed = {k: v for k, v in a_form().items() if not k.startswith("attest")}
    assert intake.raw_of(outcome.answers) == {"case_type": "new", **typed}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"main_question": "Tell me what to do about her mood."}, "main_question"),
        ({"main_question": "Why?"}, "main_question"),
        ({"main_question": "x" * 501 + "?"}, "main_question"),
        ({"urgency": "today"}, "urgency"),
        ({"urgency": "emergency"}, "urgency"),
        ({"age": "17"}, "age"),
        ({"age": "thirty"}, "age"),
        ({"pregnancy": None}, "pregnancy"),
        ({"how_do_you_feel": "11"}, "how_do_you_feel"),
        ({"presenting_problem": "Too short."}, "presenting_problem"),
        ({"duration__amount": "91", "duration__unit": "years"}, "duration"),
        ({"duration__unit": "fortnights"}, "duration"),
        ({"diagnoses__0__label": None}, "diagnoses.0.label"),
        ({"diagnoses__0__onset_year": "2032"}, "diagnoses.0.onset_year"),
        ({"diagnoses__0__onset_year": "1929"}, "diagnoses.0.onset_year"),
        ({"admissions_lifetime": "201"}, "admissions_lifetime"),
        ({"mania_screen": None}, "mania_screen"),
        ({"medications__0__dose": "0"}, "medications.0.dose"),
        ({"medications__0__dose": "5e3"}, "medications.0.dose"),
        ({"medications__0__unit": "drops"}, "medications.0.unit"),
        ({"medications__none": "yes"}, "medications"),
        ({"past_treatments__none": None}, "past_treatments"),
        ({"phq9__9": None}, "phq9.9"),
        ({"phq9__9": "4"}, "phq9.9"),
        ({"phq9__total": "15"}, "phq9.total"),
        ({"phq9__weeks_ago": None}, "phq9.weeks_ago"),
        ({"phq9__weeks_ago": "9"}, "phq9"),
        ({"sdoh_asked": "needs"}, "sdoh_needs"),
        ({"attest_deid": None}, "attest_deid"),
        ({"suicide_history": "under_3_months"}, "safety_ack"),
        ({"presenter_discipline": "student"}, "supervisor"),
        ({"weight": "401"}, "weight"),
        ({"signed_at": "2031"}, "signed_at"),
        ({"medications__12345__name": "x"}, "medications.12345.name"),
        ({"phq9__10": "1"}, "phq9.10"),
    ],
)  # fmt: skip
def test_one_wrong_answer_is_named_alone(change: dict[str, Any], path: str) -> None:
    assert wrong(a_form(**change)) == [path]


@pytest.mark.parametrize(
    "change",
    [
        {"age": "90+", "pregnancy": None},
        {"age": "97", "pregnancy": None},
        {"age": "56", "pregnancy": None},
        {"sex_for_formulas": "male", "pregnancy": None},
        {"question_types": ["diagnosis"], "mania_screen": None},
        {"weight": "72.5", "height": "1,70e", "height__": None} | {"height": "170"},
        {"sdoh_asked": "not_asked"},
    ],
)  # fmt: skip
def test_questions_that_do_not_apply_need_no_answer(change: dict[str, Any]) -> None:
    change.pop("height__", None)
    assert wrong(a_form(**change)) == []


def test_an_exact_age_over_89_is_never_kept() -> None:
    assert answers(a_form(age="97", pregnancy=None)).get("age") == "90+"
    assert answers(a_form(age="89", pregnancy=None)).get("age") == 89


def test_a_total_alone_is_enough_and_an_old_phq9_is_not() -> None:
    only_total = a_form(**{f"phq9__{n}": None for n in range(1, 10)}, phq9__total="17")
    assert answers(only_total).get("phq9") == {
        "total": 17,
        "weeks_ago": 1,
        "instrument_version": "1",
        "scoring_version": "1",
    }
    old_with_gad = a_form(phq9__weeks_ago="30", gad7__total="12", gad7__weeks_ago="2")
    assert wrong(old_with_gad) == []


def test_hidden_answers_do_not_travel() -> None:
    outcome = answers(a_form(interval_update="x" * 40, sdoh_needs=["food"]))
    assert "interval_update" not in outcome.values
    assert "sdoh_needs" not in outcome.values


def test_empty_rows_are_skipped_and_errors_keep_the_rows_of_the_page() -> None:
    typed = a_form(medications__4__name="lithium")
    assert set(wrong(typed)) == {
        "medications.4.dose", "medications.4.unit", "medications.4.route", "medications.4.freq",
    }  # fmt: skip
    assert [row["name"] for row in answers(a_form()).get("medications")] == ["sertraline"]


def test_a_draft_keeps_what_can_be_read_and_names_the_rest() -> None:
    outcome = read(
        {"age": "thirty", "main_question": "Why?", "psych_history": "None."}, complete=False
    )
    assert isinstance(outcome, Intake)
    assert dict(outcome.answers.values) == {
        "case_type": "new", "main_question": "Why?", "psych_history": "None.",
    }  # fmt: skip
    assert set(outcome.unread) == {"age", "main_question"}


paths = st.one_of(
    st.sampled_from([f.key for f in FORM.fields()]),
    st.builds("{}.{}".format, st.sampled_from(["phq9", "medications", "duration"]), st.text()),
    st.text(),
)


@given(st.dictionaries(paths, st.text() | st.lists(st.text(), max_size=3), max_size=8))
def test_any_input_is_read_or_named_and_never_crashes(typed: dict[str, Any]) -> None:
    for complete in (True, False):
        outcome = read(typed, complete=complete)
        if isinstance(outcome, Intake):
            assert set(outcome.answers.values) <= {f.key for f in FORM.fields()} | {"case_type"}
            json.loads(outcome.answers.canonical())


@given(st.data())
def test_every_free_text_is_found_and_put_back(data: st.DataObject) -> None:
    words = st.text(st.characters(categories=["L"]), min_size=60, max_size=80)
    story, diagnosis = data.draw(words), data.draw(words)
    given_answers = answers(a_form(presenting_problem=story, diagnoses__0__label=diagnosis))
    texts = intake.texts(FORM, given_answers)
    assert (texts["presenting_problem"], texts["diagnoses.0.label"]) == (story, diagnosis)
    bare = intake.without_texts(FORM, given_answers)
    assert story not in bare.canonical() and diagnosis not in bare.canonical()
    again = intake.with_texts(bare, texts)
    assert again.content_hash() == given_answers.content_hash()


def test_every_kind_of_text_field_goes_through_the_check() -> None:
    own = (
        OwnQuestion("own_1", Kind.LINE, "Which village health worker?"),
        OwnQuestion("own_2", Kind.TEXT, "What did they see?"),
    )
    form = assemble(FormSetup(modules=tuple(fields.Module), own=own))
    typed = {
        f.key: "Words about nobody" * 4
        for f in form.fields()
        if f.kind in fields.FREE_TEXT and f.key != "interval_update"
    }
    typed |= {"sdoh_asked": "needs", "hcv_treated": "yes"}
    about = [module.value for module in fields.Module]
    for asked in form.fields():
        if asked.kind is Kind.GRID and asked.shown != IS_FOLLOWUP:
            typed |= {
                f"{asked.key}.0.{c.key}": "Words about nobody"
                for c in asked.columns
                if c.kind in fields.FREE_TEXT
            }
    outcome = intake.validate(
        form, {"case_type": "new", "about": about, **typed}, year=2031, complete=False
    )
    assert isinstance(outcome, Intake)
    kept = intake.texts(form, outcome.answers)
    words = {path for path, text in typed.items() if text.startswith("Words")}
    assert set(kept) | {"main_question"} == words - set(outcome.unread) | {"main_question"}
    structured = intake.without_texts(form, outcome.answers).canonical()
    assert "Words about nobody" not in structured


@given(
    st.sampled_from(["", "0", "1", "2", "3"]), st.sampled_from(["none_known", "under_3_months"])
)
def test_the_card_is_asked_for_exactly_when_the_flag_is_raised(item: str, history: str) -> None:
    typed = a_form(phq9__9=item, suicide_history=history)
    outcome = read(typed, complete=False)
    assert isinstance(outcome, Intake)
    assert bool(safety.flags(outcome.answers)) == FLAGGED.holds(outcome.answers.values)


@pytest.mark.parametrize(("total", "flagged"), [("24", False), ("25", True), ("27", True)])
def test_a_total_that_leaves_no_other_way_asks_for_the_card(total: str, flagged: bool) -> None:
    typed = {k: v for k, v in a_form().items() if not k.startswith("phq9.")} | {
        "phq9.total": total
    }
    outcome = read(typed, complete=False)
    assert isinstance(outcome, Intake)
    assert bool(safety.flags(outcome.answers)) == flagged == FLAGGED.holds(outcome.answers.values)


def _condition(spelled: list[Any]) -> Condition:
    match spelled:
        case ["one_of", key, options]:
            return OneOf(key, tuple(options))
        case ["between", key, low, high]:
            return Between(key, low, high)
        case ["all", parts]:
            return AllOf(tuple(map(_condition, parts)))
        case ["any", parts]:
            return AnyOf(tuple(map(_condition, parts)))
        case ["not", part]:
            return Not(_condition(part))
        case _:
            return fields.ALWAYS


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text("utf-8")))
def test_conditions_mean_the_same_here_as_in_the_browser(vector: dict[str, Any]) -> None:
    condition = _condition(vector["condition"])
    assert condition.as_json() == vector["condition"]
    values: dict[str, Any] = dict(vector["typed"])
    if str(values.get("age", "")).isdigit():
        values["age"] = int(values["age"])
    if "phq9.9" in values:
        values["phq9"] = {"items": [0] * 8 + [int(values.pop("phq9.9"))]}
    assert condition.holds(values) is vector["holds"]


@given(st.text(st.characters(codec="utf-8"), max_size=400))
def test_marked_pieces_are_the_text(text: str) -> None:
    flagged = findings.flag({"t": text}, {"t": detect.scan(text)})
    pieces = findings.segments(text, flagged)
    assert "".join(piece.text for piece in pieces) == text


def test_the_sheet_shows_every_answer_but_the_main_question_and_what_is_quiet() -> None:
    given_answers = answers(a_form(sdoh_unsafe="unsafe", weight="96.4", height="175"))
    shown = sheet.sections(FORM, given_answers, quiet=False)
    keys = {part.key for s in shown for group in (s.lines, s.grids, s.scales) for part in group}
    assert keys == set(given_answers.values) - {"main_question", "sdoh_unsafe", "case_type"}
    loud = sheet.sections(FORM, given_answers, quiet=True)
    assert "sdoh_unsafe" in {line.key for s in loud for line in s.lines}
