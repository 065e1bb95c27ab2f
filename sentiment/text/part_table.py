"""What stands between white space in texts, read once: rows of arrays, of which many texts are put together."""

import threading
from array import array
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from sentiment.text.part import Part

_MOST_ROWS = 1 << 17
_MOST_CHARACTERS = 1 << 23


class Columns(NamedTuple):
    """A table's rows as arrays, <int32>[n_rows] each, but for `numbers`, <int32>[n_tokens].

    The tokens of row i are numbers[starts[i]:starts[i] + lengths[i]]. Where `differs`, the next row is what the part
    gives among capitals.
    """

    starts: np.ndarray
    lengths: np.ndarray
    edges: np.ndarray
    capitals: np.ndarray
    differs: np.ndarray
    numbers: np.ndarray


class PartTable(dict[str, int]):
    """Part -> its row; `table[part]` reads a part that is new. Any number of threads may share one.

    Attributes:
        tokens: all tokens so far, each once; its place is its number.
    """

    def __init__(self, read: Callable[[str], Part], first: Sequence[str] = ()):
        """Takes what reads a part, and tokens that get the first numbers."""
        super().__init__()
        self._read, self._lock = read, threading.RLock()
        self._columns = tuple(array("i") for _ in Columns._fields)
        self._numbers: dict[str, int] = {}
        self._characters = 0
        self.tokens: list[str] = []
        self.numbers(first)

    @property
    def is_full(self) -> bool:
        """Whether it is time for a new one: texts without end hold parts without end."""
        return max(len(self._columns[0]), len(self.tokens)) >= _MOST_ROWS or self._characters >= _MOST_CHARACTERS

    def __missing__(self, part: str) -> int:
        found = self._read(part)
        with self._lock:
            row = len(self._columns[0])
            self._append(found, differs=found.among_capitals is not None)
            if found.among_capitals is not None:
                self._append(found.among_capitals, differs=False)
            self._characters += len(part)
            return self.setdefault(part, row)  # another thread may have been quicker: its row says the same

    def numbers(self, tokens: Sequence[str]) -> list[int]:
        """Returns the numbers of tokens, new ones for those that have none."""
        known = [number for number in map(self._numbers.get, tokens) if number is not None]
        if len(known) == len(tokens):
            return known
        with self._lock:
            return list(map(self._number, tokens))

    def columns(self) -> Columns:
        """Returns the rows so far."""
        with self._lock:
            return Columns(*(np.array(column, np.int32) for column in self._columns))

    def _append(self, part: Part, differs: bool) -> None:
        starts, lengths, edges, capitals, differ, numbers = self._columns
        starts.append(len(numbers))
        lengths.append(len(part.words))
        edges.append(part.edges)
        capitals.append(part.capitals)
        differ.append(differs)
        numbers.extend(map(self._number, part.words))

    def _number(self, token: str) -> int:
        number = self._numbers.setdefault(token, len(self.tokens))
        if number == len(self.tokens):
            self.tokens.append(token)
            self._characters += len(token)
        return number
