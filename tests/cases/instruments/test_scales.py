"""The summed scales against their papers; the JSON vectors bind the browser to the same."""

import dataclasses
import json
import pathlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instruments import pc_ptsd5, phq9, registry
from cases.instruments.base import Band, Item, Licence, Missing, Score
from cases.instruments.phq9 import PHQ9, Algorithm
from cases.web.scale_view import scoring_data

VECTORS = pathlib.Path(__file__).parents[2] / "vectors" / "instruments"
KEYS = sorted(registry.INSTRUMENTS)

points = st.integers(0, 3)


@pytest.mark.parametrize("key", ["phq9", "gad7", "cows", "pc_ptsd5"])
def test_the_vectors_hold_here_as_in_the_browser(key: str) -> None:
    file = json.loads((VECTORS / f"{key}.json").read_text("utf-8"))
    scale = registry.by_key(key)
    assert file["scale"] == scoring_data(scale)
    for vector in file["cases"]:
        if key == "pc_ptsd5":
            result = pc_ptsd5.score(vector["open"], vector["answers"])
        else:
            result = scale.score(vector["answers"])
        if isinstance(result, Missing):
            assert {"missing": list(result.items)} == vector["result"]
        else:
            assert {"total": result.total, "band": result.band.label} == vector["result"]


RANGES = {
    "phq9": (9, 27), "gad7": (7, 21), "phq2": (2, 6), "gad2": (2, 6), "pc_ptsd5": (5, 5),
    "audit": (10, 40), "audit_c": (3, 12), "dast10": (10, 10), "cows": (11, 48),
}  # fmt: skip


def test_items_and_ranges_are_those_of_the_table() -> None:
    found = {key: (len(s.items), s.highest) for key, s in registry.INSTRUMENTS.items()}
    assert found == RANGES


@pytest.mark.parametrize("key", KEYS)
def test_bands_cover_every_total_once(key: str) -> None:
    scale = registry.by_key(key)
    covering = [
        [b.key for b in scale.bands if b.low <= total <= b.high]
        for total in range(scale.highest + 1)
    ]
    assert [len(names) for names in covering] == [1] * (scale.highest + 1)
    for total in (-1, scale.highest + 1):
        with pytest.raises(ValueError, match="totals run from"):
            scale.of_total(total)


@pytest.mark.parametrize("key", KEYS)
def test_every_total_can_be_reached_by_some_answers(key: str) -> None:
    totals = {0}
    for item in registry.by_key(key).items:
        totals = {t + p for t in totals for p in registry.by_key(key).points_of(item)}
    assert totals == set(range(registry.by_key(key).highest + 1))


BORDERS = {
    "phq9": "minimal 0 4 mild 5 9 moderate 10 14 moderately_severe 15 19 severe 20 27",
    "gad7": "minimal 0 4 mild 5 9 moderate 10 14 severe 15 21",
    "phq2": "negative 0 2 positive 3 6",
    "gad2": "negative 0 2 positive 3 6",
    "pc_ptsd5": "negative 0 3 positive 4 5",
    "audit": "low 0 7 hazardous 8 15 harmful 16 19 likely_dependence 20 40",
    "audit_c": "negative 0 2 positive 3 12",
    "dast10": "none 0 0 low 1 2 moderate 3 5 substantial 6 8 severe 9 10",
    "cows": "none 0 4 mild 5 12 moderate 13 24 moderately_severe 25 36 severe 37 48",
}


@pytest.mark.parametrize("key", KEYS)
def test_band_borders_are_those_of_the_papers(key: str) -> None:
    scale = registry.by_key(key)
    words = BORDERS[key].split()
    wanted = [(n, int(a), int(b)) for n, a, b in zip(*[iter(words)] * 3, strict=True)]
    borders = [
        (scale.of_total(t).band.key, t) for band in scale.bands for t in (band.low, band.high)
    ]
    assert borders == [(name, total) for name, low, high in wanted for total in (low, high)]


CUT_OFFS = {
    "phq9": 10, "gad7": 10, "phq2": 3, "gad2": 3, "pc_ptsd5": 4, "audit": 8, "audit_c": 3,
    "dast10": None, "cows": None,
}  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_positive_means_at_or_above_the_published_cut_off(key: str) -> None:
    scale, cut_off = registry.by_key(key), CUT_OFFS[key]
    found = [scale.of_total(total).positive for total in range(scale.highest + 1)]
    wanted = [None if cut_off is None else total >= cut_off for total in range(scale.highest + 1)]
    assert found == wanted
    assert scale.of_total(0).cut_off == cut_off


@given(st.sampled_from(KEYS), st.data())
def test_scores_are_sums_that_rise_with_every_answer(key: str, data: st.DataObject) -> None:
    scale = registry.by_key(key)
    allowed = [scale.points_of(item) for item in scale.items]
    answers = [data.draw(st.sampled_from(sorted(one))) for one in allowed]
    result = scale.score(answers)
    assert isinstance(result, Score)
    assert (result.total, result.band) == (sum(answers), scale.band_of(sum(answers)))
    number = data.draw(st.integers(0, len(answers) - 1))
    higher = [*answers]
    higher[number] = max(allowed[number])
    after = scale.score(higher)
    assert isinstance(after, Score)
    assert after.total >= result.total
    assert scale.bands.index(after.band) >= scale.bands.index(result.band)


@given(st.sampled_from(KEYS), st.data())
def test_one_missing_item_means_no_band(key: str, data: st.DataObject) -> None:
    scale = registry.by_key(key)
    answers = [
        data.draw(st.none() | st.sampled_from(sorted(scale.points_of(item))))
        for item in scale.items
    ]
    missing = tuple(i.number for i, p in zip(scale.items, answers, strict=True) if p is None)
    result = scale.score(answers)
    if missing:
        assert result == Missing(key, missing)
    else:
        assert result == scale.of_total(sum(p for p in answers if p is not None))


@pytest.mark.parametrize("key", KEYS)
def test_words_versions_and_sources_stand_with_every_scale(key: str) -> None:
    scale = registry.by_key(key)
    assert set(scale.versions) == {"instrument_version", "scoring_version"}
    assert all(scale.versions.values()) and scale.source and scale.credit
    printed = [bool(item.text) for item in scale.items] + [bool(scale.stem)]
    assert printed == [scale.keeps_items] * (len(scale.items) + 1)


def test_only_the_score_is_kept_where_the_text_is_not_free() -> None:
    closed = {k for k, s in registry.INSTRUMENTS.items() if s.licence is Licence.SCORE_ONLY}
    assert closed == {"audit", "audit_c", "dast10"}


def test_a_scale_with_a_hole_between_its_bands_cannot_be_made() -> None:
    low, high = Band(0, 3, "low", "low"), Band(5, 27, "high", "high")
    with pytest.raises(ValueError, match="begins where"):
        dataclasses.replace(PHQ9, bands=(low, high))
    with pytest.raises(ValueError, match="end at the highest"):
        dataclasses.replace(PHQ9, items=PHQ9.items[:8])
    with pytest.raises(ValueError, match="end at the highest"):
        dataclasses.replace(PHQ9, items=(*PHQ9.items, Item(10)))


@given(st.lists(points, min_size=9, max_size=9))
def test_item_nine_alerts_whatever_the_total(answers: list[int]) -> None:
    assert phq9.safety_alert(answers) == (answers[8] >= 1)
    # A total proves item 9 only when no answers with item 9 at 0 could reach it.
    if phq9.alert_of_total(sum(answers)):
        assert answers[8] >= 1


def test_a_total_above_24_leaves_no_way_around_item_nine() -> None:
    assert [t for t in range(28) if phq9.alert_of_total(t)] == [25, 26, 27]


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
    ("key", "answers", "reason"),
    [
        ("phq9", [0] * 8, "has 9 items"),
        ("phq9", [4] + [0] * 8, "items take"),
        ("phq9", [-1] + [0] * 8, "items take"),
        ("phq9", [4, None] + [0] * 7, "items take"),  # wrong points count before missing ones
        ("cows", [3] + [0] * 10, r"items take \[0, 1, 2, 4\] \(item 1\)"),
        ("cows", [0] * 10 + [1], r"items take \[0, 3, 5\] \(item 11\)"),
        ("audit", [0] * 8 + [1, 0], r"items take \[0, 2, 4\] \(item 9\)"),
        ("dast10", [2] + [0] * 9, "items take"),
    ],
)
def test_what_cannot_occur_is_refused(key: str, answers: list[int | None], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        registry.by_key(key).score(answers)


def test_cows_takes_exactly_the_points_of_the_table() -> None:
    scale = registry.by_key("cows")
    assert [scale.points_of(item) for item in scale.items] == [
        (0, 1, 2, 4), (0, 1, 2, 3, 4), (0, 1, 3, 5), (0, 1, 2, 5), (0, 1, 2, 4), (0, 1, 2, 4),
        (0, 1, 2, 3, 5), (0, 1, 2, 4), (0, 1, 2, 4), (0, 1, 2, 4), (0, 3, 5),
    ]  # fmt: skip


def test_the_short_forms_ask_the_first_questions_of_the_long_ones() -> None:
    for short, long in (("phq2", "phq9"), ("gad2", "gad7")):
        assert registry.by_key(short).items == registry.by_key(long).items[:2]


def test_a_total_alone_scores_and_half_filled_items_do_not() -> None:
    scored = registry.score_all(
        {
            "phq9": {"items": [1] * 8 + [None], "weeks_ago": 1},
            "gad7": {"total": 12, "weeks_ago": 2},
            "cows": {"total": 13},
            "age": 40,
        }
    )
    assert {key: score.total for key, score in scored.items()} == {"gad7": 12, "cows": 13}
    assert scored["cows"].band.key == "moderate"
