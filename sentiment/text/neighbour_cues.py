"""Which of many texts have words beside each other that something is done with, found with arrays."""

import itertools
from collections.abc import Sequence

import numpy as np

from sentiment.text.comparisons import cues
from sentiment.text.idioms import beginnings
from sentiment.text.neighbours import Neighbours
from sentiment.text.slices import sums


class NeighbourCues:
    """What a text holds if idioms are to be joined in it or comparisons may be to be marked.

    Attributes:
        words: all cues; they get the first numbers, so that few tokens need to be looked up.
    """

    def __init__(self, neighbours: Neighbours):
        """Takes what is to be done."""
        pairs = list(beginnings(neighbours.phrases)) if neighbours.idioms else []
        sets = cues() if neighbours.comparisons else ()
        words = itertools.chain.from_iterable(pairs), *map(sorted, itertools.chain.from_iterable(sets))
        self.words = list(dict.fromkeys(itertools.chain.from_iterable(words)))
        number = {word: place for place, word in enumerate(self.words)}
        places = np.array([(number[first], number[second]) for first, second in pairs], np.int64).reshape(-1, 2)
        self._pairs = _pairs(*places.T)
        self._among = [[np.array([word in cue for word in self.words]) for cue in pair] for pair in sets]

    def holders(self, places: np.ndarray, lengths: np.ndarray) -> Sequence[int]:
        """Returns the numbers of texts that hold cues.

        Args:
            places: <int>[n_tokens] of the tokens of all texts, end to end; those of `words` come first.
            lengths: <int64>[n_texts] how many each text has.
        """
        known = places < len(self.words)
        firsts = np.flatnonzero(known[:-1] & known[1:])
        firsts = firsts[np.isin(_pairs(places[firsts], places[firsts + 1]), self._pairs)]
        found = np.zeros(len(lengths), bool)
        found[np.searchsorted(np.cumsum(lengths), firsts, "right")] = True
        if self._among:
            among = np.where(known, places, 0)
            for pair in self._among:
                found |= np.logical_and.reduce([sums(known & cue[among], lengths) > 0 for cue in pair])
        return np.flatnonzero(found).tolist()


def _pairs(firsts: np.ndarray, seconds: np.ndarray) -> np.ndarray:
    return (firsts.astype(np.int64) << 32) | seconds
