"""Learning rates of single layers, as factors of the step's: pretrained layers want smaller ones than a new head.

A layer has a rate if `declare_rate` gave it one; layers inside it without one of their own share it.
"""

from typing import TypeVar

from sentiment.errors import InputError
from sentiment.trax_runtime import fastmath, tl

Layer = TypeVar("Layer", bound=tl.Layer)


def declare_rate(layer: Layer, factor: float) -> Layer:
    """Returns the layer, whose updates are from now on multiplied by the factor. Raises InputError below 0."""
    if not factor >= 0:
        raise InputError(f"{layer.name}: a learning rate's factor of {factor}: must be 0 or more")
    layer._rate = factor  # Trax's layers take no public attributes
    return layer


def has_rates(layer: tl.Layer) -> bool:
    """Returns whether the layer, or one inside it, has a rate of its own."""
    return getattr(layer, "_rate", None) is not None or any(map(has_rates, layer.sublayers))


def at_rates(layer: tl.Layer, before, after, factor: float = 1.0):
    """Returns weights, in the nest of `layer.weights`, as far from `before` towards `after` as the rates say."""
    factor = getattr(layer, "_rate", factor)
    if isinstance(before, dict):  # the marker of a layer that stands elsewhere
        return after
    if layer.sublayers:
        parts = zip(layer.sublayers, before, after, strict=True)
        return tuple(at_rates(*part, factor) for part in parts)
    if factor == 1:
        return after
    return fastmath.nested_map_multiarg(lambda old, new: old + factor * (new - old), before, after)
