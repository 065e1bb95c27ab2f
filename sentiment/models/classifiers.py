"""The small classifiers: the seed notebook's, a mean, recurrent layers, convolutions, attention."""

from collections.abc import Callable, Sized
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment import layers
from sentiment.errors import InputError
from sentiment.models.convolution_settings import ConvolutionSettings
from sentiment.models.embedding_classifier import EmbeddingClassifier
from sentiment.trax_runtime import tl
from sentiment.vectors import WordList, load_vectors


@dataclass(frozen=True, kw_only=True)
class NotebookClassifier:
    """The seed notebook's model (seeds/003, exercise 05) to the letter: its mean counts padding as tokens.

    Attributes:
        d_embedding: size of a token's vector.
    """

    d_embedding: int = 256

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says; every mode gives the same."""
        del mode
        # Trax's layer and its first weights, but that gradients add up in one order on a GPU too.
        fan_out = tl.ScaledInitializer(out_dim=-1, in_dim=-2, scale=1.0, mode="fan_out", distribution="uniform")
        embedding = layers.Embedding(len(encoder), self.d_embedding, fan_out)
        return tl.Serial(embedding, tl.Mean(axis=1), tl.Dense(n_classes), layers.answers(several))


@dataclass(frozen=True, kw_only=True)
class MeanClassifier(EmbeddingClassifier):
    """The mean of the tokens' vectors, then one dense layer; with `HashedNgrams`, fastText's model.

    With `smoothing` (Arora et al. 2017) rare words count more than frequent ones: each vector begins scaled by its
    word's smooth inverse frequency, and the mean is brought to one length, which all the small factors took from it.

    Attributes:
        smoothing: with `vectors`, how much frequent words count (`WordVectors.rarity_of`); None: as much as rare ones.
        regularizer: `L1L2` of the embedding, added to the loss.
        constraint: `MaxNorm`, `UnitNorm` or `NonNegative` of the embedding, after each update.
    """

    d_embedding: int = 256
    dropout: float = 0.0
    smoothing: float | None = None
    regularizer: Callable | None = None
    constraint: Callable | None = None

    def __post_init__(self):
        if self.smoothing is not None and self.vectors is None:
            raise InputError(
                f"smoothing = {self.smoothing}: words' frequencies come with vectors; set vectors, or leave it out"
            )

    def _embedding(self, n_ids: int, table: str | np.ndarray) -> tl.Layer:
        rules = (self.regularizer, self.constraint)
        return layers.EmbeddingBag(n_ids, self.d_embedding, table, *rules, self.trainable)

    def _scores(self, n_classes: int) -> tl.Layer:
        return layers.NarrowDense(n_classes)  # beside a bag, a dense layer would take an eighth of a step's time

    def _features(self, mode: str) -> list[tl.Layer]:
        unit = [] if self.smoothing is None else [layers.UnitRms()]
        return unit + ([tl.Dropout(self.dropout, mode=mode)] if self.dropout else [])

    def _pretrained(self, words: WordList, vectors: str) -> np.ndarray:
        loaded = load_vectors(vectors, self.d_embedding)
        matrix = loaded.matrix_for(words)
        return matrix if self.smoothing is None else matrix * loaded.rarity_of(words, self.smoothing)[:, None]


@dataclass(frozen=True, kw_only=True)
class RecurrentClassifier(EmbeddingClassifier):
    """Recurrent layers on top of each other, dropout after each, and a dense layer.

    With frozen GloVe, LSTMs of 128 and 128 and five classes it is the Emojifier (seeds/000 and 002). The mask makes
    it better than the seeds' in one point: a sentence's score doesn't depend on how far it was padded.

    Attributes:
        cell: of all layers.
        bidirectional: whether each layer also reads from the end; its outputs then have twice the size.
        units: of each layer.
        pooling: what of the last layer is classified: its last output, or the mean or largest of all outputs.
    """

    cell: Literal["lstm", "gru"] = "lstm"
    bidirectional: bool = False
    units: tuple[int, ...] = (64,)
    pooling: Literal["last", "mean", "max"] = "last"

    def _features(self, mode: str) -> list[tl.Layer]:
        make = {"lstm": layers.LSTM, "gru": layers.GRU}[self.cell]
        stack: list[tl.Layer] = []
        for number, size in enumerate(self.units, start=1):
            sequences = number < len(self.units) or self.pooling != "last"
            both = self.bidirectional
            layer = layers.Bidirectional(make, size, sequences) if both else make(size, return_sequences=sequences)
            stack += [layer, tl.Dropout(self.dropout, mode=mode)]
        end = {"last": [], "mean": [layers.MaskedMean()], "max": [layers.MaskedMax()]}
        return stack + end[self.pooling]


@dataclass(frozen=True, kw_only=True)
class CnnClassifier(ConvolutionSettings, EmbeddingClassifier):
    """Convolutions over one, two and three tokens, and the largest of each over the text (Kim 2014)."""

    def _features(self, mode: str) -> list[tl.Layer]:
        return [*self._convolutions(), tl.Dropout(self.dropout, mode=mode)]


@dataclass(frozen=True, kw_only=True)
class AttentionClassifier(EmbeddingClassifier):
    """A weighted mean of the tokens' vectors, whose weights are learned (Yang et al. 2016).

    Attributes:
        d_attention: size of the query that tokens are weighed with.
    """

    d_attention: int = 64

    def _features(self, mode: str) -> list[tl.Layer]:
        return [layers.AttentionPooling(self.d_attention), tl.Dropout(self.dropout, mode=mode)]
