"""Classifiers over a pretrained BERT or RoBERTa: fine-tuned, or frozen below a head that is trained alone."""

from collections.abc import Iterator, Sized
from dataclasses import dataclass

import numpy as np

from sentiment import layers
from sentiment.encoding.subwords import Subwords
from sentiment.errors import InputError
from sentiment.layers.rates import declare_rate
from sentiment.transformers.weights import weight_shapes
from sentiment.trax_runtime import shapes, tl

_Weights = dict[str, np.ndarray]  # by the names of `weight_shapes`
_READ = 4  # layers of a frozen transformer: chosen by cross-validation, where all of them were no better


@dataclass(frozen=True, kw_only=True)
class TransformerClassifier:
    """A pretrained transformer, the mean of its vectors, a dense layer: fine-tuned as a whole; an `Architecture`.

    Attributes:
        dropout: share of values that training sets to zero, after the embeddings and after each attention and
            feed-forward layer.
        head_dropout: the same of the mean.
        head_rate: how many times the optimizer's learning rate the dense layer has.
        layer_decay: by what the rate is multiplied from each layer to the one below it (Howard and Ruder 2018).
        trainable_words: whether training changes the subwords' own vectors too, half of a small transformer's weights.
    """

    dropout: float = 0.1
    head_dropout: float = 0.1
    head_rate: float = 20.0
    layer_decay: float = 1.0
    trainable_words: bool = True

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says."""
        subwords = _subwords(encoder)
        weights = _pretrained(subwords) if mode == "train" else _zeros(subwords)
        head = declare_rate(tl.Dense(n_classes), self.head_rate)
        return layers.masked_serial(
            *transformer_layers(subwords, weights, self.dropout, self.layer_decay, mode, self.trainable_words),
            layers.MaskedMean(),
            tl.Dropout(self.head_dropout, mode=mode),
            head,
            layers.answers(several),
        )


@dataclass(frozen=True, kw_only=True)
class FrozenTransformerClassifier:
    """A pretrained transformer that stays as it is; a dense layer on its mean vectors is trained; an `Architecture`.

    A text's features are the means of four of the transformer's layers, evenly spaced from the embeddings to the last
    (Devlin et al. 2019, 5.3, take the last four): the lower ones tell more of single words. `training.frozen_features`
    computes them once, trains `head` on them, and puts the trained dense layer above the transformer with `joined`.

    Attributes:
        dropout: share of the features that training sets to zero.
    """

    dropout: float = 0.1

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says."""
        subwords = _subwords(encoder)
        weights = _pretrained(subwords) if mode == "train" else _zeros(subwords)
        return self._whole(subwords, n_classes, weights, mode, several)

    def features_by(self, encoder: Sized) -> str:
        """Returns what decides features: the pretrained weights, by their SHA-256, and the layers that are read."""
        subwords = _subwords(encoder)
        assert subwords.source is not None, "an encoder of a finished run has no features to compute"
        return f"{subwords.source.sha256} {_noted_after(subwords)}"

    def features(self, encoder: Sized) -> tl.Serial:
        """Returns the pretrained layers, initialised: token ids -> features <float32>[batch, d]."""
        subwords = _subwords(encoder)
        return _initialised(layers.masked_serial(*_features(subwords, _pretrained(subwords))))

    def head(self, features: np.ndarray, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns row numbers -> log-probabilities.

        Args:
            features: <float32>[n_rows, d] of `features`; the first row stands for padding.
            n_classes: of log-probabilities.
            mode, several: as of `layers`.
        """
        table = layers.Embedding(len(features), features.shape[1], features, mask_zero=True, trainable=False)
        return layers.masked_serial(table, layers.MaskedMean(), *self._above(n_classes, mode, several))

    def joined(self, encoder: Sized, n_classes: int, head: tl.Serial, several: bool = False) -> tl.Serial:
        """Returns `layers` in eval mode, with the pretrained weights and the dense layer of a trained head."""
        subwords = _subwords(encoder)
        whole = _initialised(self._whole(subwords, n_classes, _pretrained(subwords), "eval", several))
        weights = list(whole.weights)
        weights[_dense(whole)] = head.weights[_dense(head)]
        whole.weights = tuple(weights)
        return whole

    def _whole(self, subwords: Subwords, n_classes: int, weights: _Weights, mode: str, several: bool) -> tl.Serial:
        return layers.masked_serial(*_features(subwords, weights), *self._above(n_classes, mode, several))

    def _above(self, n_classes: int, mode: str, several: bool) -> list[tl.Layer]:
        return [tl.Dropout(self.dropout, mode=mode), tl.Dense(n_classes), layers.answers(several)]


def _features(subwords: Subwords, weights: _Weights) -> Iterator[tl.Layer]:
    """Yields the layers of a transformer that stays as it is: token ids -> the scaled means of those that are read."""
    below, noted_after = list(transformer_layers(subwords, weights, 0.0, 1.0, "eval")), _noted_after(subwords)
    n_first = len(below) - subwords.shape.n_layers  # the embeddings'
    for place, layer in enumerate(below, 1):
        yield layer
        if place - n_first in noted_after:
            yield layers.NoteMean()
    yield layers.NotedMeans(len(noted_after))


def _noted_after(subwords: Subwords) -> tuple[int, ...]:
    """Returns the layers whose means are features; 0: the embeddings. Of a transformer of few layers all are."""
    return tuple(np.unique(np.linspace(0, subwords.shape.n_layers, _READ).round().astype(int)).tolist())


def transformer_layers(
    subwords: Subwords,
    weights: _Weights,
    dropout: float,
    layer_decay: float,
    mode: str,
    trainable_words: bool = True,
) -> Iterator[tl.Layer]:
    """Yields the layers of a BERT or RoBERTa: token ids -> (vectors <float32>[batch, length, d_model], mask).

    Args:
        subwords: whose shape is the transformer's.
        weights: to begin with.
        dropout: as of `TransformerClassifier`.
        layer_decay: the same.
        mode: "train" applies dropout.
        trainable_words: as of `TransformerClassifier`.
    """
    shape = subwords.shape
    rate = layer_decay**shape.n_layers
    words = layers.Embedding(shape.n_ids, shape.d_model, weights["words"], mask_zero=True, trainable=trainable_words)
    norm = layers.LayerNorm(weights["norm/scale"], weights["norm/bias"], shape.epsilon)
    embeddings = (words, layers.LearnedPositions(weights["positions"]), norm)
    yield from (declare_rate(each, rate) for each in embeddings)
    yield layers.token_dropout(dropout, mode)
    for n in range(shape.n_layers):
        own = {name.removeprefix(f"{n}/"): array for name, array in weights.items() if name.startswith(f"{n}/")}
        rate = layer_decay ** (shape.n_layers - 1 - n)
        yield declare_rate(layers.TransformerLayer(shape.n_heads, own, shape.epsilon, dropout, mode), rate)


def _dense(model: tl.Serial) -> int:
    """Returns the place of the last dense layer."""
    return max(place for place, layer in enumerate(model.sublayers) if type(layer).__name__ == "Dense")


def _initialised(model: tl.Serial) -> tl.Serial:
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    return model


def _subwords(encoder: Sized) -> Subwords:
    if not isinstance(encoder, Subwords):
        raise InputError(
            f"a transformer needs subwords, not {type(encoder).__name__}: set Recipe.features = @Subwords, and "
            "Preprocessor.words = 'spaces'"
        )
    return encoder


def _pretrained(subwords: Subwords) -> _Weights:
    return _zeros(subwords) if subwords.source is None else subwords.source.weights


def _zeros(subwords: Subwords) -> _Weights:
    return {name: np.zeros(shape, np.float32) for name, shape in weight_shapes(subwords.shape).items()}
