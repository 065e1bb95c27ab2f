"""Rules that a layer sets for its own weights: a regularizer adds to the loss, a constraint holds after each update.

They are Keras's, by its names and with its arithmetic: <https://keras.io/api/layers/regularizers/> and
<https://keras.io/api/layers/constraints/>; the seed 001 lists them among the options of `Embedding`. A layer has a rule
if it has an attribute `regularizer` or `constraint` that isn't None, a function of the layer's weights. The functions
below walk a layer's sublayers beside its nest of weights. A shared layer's weights stand in the nest once (its other
places hold a marker), so its rules apply once.
"""

from dataclasses import dataclass

from sentiment.errors import InputError
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy

_TINY = 1e-7  # Keras's epsilon: a zero vector stays zero instead of becoming NaN


@dataclass(frozen=True)
class L1L2:
    """A regularizer: l1 * sum(|w|) + l2 * sum(w^2), a scalar.

    Raises:
        InputError: a strength below zero, or both zero.
    """

    l1: float = 0.0
    l2: float = 0.0

    def __post_init__(self):
        if min(self.l1, self.l2) < 0 or max(self.l1, self.l2) == 0:
            raise InputError(f"{self}: strengths are 0 or more, and one must be more than 0")

    def __call__(self, weights):
        """Returns the penalty, <float32>[]."""
        return self.l1 * np.sum(np.abs(weights)) + self.l2 * np.sum(np.square(weights))


@dataclass(frozen=True)
class MaxNorm:
    """A constraint: vectors along `axis` that are longer than `max_value` are shortened to it.

    On an embedding, [vocabulary_size, d], Keras's own default `axis=0` takes each column over the whole vocabulary for
    a vector; `axis=1` is each token's vector.
    """

    max_value: float = 2.0
    axis: int = 0

    def __post_init__(self):
        if self.max_value <= 0:
            raise InputError(f"{self}: max_value must be more than 0")

    def __call__(self, weights):
        """Returns the nearest weights that satisfy the constraint, in the shape of `weights`."""
        norms = _norms(weights, self.axis)
        return weights * (np.clip(norms, 0, self.max_value) / (_TINY + norms))


@dataclass(frozen=True)
class UnitNorm:
    """A constraint: vectors along `axis` have length 1 (see `MaxNorm` about axes)."""

    axis: int = 0

    def __call__(self, weights):
        """Returns the weights scaled to satisfy the constraint."""
        return weights / (_TINY + _norms(weights, self.axis))


@dataclass(frozen=True)
class NonNegative:
    """A constraint: no weight is below zero."""

    def __call__(self, weights):
        """Returns the weights, those below zero replaced by it."""
        return np.maximum(weights, 0)


def has_rules(layer: tl.Layer) -> bool:
    """Returns whether the layer, or one inside it, has a regularizer or a constraint."""
    own = _rule(layer, "regularizer") or _rule(layer, "constraint")
    return own is not None or any(map(has_rules, layer.sublayers))


def penalty(layer: tl.Layer, weights):
    """Returns the sum of the regularizers' penalties, <float32>[], for `weights` in the nest of `layer.weights`."""
    if _is_marker(weights) or not has_rules(layer):
        return np.zeros(())
    regularizer = _rule(layer, "regularizer")
    own = np.zeros(()) if regularizer is None else regularizer(weights)
    return sum((penalty(*pair) for pair in zip(layer.sublayers, weights, strict=False)), own)


def constrained(layer: tl.Layer, weights):
    """Returns `weights`, in the nest of `layer.weights`, with every constraint applied."""
    if _is_marker(weights) or not has_rules(layer):
        return weights
    constraint = _rule(layer, "constraint")
    if constraint is not None:
        return constraint(weights)
    if layer.sublayers:
        return tuple(constrained(*pair) for pair in zip(layer.sublayers, weights, strict=True))
    return weights


def _norms(weights, axis: int):
    return np.sqrt(np.sum(np.square(weights), axis=axis, keepdims=True))


def _rule(layer: tl.Layer, kind: str):
    return getattr(layer, kind, None)


def _is_marker(weights) -> bool:
    return isinstance(weights, dict)
