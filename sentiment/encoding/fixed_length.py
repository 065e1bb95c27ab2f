"""Texts filled up to one length with an end token, as the seeds' Emojifier pads its sentences (seeds/002)."""

from collections.abc import Sequence

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.tokenised import Tokenised


class FixedLength:
    """Encodes a text as its words, then `Vocabulary.END` up to a length; a longer text stays as it is.

    Where word vectors are frozen, END is a vector of zeros: a recurrent layer takes further steps over it, as over
    the zeros that the seeds pad with. But the fill belongs to the text, in every batch; what a batch is
    padded with beyond it is masked.
    """

    def __init__(self, vocabulary: Vocabulary, length: int = 10):
        """Keeps the vocabulary, and the length in tokens."""
        self._vocabulary = vocabulary
        self._length = length

    @property
    def tokens(self) -> tuple[str, ...]:
        """The vocabulary's entries, by id."""
        return self._vocabulary.tokens

    def __len__(self) -> int:
        """The number of ids."""
        return len(self._vocabulary)

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[max(len(tokens), length)] ids."""
        fill = np.full(max(0, self._length - len(tokens)), Vocabulary.END, np.int32)
        return np.concatenate([self._vocabulary.encode(tokens), fill])

    def encode_texts(self, texts: Tokenised) -> Ragged:
        """Returns the ids of many texts, as `encode` gives them."""
        return Ragged.of([self.encode(tokens) for tokens in texts])

    def knows(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <bool>[len(tokens)]: which tokens the vocabulary has."""
        return self._vocabulary.knows(tokens)

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the places of the tokens that it comes from: none for the fill."""
        places: list[tuple[int, ...]] = [(place,) for place in range(len(tokens))]
        return places + [()] * max(0, self._length - len(tokens))

    def to_dict(self) -> dict[str, int]:
        """Returns the settings, for JSON."""
        return {"length": self._length}
