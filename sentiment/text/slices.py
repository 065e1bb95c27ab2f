"""Slices of an array, put end to end."""

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
