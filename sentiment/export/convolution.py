"""Convolutions as ONNX nodes: products of matrices, for onnxruntime's own convolution takes twice as long."""

import itertools
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sentiment.export.graph import Graph
from sentiment.export.masks import any_of, penalty, zeroed
from sentiment.layers import Convolutions
from sentiment.trax_runtime import tl


def convolutions(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Convolutions`."""
    sums = _sums(graph, layer, _moved_products(graph, layer, vectors, mask))
    biased = (
        graph.add("Add", total, graph.constant(np.asarray(b)))
        for total, (_, b) in zip(sums, layer.weights, strict=True)
    )
    return graph.add("Relu", graph.add("Concat", *biased, axis=2)), mask


def largest(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> str:
    """Adds `layers.Convolutions` and then `layers.MaskedMax`.

    What is done to a feature at each token can be done to the largest: biases and what rectifies come last.
    """
    sums = _sums(graph, layer, _moved_products(graph, layer, vectors, mask))
    there = (graph.add("Add", total, penalty(graph, mask)) for total in sums)
    return graph.add("Mul", _pooled(graph, layer, there), any_of(graph, mask))


def are_pooled(layer: tl.Layer, after: tl.Layer) -> bool:
    """Whether layers that follow each other are what `largest` adds."""
    return type(layer).__name__ == "Convolutions" and after.name == "MaskedMax"


def products(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> list[str]:
    """Adds what each place of each window makes of a token, <float32>[batch, length, filters]; width by width."""
    vectors = zeroed(graph, vectors, mask)
    kernels = [np.split(np.asarray(w), width) for (w, _), width in zip(layer.weights, layer.widths, strict=True)]
    return [graph.add("MatMul", vectors, graph.weight(kernel, axis=1)) for kernel in itertools.chain(*kernels)]


def largest_of_products(graph: Graph, layer: Convolutions, parts: Sequence[str], places: str) -> str:
    """Adds what `largest` does, for texts without padding, from the `products` of their tokens.

    Args:
        graph: to add to.
        layer: the convolutions.
        parts: the products, each <float32>[n, filters]; the first token's are 0, as if there were none.
        places: <int32>[batch, length] which of the n each token is.
    """
    named = iter(parts)

    def product(shift: int) -> str:
        moved = graph.add("Pad", places, graph.ints(0, shift, 0, -shift)) if shift else places
        return graph.add("Gather", next(named), moved, axis=0)

    return _pooled(graph, layer, _sums(graph, layer, product))


def _moved_products(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> Callable[[int], str]:
    named = iter(products(graph, layer, vectors, mask))

    def product(shift: int) -> str:
        return graph.add("Pad", next(named), graph.ints(0, shift, 0, 0, -shift, 0)) if shift else next(named)

    return product


def _sums(graph: Graph, layer: Convolutions, product: Callable[[int], str]) -> Iterator[str]:
    """Adds each width's sum; `product` gives the next place's product, so many tokens later."""
    for width in layer.widths:
        before = (width - 1) // 2
        total = product(before)
        for place in range(1, width):
            total = graph.add("Add", total, product(before - place))
        yield total


def _pooled(graph: Graph, layer: Convolutions, sums: Iterator[str]) -> str:
    parts = [graph.add("ReduceMax", features, axes=[1], keepdims=0) for features in sums]
    biases = graph.constant(np.concatenate([np.asarray(b) for _, b in layer.weights]))
    return graph.add("Relu", graph.add("Add", graph.add("Concat", *parts, axis=1), biases))
