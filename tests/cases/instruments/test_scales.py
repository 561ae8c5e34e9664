"""PHQ-9, GAD-7 and BMI against their papers; the JSON vectors bind the browser to the same."""

import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instruments import bmi, phq9, registry
from cases.instruments.base import Missing, Score
from cases.instruments.phq9 import Algorithm
from cases.web.forms import scoring_data

VECTORS = pathlib.Path(__file__).parents[2] / "vectors" / "instruments"

points = st.integers(0, 3)


@pytest.mark.parametrize("key", sorted(registry.INSTRUMENTS))
def test_the_vectors_hold_here_as_in_the_browser(key: str) -> None:
    file = json.loads((VECTORS / f"{key}.json").read_text("utf-8"))
    scale = registry.by_key(key)
    assert file["scale"] == scoring_data(key)
    for vector in file["cases"]:
        result = scale.score(vector["answers"])
        if isinstance(result, Missing):
            assert {"missing": list(result.items)} == vector["result"]
        else:
            assert {"total": result.total, "band": result.band.label} == vector["result"]


@pytest.mark.parametrize("key", sorted(registry.INSTRUMENTS))
def test_bands_cover_every_total_once(key: str) -> None:
    scale = registry.by_key(key)
    edges = [(band.low, band.high) for band in scale.bands]
    assert [low for low, _ in edges] == [0, *(high + 1 for _, high in edges[:-1])]
    assert edges[-1][1] == scale.highest == 3 * len(scale.items)
    for total in (-1, scale.highest + 1):
        with pytest.raises(ValueError, match="totals run from"):
            scale.of_total(total)


@pytest.mark.parametrize(
    ("total", "band", "positive"),
    [
        (0, "minimal", False), (4, "minimal", False), (5, "mild", False), (9, "mild", False),
        (10, "moderate", True), (14, "moderate", True), (15, "moderately_severe", True),
        (19, "moderately_severe", True), (20, "severe", True), (27, "severe", True),
    ],
)  # fmt: skip
def test_phq9_cut_offs(total: int, band: str, positive: bool) -> None:
    score = registry.by_key("phq9").of_total(total)
    assert (score.band.key, score.positive) == (band, positive)


@given(st.lists(points | st.none(), min_size=9, max_size=9))
def test_one_missing_item_means_no_band(answers: list[int | None]) -> None:
    result = registry.by_key("phq9").score(answers)
    missing = tuple(n for n, p in enumerate(answers, start=1) if p is None)
    if missing:
        assert result == Missing("phq9", missing)
    else:
        assert isinstance(result, Score)
        assert result.total == sum(p for p in answers if p is not None)


@given(st.lists(points, min_size=9, max_size=9))
def test_item_nine_alerts_whatever_the_total(answers: list[int]) -> None:
    assert phq9.safety_alert(answers) == (answers[8] >= 1)


@pytest.mark.parametrize(
    ("answers", "suggested"),
    [
        ([2, 2, 2, 2, 2, 0, 0, 0, 0], Algorithm.MAJOR_DEPRESSION),
        ([2, 0, 2, 2, 2, 0, 0, 0, 1], Algorithm.MAJOR_DEPRESSION),  # item 9 counts from 1
        ([2, 0, 2, 2, 1, 1, 1, 1, 1], Algorithm.OTHER_DEPRESSION),
        ([0, 3, 2, 0, 0, 0, 0, 0, 0], Algorithm.OTHER_DEPRESSION),
        ([2, 0, 1, 1, 1, 1, 1, 1, 0], Algorithm.NONE),
        ([1, 1, 3, 3, 3, 3, 3, 3, 3], Algorithm.NONE),  # neither of the first two
    ],
)
def test_the_algorithm(answers: list[int], suggested: Algorithm) -> None:
    assert phq9.algorithm(answers) == suggested


def test_response_is_half_and_remission_below_five() -> None:
    assert [phq9.response(17, latest) for latest in (8, 9)] == [True, False]
    assert phq9.response(0, 0) is False
    assert [phq9.remission(total) for total in (4, 5)] == [True, False]


@pytest.mark.parametrize(
    ("answers", "reason"),
    [([0] * 8, "has 9 items"), ([4] + [0] * 8, "items take"), ([-1] + [0] * 8, "items take")],
)
def test_what_cannot_occur_is_refused(answers: list[int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        registry.by_key("phq9").score(answers)


def test_bmi_vector_and_bands() -> None:
    assert bmi.bmi(96.4, 175) == 31.5  # domain.md §5.3
    bands = [bmi.band(value, 40) for value in (18.4, 18.5, 24.9, 25.0, 29.9, 30.0)]
    assert [band[0] for band in bands if band] == [
        "underweight", "usual", "usual", "overweight", "overweight", "obesity",
    ]  # fmt: skip
    assert bmi.band(31.5, 19) is None


def test_a_total_alone_scores_and_half_filled_items_do_not() -> None:
    scored = registry.score_all(
        {
            "phq9": {"items": [1] * 8 + [None], "weeks_ago": 1},
            "gad7": {"total": 12, "weeks_ago": 2},
        }
    )
    assert {key: score.total for key, score in scored.items()} == {"gad7": 12}
