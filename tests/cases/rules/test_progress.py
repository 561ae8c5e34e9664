"""Lines over time, and how a presentation differs from the one before."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instruments.registry import Setting
from cases.rules import progress
from cases.rules.progress import NON_RESPONSE, REMISSION, RESPONSE, Change
from cases.rules.trends import Presentation

START = date(2031, 3, 4)
USUAL = Setting()


def shown(week: int, **values: Any) -> Presentation:
    return Presentation(f"BH-2031-{week:03}", START + timedelta(weeks=week), values)


def phq9(total: int, weeks_ago: int = 0) -> dict[str, int]:
    return {"total": total, "weeks_ago": weeks_ago}


def lab(code: str, value: Any, weeks: int) -> dict[str, Any]:
    return {"code": code, "value": value, "weeks": weeks}


def lines(*presented: Presentation) -> dict[str, list[tuple[int, float]]]:
    return {
        chart.trend.key: [(p.week, p.value) for p in chart.trend.points]
        for chart in progress.charts(presented, USUAL)
    }


def test_every_number_told_twice_gets_a_line_in_the_order_of_the_sheet() -> None:
    first = shown(
        0,
        phq9=phq9(17, 1),
        gad7={"total": 12, "weeks_ago": 0},
        how_do_you_feel=3,
        weight=110.0,
        vitals_weeks=2,
        sbp=150.0,
        dbp=92.0,
        labs=[lab("hba1c", 8.4, 3), lab("ast_uln", 40, 0), lab("hcv_rna", 1_200_000.0, 4)],
    )
    second = shown(
        12,
        phq9=phq9(8),
        how_do_you_feel=6,
        weight=106.0,
        labs=[lab("hba1c", 7.1, 0), lab("ast_uln", 40, 0), lab("hcv_rna", "not_detected", 0)],
    )
    assert lines(first, second) == {
        "phq9": [(0, 17), (13, 8)],
        "how_do_you_feel": [(0, 3), (12, 6)],
        "weight": [(0, 110.0), (14, 106.0)],
        "hba1c": [(0, 8.4), (15, 7.1)],
        "hcv_rna": [(0, 1_200_000.0), (16, 0)],
    }
    assert lines(first) == {}
    assert list(lines(first, second)) == ["phq9", "how_do_you_feel", "weight", "hba1c", "hcv_rna"]


def test_two_results_of_one_presentation_make_a_line() -> None:
    assert lines(shown(0, labs=[lab("hba1c", 8.4, 30), lab("hba1c", 7.0, 4)])) == {
        "hba1c": [(0, 8.4), (26, 7.0)]
    }


def test_a_test_that_was_not_done_is_no_point() -> None:
    not_done = {"code": "ldl", "value": "not_done"}
    assert lines(shown(0, labs=[lab("ldl", 100.0, 1)]), shown(9, labs=[not_done])) == {}


def test_a_scale_is_drawn_over_its_whole_range_with_its_cut_off() -> None:
    men = Setting(sex="male", pc_ptsd5_cut_off=3)
    presented = [
        shown(0, audit_c={"total": 6}, cows={"total": 14}, phq9=phq9(9)),
        shown(9, audit_c={"total": 3}, cows={"total": 4}, phq9=phq9(5)),
    ]
    assert [(c.trend.key, c.low, c.high, c.cut_off) for c in progress.charts(presented, men)] == [
        ("phq9", 0, 27, 10),
        ("audit_c", 0, 12, 4),
        ("cows", 0, 48, None),
    ]


@pytest.mark.parametrize(
    ("totals", "words"),
    [
        ((17, 4), (REMISSION, RESPONSE)),
        ((17, 8), (RESPONSE,)),
        ((9, 4), (REMISSION, RESPONSE)),
        ((17, 12), (NON_RESPONSE,)),
        ((3, 2), ()),
        ((8, 9), ()),
    ],
)
def test_the_words_of_the_phq9(totals: tuple[int, int], words: tuple[str, ...]) -> None:
    presented = [shown(0, phq9=phq9(totals[0])), shown(9, phq9=phq9(totals[1]))]
    (chart,) = progress.charts(presented, USUAL)
    assert chart.words == words
    found = progress.changes(presented, USUAL)
    assert found == {"phq9": Change(totals[1] - totals[0], totals[0], 9, "BH-2031-000", words)}


def test_other_scales_have_no_such_words() -> None:
    presented = [shown(0, gad7={"total": 17}), shown(9, gad7={"total": 4})]
    assert progress.changes(presented, USUAL) == {"gad7": Change(-13, 17, 9, "BH-2031-000")}


def test_the_difference_is_to_the_last_presentation_that_has_the_scale() -> None:
    presented = [
        shown(0, phq9=phq9(20)),
        shown(9, phq9=phq9(15)),
        shown(18),
        shown(30, phq9=phq9(14, 2)),
    ]
    assert progress.changes(presented, USUAL)["phq9"] == Change(
        -1, 15, 19, "BH-2031-009", (NON_RESPONSE,)
    )
    assert progress.changes(presented[:3], USUAL) == {}
    assert progress.changes(presented[:1], USUAL) == {}


def test_a_total_told_again_is_no_change() -> None:
    assert progress.changes([shown(0, phq9=phq9(17)), shown(4, phq9=phq9(17, 4))], USUAL) == {}
    again = progress.changes([shown(0, phq9=phq9(17)), shown(4, phq9=phq9(17))], USUAL)
    assert again == {"phq9": Change(0, 17, 4, "BH-2031-000")}


def test_the_screening_for_suicide_risk_is_compared_by_its_steps() -> None:
    presented = [shown(0, cssrs="high"), shown(5), shown(9, cssrs="low")]
    assert progress.changes(presented, USUAL) == {"cssrs": Change(-2, 3, 9, "BH-2031-000")}


@given(
    st.lists(
        st.tuples(st.integers(0, 200), st.integers(0, 27), st.integers(0, 10), st.integers(0, 8)),
        min_size=1,
        max_size=6,
    )
)
def test_charts_hold_what_was_told_and_nothing_else(
    told: list[tuple[int, int, int, int]],
) -> None:
    presented = [
        shown(week, phq9=phq9(total, ago), how_do_you_feel=felt)
        for week, total, felt, ago in sorted(told)
    ]
    for chart in progress.charts(presented, USUAL):
        values = [p.value for p in chart.trend.points]
        expected = {t[1] if chart.trend.key == "phq9" else t[2] for t in told}
        assert set(values) == expected
        assert len(values) > 1
        assert chart.low is not None and chart.high is not None
        assert all(chart.low <= v <= chart.high for v in values)
    for change in progress.changes(presented, USUAL).values():
        assert change.before + change.points == presented[-1].values["phq9"]["total"]
