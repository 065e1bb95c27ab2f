"""Several arrays taken for one: what the concatenated array gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.batching.joined_array import JoinedArray

PARTS = st.lists(st.lists(st.integers(0, 9), max_size=5), min_size=1, max_size=6).filter(any)


def _arrays(parts: list[list[int]]) -> list[np.ndarray]:
    return [np.array(part, np.int32) for part in parts]


@given(PARTS, st.data())
def test_taken_as_from_the_whole(parts, data):
    joined, whole = JoinedArray(_arrays(parts)), np.concatenate(_arrays(parts))
    places = np.array(data.draw(st.lists(st.integers(-3, len(whole) + 3), max_size=12)), np.int64)
    assert np.array_equal(np.take(joined, places, mode="clip"), np.take(whole, places, mode="clip"))
    inside = np.clip(places, 0, len(whole) - 1)[None]
    taken = np.take(joined, inside)
    assert taken.dtype == whole.dtype
    assert np.array_equal(taken, whole[inside])


@given(PARTS, st.slices(30))
def test_slices_and_the_whole(parts, some):
    joined, whole = JoinedArray(_arrays(parts)), np.concatenate(_arrays(parts))
    if some.step is None or some.step > 0:
        assert np.array_equal(joined[some], whole[some])
    assert np.array_equal(np.asarray(joined), whole)
    assert joined.shape == whole.shape
    assert len(joined) == len(whole)


def test_a_place_outside_raises():
    joined = JoinedArray([np.arange(3), np.arange(2)])
    for place in (-1, 5):
        with pytest.raises(IndexError):
            np.take(joined, np.array([place]))
