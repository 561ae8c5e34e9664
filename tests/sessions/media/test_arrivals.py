"""What has arrived of a source, and what is missing."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.arrivals import Arrivals


@given(
    seq=st.integers(0, 65_535),
    count=st.integers(2, 400),
    lost=st.sets(st.integers(1, 398), max_size=60),
)
def test_loss_is_counted_over_the_wrap_of_numbers(seq, count, lost):
    lost = {i for i in lost if i < count - 1}
    seen = Arrivals(90_000)
    asked = []
    for i in range(count):
        if i not in lost and seen.take((seq + i) % 65_536, i * 3_000, i / 30):
            asked += [number for number in seen.due(i / 30) if number not in asked]
    assert asked == [(seq + i) % 65_536 for i in sorted(lost)]
    assert (seen.received, seen.expected) == (count - len(lost), count)
    assert seen.highest == seq + count - 1
    assert seen.jitter <= 1


def test_what_is_missing_is_asked_for_again_until_it_comes_or_is_given_up():
    seen = Arrivals(90_000)
    assert not seen.take(10, 0, 0.0)
    assert seen.take(13, 0, 0.0)
    assert seen.due(0.0) == [11, 12]
    assert seen.due(0.01) == []
    assert seen.due(0.1) == [11, 12]
    assert not seen.take(11, 0, 0.15)
    assert seen.due(0.2) == [12]
    times = [seen.due(0.3 + i) for i in range(20)]
    assert times[:5] == [[12]] * 5 and times[5:] == [[]] * 15


def test_a_gap_too_wide_is_hopeless():
    seen = Arrivals(90_000)
    seen.take(0, 0, 0.0)
    assert seen.take(5_000, 0, 0.0)
    assert seen.due(0.0) is None
    assert seen.due(1.0) == []
