"""Attendance minutes (domain.md §8.1): joined gaps, one person on two devices, clipped ends."""

from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from server.kit.actor import Lane
from server.kit.ids import SeatId, SessionId
from sessions.rules import roster
from sessions.rules.models import Stay
from tests.factories.sessions import TUESDAY_NOON, an_id, person

START, END = TUESDAY_NOON, TUESDAY_NOON + timedelta(minutes=60)


def at(minutes: float) -> datetime:
    return TUESDAY_NOON + timedelta(minutes=minutes)


def stay(begin: float, end: float | None, who: str = "ann", seat: str = "seat1") -> Stay:
    return Stay(
        session=SessionId(an_id("sess1")),
        person=person(who),
        seat=SeatId(an_id(seat)),
        arrived_at=at(begin),
        left_at=None if end is None else at(end),
    )


def minutes(*stays: Stay) -> dict[str, int]:
    return {a.person: a.minutes for a in roster.attendance(stays, START, END)}


ANN, BEN = person("ann"), person("ben")


def test_one_interval() -> None:
    assert minutes(stay(0, 45)) == {ANN: 45}


def test_a_gap_under_a_minute_is_joined_a_longer_one_is_not() -> None:
    assert minutes(stay(0, 10), stay(10.99, 20)) == {ANN: 20}
    assert minutes(stay(0, 10), stay(11, 20)) == {ANN: 19}


def test_two_devices_count_once() -> None:
    assert minutes(stay(0, 30), stay(20, 40, seat="seat2")) == {ANN: 40}
    assert minutes(stay(0, 30), stay(5, 10, seat="seat2")) == {ANN: 30}


def test_only_time_between_start_and_end_counts() -> None:
    assert minutes(stay(-15, 10), stay(50, 90)) == {ANN: 20}
    assert minutes(stay(-15, 0), stay(60, 90)) == {}


def test_who_is_still_there_counts_up_to_the_end() -> None:
    assert minutes(stay(50, None)) == {ANN: 10}


def test_minutes_are_rounded_down() -> None:
    assert minutes(stay(0, 10.99)) == {ANN: 10}


def test_first_to_come_stands_first() -> None:
    found = roster.attendance([stay(5, 10, "ben"), stay(0, 1), stay(20, 30)], START, END)
    assert [(a.person, a.first_seen, a.last_seen) for a in found] == [
        (ANN, at(0), at(30)),
        (BEN, at(5), at(10)),
    ]


spans = st.tuples(st.integers(-600, 4200), st.integers(1, 4200)).map(
    lambda pair: stay(pair[0] / 60, (pair[0] + pair[1]) / 60)
)


@given(st.lists(spans, min_size=1, max_size=12), st.randoms())
def test_connected_time_is_the_same_in_any_order_and_never_too_long(
    stays: list[Stay], random: object
) -> None:
    found = roster.attendance(stays, START, END)
    shuffled = sorted(stays, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert roster.attendance(shuffled, START, END) == found
    # Second by second: what a stopwatch per person would have shown, gaps under 60 s filled in.
    inside = [
        any(s.arrived_at <= START + timedelta(seconds=n) < (s.left_at or END) for s in stays)
        for n in range(3600)
    ]
    on = [n for n, there in enumerate(inside) if there]
    watch = len(on) + sum(b - a - 1 for a, b in pairwise(on) if 1 < b - a <= 60)
    assert sum(a.connected.total_seconds() for a in found) == watch


def test_lane_counts_name_both_sides() -> None:
    assert roster.lane_counts([Lane.SPOKE, Lane.HUB, Lane.SPOKE]) == {Lane.SPOKE: 2, Lane.HUB: 1}
    assert roster.lane_counts([]) == {Lane.SPOKE: 0, Lane.HUB: 0}
