"""A slot looks like one unbroken stream, whatever sources it carries in turn."""

from hypothesis import given
from hypothesis import strategies as st

from sessions.media.rewrite import SETTLED, Continuity, ahead

SEQ = st.integers(0, 65_535)
STAMP = st.integers(0, (1 << 32) - 1)


@given(a=SEQ, by=st.integers(-32_768, 32_767))
def test_ahead_is_the_signed_distance(a, by):
    assert ahead((a + by) % 65_536, a) == by


@given(
    first=SEQ,
    stamp=STAMP,
    sources=st.lists(st.tuples(SEQ, STAMP, st.integers(1, 200)), min_size=1, max_size=6),
)
def test_sequence_numbers_run_on_over_changes_of_source(first, stamp, sources):
    numbers = Continuity(90_000, first, stamp)
    out, now = [], 0.0
    for seq, timestamp, count in sources:
        numbers.start(seq, timestamp, now, None, None)
        for i in range(count):
            now += 0.02
            sent = numbers.forward((seq + i) % 65_536, (timestamp + i * 1_800) % (1 << 32), now)
            assert sent is not None
            out.append(sent)
    assert [seq for seq, _ in out] == [(first + i) % 65_536 for i in range(len(out))]


@given(stamp=STAMP, other=STAMP, pause_ms=st.integers(0, 10_000))
def test_timestamps_move_on_by_the_time_that_passed(stamp, other, pause_ms):
    numbers = Continuity(90_000, 5, stamp)
    numbers.start(100, other, 1.0, None, None)
    _, before = numbers.forward(100, other, 1.0)
    now = 1.0 + pause_ms / 1_000
    numbers.start(7, 123, now, None, None)
    _, after = numbers.forward(7, 123, now)
    assert abs((after - before) % (1 << 32) - max(1, pause_ms * 90)) <= 1


@given(seq=SEQ, order=st.permutations(range(20)), lost=st.sets(st.integers(1, 19)))
def test_reordering_and_loss_of_a_source_stay_as_they_are(seq, order, lost):
    numbers = Continuity(90_000, 500, 0)
    numbers.start(seq, 0, 0.0, None, None)
    sent = {i: numbers.forward((seq + i) % 65_536, i, 0.0)[0] for i in order if i not in lost}
    assert sent == {i: 500 + i for i in range(20) if i not in lost}
    assert all(numbers.origin(500 + i) == (seq + i) % 65_536 for i in sent)


@given(seq=SEQ, late=st.integers(1, 1_000))
def test_packets_from_before_a_change_are_neither_sent_nor_sent_again(seq, late):
    numbers = Continuity(90_000, 40_000, 0)
    numbers.start(seq, 0, 0.0, None, None)
    assert numbers.forward((seq - late) % 65_536, 0, 0.0) is None
    assert numbers.origin((40_000 - late) % 65_536) is None


@given(seq=SEQ)
def test_a_long_stream_never_stops(seq):
    numbers = Continuity(90_000, 0, 0)
    numbers.start(seq, 0, 0.0, None, None)
    step = SETTLED // 4
    for i in range(0, 200_000, step):
        assert numbers.forward((seq + i) % 65_536, 0, 0.0) == (i % 65_536, 0)


@given(
    pictures=st.lists(st.tuples(st.integers(0, 32_767), st.integers(1, 50)), min_size=2),
    base=st.integers(0, 255),
)
def test_picture_numbers_run_on_over_changes_of_source(pictures, base):
    numbers = Continuity(90_000, 0, 0)
    out, levels = [], []
    for first, count in pictures:
        numbers.start(0, 0, 0.0, first, base)
        for i in range(count):
            out.append((first + i + numbers.picture_shift) % 32_768)
            levels.append((base + i + numbers.base_shift) % 256)
        numbers.note_picture((first + count - 1) % 32_768, (base + count - 1) % 256)
    assert out == [(out[0] + i) % 32_768 for i in range(len(out))]
    assert levels == [(levels[0] + i) % 256 for i in range(len(levels))]
