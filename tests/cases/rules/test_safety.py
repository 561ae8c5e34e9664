"""The suicide and harm flag of domain.md §10.2, over everything that raises it."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import safety
from cases.rules.cues import cues
from cases.rules.models import Answers

ITEMS = [0] * 9
HISTORIES = ["none_known", "over_1_year", "3_to_12_months", "under_3_months", "unknown", None]


@pytest.mark.parametrize("points", [0, 1, 2, 3])
def test_item_nine_raises_the_flag_from_one_whatever_the_total(points: int) -> None:
    answers = Answers({"phq9": {"items": [0] * 8 + [points], "total": points}})
    assert safety.flags(answers) == (("phq9_item9",) if points else ())


@pytest.mark.parametrize(
    ("stored", "raised"),
    [
        ({"total": 24}, False),
        ({"total": 25}, True),
        ({"items": [None] * 8 + [1]}, True),
        ({"items": [3] * 8 + [None]}, False),
        ({"items": [None] * 9, "total": 27}, False),
        ({}, False),
        (None, False),
    ],
)
def test_what_is_known_of_item_nine(stored: object, *, raised: bool) -> None:
    assert safety.flags(Answers({"phq9": stored})) == (("phq9_item9",) if raised else ())


@pytest.mark.parametrize("history", HISTORIES)
def test_the_last_three_months_raise_the_flag(history: str | None) -> None:
    recent = history == "under_3_months"
    assert safety.flags(Answers({"suicide_history": history})) == ("suicide_history",) * recent
    assert safety.flags(Answers({"overdose_history": history})) == ("overdose",) * recent


@pytest.mark.parametrize(
    ("result", "raised"),
    [("none", False), ("low", False), ("moderate", True), ("high", True), (None, False)],
)
def test_the_cssrs_raises_the_flag_from_moderate(result: str | None, *, raised: bool) -> None:
    for stored in (result, {"result": result}):
        assert safety.flags(Answers({"cssrs": stored})) == (("cssrs",) if raised else ())


def test_every_combination_of_raisers_is_named_in_the_order_of_the_rule() -> None:
    raisers = {
        "phq9_item9": {"phq9": {"items": [*ITEMS[:8], 2]}},
        "cssrs": {"cssrs": {"result": "high"}},
        "suicide_history": {"suicide_history": "under_3_months"},
        "overdose": {"overdose_history": "under_3_months"},
        "reported": {},
    }
    assert list(raisers) == list(safety.REASONS)
    for size in range(6):
        for codes in itertools.combinations(raisers, size):
            values = {key: value for code in codes for key, value in raisers[code].items()}
            assert safety.flags(Answers(values), reported="reported" in codes) == codes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Suicidal since last week.", ["Suicidal"]),
        ("Has SI daily.", ["SI"]),
        (
            "She wants to die and said goodbye letters were written.",
            ["wants to die", "goodbye letters"],
        ),
        ("He doesn’t want to live any more", ["doesn’t want to live"]),
        ("does not want to be here", ["not want to be here"]),
        ("no longer wants to live", ["no longer wants to live"]),
        ("would be better off dead", ["better off dead"]),
        ("tried to end her own life", ["end her own life"]),
        ("thinks of killing himself", ["killing himself"]),
        ("Cutting herself; self-harm at school", ["Cutting herself", "self-harm"]),
        ("overdosed twice, OD'd in spring", ["overdosed", "OD'd"]),
        ("thoughts of hurting her baby, homicidal", ["hurting her baby", "homicidal"]),
        ("no plan, but suicidal thoughts", ["suicidal"]),
        ("not only sad but suicidal", ["suicidal"]),
        ("No family support, suicidal.", ["suicidal"]),
        ("lives without family, suicidal", ["suicidal"]),
        ("not sleeping and suicidal", ["suicidal"]),
        ("denies pain, was suicidal in spring", ["suicidal"]),
        ("cannot stop cutting herself", ["Cutting herself".lower()]),
        ("Denies fever. Suicidal.", ["Suicidal"]),
        ("Denies depression, anxiety, or SI.", []),
        ("No SI/HI.", []),
        ("no current suicidal or homicidal ideation", []),
        ("No history of overdose or self-harm", []),
        ("She isn’t suicidal", []),
        ("reports no thoughts of suicide", []),
        ("He has never attempted suicide", []),
        ("Suicidality: denied", []),
        ("SI joint pain; SI units; the suicide prevention lifeline", []),
        ("Sad, hopeless, tired.", []),
        ("", []),
    ],
)
def test_cue_words(text: str, words: list[str]) -> None:
    assert [text[c.start : c.end] for c in cues(text)] == words


def test_cue_words_warn_and_never_raise_the_flag() -> None:
    texts = {"presenting_problem": "He is suicidal.", "psych_history": "Nothing."}
    found = safety.warnings(texts)
    assert {path: [c.kind for c in hits] for path, hits in found.items()} == {
        "presenting_problem": ["suicide"]
    }
    assert safety.flags(Answers(texts)) == ()


@given(st.text(max_size=200))
def test_any_text_can_be_searched(text: str) -> None:
    ends = 0
    for cue in cues(text):
        assert ends <= cue.start < cue.end <= len(text)
        ends = cue.end
