"""Many texts -> tokens at once: words are looked up, and all else is done with arrays."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.text.edges import ALONE, MEETINGS
from sentiment.text.neighbour_cues import NeighbourCues
from sentiment.text.neighbours import Neighbours
from sentiment.text.part import Part
from sentiment.text.part_table import Columns, PartTable
from sentiment.text.slices import joined_slices, sums
from sentiment.text.tokenised import Tokenised
from sentiment.text.tweet_tokenizer import control_space

_TEXTS_AT_ONCE = 128  # their words, just split, are still in a core's cache when they are looked up


@dataclass
class ManyTexts:
    """What a preprocessor makes of many texts, with what it has seen in others. Any number of threads may call it.

    Attributes:
        read_part: reads what stands between white space.
        read_whole: reads the words of a text, before what depends on neighbours is done.
        without_urls: takes out of a text with "http" what is dropped before anything else.
        neighbours: does what depends on neighbours.
    """

    read_part: Callable[[str], Part]
    read_whole: Callable[[str], list[str]]
    without_urls: Callable[[str], str]
    neighbours: Neighbours

    def __post_init__(self) -> None:
        self._cues = NeighbourCues(self.neighbours)
        self._table = self._new_table()

    def _new_table(self) -> PartTable:
        return PartTable(self.read_part, self._cues.words)

    def __call__(self, texts: Sequence[str]) -> Tokenised:
        """Returns the tokens of texts, in order."""
        if self._table.is_full:
            self._table = self._new_table()
        table = self._table  # of this call: another thread may begin a new one
        whole = _with_control_space(texts)
        kept = [self.without_urls(text) if "http" in text else text for text in texts]
        for number in whole:
            kept[number] = ""
        rows, n_parts = _looked_up(kept, table)
        columns = table.columns()
        rows = _in_their_case(rows, n_parts, columns)
        whole |= _with_neighbours_that_matter(columns.edges[rows], n_parts)
        lengths = columns.lengths[rows]
        places = joined_slices(columns.numbers, columns.starts[rows], lengths)
        found = _Numbered(places, sums(lengths, n_parts))
        found = found.with_texts({number: table.numbers(self.read_whole(texts[number])) for number in whole})
        if self.neighbours:
            found = found.with_texts(self._rewritten(found, table))
        return Tokenised.numbered(table.tokens, found.places, found.lengths)

    def _rewritten(self, found: "_Numbered", table: PartTable) -> dict[int, list[int]]:
        """Returns the texts that hold idioms or comparisons, with these joined and marked."""
        holders = self._cues.holders(found.places, found.lengths)
        starts = found.starts()
        texts = ([table.tokens[place] for place in found.places[starts[n] : starts[n + 1]].tolist()] for n in holders)
        return {
            number: table.numbers(self.neighbours.words(words)) for number, words in zip(holders, texts, strict=True)
        }


@dataclass(frozen=True)
class _Numbered:
    """Numbers of tokens, <int32>[n_tokens], end to end, and how many each text has, <int64>[n_texts]."""

    places: np.ndarray
    lengths: np.ndarray

    def starts(self) -> np.ndarray:
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.lengths)])

    def with_texts(self, others: Mapping[int, Sequence[int]]) -> "_Numbered":
        """Returns the same with some texts replaced."""
        if not others:
            return self
        numbers = np.fromiter(others, np.int64, len(others))
        new_lengths = np.fromiter(map(len, others.values()), np.int64, len(others))
        new_places = np.fromiter(itertools.chain.from_iterable(others.values()), np.int32)
        starts, lengths = self.starts()[:-1], self.lengths.copy()
        starts[numbers] = len(self.places) + np.cumsum(new_lengths) - new_lengths
        lengths[numbers] = new_lengths
        return _Numbered(joined_slices(np.concatenate([self.places, new_places]), starts, lengths), lengths)


def _looked_up(texts: Sequence[str], table: PartTable) -> tuple[np.ndarray, np.ndarray]:
    """Returns the rows of all parts of texts, <int64>[n_parts], and how many parts each text has, <int64>[n_texts]."""
    rows, n_parts = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for start in range(0, len(texts), _TEXTS_AT_ONCE):
        lists = [text.split() for text in texts[start : start + _TEXTS_AT_ONCE]]
        rows.append(np.fromiter(map(table.__getitem__, itertools.chain.from_iterable(lists)), np.int64))
        n_parts.append(np.fromiter(map(len, lists), np.int64, len(lists)))
    return np.concatenate(rows), np.concatenate(n_parts)


def _with_control_space(texts: Iterable[str]) -> set[int]:
    if not control_space("".join(texts)):
        return set()
    return {number for number, text in enumerate(texts) if control_space(text)}


def _with_neighbours_that_matter(edges: np.ndarray, n_parts: np.ndarray) -> set[int]:
    """Returns the numbers of the texts that must be read whole; `edges` are those of all parts, <int32>[n_parts]."""
    ends = np.cumsum(n_parts)
    found = set(np.searchsorted(ends, np.flatnonzero(edges & ALONE), "right").tolist())
    for after, before, between in MEETINGS:
        firsts = np.flatnonzero(edges & after)
        if not len(firsts):
            continue
        opaque = np.flatnonzero(edges & between == 0)
        seconds = np.searchsorted(opaque, firsts, "right")
        firsts, seconds = firsts[seconds < len(opaque)], opaque[seconds[seconds < len(opaque)]]
        meet = edges[seconds] & before != 0
        texts = np.searchsorted(ends, firsts[meet], "right")
        found |= set(texts[texts == np.searchsorted(ends, seconds[meet], "right")].tolist())
    return found


def _in_their_case(rows: np.ndarray, n_parts: np.ndarray, columns: Columns) -> np.ndarray:
    """Returns the rows, with what parts give among capitals in those texts that are mostly in capitals."""
    differs = columns.differs[rows]
    if not differs.any():
        return rows
    loud = sums(columns.capitals[rows], n_parts) > 0
    return rows + differs * np.repeat(loud, n_parts)
