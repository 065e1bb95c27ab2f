"""What most classifiers share: an embedding, which may begin with pre-trained word vectors, and the last layers."""

from abc import ABC, abstractmethod
from collections.abc import Sized
from dataclasses import dataclass

import numpy as np

from sentiment import layers
from sentiment.errors import InputError
from sentiment.trax_runtime import tl
from sentiment.vectors import WordList, load_vectors


@dataclass(frozen=True, kw_only=True)
class EmbeddingClassifier(ABC):
    """An embedding, then features of the text, a dense layer and the log-softmax: an `Architecture`.

    Attributes:
        d_embedding: size of a token's vector.
        vectors: pre-trained vectors of that size to begin with: a name or file for `load_vectors`. None: random ones.
        trainable: whether training changes the vectors.
        dropout: share of the features that training sets to zero.
    """

    d_embedding: int = 64
    vectors: str | None = None
    trainable: bool = True
    dropout: float = 0.5

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says."""
        embedding = self._embedding(len(encoder), self._table(encoder, mode))
        end = [self._scores(n_classes), layers.answers(several)]
        return layers.masked_serial(embedding, *self._features(mode), *end)

    @abstractmethod
    def _features(self, mode: str) -> list[tl.Layer]:
        """Returns the layers from the embedding's output to <float32>[batch, n_features]."""

    def _embedding(self, n_ids: int, table: str | np.ndarray) -> tl.Layer:
        return layers.Embedding(n_ids, self.d_embedding, table, mask_zero=True, trainable=self.trainable)

    def _scores(self, n_classes: int) -> tl.Layer:
        return tl.Dense(n_classes)

    def _table(self, encoder: Sized, mode: str) -> str | np.ndarray:
        """Returns what the embedding begins with: <float32>[len(encoder), d_embedding], or an initializer's name."""
        if self.vectors is None:
            return "uniform"
        if not isinstance(encoder, WordList):
            raise InputError(
                f"vectors = {self.vectors!r}: word vectors need words, not {type(encoder).__name__}; "
                "set Recipe.features = None, or leave the vectors out"
            )
        if mode != "train":
            return np.zeros((len(encoder), self.d_embedding), np.float32)
        return self._pretrained(encoder, self.vectors)

    def _pretrained(self, words: WordList, vectors: str) -> np.ndarray:
        return load_vectors(vectors, self.d_embedding).matrix_for(words)
