"""Charts as coordinates: everything in its box, numbers that do not touch, honest axes."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.web.worked_chart import APART, BOTTOM, LEFT, RIGHT, TOP, WIDTH, Spot, draw


def spots(*points: tuple[int, float]) -> list[Spot]:
    return [Spot(week, height, f"{height:g}") for week, height in points]


def test_a_scale_fills_its_whole_range() -> None:
    found = draw(spots((0, 27), (13, 0)), low=0, high=27, cut_off=10)
    assert [(m.x, m.y, m.text) for m in found.marks] == [
        (LEFT + 8, TOP, "27"),
        (RIGHT - 8, BOTTOM, "0"),
    ]
    assert [(h.y, h.text) for h in found.heights] == [(BOTTOM, "0"), (TOP, "27")]
    assert found.cut_off == pytest.approx(BOTTOM - (BOTTOM - TOP) * 10 / 27, abs=0.1)
    assert found.line == f"{LEFT + 8},{TOP} {RIGHT - 8},{BOTTOM}"


@pytest.mark.parametrize(
    ("values", "ticks"),
    [
        ((118.0, 110.0), ["110", "115", "120"]),
        ((6.2, 7.1), ["6", "6.5", "7", "7.5"]),
        ((5.0, 5.0), ["5", "5.2"]),
        ((0.9, 1.1), ["0.9", "1", "1.1"]),
        ((101.0, 260.0), ["100", "200", "300"]),
        ((0.0, 0.0), ["0", "0.5"]),
    ],
)
def test_axes_are_rounded_around_the_numbers(
    values: tuple[float, float], ticks: list[str]
) -> None:
    found = draw(spots((0, values[0]), (9, values[1])))
    assert [h.text for h in found.heights] == ticks


def test_powers_of_ten_are_written_as_such() -> None:
    found = draw([Spot(0, 6.08, "1200000"), Spot(12, 0, "not detected")], powers=True)
    assert [h.text for h in found.heights] == ["0", "10⁷"]


def test_numbers_that_would_touch_are_left_out_and_the_last_stands() -> None:
    found = draw(spots((0, 10), (1, 11), (50, 12), (99, 13), (100, 14)), low=0, high=27)
    assert [m.text for m in found.marks] == ["10", "", "12", "", "14"]
    assert [w.text for w in found.weeks] == ["0", "50", "100"]
    close = draw(spots((0, 10), (0, 12)), low=0, high=27)
    assert [m.text for m in close.marks] == ["", "12"]


def test_long_words_stay_in_the_box_and_push_others_out() -> None:
    last = [Spot(0, 6, "1 200 000"), Spot(24, 1.6, "45"), Spot(27, 0, "not detected")]
    found = draw(last, powers=True)
    assert [(m.text, m.anchor) for m in found.marks] == [
        ("1 200 000", "start"),
        ("", "middle"),
        ("not detected", "end"),
    ]


points = st.lists(
    st.tuples(st.integers(0, 600), st.floats(0, 1e6).map(lambda v: round(v, 4))),
    min_size=1,
    max_size=20,
)


@given(points, st.booleans())
def test_everything_lies_in_its_box(given_points: list[tuple[int, float]], powers: bool) -> None:
    found = draw(
        spots(*sorted((w, min(h, 9) if powers else h) for w, h in given_points)), powers=powers
    )
    assert len(found.marks) == len(given_points) == len(found.line.split())
    assert found.marks[-1].text != ""
    assert all(LEFT <= m.x <= RIGHT and TOP <= m.y <= BOTTOM for m in found.marks)
    assert all(TOP - 0.1 <= h.y <= BOTTOM + 0.1 for h in found.heights)
    assert 2 <= len(found.heights) <= 5
    written = sorted((m.ends for m in found.marks if m.text), key=lambda ends: ends[0])
    assert all(b[0] - a[1] >= APART for a, b in itertools.pairwise(written))
    assert all(ends[1] <= WIDTH for ends in written)
