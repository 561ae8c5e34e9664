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
ANSWERS = st.lists(st.integers(-20, 200), max_size=4, unique=True)
"""Days after the letter; before it, nobody knew what was advised."""
SENT = st.lists(
    st.tuples(st.sampled_from([1, 2]), st.integers(1, 3), DAYS),
    max_size=6,
    unique_by=lambda s: s[:2],
)


def answered(days: list[int]) -> tuple[int | None, int | None]:
    """Say the rule once more: anything after the letter is about day 30, what is due about 90."""
    after = sorted(day for day in days if day >= 0)
    late = [day for day in after if day >= 90]
    return after[0] if after else None, late[0] if late else None


@given(DAYS, ANSWERS, SENT)
def test_a_round_is_due_until_it_is_answered_and_ends_as_it_was_asked(
    today: int, answers: list[int], sent: list[tuple[int, int, int]]
) -> None:
    now = NOON + today * DAY
    sent = [one for one in sent if one[2] <= today]
    asked = [Asked(round_, number, NOON + day * DAY) for round_, number, day in sent]
    said = [day for day in sorted(answers) if day <= today]
    both = rounds.rounds(NOON, [NOON + day * DAY for day in said])
    assert [(one.due_at - NOON) // DAY for one in both] == [30, 90]
    expected = answered(said)
    assert [one.answered_at and (one.answered_at - NOON) // DAY for one in both] == list(expected)
    open_ = [day for day, at in zip((30, 90), expected, strict=True) if at is None]
    facts = rounds.facts(both, asked, now)
    assert (Guard.DUE in facts) == any(day <= today for day in open_)
    # Nothing more will come: every round is answered, or its time is over, a week after the last
    # reminder that really went out.
    number_of = {30: 1, 90: 2}
    ends = [
        max([day + 14, *(at for round_, _, at in sent if round_ == number_of[day])]) + 7
        for day in open_
    ]
    over = all(today >= end for end in ends)
    assert (Guard.ROUNDS_IN in facts) == over
    three = len([one for one in sent if one[0] == 2]) == 3
    missed = Ending.LOST if three else Ending.UNASKED
    assert rounds.ending(both, asked, now) is (
        None if not over else missed if open_ else Ending.ANSWERED
    )
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
            assert not both[owed.round - 1].past(now)
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
    assert rounds.ending(both, asked, NOON + 110 * DAY) is None
    assert rounds.ending(both, asked, NOON + 111 * DAY) is Ending.LOST


def test_who_was_not_asked_three_times_did_not_stay_silent_three_times() -> None:
    both = rounds.rounds(NOON, [])
    first = [Asked(1, number, NOON + (23 + 7 * number) * DAY) for number in (1, 2, 3)]
    assert rounds.ending(both, [], NOON + 111 * DAY) is Ending.UNASKED
    assert rounds.ending(both, first, NOON + 111 * DAY) is Ending.UNASKED
    # The third was pressed late: it has its week, too.
    late = [Asked(2, number, NOON + (109 + number) * DAY, SAM) for number in (1, 2, 3)]
    assert rounds.ending(both, late, NOON + 118 * DAY) is None
    assert rounds.ending(both, late, NOON + 119 * DAY) is Ending.LOST
    assert rounds.to_send(both, late[:1], NOON + 111 * DAY) is None


def test_a_letter_that_is_gone_has_no_rounds_and_nothing_to_wait_for() -> None:
    assert rounds.facts((), [], NOON) == (Guard.ROUNDS_IN,)
    assert rounds.ending((), [], NOON) is Ending.ERASED
    assert rounds.waiting((), NOON) is None


def test_an_early_answer_is_not_the_one_of_day_ninety_nor_one_from_before_the_letter() -> None:
    tells = [NOON + day * DAY for day in (-3, 10, 60)]
    [first, second] = rounds.rounds(NOON, tells)
    assert (first.answered_at, second.answered_at) == (NOON + 10 * DAY, None)
    [first, second] = rounds.rounds(NOON, [*tells[:1], NOON + 95 * DAY])
    assert first.answered_at == second.answered_at == NOON + 95 * DAY


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
