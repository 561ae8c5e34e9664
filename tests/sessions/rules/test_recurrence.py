"""Weekly rules: wall-clock time stays what it is, over every change of the clocks."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Invalid
from sessions.rules import recurrence
from sessions.rules.models import WeeklyRule
from sessions.rules.recurrence import Occurrence
from tests.factories.sessions import rule

ZONES = recurrence.zone_names()
LONG_AGO = datetime(1999, 1, 1, tzinfo=UTC)

zones = st.sampled_from(ZONES)
wall_times = st.times().map(lambda t: t.replace(second=0, microsecond=0))


@st.composite
def rules(draw: st.DrawFn) -> WeeklyRule:
    return WeeklyRule(
        zone=draw(zones),
        weekday=draw(st.integers(0, 6)),
        at=draw(wall_times),
        first=draw(st.dates(date(2020, 1, 1), date(2035, 1, 1))),
        every_weeks=draw(st.integers(1, 12)),
        count=draw(st.integers(1, 30)),
    )


def test_tuesdays_at_noon_in_denver_are_noon_in_winter_and_summer() -> None:
    found = recurrence.occurrences(rule(first=date(2027, 3, 8)), LONG_AGO, 2)
    assert found == (
        Occurrence(1, date(2027, 3, 9), datetime(2027, 3, 9, 19, 0, tzinfo=UTC)),
        Occurrence(2, date(2027, 3, 16), datetime(2027, 3, 16, 18, 0, tzinfo=UTC)),
    )


def test_first_date_counts_when_it_is_the_weekday() -> None:
    assert recurrence.occurrences(rule(), LONG_AGO, 1)[0].local_date == date(2026, 11, 24)


def test_every_second_week_skips_one() -> None:
    found = recurrence.occurrences(rule(every_weeks=2), LONG_AGO, 3)
    assert [o.local_date for o in found] == [
        date(2026, 11, 24),
        date(2026, 12, 8),
        date(2026, 12, 22),
    ]


def test_count_ends_a_rule() -> None:
    assert len(recurrence.occurrences(rule(count=3), LONG_AGO, 100)) == 3


def test_until_is_the_last_date_itself() -> None:
    found = recurrence.occurrences(rule(until=date(2026, 12, 8)), LONG_AGO, 100)
    assert [o.local_date for o in found] == [
        date(2026, 11, 24),
        date(2026, 12, 1),
        date(2026, 12, 8),
    ]


def test_after_is_strict_and_numbers_do_not_shift() -> None:
    second = datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
    assert [o.number for o in recurrence.occurrences(rule(), second, 2)] == [3, 4]


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        # 02:30 does not exist in New York on 8 March 2026: one hour later, 03:30 EDT.
        ("America/New_York", "2026-03-08T02:30", datetime(2026, 3, 8, 7, 30, tzinfo=UTC)),
        # Lord Howe moves by half an hour: 02:15 becomes 02:45 (+11).
        (
            "Australia/Lord_Howe",
            "2026-10-04T02:15",
            datetime(2026, 10, 3, 15, 45, tzinfo=UTC),
        ),
        # Samoa left out the whole of 30 December 2011: the same time a day later.
        ("Pacific/Apia", "2011-12-30T12:00", datetime(2011, 12, 30, 22, 0, tzinfo=UTC)),
        # 01:30 happens twice in New York on 1 November 2026: the first, still EDT.
        (
            "America/New_York",
            "2026-11-01T01:30",
            datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        ),
        # Beirut changes at midnight: 00:30 on 29 March 2026 does not exist.
        ("Asia/Beirut", "2026-03-29T00:30", datetime(2026, 3, 28, 22, 30, tzinfo=UTC)),
    ],
)
def test_gaps_shift_forward_and_overlaps_mean_the_first(
    zone: str, wall: str, instant: datetime
) -> None:
    assert recurrence.to_utc(zone, datetime.fromisoformat(wall)) == instant


def _changes(zone: str, year: int) -> list[tuple[datetime, timedelta, timedelta]]:
    """Return (instant, offset before, offset after) of the clock changes in a year, to the minute."""
    tz = ZoneInfo(zone)
    found = []
    at = datetime(year, 1, 1, tzinfo=UTC)
    end = datetime(year + 1, 1, 1, tzinfo=UTC)
    while at < end:
        later = at + timedelta(days=1)
        if at.astimezone(tz).utcoffset() != later.astimezone(tz).utcoffset():
            low, high = at, later
            while high - low > timedelta(minutes=1):
                middle = low + (high - low) / 2
                middle = middle.replace(second=0, microsecond=0)
                if middle.astimezone(tz).utcoffset() == low.astimezone(tz).utcoffset():
                    low = middle
                else:
                    high = middle
            before, after = low.astimezone(tz).utcoffset(), high.astimezone(tz).utcoffset()
            assert before is not None
            assert after is not None
            found.append((high, before, after))
        at = later
    return found


@given(zone=zones, year=st.integers(2024, 2030), minutes=st.integers(0, 59))
def test_around_every_clock_change(zone: str, year: int, minutes: int) -> None:
    for change, before, after in _changes(zone, year):
        step = after - before
        if step > timedelta(0):
            # Inside the gap: the wall clock that would have been, moved on by the gap.
            wall = (change + before).replace(tzinfo=None) + step * minutes / 60
            local = recurrence.to_utc(zone, wall).astimezone(ZoneInfo(zone))
            assert local.replace(tzinfo=None) == wall + step
        else:
            # Inside the overlap: the pass that still has the old offset.
            wall = (change + after).replace(tzinfo=None) - step * minutes / 60
            found = recurrence.to_utc(zone, wall)
            assert found < change
            assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall


@given(rules())
def test_occurrences_are_sorted_dated_and_on_the_wall_clock(given_rule: WeeklyRule) -> None:
    found = recurrence.occurrences(given_rule, LONG_AGO, 100)
    assert [o.number for o in found] == list(range(1, (given_rule.count or 0) + 1))
    assert found[0].local_date - given_rule.first < timedelta(days=7)
    for one, two in pairwise(found):
        assert two.local_date - one.local_date == timedelta(weeks=given_rule.every_weeks)
        assert one.starts_at < two.starts_at
    for occurrence in found:
        assert occurrence.local_date.weekday() == given_rule.weekday
        wanted = datetime.combine(occurrence.local_date, given_rule.at)
        local = occurrence.starts_at.astimezone(ZoneInfo(given_rule.zone)).replace(tzinfo=None)
        shift = local - wanted
        # Only a gap moves a session, and only forward, by as much as was left out.
        assert timedelta(0) <= shift <= timedelta(days=1)
        exists = wanted.replace(tzinfo=ZoneInfo(given_rule.zone)).astimezone(UTC)
        if exists.astimezone(ZoneInfo(given_rule.zone)).replace(tzinfo=None) == wanted:
            assert shift == timedelta(0)


@given(rules(), st.integers(0, 29), st.integers(1, 5))
def test_asking_in_pieces_gives_the_same(given_rule: WeeklyRule, index: int, limit: int) -> None:
    everything = recurrence.occurrences(given_rule, LONG_AGO, 100)
    index = min(index, len(everything) - 1)
    piece = recurrence.occurrences(given_rule, everything[index].starts_at, limit)
    assert piece == everything[index + 1 : index + 1 + limit]


@given(rules(), st.integers(0, 29), st.integers(0, 29))
def test_between_is_a_slice(given_rule: WeeklyRule, one: int, two: int) -> None:
    everything = recurrence.occurrences(given_rule, LONG_AGO, 100)
    low, high = sorted(min(i, len(everything) - 1) for i in (one, two))
    found = recurrence.between(given_rule, everything[low].starts_at, everything[high].starts_at)
    assert found == everything[low + 1 : high + 1]


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        (rule(zone="America/Denvr"), {"zone": "series.zone"}),
        (rule(weekday=7), {"weekday": "series.weekday"}),
        (rule(every_weeks=0), {"every_weeks": "series.every_weeks"}),
        (rule(every_weeks=13), {"every_weeks": "series.every_weeks"}),
        (rule(first=date(1999, 12, 31)), {"first": "series.first"}),
        (rule(count=0), {"count": "series.count"}),
        (rule(count=521), {"count": "series.count"}),
        (rule(count=3, until=date(2027, 1, 1)), {"until": "series.count_or_until"}),
        (rule(until=date(2026, 11, 23)), {"until": "series.until_before_first"}),
        (
            rule(zone="", weekday=-1, every_weeks=99),
            {
                "zone": "series.zone",
                "weekday": "series.weekday",
                "every_weeks": "series.every_weeks",
            },
        ),
    ],
)
def test_a_wrong_rule_says_which_field(wrong: WeeklyRule, fields: dict[str, str]) -> None:
    with pytest.raises(Invalid) as caught:
        recurrence.check(wrong)
    assert caught.value.fields == fields


@given(rules())
def test_a_right_rule_passes_unchanged(given_rule: WeeklyRule) -> None:
    assert recurrence.check(given_rule) == given_rule


def test_an_endless_rule_stops_at_its_limit() -> None:
    assert len(recurrence.occurrences(rule(), LONG_AGO, 1000)) == 1000


@pytest.mark.parametrize(
    ("typed", "zone"),
    [
        ("America/Denver", "America/Denver"),
        (" america/new york ", "America/New_York"),
        ("Nowhere", "Nowhere"),
    ],
)
def test_zone_as_a_person_types_it(typed: str, zone: str) -> None:
    assert recurrence.zone_named(typed) == zone


def test_offered_zones_are_places() -> None:
    assert {"America/Denver", "Africa/Nairobi", "Europe/London"} <= set(ZONES)
    assert not [z for z in ZONES if z.startswith(("Etc/", "US/")) or "/" not in z]


def test_time_of_day_may_be_midnight() -> None:
    found = recurrence.occurrences(rule(at=time(0, 0), zone="Africa/Cairo"), LONG_AGO, 1)
    assert found[0].starts_at == datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
