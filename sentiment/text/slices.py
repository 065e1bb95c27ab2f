"""Slices of an array, put end to end; and the type of numbers that say where they are."""

import numpy as np


def joined_slices(array: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Returns array[starts[i]:starts[i] + lengths[i]] for each i, one after the other.

    Args:
        array: [n, ...].
        starts: <int>[n_slices].
        lengths: <int>[n_slices].
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    return array[np.arange(total) + np.repeat(starts - (ends - lengths), lengths)]


def sums(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Returns the sum of each of the neighbouring slices, of these lengths, that an array falls into, <int64>[n]."""
    totals = np.concatenate([np.zeros(1, np.int64), np.cumsum(values, dtype=np.int64)])
    ends = np.cumsum(lengths, dtype=np.int64)
    return totals[ends] - totals[ends - lengths]


def index_type(end: int) -> type[np.int32] | type[np.int64]:
    """Returns the smaller type of indices that has all numbers below `end`."""
    return np.int32 if end < 1 << 31 else np.int64
