"""Slots lost and missed, reminders, what a copy takes over: the pure rules of a late case."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules import copying, erasing, placing, rounds
from cases.rules.form import USUAL
from cases.rules.lifecycle import Guard
from cases.rules.models import Answers
from server.kit.errors import Invalid

NOON = datetime(2031, 3, 5, 19, tzinfo=UTC)
DAY = timedelta(days=1)


@given(st.lists(st.integers(-40, 40), max_size=5), st.sampled_from(["soon", "routine", ""]))
def test_only_what_cannot_wait_and_finds_no_slot_is_converted(
    days: list[int], urgency: str
) -> None:
    free = [NOON + day * DAY for day in days]
    in_time = [day for day in days if 0 <= day <= 14]
    held = placing.without_slot(urgency, free, NOON)
    assert held == ((Guard.SOON_WITHOUT_SLOT,) if urgency == "soon" and not in_time else ())


def test_a_round_asks_three_times_at_most() -> None:
    one = rounds.Round(NOON)
    asked = [one.reminders(NOON + day * DAY) for day in range(-1, 22)]
    assert asked == [0, *[1] * 7, *[2] * 7, *[3] * 8]
    # Whoever answers is reminded no more, however late one looks.
    assert rounds.Round(NOON, NOON + 3 * DAY).reminders(NOON + 99 * DAY) == 1


def test_a_copy_takes_over_what_the_form_of_today_asks() -> None:
    answers = Answers(
        {"case_type": "new", "setting": "rural_clinic", "gone_from_the_form": "x", "age": 34}
    )
    again = copying.copied(USUAL, answers).values
    assert again == {"case_type": "new", "setting": "rural_clinic", "age": 34}


def test_a_reason_to_erase_is_one_of_the_list() -> None:
    for reason in erasing.REASONS:
        erasing.ensure_reason(reason.value)
    for typed in ("", "Mr. Chance"):
        with pytest.raises(Invalid, match=r"case\.erase_reason"):
            erasing.ensure_reason(typed)
