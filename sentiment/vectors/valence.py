"""Ratings of words, from bad to good, as vectors of three values."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

_SCALE = 0.5  # of ratings up to 4, so that they are about as large as the values of GloVe's vectors


@dataclass(frozen=True)
class ValenceLexicon:
    """Words and their ratings, -4 to 4; a word's vector is its rating, the rating if above 0, and less it if below."""

    ratings: Mapping[str, float]

    @property
    def d(self) -> int:
        """How many values a vector has."""
        return 3

    def words(self) -> Iterator[str]:
        """Yields the words in the lexicon's order."""
        yield from self.ratings

    def fill(self, rows: Mapping[str, int], matrix: np.ndarray) -> np.ndarray:
        """Writes the vectors of known words to their rows of `matrix`."""
        found = np.zeros(len(matrix), bool)
        for word, row in rows.items():
            if (rating := self.ratings.get(word)) is not None:
                matrix[row] = both_sides(np.asarray(_SCALE * rating, np.float32))
                found[row] = True
        return found

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the words and ratings, in their order."""
        return hashlib.sha256(json.dumps(list(self.ratings.items())).encode()).hexdigest()


def both_sides(ratings: np.ndarray) -> np.ndarray:
    """Returns <float32>[..., 3] of <float32>[...]: each rating, the rating if above 0, and less it if below."""
    return np.stack([ratings, np.maximum(ratings, 0), np.maximum(-ratings, 0)], axis=-1)
