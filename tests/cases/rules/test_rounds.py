"""Follow-up rounds: when they come due, what answers them, who is asked, and when it ends."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cases.rules import rounds
from cases.rules.lifecycle import Guard
from cases.rules.rounds import Asked, Ending, Reminder
from server.kit.ids import PersonId

NOON = datetime(2031, 3, 5, 19, tzinfo=UTC)
DAY = timedelta(days=1)
SAM = PersonId("0" * 26)

DAYS = st.integers(0, 200)
ANSWERS = st.lists(DAYS, max_size=4, unique=True)


def answered(days: list[int]) -> tuple[int | None, int | None]:
    """Say the rule once more: an answer settles all that is due; an early one the next."""
    first: int | None = None
    second: int | None = None
    for day in sorted(days):
        if first is None:
            first = day
            second = day if day >= 90 else None
        elif second is None:
            second = day
    return first, second


@given(DAYS, ANSWERS)
def test_a_round_is_due_until_it_is_answered_and_ends_answered_or_lost(
    today: int, answers: list[int]
) -> None:
    now = NOON + today * DAY
    said = [day for day in sorted(answers) if day <= today]
    both = rounds.rounds(NOON, [NOON + day * DAY for day in said])
    assert [(one.due_at - NOON) // DAY for one in both] == [30, 90]
    expected = answered(said)
    assert [one.answered_at and (one.answered_at - NOON) // DAY for one in both] == list(expected)
    open_ = [day for day, at in zip((30, 90), expected, strict=True) if at is None]
    facts = rounds.facts(both, now)
    assert (Guard.DUE in facts) == any(day <= today for day in open_)
    # Nothing more will come: every round is answered, or three reminders found nobody.
    over = all(today >= day + 21 for day in open_)
    assert (Guard.ROUNDS_IN in facts) == over
    ending = (Ending.LOST if open_ else Ending.ANSWERED) if over else None
    assert rounds.ending(both, now) is ending
    # One question at a time, the newest.
    due = [number for number, day in ((1, 30), (2, 90)) if day in open_ and day <= today]
    assert rounds.waiting(both, now) == (due[-1] if due else None)


@given(
    st.lists(st.integers(0, 400), min_size=1, max_size=60).map(sorted),
    ANSWERS,
    st.sets(st.integers(0, 400)),
)
def test_nobody_is_asked_twice_nor_more_than_three_times_a_round(
    looked: list[int], answers: list[int], pressed: set[int]
) -> None:
    """The platform looks on any days, a coordinator presses whenever a button is there."""
    asked: list[Asked] = []
    for day in looked:
        now = NOON + day * DAY
        both = rounds.rounds(NOON, [NOON + a * DAY for a in sorted(answers) if a <= day])
        owed = rounds.to_send(both, asked, now)
        if owed is not None:
            assert not both[owed.round - 1].lost(now)
            asked.append(Asked(owed.round, owed.number, now))
            assert rounds.to_send(both, asked, now) is None
        offered = rounds.by_hand(both, asked, now)
        if offered is not None and day in pressed:
            asked.append(Asked(offered.round, offered.number, now, SAM))
            assert rounds.by_hand(both, asked, now) is None
        if rounds.waiting(both, now) is None:
            assert owed is None
            assert offered is None
    keys = [(one.round, one.number) for one in asked]
    assert keys == sorted(set(keys))
    assert all(1 <= one.number <= 3 for one in asked)
    for one in asked:
        round_ = rounds.rounds(NOON, [])[one.round - 1]
        assert one.at >= round_.due_at
    assert all(later.at - before.at >= DAY for before, later in pairwise(asked) if later.by)


def test_a_presenter_who_never_answers_is_asked_six_times_and_then_left_alone() -> None:
    asked: list[Asked] = []
    both = rounds.rounds(NOON, [])
    for hour in range(0, 24 * 200, 6):
        now = NOON + timedelta(hours=hour)
        owed = rounds.to_send(both, asked, now)
        if owed is not None:
            asked.append(Asked(owed.round, owed.number, now))
    assert [((one.at - NOON).days, one.round, one.number) for one in asked] == [
        (30, 1, 1),
        (37, 1, 2),
        (44, 1, 3),
        (90, 2, 1),
        (97, 2, 2),
        (104, 2, 3),
    ]
    assert rounds.ending(both, NOON + 110 * DAY) is None
    assert rounds.ending(both, NOON + 111 * DAY) is Ending.LOST


def test_a_server_that_stood_still_asks_once_and_what_was_asked_by_hand_not_again() -> None:
    both = rounds.rounds(NOON, [])
    late = NOON + 45 * DAY
    assert rounds.to_send(both, [], late) == Reminder(1, 3)
    # Long after: a person decides, nobody is written to about last year's case on its own.
    assert rounds.to_send(both, [], NOON + 51 * DAY) is None
    assert rounds.by_hand(both, [], NOON + 51 * DAY) == Reminder(1, 1)
    first = Asked(1, 1, NOON + 30 * DAY)
    by_hand = Asked(1, 2, NOON + 36 * DAY, SAM)
    assert rounds.by_hand(both, [first], NOON + 30 * DAY + timedelta(hours=23)) is None
    assert rounds.by_hand(both, [first], NOON + 36 * DAY) == Reminder(1, 2)
    assert rounds.to_send(both, [first, by_hand], NOON + 37 * DAY) is None
    assert rounds.to_send(both, [first, by_hand], NOON + 44 * DAY) == Reminder(1, 3)
