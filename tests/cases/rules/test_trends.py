"""Trends across presentations: points in time, response, remission, non-response."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.instruments.phq9 import PHQ9
from cases.instruments.registry import Setting
from cases.rules import trends
from cases.rules.trends import Measured, Point, Presentation, Trend

START = date(2031, 3, 4)


def shown(week: int, **values: Any) -> Presentation:
    return Presentation(f"BH-2031-{week:03}", START + timedelta(weeks=week), values)


def phq9(total: int, weeks_ago: int = 0) -> dict[str, int]:
    return {"total": total, "weeks_ago": weeks_ago}


def test_points_lie_at_the_week_in_which_the_scale_was_taken() -> None:
    (found,) = trends.scales([shown(12, phq9=phq9(8, 2)), shown(0, phq9=phq9(17, 1))])
    assert found.points == (
        Point(0, 17, PHQ9.band_of(17), "BH-2031-000"),
        Point(11, 8, PHQ9.band_of(8), "BH-2031-012"),
    )
    assert (found.key, found.change) == ("phq9", -9)
    assert (found.response, found.remission, found.non_responder) == (True, False, False)


@pytest.mark.parametrize(
    ("latest", "week", "flags"),
    [
        (4, 8, (True, True, False)),
        (8, 8, (True, False, False)),
        (9, 8, (False, False, False)),
        (10, 8, (False, False, True)),
        (10, 7, (False, False, False)),
        (17, 30, (False, False, True)),
    ],
)
def test_flags_of_the_phq9(latest: int, week: int, flags: tuple[bool, bool, bool]) -> None:
    (found,) = trends.scales([shown(0, phq9=phq9(17)), shown(week, phq9=phq9(latest))])
    assert (found.response, found.remission, found.non_responder) == flags


def test_a_fall_by_half_above_ten_is_a_response_all_the_same() -> None:
    (found,) = trends.scales([shown(0, phq9=phq9(24)), shown(9, phq9=phq9(12))])
    assert (found.response, found.non_responder) == (True, False)


def test_one_point_shows_no_change_and_no_flags() -> None:
    (found,) = trends.scales([shown(0, phq9=phq9(3))])
    assert found == Trend("phq9", (Point(0, 3, PHQ9.band_of(3), "BH-2031-000"),))


def test_other_scales_have_points_and_no_flags() -> None:
    values = [
        shown(0, gad7={"total": 16}),
        shown(4, gad7={"total": 4}, phq9={"items": [None] * 9}),
    ]
    (found,) = trends.scales(values)
    assert (found.key, found.change, found.response, found.remission) == ("gad7", -12, None, None)


def test_bands_follow_the_setting() -> None:
    found = [
        trends.scales([shown(0, audit_c={"total": 3})], Setting(sex=sex))[0].points[0].band
        for sex in ("male", "female")
    ]
    assert [band and band.key for band in found] == ["negative", "positive"]


def test_a_result_told_again_counts_once() -> None:
    (found,) = trends.scales(
        [shown(0, phq9=phq9(17)), shown(4, phq9=phq9(17, 4)), shown(6, phq9=phq9(12))]
    )
    assert [(p.week, p.value, p.case_no) for p in found.points] == [
        (0, 17, "BH-2031-000"),
        (6, 12, "BH-2031-006"),
    ]


def test_plain_numbers_have_trends_too() -> None:
    values = [shown(0, how_do_you_feel=3), shown(5), shown(9, how_do_you_feel=6)]
    found = trends.number(values, "how_do_you_feel")
    assert [(p.week, p.value, p.band) for p in found.points] == [(0, 3, None), (9, 6, None)]
    assert (found.change, found.response) == (3, None)
    assert trends.number(values, "weight") == Trend("weight", ())


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(0, 520), st.integers(0, 27)), max_size=8)
)
def test_points_are_in_order_and_begin_at_zero(rows: list[tuple[int, int, int]]) -> None:
    measured = [
        Measured(str(n), START + timedelta(days=day), ago, value)
        for n, (day, ago, value) in enumerate(rows)
    ]
    points = trends.trend("x", measured).points
    assert [p.week for p in points] == sorted(p.week for p in points)
    assert [p.week for p in points[:1]] == [0] * bool(rows)
    assert {p.value for p in points} == {value for _, _, value in rows}
    assert len({(p.week, p.value) for p in points}) == len(points)
