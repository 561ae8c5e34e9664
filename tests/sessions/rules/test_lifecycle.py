"""States and ways exactly as the handbook draws them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit.errors import Conflict
from sessions.rules import agenda, lifecycle
from sessions.rules.models import CancelReason, Session, SessionState
from tests.factories.sessions import CASE, TUESDAY_NOON, person, session, slots_of

S = SessionState
R = CancelReason
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
    assert (found.opened_at, found.started_at, found.ended_at, found.wrapped_at) == tuple(
        TUESDAY_NOON + timedelta(minutes=n) for n in range(4)
    )
    assert lifecycle.advance(session(), S.CANCELLED, TUESDAY_NOON).cancelled_for is R.BY_HAND


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


ENDS = TUESDAY_NOON + timedelta(hours=1)


def presented(*, signed: bool = False, state: SessionState = S.ENDED) -> Session:
    """Return a session whose first case was presented; the second slot stayed free."""
    filled, item = agenda.fill_slot(session(), CASE, "BH-2031-001", person("marisol"))
    live = replace(filled, state=S.LIVE, started_at=TUESDAY_NOON)
    shown = agenda.mark_presented(live, item.id, TUESDAY_NOON)
    if signed:
        shown = agenda.note_letter(shown, CASE, ENDS)
    return replace(shown, state=state, ended_at=ENDS)


@pytest.mark.parametrize(
    ("state", "minutes", "answers"),
    [
        (S.PLANNED, -1, (False, True, False, False)),
        (S.PLANNED, 0, (True, False, True, False)),
        (S.PLANNED, 179, (True, False, True, False)),
        (S.PLANNED, 180, (True, False, True, True)),
        (S.OPEN, -1, (False, True, False, False)),
        (S.OPEN, 29, (False, False, False, False)),
        (S.OPEN, 30, (True, False, True, False)),
        (S.OPEN, 180, (True, False, True, True)),
        (S.LIVE, 9999, (False, False, False, False)),
        (S.ENDED, 0, (True, False, False, False)),
        (S.WRAPPED, 0, (True, False, False, False)),
        (S.ARCHIVED, 0, (True, False, False, False)),
        (S.CANCELLED, -9999, (True, False, False, False)),
    ],
)
def test_what_a_session_is_minutes_after_its_planned_end(
    state: SessionState, minutes: int, answers: tuple[bool, ...]
) -> None:
    """Over, takes cases, was not held, is given up."""
    found = session(state=state)
    now = ENDS + timedelta(minutes=minutes)
    assert (
        lifecycle.is_over(found, now),
        lifecycle.takes_cases(found, now),
        lifecycle.was_not_held(found, now),
        lifecycle.due_to_give_up(found, now),
    ) == answers


def test_a_session_that_was_given_up_says_so() -> None:
    for state in (S.PLANNED, S.OPEN):
        found = lifecycle.give_up(session(state=state), ENDS)
        assert (found.state, found.cancelled_for) == (S.CANCELLED, R.NOT_HELD)
        assert lifecycle.was_not_held(found, ENDS)
        assert not lifecycle.due_to_give_up(found, ENDS + timedelta(days=9))
    with pytest.raises(Conflict) as caught:
        lifecycle.give_up(session(state=S.LIVE), ENDS)
    assert caught.value.code == "session.cannot_cancel"


def test_a_letter_counts_once_and_only_where_the_case_was_presented() -> None:
    found = presented(signed=True)
    assert [i.letter_at for i in slots_of(found)] == [ENDS, None]
    assert agenda.note_letter(found, CASE, ENDS + timedelta(days=1)) == found
    waiting, _ = agenda.fill_slot(session(), CASE, "BH-2031-001", person("marisol"))
    assert agenda.note_letter(waiting, CASE, ENDS) == waiting


@pytest.mark.parametrize(
    ("found", "hours", "due"),
    [
        (presented(), 24, False),
        (presented(signed=True), 23.99, False),
        (presented(signed=True), 24, True),
        (presented(signed=True, state=S.WRAPPED), 24, False),
        (session(state=S.ENDED, ended_at=ENDS), 24, True),
        (session(state=S.CANCELLED), 24, False),
    ],
)
def test_wrapped_when_attendance_is_final_and_every_letter_is_out(
    found: Session, hours: float, due: bool
) -> None:
    assert lifecycle.due_to_wrap(found, ENDS + timedelta(hours=hours)) is due


def test_wrapping_by_hand_waits_for_letters_only() -> None:
    soon = ENDS + timedelta(minutes=5)
    assert [i.ref for i in lifecycle.letters_open(presented())] == [CASE]
    with pytest.raises(Conflict) as caught:
        lifecycle.wrap(presented(), soon)
    assert caught.value.code == "session.letters_open"
    with pytest.raises(Conflict) as caught:
        lifecycle.wrap(presented(signed=True, state=S.LIVE), soon)
    assert caught.value.code == "session.cannot_wrap"
    wrapped = lifecycle.wrap(presented(signed=True), soon)
    assert (wrapped.state, wrapped.wrapped_at) == (S.WRAPPED, soon)
    assert lifecycle.attendance_final_at(presented(signed=True)) == ENDS + timedelta(hours=24)
    assert lifecycle.attendance_final_at(wrapped) == soon
    assert lifecycle.attendance_final_at(session()) is None


def test_archived_ninety_days_after_the_wrap() -> None:
    wrapped = lifecycle.wrap(presented(signed=True), ENDS)
    assert not lifecycle.due_to_archive(wrapped, ENDS + timedelta(days=89, hours=23))
    assert lifecycle.due_to_archive(wrapped, ENDS + timedelta(days=90))
    archived = lifecycle.advance(wrapped, S.ARCHIVED, ENDS + timedelta(days=90))
    assert not lifecycle.due_to_archive(archived, ENDS + timedelta(days=900))
