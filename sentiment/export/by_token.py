"""A model in two steps, as ONNX nodes: what it makes of each token by itself, and what of the texts that they are in.

The first step is the most work, and the second needs it once for each token, however often that occurs in many texts.
Only a negation changes what its neighbours are: texts that have one aren't answered so.
"""

import itertools
from collections.abc import Mapping, Sequence

from sentiment.export.convolution import are_pooled, largest_of_products, products
from sentiment.export.graph import FLOAT, INT32, Graph, Shape
from sentiment.export.layers import emit_all
from sentiment.export.negation import negates
from sentiment.layers import Convolutions
from sentiment.prediction.by_token import PART, REACHES
from sentiment.trax_runtime import tl

_OF_ONE_TOKEN = frozenset(("Dropout", "Embedding", "KnownAndLearned", "Negation", "Opposites", "WordDropout"))


def place_of_convolutions(layers: Sequence[tl.Layer]) -> int | None:
    """Returns where convolutions, and then the largest of each, end what layers do to one token; None: nowhere."""
    for place, (layer, after) in enumerate(itertools.pairwise(layers)):
        if are_pooled(layer, after):
            return place
        if type(layer).__name__ not in _OF_ONE_TOKEN:
            return None
    return None


def before(graph: Graph, layers: Sequence[tl.Layer], ids: str) -> tuple[list[str], dict[str, tuple[str, Shape]]]:
    """Adds the layers before the convolutions, which come last.

    Returns:
        The stack that the convolutions find, and the outputs of the first step: their products, and whether a token
        changes others.
    """
    *first, convolutions = layers
    reaches: dict[str, tuple[str, Shape]] = {}
    stack = [ids]
    for layer in first:
        if type(layer).__name__ in ("Negation", "Opposites"):
            reaches[REACHES] = (negates(graph, layer, *stack), ("batch", "length"))
        stack = emit_all(graph, [layer], stack)
    shape: Shape = ("batch", "length", convolutions.filters)
    parts = zip(_names(convolutions), products(graph, convolutions, *stack), strict=True)
    return stack, {name: (value, shape) for name, value in parts} | reaches


def after(graph: Graph, layer: Convolutions, places: str) -> tuple[Mapping[str, tuple[int, Shape]], str]:
    """Adds the second step's first layers: returns its inputs, and what the largest of each convolution is."""
    parts = _names(layer)
    inputs = {places: (INT32, ("batch", "length"))} | dict.fromkeys(parts, (FLOAT, ("tokens", layer.filters)))
    return inputs, largest_of_products(graph, layer, parts, places)


def _names(layer: Convolutions) -> list[str]:
    return [f"{PART}{number}" for number in range(sum(layer.widths))]
