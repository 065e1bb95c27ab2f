"""Encoded texts of any lengths in one array."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Ragged:
    """Encoded texts of any lengths, end to end.

    Attributes:
        ids: <int32>[sum of the lengths].
        lengths: <int64>[n_texts].
    """

    ids: np.ndarray
    lengths: np.ndarray

    @classmethod
    def of(cls, encoded: Sequence[np.ndarray]) -> "Ragged":
        """Returns texts given one by one, each <int32>[n_ids]."""
        lengths = np.fromiter(map(len, encoded), np.int64, len(encoded))
        return cls(np.concatenate([*encoded, np.empty(0, np.int32)]), lengths)

    @functools.cached_property
    def _starts(self) -> np.ndarray:
        return np.cumsum(self.lengths) - self.lengths

    def stacked(self, rows: np.ndarray, padding: int) -> np.ndarray:
        """Returns texts of one length, <int32>[len(rows), length]; of no id, as one column of padding."""
        length = int(self.lengths[rows[0]])
        if not length:  # an array without a column is nothing to reduce
            return np.full((len(rows), 1), padding, np.int32)
        return self.ids[self._starts[rows, None] + np.arange(length)]
