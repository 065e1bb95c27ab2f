"""What a set of word vectors gives: a matrix for any vocabulary, the seed's own matrix, its words as a vocabulary."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.vectors.spellings import other_forms


@runtime_checkable
class WordList(Protocol):
    """Words by their ids, behind the special entries: a `Vocabulary`, or an encoder that keeps its ids."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """All entries."""

    def __len__(self) -> int:
        """Returns how many entries there are."""


class VectorStore(Protocol):
    """Where vectors lie: a memory-mapped array or a file that is streamed."""

    @property
    def d(self) -> int:
        """How many values a vector has."""

    def words(self) -> Iterator[str]:
        """Yields the words in the store's order (GloVe, word2vec and fastText put the most frequent first)."""

    def fill(self, rows: Mapping[str, int], matrix: np.ndarray) -> np.ndarray:
        """Writes the vector of each word that the store has to its row of `matrix`, <float32>[any, d].

        Of a word that the store has twice, the first vector counts.

        Returns:
            <bool>[any], True where a vector was written.
        """

    def fingerprint(self) -> str:
        """Returns a hash of the words and vectors, or of the file that holds them."""


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
            InputError: a flaw of the file, with its line, as far as it is read; a max_size under 3.
        """
        words = self.store.words()
        return Vocabulary.build([words if max_size is None else _distinct(words, max_size)], max_size=max_size)

    def matrix_for(self, words: WordList) -> np.ndarray:
        """Returns the embedding matrix <float32>[len(words), d], as `pretrained_embedding_layer` (seed 002) does.

        A word takes the vector of exactly itself, else of its first `other_forms` that has one. All else is zeros:
        the special entries (so that padding stays silent), and words that the vectors don't know, the usual choice
        for a frozen matrix. A model that trains the matrix moves those rows from zero.

        Raises:
            InputError: a flaw of the file, with its line.
        """
        special, size = len(Vocabulary.SPECIAL), len(words)
        entries = words.tokens[special:]
        rows = {word: row for row, word in enumerate(entries, start=special)}
        forms = {word: other_forms(word) for word in entries}
        # Forms that aren't entries themselves get rows below the vocabulary's, which are cut off at the end.
        for part in itertools.chain.from_iterable(itertools.chain(*forms.values())):
            rows.setdefault(part, special + len(rows))
        matrix = np.zeros((special + len(rows), self.d), np.float32)
        found = self.store.fill(rows, matrix)
        for word, row in zip(entries, range(special, size), strict=True):
            for form in () if found[row] else forms[word]:
                if places := [rows[part] for part in form if found[rows[part]]]:
                    matrix[row] = matrix[places].mean(axis=0)
                    break
        return matrix[:size]

    def rarity_of(self, words: WordList, smoothing: float) -> np.ndarray:
        """Returns each entry's smooth inverse frequency, smoothing / (smoothing + p), after Arora et al. (2017).

        Its probability p is Zipf's law applied to the place of its vector: vectors stand in the order of frequency,
        and the counts that they were trained on don't come along. An entry without a vector counts as the rarest.

        Args:
            words: the entries.
            smoothing: near 1e-3, which makes a token half as heavy as the rarest where p is 1e-3; the smaller it is,
                the less frequent tokens count.

        Returns:
            <float32>[len(vocabulary)], above 0 and up to 1.

        Raises:
            InputError: smoothing isn't above 0; a flaw of the file, with its line.
        """
        if not smoothing > 0:
            raise InputError(f"{self.name}: smoothing = {smoothing}: must be above 0")
        known = dict.fromkeys(self.store.words())  # of a repeated word the first vector counts
        places = {word: place for place, word in enumerate(known, start=1)}
        rarest = max(len(places), 1)
        own = np.array([places.get(token, places.get(token.lower(), rarest)) for token in words.tokens])
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


def _distinct(words: Iterator[str], most: int) -> Iterator[str]:
    """Yields the first so many words, each once: the rest of a large file needn't be read."""
    seen: set[str] = set()
    for word in words:
        if len(seen) >= most:
            return
        if word not in seen:
            seen.add(word)
            yield word
