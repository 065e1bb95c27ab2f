"""Columns of few values behave as the lists that they stand for."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.readers.coded import Coded, as_array, changed, counted, distinct, joined, kept, repeated

VALUES = st.sampled_from(["a", "b", None, "c"])
COLUMNS = st.lists(VALUES, max_size=12)


def _coded(column: list) -> Coded:
    values = list(dict.fromkeys(column))
    return Coded(values, np.array([values.index(value) for value in column], np.int32))


@given(COLUMNS, COLUMNS, st.data())
def test_what_a_list_gives(column, added, data):
    coded = _coded(column)
    mask = data.draw(st.lists(st.booleans(), min_size=len(column), max_size=len(column)))
    assert list(coded) == column
    assert list(coded[1:4]) == column[1:4]
    assert list(kept(coded, mask)) == kept(column, mask)
    assert list(joined(coded, _coded(added))) == joined(column, added)
    assert list(changed(coded, str)) == changed(column, str)
    assert list(repeated("x", coded)) == repeated("x", column)


@given(COLUMNS, st.data(), st.integers(1, 5))
def test_values_are_counted_in_the_order_in_which_they_come_first(column, data, at_once):
    mask = data.draw(st.lists(st.booleans(), min_size=len(column), max_size=len(column)))
    column, coded = kept(column, mask), kept(_coded(column), mask)  # there may be values that no row has
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("sentiment.corpora.readers.coded._AT_ONCE", at_once)
        assert list(counted(coded).items()) == list(Counter(column).items()) == list(counted(column).items())
        assert list(distinct(coded)) == list(dict.fromkeys(distinct(column)))
        lengths = changed(coded, lambda value: len(value or ""))
        assert counted(lengths) == Counter(lengths)
    numbers = as_array(coded, lambda value: len(value or ""), np.int32)
    assert numbers.tolist() == [len(value or "") for value in column]


def test_lists_of_labels_are_values_too():
    coded = Coded.joined([Coded([["a"], ["a", "b"]], np.array([0, 1])), Coded([["a", "b"], []], np.array([0, 1, 0]))])
    assert list(coded) == [["a"], ["a", "b"], ["a", "b"], [], ["a", "b"]]
    assert len(coded.values) == 3
