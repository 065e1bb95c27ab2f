"""Batches of texts of like lengths, of which less is padding."""

import numpy as np

from sentiment.batching.batches import Sampler


class LengthPools:
    """A sampler that deals out the examples of some batches of another one again, by length.

    Batches are drawn a pool at a time; its examples are sorted by length and cut into as many batches, which come
    in random order. Each example comes as often as before, and at most a pool's batches earlier or later. A batch is a
    function of the seed and its step alone where that is so for the other sampler.

    Args:
        sampler: draws every example (no `NO_ROW`).
        lengths: <int>[n_examples] tokens of each example.
        n_batches: of a pool.
        seed: of the order of a pool's batches.

    Attributes:
        drawn_by: the other sampler.
    """

    def __init__(self, sampler: Sampler, lengths: np.ndarray, n_batches: int, seed: int):
        self.drawn_by, self._lengths = sampler, lengths
        self._n_batches = n_batches
        self._seed = seed
        self._last: tuple[int, np.ndarray] = (-1, np.empty((n_batches, 0), np.int64))  # a pool's number and its batches

    def rows(self, step: int, count: int = 1) -> np.ndarray:
        """Returns <int64>[count * batch_size] row numbers of `count` batches from number `step` on, from 0."""
        first, skipped = divmod(step, self._n_batches)
        end = -(-(step + count) // self._n_batches)
        batches = np.concatenate([self._pool(number) for number in range(first, end)])
        return batches[skipped : skipped + count].reshape(-1)

    def _pool(self, number: int) -> np.ndarray:
        if self._last[0] != number:
            rows = self.drawn_by.rows(number * self._n_batches, self._n_batches)
            batches = rows[np.argsort(self._lengths[rows], kind="stable")].reshape(self._n_batches, -1)
            self._last = (number, np.random.default_rng((self._seed, number)).permutation(batches))
        return self._last[1]
