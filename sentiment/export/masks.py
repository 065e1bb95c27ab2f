"""Masks as ONNX nodes, and the mean that honours them."""

import numpy as np

from sentiment.export.graph import BOOL, FLOAT, Graph


def mean(graph: Graph, vectors: str, mask: str) -> str:
    """Adds the mean of the vectors that are there; zeros where none is."""
    weights = graph.add("Unsqueeze", as_floats(graph, mask), graph.ints(1))
    total = graph.add("Squeeze", graph.add("MatMul", weights, vectors), graph.ints(1))
    count = graph.add("ReduceSum", as_floats(graph, mask), graph.ints(1), keepdims=1)
    return graph.add("Div", total, graph.add("Max", count, graph.constant(np.array([1], np.float32))))


def as_floats(graph: Graph, mask: str) -> str:
    """Adds the mask as ones and zeros, <float32>[batch, length]."""
    return graph.add("Cast", mask, to=FLOAT)


def mask_of(graph: Graph, ids: str) -> str:
    """Adds <bool>[batch, length], True where an id isn't padding."""
    return graph.add("Cast", ids, to=BOOL)
