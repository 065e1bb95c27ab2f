"""Masks as ONNX nodes, and the mean that honours them."""

import numpy as np

from sentiment.export.graph import BOOL, FLOAT, Graph


def mean(graph: Graph, vectors: str, mask: str) -> str:
    """Adds the mean of the vectors that are there; zeros where none is."""
    weights = graph.add("Unsqueeze", as_floats(graph, mask), graph.ints(1))
    total = graph.add("Squeeze", graph.add("MatMul", weights, vectors), graph.ints(1))
    count = graph.add("ReduceSum", as_floats(graph, mask), graph.ints(1), keepdims=1)
    return graph.add("Div", total, graph.add("Max", count, graph.constant(np.array([1], np.float32))))


def column(graph: Graph, values: str) -> str:
    """Adds <any>[batch, length] as [batch, length, 1]."""
    return graph.add("Unsqueeze", values, graph.ints(2))


def zeroed(graph: Graph, vectors: str, mask: str) -> str:
    """Adds the vectors that are there, and zeros where none is."""
    return graph.add("Mul", vectors, column(graph, as_floats(graph, mask)))


def penalty(graph: Graph, mask: str) -> str:
    """Adds <float32>[batch, length, 1]: 0 where a vector is there, else the lowest number."""
    missing = rest(graph, as_floats(graph, mask))
    return column(graph, graph.add("Mul", missing, graph.constant(np.finfo(np.float32).min)))


def rest(graph: Graph, share: str, times: float = 1.0) -> str:
    """Adds 1 - times * share."""
    return graph.add("Add", graph.add("Mul", share, graph.constant(np.float32(-times))), graph.constant(np.float32(1)))


def any_of(graph: Graph, mask: str) -> str:
    """Adds <float32>[batch, 1]: 1 where any vector is there, else 0."""
    return graph.add("ReduceMax", as_floats(graph, mask), axes=[1], keepdims=1)


def as_floats(graph: Graph, mask: str) -> str:
    """Adds the mask as ones and zeros, <float32>[batch, length]."""
    return graph.add("Cast", mask, to=FLOAT)


def mask_of(graph: Graph, ids: str) -> str:
    """Adds <bool>[batch, length], True where an id isn't padding."""
    return graph.add("Cast", ids, to=BOOL)
