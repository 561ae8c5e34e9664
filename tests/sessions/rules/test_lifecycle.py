"""States and ways exactly as the handbook draws them."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict
from sessions.rules import lifecycle
from sessions.rules.models import SessionState
from tests.factories.sessions import TUESDAY_NOON, session

S = SessionState
WAYS = {
    (S.PLANNED, S.OPEN),
    (S.OPEN, S.LIVE),
    (S.LIVE, S.ENDED),
    (S.ENDED, S.WRAPPED),
    (S.WRAPPED, S.ARCHIVED),
    (S.PLANNED, S.CANCELLED),
    (S.OPEN, S.CANCELLED),
}


@pytest.mark.parametrize("before", list(S))
@pytest.mark.parametrize("after", list(S))
def test_every_pair_of_states(before: SessionState, after: SessionState) -> None:
    found = session(state=before)
    if (before, after) in WAYS:
        assert lifecycle.advance(found, after, TUESDAY_NOON).state is after
        assert after in lifecycle.next_states(before)
    else:
        with pytest.raises(Conflict) as caught:
            lifecycle.advance(found, after, TUESDAY_NOON)
        assert caught.value.code.startswith("session.cannot_")
        assert after not in lifecycle.next_states(before)


def test_stamps_say_when_it_happened() -> None:
    found = session()
    for minute, state in enumerate([S.OPEN, S.LIVE, S.ENDED, S.WRAPPED]):
        found = lifecycle.advance(found, state, TUESDAY_NOON + timedelta(minutes=minute))
    assert (found.opened_at, found.started_at, found.ended_at) == (
        TUESDAY_NOON,
        TUESDAY_NOON + timedelta(minutes=1),
        TUESDAY_NOON + timedelta(minutes=2),
    )


@given(st.lists(st.sampled_from(list(S)), max_size=12))
def test_no_path_goes_back(wanted: list[SessionState]) -> None:
    order = [S.PLANNED, S.OPEN, S.LIVE, S.ENDED, S.WRAPPED, S.ARCHIVED]
    found = session()
    for state in wanted:
        before = found.state
        try:
            found = lifecycle.advance(found, state, TUESDAY_NOON)
        except Conflict:
            continue
        if found.state is S.CANCELLED:
            assert before in {S.PLANNED, S.OPEN}
        else:
            assert order.index(found.state) == order.index(before) + 1


@pytest.mark.parametrize(
    ("minutes", "due"), [(-16, False), (-15, True), (0, True), (59, True), (60, False)]
)
def test_green_room_opens_fifteen_minutes_early(minutes: int, due: bool) -> None:
    now = TUESDAY_NOON + timedelta(minutes=minutes)
    assert lifecycle.due_to_open(session(), now) is due
    assert not lifecycle.due_to_open(session(state=S.OPEN), now)


@pytest.mark.parametrize(
    ("state", "minutes", "joinable"),
    [
        (S.PLANNED, 0, False),
        (S.OPEN, -15, True),
        (S.OPEN, 89, True),
        (S.OPEN, 90, False),
        (S.LIVE, 0, True),
        (S.LIVE, 500, True),
        (S.ENDED, 0, False),
        (S.CANCELLED, 0, False),
    ],
)
def test_who_comes_when(state: SessionState, minutes: int, joinable: bool) -> None:
    now = TUESDAY_NOON + timedelta(minutes=minutes)
    assert lifecycle.is_joinable(session(state=state), now) is joinable


@pytest.mark.parametrize(
    ("state", "hours", "capturable"),
    [
        (S.OPEN, 0, False),
        (S.LIVE, 0, True),
        (S.ENDED, 23.99, True),
        (S.ENDED, 24, False),
        (S.WRAPPED, 1, False),
    ],
)
def test_capture_live_and_within_a_day(
    state: SessionState, hours: float, capturable: bool
) -> None:
    ended = TUESDAY_NOON if state in {S.ENDED, S.WRAPPED} else None
    found = session(state=state, ended_at=ended)
    assert lifecycle.is_capturable(found, TUESDAY_NOON + timedelta(hours=hours)) is capturable
