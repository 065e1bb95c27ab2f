"""Hashed n-grams of words and characters as token ids, as in fastText (Joulin et al. 2017; Bojanowski et al. 2017)."""

import functools
import zlib
from collections.abc import Iterator, Sequence

import numpy as np

from sentiment.vocabulary import Vocabulary


class HashedNgrams:
    """Encodes a text as its words, its n-grams of words and the character n-grams of its words.

    Words keep the vocabulary's ids; an n-gram's id is its hash, in as many buckets after them. A word that the
    vocabulary lacks has only its n-grams: they are what a model knows of it.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        word_ngrams: int = 2,
        shortest: int = 3,
        longest: int = 5,
        n_buckets: int = 65_536,
    ):
        """Takes the longest n-gram of words, the lengths of character n-grams, and the number of buckets for both.

        `word_ngrams` 1 means no n-grams of words; `longest` under `shortest` means none of characters.
        """
        self._vocabulary = vocabulary
        self._word_ngrams = word_ngrams
        self._lengths = range(shortest, longest + 1)
        self._n_buckets = n_buckets
        self._of_word = functools.lru_cache(maxsize=1 << 16)(self._ids_of_word)

    def __len__(self) -> int:
        """The number of ids: the vocabulary's and the buckets."""
        return len(self._vocabulary) + self._n_buckets

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[n] ids of all words and n-grams; their order means nothing."""
        ids = [each for token in tokens for each in self._of_word(token)]
        for n in range(2, self._word_ngrams + 1):
            ids += [self._bucket("\n".join(tokens[i : i + n])) for i in range(len(tokens) - n + 1)]
        return np.array(ids, np.int32)

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the places of the tokens that it comes from."""
        places = [(place,) for place, token in enumerate(tokens) for _ in self._of_word(token)]
        for n in range(2, self._word_ngrams + 1):
            places += [tuple(range(i, i + n)) for i in range(len(tokens) - n + 1)]
        return places

    def to_dict(self) -> dict:
        """Returns the settings, as JSON can hold them."""
        return {
            "word_ngrams": self._word_ngrams,
            "shortest": self._lengths.start,
            "longest": self._lengths.stop - 1,
            "n_buckets": self._n_buckets,
        }

    def _ids_of_word(self, token: str) -> tuple[int, ...]:
        known = self._vocabulary.encode([token]) if token in self._vocabulary else ()
        return (*map(int, known), *(self._bucket(part) for part in self._parts(f"<{token}>")))

    def _parts(self, marked: str) -> Iterator[str]:
        for n in self._lengths:
            yield from (marked[i : i + n] for i in range(len(marked) - n + 1))

    def _bucket(self, part: str) -> int:
        # Python's own hash changes from process to process.
        return len(self._vocabulary) + zlib.crc32(part.encode("utf-8", "surrogatepass")) % self._n_buckets
