"""Columns of few values behave as the lists that they stand for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.readers.coded import Coded, changed, joined, kept, repeated

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


def test_lists_of_labels_are_values_too():
    coded = Coded.joined([Coded([["a"], ["a", "b"]], np.array([0, 1])), Coded([["a", "b"], []], np.array([0, 1, 0]))])
    assert list(coded) == [["a"], ["a", "b"], ["a", "b"], [], ["a", "b"]]
    assert len(coded.values) == 3
