"""The model variants: one factory each, a `tl.Serial` from token ids to log-probabilities.

A factory takes the vocabulary, the number of classes and Trax's mode, and what a config may set. Inputs are
<int32>[batch, length], padded with `Vocabulary.PAD`; outputs are <float32>[batch, n_classes], or for a language model
<float32>[batch, length, len(vocabulary)].

With `vectors` (a name or file that `load_vectors` takes) an embedding begins with pre-trained word vectors.
"""

from collections.abc import Callable, Sized
from typing import Literal

import numpy as np

from sentiment import layers
from sentiment.config import configurable
from sentiment.errors import InputError
from sentiment.trax_runtime import tl
from sentiment.vectors import load_vectors


@configurable
def notebook_classifier(vocabulary: Sized, n_classes: int, mode: str = "train", d_embedding: int = 256):
    """Returns the seed notebook's model (seeds/003, exercise 05) to the letter: its mean counts padding as tokens."""
    del mode
    return tl.Serial(tl.Embedding(len(vocabulary), d_embedding), tl.Mean(axis=1), tl.Dense(n_classes), tl.LogSoftmax())


@configurable
def mean_classifier(
    vocabulary: Sized,
    n_classes: int,
    mode: str = "train",
    d_embedding: int = 256,
    vectors: str | None = None,
    trainable: bool = True,
    smoothing: float | None = None,
    dropout: float = 0.0,
    regularizer: Callable | None = None,
    constraint: Callable | None = None,
):
    """Returns the mean of the tokens' vectors, then one dense layer; with `HashedNgrams`, this is fastText's model.

    With `smoothing` (Arora et al. 2017) rare words count more than frequent ones: each vector begins scaled by its
    word's smooth inverse frequency, and the mean is brought to one length, which all the small factors took from it.

    Args:
        vocabulary: what gives the ids.
        n_classes: number of log-probabilities.
        mode: "train" drops out; any other does not.
        d_embedding: size of a vector.
        vectors: pre-trained vectors to begin with, of this size.
        trainable: whether training moves the vectors.
        smoothing: with `vectors`, how much frequent words count (`WordVectors.rarity_of`); None: as much as rare ones.
        dropout: share of the mean's values that training sets to zero.
        regularizer: `L1L2` of the embedding, added to the loss.
        constraint: `MaxNorm`, `UnitNorm` or `NonNegative` of the embedding, after each update.
    """
    initializer = _initializer(vocabulary, d_embedding, mode, vectors, smoothing)
    bag = layers.EmbeddingBag(len(vocabulary), d_embedding, initializer, regularizer, constraint, trainable)
    more = [] if smoothing is None else [layers.UnitRms()]
    more += [tl.Dropout(dropout, mode=mode)] if dropout else []
    return _classifier(bag, *more, n_classes=n_classes)


@configurable
def recurrent_classifier(
    vocabulary: Sized,
    n_classes: int,
    mode: str = "train",
    cell: Literal["lstm", "gru"] = "lstm",
    bidirectional: bool = False,
    d_embedding: int = 64,
    units: tuple[int, ...] = (64,),
    pooling: Literal["last", "mean", "max"] = "last",
    vectors: str | None = None,
    trainable: bool = True,
    dropout: float = 0.5,
):
    """Returns recurrent layers on top of each other, dropout after each, and a dense layer.

    With frozen GloVe, LSTMs of 128 and 128 and five classes it is the Emojifier (seeds/000 and 002). The mask makes
    it better than the seeds' in one point: a sentence's score doesn't depend on how far it was padded.

    Args:
        vocabulary: what gives the ids.
        n_classes: number of log-probabilities.
        mode: "train" drops out; any other does not.
        cell: which cell.
        bidirectional: whether each layer also reads from the end; its outputs then have twice the size.
        d_embedding: size of a token's vector.
        units: of each layer.
        pooling: what of the last layer is classified: its last output, or the mean or largest of all outputs.
        vectors: pre-trained vectors to begin with, of size `d_embedding`.
        trainable: whether training moves the vectors.
        dropout: share of each layer's outputs that training sets to zero.
    """
    make = {"lstm": layers.LSTM, "gru": layers.GRU}[cell]
    stack = []
    for number, size in enumerate(units, start=1):
        sequences = number < len(units) or pooling != "last"
        layer = layers.Bidirectional(make, size, sequences) if bidirectional else make(size, return_sequences=sequences)
        stack += [layer, tl.Dropout(dropout, mode=mode)]
    end = {"last": [], "mean": [layers.MaskedMean()], "max": [layers.MaskedMax()]}[pooling]
    embedding = _embedding(vocabulary, d_embedding, mode, vectors, trainable)
    return _classifier(embedding, *stack, *end, n_classes=n_classes)


@configurable
def cnn_classifier(
    vocabulary: Sized,
    n_classes: int,
    mode: str = "train",
    d_embedding: int = 64,
    widths: tuple[int, ...] = (1, 2, 3),
    filters: int = 64,
    vectors: str | None = None,
    trainable: bool = True,
    dropout: float = 0.5,
):
    """Returns convolutions over 1, 2 and 3 tokens and the largest of each over the text (Kim 2014).

    Args:
        vocabulary: what gives the ids.
        n_classes: number of log-probabilities.
        mode: "train" drops out; any other does not.
        d_embedding: size of a token's vector.
        widths: tokens that a convolution looks at.
        filters: convolutions of each width.
        vectors: pre-trained vectors to begin with, of size `d_embedding`.
        trainable: whether training moves the vectors.
        dropout: share of the features that training sets to zero.
    """
    embedding = _embedding(vocabulary, d_embedding, mode, vectors, trainable)
    features = [layers.Convolutions(widths, filters), layers.MaskedMax(), tl.Dropout(dropout, mode=mode)]
    return _classifier(embedding, *features, n_classes=n_classes)


@configurable
def attention_classifier(
    vocabulary: Sized,
    n_classes: int,
    mode: str = "train",
    d_embedding: int = 64,
    d_attention: int = 64,
    vectors: str | None = None,
    trainable: bool = True,
    dropout: float = 0.5,
):
    """Returns a weighted mean of the tokens' vectors, whose weights are learned (Yang et al. 2016).

    Args:
        vocabulary: what gives the ids.
        n_classes: number of log-probabilities.
        mode: "train" drops out; any other does not.
        d_embedding: size of a token's vector.
        d_attention: size of the query that tokens are weighed with.
        vectors: pre-trained vectors to begin with, of size `d_embedding`.
        trainable: whether training moves the vectors.
        dropout: share of the mean's values that training sets to zero.
    """
    embedding = _embedding(vocabulary, d_embedding, mode, vectors, trainable)
    pooling = [layers.AttentionPooling(d_attention), tl.Dropout(dropout, mode=mode)]
    return _classifier(embedding, *pooling, n_classes=n_classes)


@configurable
def lstm_language_model(
    vocabulary: Sized,
    n_classes: int,
    mode: str = "train",
    d_embedding: int = 64,
    units: int = 128,
    dropout: float = 0.3,
):
    """Returns one LSTM cell and one dense layer, used at every time step to predict the next token (seeds/002).

    Args:
        vocabulary: what gives the ids, and what is predicted.
        n_classes: not used: the corpus's labels play no part.
        mode: "train" drops out; any other does not.
        d_embedding: size of a token's vector.
        units: of the LSTM.
        dropout: share of vectors' and outputs' values that training sets to zero.
    """
    del n_classes
    return tl.Serial(
        layers.Embedding(len(vocabulary), d_embedding),
        tl.Dropout(dropout, mode=mode),
        layers.LSTM(units, return_sequences=True, masked=False),
        tl.Dropout(dropout, mode=mode),
        tl.Dense(len(vocabulary)),
        tl.LogSoftmax(),
    )


def _classifier(*parts: tl.Layer, n_classes: int) -> tl.Serial:
    return layers.masked_serial(*parts, tl.Dense(n_classes), tl.LogSoftmax())


def _embedding(vocabulary: Sized, d_embedding: int, mode: str, vectors: str | None, trainable: bool = True):
    initializer = _initializer(vocabulary, d_embedding, mode, vectors)
    return layers.Embedding(len(vocabulary), d_embedding, initializer, mask_zero=True, trainable=trainable)


def _initializer(
    vocabulary: Sized, d_embedding: int, mode: str, vectors: str | None, smoothing: float | None = None
) -> str | np.ndarray:
    if vectors is None:
        if smoothing is not None:
            raise InputError(
                f"smoothing = {smoothing}: words' frequencies come with vectors; set vectors, or leave it out"
            )
        return "uniform"
    if not hasattr(vocabulary, "tokens"):
        raise InputError(f"vectors = {vectors!r}: word vectors know words, not {type(vocabulary).__name__}")
    if mode != "train":  # it takes the weights of a model that was trained
        return np.zeros((len(vocabulary), d_embedding), np.float32)
    loaded = load_vectors(vectors, d_embedding)
    matrix, _ = loaded.matrix_for(vocabulary)
    return matrix if smoothing is None else matrix * loaded.rarity_of(vocabulary, smoothing)[:, None]
