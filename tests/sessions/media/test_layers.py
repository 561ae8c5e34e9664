"""A full line loses pictures one by one, least important first, and gets them back slowly."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.layers import Choice


def run(choice: Choice, loss: float, seconds: int, now: float, flowing: int = 4) -> float:
    for _ in range(seconds):
        now += 1
        choice.observe(loss, flowing, now)
    return now


def test_a_good_line_gets_everything():
    choice = Choice()
    run(choice, 0.0, 300, 10)
    assert choice.shown is None


def test_a_burst_costs_nothing_and_a_full_line_one_picture_at_a_time():
    choice = Choice()
    now = run(choice, 0.3, 4, 10)
    assert choice.shown is None
    now = run(choice, 0.0, 1, now)
    now = run(choice, 0.3, 5, now)
    assert choice.shown == 3
    now = run(choice, 0.3, 4, now)
    assert choice.shown == 2
    run(choice, 0.3, 60, now)
    assert choice.shown == 0


def test_pictures_come_back_and_a_failed_try_makes_it_patient():
    choice = Choice()
    now = run(choice, 0.3, 5, 10)
    assert choice.shown == 3
    now = run(choice, 0.0, 16, now)
    assert choice.shown is None
    now = run(choice, 0.3, 5, now)
    assert choice.shown == 3
    now = run(choice, 0.0, 16, now)
    assert choice.shown == 3
    run(choice, 0.0, 20, now)
    assert choice.shown is None


@given(losses=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8)), max_size=200))
def test_the_number_is_always_possible(losses):
    choice, now = Choice(), 0.0
    for loss, flowing in losses:
        now += 1
        before = choice.shown
        changed = choice.observe(loss, flowing, now)
        assert choice.shown is None or 0 <= choice.shown < max(flowing, 1)
        if changed:
            assert choice.shown != before
