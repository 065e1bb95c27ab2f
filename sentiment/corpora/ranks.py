"""The hashes by which normalised texts are ordered and told apart: equal for near-duplicates."""

import functools
import hashlib
from collections.abc import Sequence

import numpy as np

from sentiment.corpora.mapped_texts import MappedTexts
from sentiment.corpora.near_duplicates import normalise_all
from sentiment.execution.worker_processes import map_texts
from sentiment.text.slices import index_type

_BYTES = 32
_AT_ONCE = 1 << 17  # rows


class Ranks:
    """The ranks of N texts, in pieces that may lie in mapped files.

    Attributes:
        pieces: <uint8>[n_i, 32] each, end to end.
        rows: <int>[N] the place of each text's rank among all of the pieces.
    """

    def __init__(self, pieces: Sequence[np.ndarray], rows: np.ndarray | None = None):
        self.pieces = pieces
        self._ends = np.cumsum([0, *map(len, pieces)])
        self.rows = np.arange(self._ends[-1]) if rows is None else rows

    @classmethod
    def of(cls, texts: Sequence[str], seed: int) -> "Ranks":
        """Returns the ranks of texts: those that were found when mapped texts were read, else by all cores."""
        if isinstance(texts, MappedTexts) and texts.ranks is not None:
            return cls(texts.ranks, texts.rows)
        found = map_texts(functools.partial(ranks_of, seed), texts, "splits")
        return cls([np.frombuffer(some, np.uint8).reshape(-1, _BYTES) for some in found])

    def heads(self) -> np.ndarray:
        """Returns <uint64>[N] the first 64 of each rank's 256 bits, which hardly ever agree where the others don't."""
        heads = np.empty(self._ends[-1], np.uint64)
        for piece, begin in zip(self.pieces, self._ends.tolist(), strict=False):
            heads[begin : begin + len(piece)] = piece.view(">u8")[:, 0]
        return heads if len(self.rows) == len(heads) else heads[self.rows]

    def some(self, places: np.ndarray) -> np.ndarray:
        """Returns <uint64>[n, 4] the whole ranks of the texts at some places, <int>[n]."""
        found = np.empty((len(places), _BYTES // 8), np.uint64)
        rows = self.rows[places]
        which = np.searchsorted(self._ends, rows, side="right") - 1
        by_piece = np.argsort(which, kind="stable")
        ends = np.cumsum(np.bincount(which, minlength=len(self.pieces)))
        for number in np.flatnonzero(np.diff(ends, prepend=0)).tolist():
            own = by_piece[ends[number - 1] if number else 0 : ends[number]]
            found[own] = self.pieces[number][rows[own] - self._ends[number]].view(">u8")
        return found

    def order(self) -> tuple[np.ndarray, np.ndarray]:
        """Returns places in the order of ranks.

        Returns:
            <int>[N] the places of texts, those of one rank ascending; and <bool>[N], of each of them whether it is the
            first of its rank.
        """
        places, begins = order_by_head(self.heads())
        others = np.flatnonzero(~begins)
        parts = (others[start : start + _AT_ONCE] for start in range(0, len(others), _AT_ONCE))
        apart = [part[np.any(self.some(places[part]) != self.some(places[part - 1]), axis=1)] for part in parts]
        if any(map(len, apart)):
            self._order_within(places, begins, np.concatenate(apart))
        return places, begins

    def _order_within(self, places: np.ndarray, begins: np.ndarray, apart: np.ndarray) -> None:
        """Puts those into order, and parts them, whose heads begin alike though their ranks differ.

        Args:
            places, begins: as `order_by_head` returns them; changed.
            apart: <int>[n] where in `places` a rank differs from the one before, with which it was taken together.
        """
        groups = np.cumsum(begins, dtype=places.dtype)
        mixed = np.zeros(len(places) + 1, bool)
        mixed[groups[apart]] = True
        those = np.flatnonzero(mixed[groups])
        own, ranks = groups[those], self.some(places[those])
        order = np.lexsort((*ranks.T[::-1], own))  # stable: places of one rank stay ascending
        places[those], ranks = places[those][order], ranks[order]
        begins[those[1:]] = np.any(ranks[1:] != ranks[:-1], axis=1) | (own[1:] != own[:-1])


def order_by_head(heads: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns places in the order of how heads begin: in the bits that the number of a place leaves free beside it.

    Where there are a hundred million, 37 bits of 64 are looked at. In return one sort of numbers does, in place: half
    the time and memory of a stable sort of places.

    Args:
        heads: <uint64>[N] spread evenly, as hashes are; overwritten.

    Returns:
        <int>[N] the places, those of heads that begin alike ascending; and <bool>[N], of each of them whether it is the
        first of those.
    """
    n = len(heads)
    low = np.uint64((1 << max(0, n - 1).bit_length()) - 1)
    for start in range(0, n, _AT_ONCE):
        some = heads[start : start + _AT_ONCE]
        some &= ~low
        some |= np.arange(start, start + len(some), dtype=np.uint64)
    heads.sort()
    places, begins = np.empty(n, index_type(n)), np.ones(n, bool)
    for start in range(0, n, _AT_ONCE):
        some = heads[max(0, start - 1) : start + _AT_ONCE]
        places[start : start + _AT_ONCE] = some[min(1, start) :] & low
        begins[max(1, start) : start + _AT_ONCE] = (some[1:] ^ some[:-1]) > low
    return places, begins


def ranks_of(seed: int, texts: Sequence[str]) -> bytes:
    """Returns the 32 bytes for each text by which `split_rows` orders them: equal for near-duplicates."""
    return b"".join(_rank(seed, form) for form in normalise_all(texts))


def _rank(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()
