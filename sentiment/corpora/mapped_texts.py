"""Texts that lie in memory-mapped files: each is read when it is asked for."""

import bisect
import itertools
from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from sentiment.text.slices import index_type

_AT_ONCE = 4096  # texts


class TextPiece(NamedTuple):
    """Texts end to end.

    Attributes:
        data: <uint8>[n_bytes] their UTF-8; halves of surrogate pairs are written as if they were characters.
        starts: <int64>[n_texts + 1]; text i is data[starts[i]:starts[i + 1]].
    """

    data: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, texts: Sequence[str]) -> "TextPiece":
        """Returns texts in this form."""
        encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
        starts = np.zeros(len(encoded) + 1, np.int64)
        np.cumsum(list(map(len, encoded)), out=starts[1:])
        return cls(np.frombuffer(b"".join(encoded), np.uint8), starts)

    def texts(self) -> list[str]:
        """Returns the texts."""
        data, starts = self.data.tobytes(), self.starts.tolist()
        return [data[first:end].decode("utf-8", "surrogatepass") for first, end in itertools.pairwise(starts)]

    def some(self, rows: np.ndarray) -> "TextPiece":
        """Returns the texts at some places, <int64>[n], in memory."""
        sizes = self.starts[rows + 1] - self.starts[rows]
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        places = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[rows], sizes)
        return TextPiece(self.data[places], starts)


class MappedTexts(Sequence[str]):
    """The texts of several pieces, one after the other; or some of them.

    Attributes:
        pieces: where they lie.
        rows: <int>[N] the place of each among all texts of the pieces; ascending.
        ranks: <uint8>[n_i, 32] of each piece's texts (`ranks.ranks_of`), where they are known.
    """

    def __init__(
        self, pieces: Sequence[TextPiece], rows: np.ndarray | None = None, ranks: Sequence[np.ndarray] | None = None
    ):
        self.pieces = list(pieces)
        self.ranks = ranks
        self._ends: list[int] = np.cumsum([0, *(len(piece.starts) - 1 for piece in self.pieces)]).tolist()
        self.rows = _numbers(0, self._ends[-1]) if rows is None else rows

    def __len__(self) -> int:
        return len(self.rows)

    @overload
    def __getitem__(self, row: int) -> str: ...

    @overload
    def __getitem__(self, row: slice) -> list[str]: ...

    def __getitem__(self, row: int | slice) -> str | list[str]:
        """Returns a text, or a list of several. Raises IndexError."""
        if isinstance(row, slice):
            return self._texts(self.rows[row])
        return self._text(int(self.rows[row]))

    def __iter__(self) -> Iterator[str]:
        for start in range(0, len(self), _AT_ONCE):
            yield from self[start : start + _AT_ONCE]

    def kept(self, mask: np.ndarray) -> "MappedTexts":
        """Returns the texts where `mask`, <bool>[N], is true."""
        return MappedTexts(self.pieces, self.rows[mask], self.ranks)

    def followed_by(self, others: "MappedTexts") -> "MappedTexts":
        """Returns these texts and then the others."""
        n, added = self._ends[-1], others._ends[-1]
        rows = np.concatenate([self.rows, _numbers(n, n + added)[others.rows]])
        ranks = None if self.ranks is None or others.ranks is None else [*self.ranks, *others.ranks]
        return MappedTexts([*self.pieces, *others.pieces], rows, ranks)

    def taken(self, rows: np.ndarray) -> "MappedTexts":
        """Returns the texts at some places, <int64>[n], ascending."""
        return MappedTexts(self.pieces, self.rows[rows], self.ranks)

    def _texts(self, rows: np.ndarray) -> list[str]:
        which = np.searchsorted(self._ends, rows, side="right") - 1
        found: list[str] = []
        for own in np.split(np.arange(len(rows)), np.flatnonzero(np.diff(which)) + 1):
            if len(own):
                place = int(which[own[0]])
                found += self.pieces[place].some(rows[own] - self._ends[place]).texts()
        return found

    def _text(self, row: int) -> str:
        place = bisect.bisect_right(self._ends, row) - 1
        data, starts = self.pieces[place]
        row -= self._ends[place]
        return data[starts[row] : starts[row + 1]].tobytes().decode("utf-8", "surrogatepass")


def _numbers(first: int, end: int) -> np.ndarray:
    return np.arange(first, end, dtype=index_type(end))


def taken(texts: Sequence[str], rows: np.ndarray) -> Sequence[str]:
    """Returns the texts at some places, <int64>[n], ascending."""
    return texts.taken(rows) if isinstance(texts, MappedTexts) else [texts[row] for row in rows.tolist()]
