"""Hashed n-grams of words and characters as token ids, as in fastText (Joulin et al. 2017; Bojanowski et al. 2017)."""

import functools
import itertools
import zlib
from array import array
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from sentiment.encoding.joined_crc32 import joined_crc32
from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.bounded_memo import BoundedMemo
from sentiment.text.slices import joined_slices, sums
from sentiment.text.tokenised import Tokenised
from sentiment.text.unspaced_scripts import is_letter, letters


class _Word(NamedTuple):
    """A word's ids and hashes, kept because words repeat."""

    ids: bytes  # <int32>[n], its own and those of its parts
    crc: int  # of its bytes
    tail: bytes  # what it adds to an n-gram that it ends


def character_ngrams(token: str, lengths: range) -> Iterator[str]:
    """Yields the character n-grams of a token between "<" and ">", which tell its ends from its middle."""
    marked = f"<{token}>"
    for n in lengths:
        yield from (marked[i : i + n] for i in range(len(marked) - n + 1))


def ngram_table(vocabulary: Vocabulary, lengths: range, most: int, n_buckets: int) -> np.ndarray:
    """Returns <uint16>[len(vocabulary), most] the hashed character n-grams of each token, 0 where there are no more.

    A token that has more than `most` keeps the first: the shorter n-grams. The special entries have none.

    Args:
        vocabulary: whose tokens.
        lengths: of the n-grams, in characters.
        most: how many are kept.
        n_buckets: up to 65,536; n-grams take the numbers from 1 to one less.
    """
    table = np.zeros((len(vocabulary), most), np.uint16)
    for row, token in enumerate(vocabulary.tokens[len(Vocabulary.SPECIAL) :], start=len(Vocabulary.SPECIAL)):
        parts = itertools.islice(dict.fromkeys(character_ngrams(token, lengths)), most)
        found = [1 + zlib.crc32(_utf8(part)) % (n_buckets - 1) for part in parts]
        table[row, : len(found)] = found
    return table


class HashedNgrams:
    """Encodes a text as its words, its n-grams of words and the character n-grams of its words.

    Words keep the vocabulary's ids; an n-gram's id is its hash, in as many buckets after them. A word that the
    vocabulary lacks has only its n-grams: they are what a model knows of it.

    Letters of scripts without spaces, where they are tokens (`Preprocessor.unspaced`), have n-grams of the raw text:
    of as many neighbouring letters as there are.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        word_ngrams: int = 2,
        shortest: int = 3,
        longest: int = 5,
        n_buckets: int = 65_536,
        join_letters: bool = False,
    ):
        """Sets what is encoded.

        Args:
            vocabulary: words -> ids.
            word_ngrams: the longest n-gram of words; 1: none.
            shortest: characters of the shortest n-gram.
            longest: characters of the longest n-gram; under `shortest`: none.
            n_buckets: ids for the n-grams of words and of characters together.
            join_letters: whether neighbouring tokens that are letters of scripts without spaces count as one word,
                which has the ids of its letters.
        """
        self._vocabulary = vocabulary
        self._word_ngrams = word_ngrams
        self._lengths = range(shortest, longest + 1)
        self._n_buckets = n_buckets
        self._join_letters = join_letters
        self._words = BoundedMemo(self._word_of, most=1 << 16)
        self._is_known = BoundedMemo(lambda token: token in vocabulary or self._pieces_known(token), most=1 << 16)

    def __len__(self) -> int:
        """The number of ids: the vocabulary's and the buckets."""
        return len(self._vocabulary) + self._n_buckets

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[n] ids of all words and n-grams; their order means nothing."""
        units = [unit for unit, _ in self._units(tokens)] if self._join_letters else tokens
        words = map(self._words.__getitem__, units)
        of_words, of_unigrams, tails = zip(*words, strict=True) if units else ((), (), ())
        of_ngrams, crcs = [], list(of_unigrams)
        for n in range(2, self._word_ngrams + 1):
            crcs = list(map(zlib.crc32, tails[n - 1 :], crcs))  # of the n - 1 words before each tail, then of n
            of_ngrams.append(self._buckets(crcs))
        return np.frombuffer(b"".join((*of_words, *of_ngrams)), np.int32)

    def encode_texts(self, texts: Tokenised) -> Ragged:
        """Returns the ids of many texts, as `encode` gives them."""
        if self._join_letters or not texts.tokens:
            return Ragged.of([self.encode(tokens) for tokens in texts])
        words, crcs, tails = zip(*map(self._words.__getitem__, texts.tokens), strict=True)
        sizes = np.fromiter(map(len, words), np.int64, len(words)) // 4
        starts, lengths = (np.cumsum(sizes) - sizes)[texts.places], sizes[texts.places]
        ngrams, counts = self._ngrams_of_words(texts, np.array(crcs, np.uint32), tails)
        # Of each text first the words, one after the other, then all n-grams of words.
        starts = np.insert(starts, texts.starts[1:], sizes.sum() + np.cumsum(counts) - counts)
        lengths = np.insert(lengths, texts.starts[1:], counts)
        ids = np.concatenate([np.frombuffer(b"".join(words), np.int32), ngrams])
        return Ragged(joined_slices(ids, starts, lengths), sums(lengths, np.diff(texts.starts) + 1))

    def _ngrams_of_words(
        self, texts: Tokenised, crcs: np.ndarray, tails: Sequence[bytes]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Returns the ids of each text's n-grams of words, shorter ones first, and how many it has.

        Args:
            texts: their words.
            crcs: <uint32>[n_distinct_words] of the words.
            tails: what each word adds to an n-gram that it ends.
        """
        n_words = np.diff(texts.starts)
        found, counts = [crcs[texts.places]], [n_words]
        for n in range(2, self._word_ngrams + 1):
            there = np.maximum(n_words - n + 1, 0)
            shorter = joined_slices(found[-1], np.cumsum(counts[-1]) - counts[-1], there)
            found.append(joined_crc32(shorter, tails, joined_slices(texts.places, texts.starts[:-1] + n - 1, there)))
            counts.append(there)
        by_length = np.array(counts[1:], np.int64).reshape(-1, len(n_words))
        ids = (np.concatenate([found[0][:0], *found[1:]]) % self._n_buckets).astype(np.int32) + len(self._vocabulary)
        ends = np.cumsum(by_length).reshape(by_length.shape)
        return joined_slices(ids, (ends - by_length).T.ravel(), by_length.T.ravel()), by_length.sum(axis=0)

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the places of the tokens that it comes from."""
        units = self._units(tokens) if self._join_letters else [(token, (i,)) for i, token in enumerate(tokens)]
        places: list[tuple[int, ...]] = []
        for unit, own in units:
            places += self._origins_in(unit, own) if len(own) > 1 else [own] * (len(self._words[unit].ids) // 4)
        for n in range(2, self._word_ngrams + 1):
            together = [units[i : i + n] for i in range(len(units) - n + 1)]
            places += [tuple(itertools.chain.from_iterable(own for _, own in each)) for each in together]
        return places

    def _units(self, tokens: Sequence[str]) -> list[tuple[str, tuple[int, ...]]]:
        """Returns the words with the places of their tokens; neighbouring letters are one."""
        units: list[tuple[str, tuple[int, ...]]] = []
        for is_run, group in itertools.groupby(enumerate(tokens), key=lambda item: is_letter(item[1])):
            members = list(group)
            if is_run:
                units.append(("".join(letter for _, letter in members), tuple(place for place, _ in members)))
            else:
                units += [(word, (place,)) for place, word in members]
        return units

    def _origins_in(self, run: str, places: tuple[int, ...]) -> list[tuple[int, ...]]:
        """Returns the places that each id of a run of letters comes from, in the order of `_word_of`."""
        pieces = letters(run)
        own = zip(places, pieces, strict=True)
        found: list[tuple[int, ...]] = [(place,) for place, letter in own if letter in self._vocabulary]
        of_character = [place for place, letter in zip(places, pieces, strict=True) for _ in letter]
        marked = [None, *of_character, None]  # "<" and ">" are of no place
        for n in self._lengths:
            for i in range(len(marked) - n + 1):
                found.append(tuple(dict.fromkeys(place for place in marked[i : i + n] if place is not None)))
        return found

    def knows(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <bool>[len(tokens)]: whether the vocabulary has a token, or words with most of its n-grams.

        Only the longest n-grams count. So an ending that is new on a root, or a compound, isn't unknown.
        """
        known = map(self._is_known.__getitem__, tokens)
        return np.fromiter(known, bool, len(tokens))

    def to_dict(self) -> dict[str, int]:
        """Returns the settings, for JSON."""
        return {
            "word_ngrams": self._word_ngrams,
            "shortest": self._lengths.start,
            "longest": self._lengths.stop - 1,
            "n_buckets": self._n_buckets,
            "join_letters": self._join_letters,
        }

    def _pieces_known(self, token: str) -> bool:
        pieces = set(self._longest_ngrams(token))
        return 2 * len(pieces & self._known_pieces) > len(pieces) > 0

    @functools.cached_property
    def _known_pieces(self) -> frozenset[str]:
        words = self._vocabulary.tokens[len(Vocabulary.SPECIAL) :]
        return frozenset(itertools.chain.from_iterable(map(self._longest_ngrams, words)))

    def _longest_ngrams(self, token: str) -> Iterator[str]:
        return character_ngrams(token, self._lengths[-1:])

    def _word_of(self, token: str) -> _Word:
        words = letters(token) if self._join_letters else [token]
        known = self._vocabulary.encode([word for word in words if word in self._vocabulary])
        parts = self._buckets([zlib.crc32(_utf8(part)) for part in character_ngrams(token, self._lengths)])
        return _Word(known.tobytes() + parts, zlib.crc32(_utf8(token)), _utf8(f"\n{token}"))

    def _buckets(self, crcs: Sequence[int]) -> bytes:
        # Python's own hash changes from process to process.
        first, n_buckets = len(self._vocabulary), self._n_buckets
        return array("i", [first + crc % n_buckets for crc in crcs]).tobytes()


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
