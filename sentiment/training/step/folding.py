"""A bag of vectors that goes straight into a small dense layer: the table is multiplied instead of each text's mean.

mean(rows) W is mean(rows W): each row is multiplied once, and a text adds up a few numbers a token, not a whole vector.
What comes back for a row is as few numbers; times W they are its gradient, which need not exist before the row is
updated. So a step goes through the batch's rows, and not once more through its tokens. (A trained model is exported
folded as well: export/.)
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

import jax.numpy as jnp

from sentiment.layers import EmbeddingBag
from sentiment.layers.narrow_dense import FEW, gradient_of_weights
from sentiment.layers.rules import has_rules
from sentiment.trax_runtime import tl


class Fold(NamedTuple):
    """Places of two arrays of weights: a bag's table, <float>[n, d], and the kernel after it, <float>[d, n_outputs]."""

    table: int
    kernel: int


def find_folds(model: tl.Layer, weights: Sequence) -> list[Fold]:
    """Returns what can be folded in a model: trained bags without a regularizer that a small dense layer takes.

    Args:
        model: initialised.
        weights: its weights, flat.
    """
    times, folds = Counter(map(id, _every(model))), []
    for bag, dense in _neighbours(model):
        if not isinstance(bag, EmbeddingBag) or not isinstance(dense, tl.Dense) or not bag.trainable:
            continue
        shared = times[id(bag)] > 1 or times[id(dense)] > 1
        if shared or bag.regularizer is not None or has_rules(dense):
            continue
        kernel = dense.weights[0]
        if kernel.shape[1] <= min(FEW, kernel.shape[0] - 1):
            folds.append(Fold(_place(bag.weights, weights), _place(kernel, weights)))
    return folds


def folded(folds: Sequence[Fold], weights: Sequence) -> list:
    """Returns weights with which the model gives the same: tables times kernels, and kernels that change nothing."""
    weights = list(weights)
    for table, kernel in folds:
        weights[table] = jnp.dot(weights[table], weights[kernel])
        weights[kernel] = jnp.eye(weights[kernel].shape[1], dtype=weights[kernel].dtype)
    return weights


def with_kernels(folds: Sequence[Fold], gradients: Sequence, weights: Sequence) -> list:
    """Returns gradients by folded weights with those of kernels replaced by gradients by the kernels themselves."""
    gradients = list(gradients)
    for table, kernel in folds:
        gradients[kernel] = gradient_of_weights(weights[table], gradients[table])
    return gradients


def with_tables(folds: Sequence[Fold], gradients: Sequence, weights: Sequence) -> list:
    """Returns gradients by folded weights with those of tables, or of some of their rows, replaced by their own."""
    gradients = list(gradients)
    for table, kernel in folds:
        # A sum, not a product of matrices: XLA computes it along with what takes it.
        outputs = zip(gradients[table].T, weights[kernel].T, strict=True)
        gradients[table] = sum(each[:, None] * column for each, column in outputs)
    return gradients


def _place(array, weights: Sequence) -> int:
    return next(n for n, each in enumerate(weights) if each is array)


def _every(layer: tl.Layer) -> Iterator[tl.Layer]:
    yield layer
    for each in layer.sublayers:
        yield from _every(each)


def _neighbours(layer: tl.Layer) -> Iterator[tuple[tl.Layer, tl.Layer]]:
    if type(layer) is tl.Serial:
        yield from pairwise(each for each in layer.sublayers if each.name)  # Trax's assertions about shapes have none
    for each in layer.sublayers:
        yield from _neighbours(each)
