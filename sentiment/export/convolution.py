"""Convolutions as ONNX nodes: products of matrices, for onnxruntime's own convolution takes twice as long."""

from collections.abc import Iterator

import numpy as np

from sentiment.export.graph import Graph
from sentiment.export.masks import any_of, penalty, zeroed
from sentiment.layers import Convolutions


def convolutions(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Convolutions`."""
    parts = _of_each_width(graph, layer, vectors, mask, [graph.constant(np.asarray(b)) for _, b in layer.weights])
    return graph.add("Relu", graph.add("Concat", *parts, axis=2)), mask


def largest(graph: Graph, layer: Convolutions, vectors: str, mask: str) -> str:
    """Adds `layers.Convolutions` and then `layers.MaskedMax`.

    What is done to a feature at each token can be done to the largest: biases and what rectifies come last.
    """
    added = [penalty(graph, mask)] * len(layer.widths)
    parts = [
        graph.add("ReduceMax", features, axes=[1], keepdims=0)
        for features in _of_each_width(graph, layer, vectors, mask, added)
    ]
    biases = graph.constant(np.concatenate([np.asarray(b) for _, b in layer.weights]))
    features = graph.add("Relu", graph.add("Add", graph.add("Concat", *parts, axis=1), biases))
    return graph.add("Mul", features, any_of(graph, mask))


def _of_each_width(graph: Graph, layer: Convolutions, vectors: str, mask: str, added: list[str]) -> Iterator[str]:
    """Adds a product for each place in a window; what is `added` to a width's sum comes first."""
    vectors = zeroed(graph, vectors, mask)
    for width, (w, _), total in zip(layer.widths, layer.weights, added, strict=True):
        for place, kernel in enumerate(np.split(np.asarray(w), width)):
            product = graph.add("MatMul", vectors, graph.weight(kernel, axis=1))
            shift = (width - 1) // 2 - place
            if shift:
                product = graph.add("Pad", product, graph.ints(0, shift, 0, 0, -shift, 0))
            total = graph.add("Add", product, total)
        yield total
