"""Rows of a table by their ids, whose gradient adds up in one order on every device.

The gradient of a lookup is a sum: each row gets the gradients of all places where its id stands. XLA's scatter-add
takes them one after the other on a CPU, but in any order on a GPU, where two trainings then differ in their last bits.
Told to be deterministic, a GPU takes them one by one, which is many times slower. Sorting the places by id and adding
up neighbours in pairs has one order and runs in parallel.
"""

import jax
import jax.numpy as np


def look_up(table, ids):
    """Returns the rows of a table (<float>[n, d]) for ids (<int32>[...]): <float>[..., d].

    An id below 0 gives the first row, one past the last gives the last.
    """
    return np.take(table, ids, axis=0, mode="clip") if on_cpu() else _look_up(table, ids)


def on_cpu() -> bool:
    """Whether the default device is a CPU, which adds in one order by itself."""
    return jax.default_backend() == "cpu"


@jax.custom_vjp
def _look_up(table, ids):
    return np.take(table, ids, axis=0, mode="clip")


def _forward(table, ids):
    return _look_up(table, ids), (ids, np.zeros((table.shape[0], 0), table.dtype))


def _backward(kept, gradient):
    ids, shape = kept
    n = shape.shape[0]
    return sum_by_id(np.clip(ids, 0, n - 1).ravel(), gradient.reshape(ids.size, -1), n), None


_look_up.defvjp(_forward, _backward)


def sum_by_id(ids, values, n: int):
    """Returns <float>[n, d] whose row i is the sum of all values (<float>[m, d]) whose id (<int32>[m]) is i.

    An id of n or more counts nowhere; none is below 0. The order of additions depends on the ids alone.
    """
    if ids.size == 0:
        return np.zeros((n, values.shape[1]), values.dtype)
    # XLA takes a GPU's radix sort for unsigned keys alone, and not for `argsort`, which compares places as well.
    ids, order = jax.lax.sort_key_val(ids.astype(np.uint32), np.arange(ids.size), is_stable=False)
    ids, values = ids.astype(np.int32), values[order]
    changes = ids[1:] != ids[:-1]
    edge = np.ones(1, bool)
    _, sums = jax.lax.associative_scan(_add_within, (np.concatenate([edge, changes]), values))
    last = np.concatenate([changes, edge])  # of its id: here stands the sum of all
    places = np.where(last, ids, n + np.arange(ids.size))  # past the end, each its own: dropped
    return np.zeros((n, values.shape[1]), values.dtype).at[places].set(sums, mode="drop", unique_indices=True)


def _add_within(before, after):
    (began, sums), (begins, values) = before, after
    return began | begins, np.where(begins[:, None], values, sums + values)
