"""The rows that batches touch: each once, in the order in which they come up, padding first."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.training.step import sparse_rows
from sentiment.training.step.sparse_rows import UniqueRows

N_ROWS = 9
shapes = st.tuples(st.integers(0, 4), st.integers(1, 5))
batches = shapes.flatmap(
    lambda shape: st.lists(st.integers(0, N_ROWS - 1), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]).map(
        lambda ids: np.array(ids, np.int32).reshape(shape)
    )
)


@pytest.mark.parametrize("at_once", [1, 7, 2**16])
@given(given_batches=st.lists(batches, min_size=1, max_size=6))
def test_each_batch_has_its_rows_once_in_the_order_in_which_they_come_up(at_once, given_batches):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sparse_rows, "_IDS", at_once)
        unique = UniqueRows(N_ROWS)
        unique.find(given_batches[::-1])  # what is left of another call plays no part
        found = unique.find(given_batches)
    for ids, (rows, places) in zip(given_batches, found, strict=True):
        assert rows.tolist() == list(dict.fromkeys([0, *ids.ravel().tolist()]))
        assert rows.dtype == places.dtype == np.int32
        np.testing.assert_array_equal(rows[places], ids)


@pytest.mark.parametrize("wrong", [-1, N_ROWS])
def test_an_id_without_a_row_is_named_by_its_row_in_its_batch(wrong):
    ids = np.array([[1, 2], [3, wrong]], np.int32)
    with pytest.raises(InputError, match=rf"row 2: id {wrong} is not within 0\.\.8"):
        UniqueRows(N_ROWS).find([ids[:1], ids])


def test_ids_that_are_no_whole_numbers_are_refused():
    with pytest.raises(InputError, match="ids are float32"):
        UniqueRows(N_ROWS).find([np.ones((1, 2), np.int32), np.ones((1, 2), np.float32)])
