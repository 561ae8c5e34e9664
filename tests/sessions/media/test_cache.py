"""The ring gives back exactly the newest packets, never a wrong one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessions.media.cache import Ring


@given(first=st.integers(0, 65_535), count=st.integers(1, 100), asked=st.integers(0, 65_535))
def test_the_newest_are_kept(first, count, asked):
    ring = Ring(16)
    kept = {}
    for i in range(count):
        seq = (first + i) % 65_536
        ring.put(seq, str(i).encode())
        kept[seq] = str(i).encode()
    newest = dict(list(kept.items())[-16:])
    assert all(ring.get(seq) == data for seq, data in newest.items())
    assert ring.get(asked) == newest.get(asked)


def test_the_size_must_divide_the_number_space():
    with pytest.raises(ValueError, match="divide"):
        Ring(1_000)


def test_clearing():
    ring = Ring(16)
    ring.put(3, b"x")
    ring.clear()
    assert ring.get(3) is None
