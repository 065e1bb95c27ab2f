"""What a set of word vectors gives: a matrix for any vocabulary, the seed's own matrix, its words as a vocabulary."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.vectors.spellings import other_forms

_SHOWN_MISSING = 10


class Found(NamedTuple):
    """What a store found of the words it was asked for."""

    rows: np.ndarray  # <bool>[rows of the matrix], True where a vector was written
    repeated: int  # how many further vectors it has for the same words; the first one was taken


class VectorStore(Protocol):
    """Where vectors lie: a memory-mapped array or a file that is streamed."""

    @property
    def d(self) -> int:
        """How many values a vector has."""

    def words(self) -> Iterator[str]:
        """Yields the words in the store's order (GloVe, word2vec and fastText put the most frequent first)."""

    def fill(self, rows: Mapping[str, int], matrix: np.ndarray) -> Found:
        """Writes the vector of each word that the store has to its row of `matrix`, <float32>[any, d]."""


@dataclass(frozen=True)
class Coverage:
    """How much of a vocabulary the vectors know; `str` gives it as one line to print.

    Attributes:
        found: how many words have a vector.
        total: how many words there are, the special entries not counted.
        respelled: how many of `found` are known by another form only (`other_forms`).
        missing: a few words without a vector: the most frequent where counts were given, else the first.
        repeated: how many further vectors the source had for the same words; the first one counts.
        running_share: the share (0 to 1) of running tokens, rather than of words, that have a vector; None when no
            counts were given or they sum to 0.
    """

    found: int
    total: int
    respelled: int
    missing: tuple[str, ...]
    repeated: int
    running_share: float | None

    @property
    def share(self) -> float:
        """The share (0 to 1) of words that have a vector; 0.0 for a vocabulary without words."""
        return self.found / self.total if self.total else 0.0

    def __str__(self):
        parts = [f"{self.found:,} of {self.total:,} words have a vector ({self.share:.1%})"]
        if self.respelled:
            parts.append(f"{self.respelled:,} of them by their lower case, unstretched form or name")
        if self.running_share is not None:
            parts.append(f"{self.running_share:.1%} of the running tokens")
        if self.repeated:
            parts.append(f"{self.repeated:,} further vectors for the same words were left out")
        if self.missing:
            parts.append(f"without: {', '.join(map(repr, self.missing))}")
        return "; ".join(parts)


@dataclass(frozen=True, eq=False)
class WordVectors:
    """Word vectors of one source.

    Attributes:
        name: what the user called it: a known name, or the file's.
        licence: of the vectors.
        store: where they lie.
    """

    name: str
    licence: str
    store: VectorStore

    @property
    def d(self) -> int:
        """How many values a vector has."""
        return self.store.d

    def vocabulary(self, max_size: int | None = None) -> Vocabulary:
        """Returns the vectors' own words, in their order (most frequent first), behind the three special entries.

        With it a model knows each word that has a vector, in the training texts or not, as the seeds' Emojifier does.

        Args:
            max_size: most entries, the special ones included; None: all.

        Raises:
            InputError: a flaw of the file, with its line; a max_size under 3.
        """
        return Vocabulary.build([self.store.words()], max_size=max_size)

    def matrix_for(
        self, vocabulary: Vocabulary, counts: Mapping[str, int] | None = None
    ) -> tuple[np.ndarray, Coverage]:
        """Builds the embedding matrix of a vocabulary, as `pretrained_embedding_layer` (seed 002) does.

        A word takes the vector of exactly itself, else of its first `other_forms` that has one. Everything without a
        vector is zeros: the special entries (so that padding stays silent), and words that the vectors don't know, the
        usual choice for a frozen matrix. A model that trains the matrix moves those rows from zero.

        Args:
            vocabulary: whose entries become rows.
            counts: how often each token stands in the texts, for `Coverage.running_share` and the order of
                `Coverage.missing`. Tokens outside the vocabulary count as tokens without a vector.

        Returns:
            <float32>[len(vocabulary), d] and what it covers.

        Raises:
            InputError: a flaw of the file, with its line.
        """
        special, size = len(Vocabulary.SPECIAL), len(vocabulary)
        words = vocabulary.tokens[special:]
        rows = {word: row for row, word in enumerate(words, start=special)}
        forms = {word: other_forms(word) for word in words}
        # Forms that aren't entries themselves get rows below the vocabulary's, which are cut off at the end.
        for form in itertools.chain.from_iterable(itertools.chain(*forms.values())):
            rows.setdefault(form, special + len(rows))
        matrix = np.zeros((special + len(rows), self.d), np.float32)
        found = self.store.fill(rows, matrix)
        exact = found.rows[:size].copy()
        known = exact.copy()
        for word, row in zip(words, range(special, size), strict=True):
            for form in () if exact[row] else forms[word]:
                if places := [rows[part] for part in form if found.rows[rows[part]]]:
                    matrix[row], known[row] = matrix[places].mean(axis=0), True
                    break
        return matrix[:size], _coverage(words, known[special:], int((known & ~exact).sum()), found.repeated, counts)

    def rarity_of(self, vocabulary: Vocabulary, smoothing: float) -> np.ndarray:
        """Returns each entry's smooth inverse frequency, smoothing / (smoothing + p), after Arora et al. (2017).

        Its probability p is Zipf's law applied to the place of its vector: vectors stand in the order of frequency,
        and the counts that they were trained on don't come along. An entry without a vector counts as the rarest.

        Args:
            vocabulary: whose entries are weighed.
            smoothing: near 1e-3, which makes a token half as heavy as the rarest where p is 1e-3; the smaller it is,
                the less frequent tokens count.

        Returns:
            <float32>[len(vocabulary)], above 0 and up to 1.

        Raises:
            InputError: smoothing isn't above 0; a flaw of the file, with its line.
        """
        if not smoothing > 0:
            raise InputError(f"{self.name}: smoothing = {smoothing}: must be above 0")
        words = dict.fromkeys(self.store.words())  # of a repeated word the first vector counts
        places = {word: place for place, word in enumerate(words, start=1)}
        rarest = max(len(places), 1)
        own = np.array([places.get(token, places.get(token.lower(), rarest)) for token in vocabulary.tokens])
        shares = 1 / (own * np.sum(1 / np.arange(1, rarest + 1)))
        return (smoothing / (smoothing + shares)).astype(np.float32)

    def pretrained_matrix(self) -> tuple[dict[str, int], np.ndarray]:
        """Returns the seeds' `word_to_index` and the matrix of their `pretrained_embedding_layer` (seed 002).

        The words are numbered from 1 in the order of their code points, as the Emojifier's course does, and row 0,
        which pads, is zeros: GloVe 6B gives <float32>[400001, 50]. For a model of this program take `vocabulary` and
        `matrix_for`: our three special entries make that 400,003 rows.

        Raises:
            InputError: a flaw of the file, with its line.
        """
        word_to_index = {word: index for index, word in enumerate(sorted(set(self.store.words())), start=1)}
        matrix = np.zeros((len(word_to_index) + 1, self.d), np.float32)
        self.store.fill(word_to_index, matrix)
        return word_to_index, matrix


def _coverage(
    words: tuple[str, ...], known: np.ndarray, respelled: int, repeated: int, counts: Mapping[str, int] | None
) -> Coverage:
    """`known` is <bool>[len(words)]."""
    missing = [word for word, is_known in zip(words, known.tolist(), strict=True) if not is_known]
    running_share = None
    if counts is not None:
        missing.sort(key=lambda word: -counts.get(word, 0))
        running = sum(counts.values())
        covered = sum(counts.get(word, 0) for word, is_known in zip(words, known.tolist(), strict=True) if is_known)
        running_share = covered / running if running else None
    return Coverage(
        found=len(words) - len(missing),
        total=len(words),
        respelled=respelled,
        missing=tuple(missing[:_SHOWN_MISSING]),
        repeated=repeated,
        running_share=running_share,
    )
