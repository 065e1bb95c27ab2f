"""The layers of a transformer as ONNX nodes: positions, attention, norms, the exact GELU."""

import math

import numpy as np

from sentiment.export.graph import Graph
from sentiment.layers import LayerNorm, LearnedPositions, SelfAttention
from sentiment.trax_runtime import tl


def positions(graph: Graph, layer: LearnedPositions, vectors: str, mask: str) -> tuple[str, str]:
    """Adds the places' vectors."""
    length = graph.slice(graph.add("Shape", vectors), 0, 1, 2)
    table = graph.slice(graph.constant(np.asarray(layer.weights)), 0, 0, length)
    return graph.add("Add", vectors, table), mask


def attention(graph: Graph, layer: SelfAttention, vectors: str, mask: str) -> tuple[str, str]:
    """Adds multi-head attention in which padding has no weight."""
    w, b, w_out, b_out = (np.asarray(each) for each in layer.weights)
    d, n_heads = len(w_out), layer.n_heads
    joint = graph.add("Add", graph.add("MatMul", vectors, graph.weight(w, axis=1)), graph.constant(b))
    by_head = graph.add("Reshape", joint, graph.ints(0, 0, 3 * n_heads, d // n_heads))  # 0: as it was
    by_head = graph.add("Transpose", by_head, perm=[0, 2, 1, 3])
    queries, keys, values = (graph.slice(by_head, 1, n * n_heads, (n + 1) * n_heads) for n in range(3))
    scores = graph.add("MatMul", queries, graph.add("Transpose", keys, perm=[0, 1, 3, 2]))
    scores = graph.add("Div", scores, graph.constant(np.float32(math.sqrt(d // n_heads))))
    there = graph.add("Unsqueeze", mask, graph.ints(1, 2))
    scores = graph.add("Where", there, scores, graph.constant(np.finfo(np.float32).min))
    mixed = graph.add("MatMul", graph.add("Softmax", scores, axis=-1), values)
    mixed = graph.add("Reshape", graph.add("Transpose", mixed, perm=[0, 2, 1, 3]), graph.ints(0, 0, d))
    return graph.add("Add", graph.add("MatMul", mixed, graph.weight(w_out, axis=1)), graph.constant(b_out)), mask


def layer_norm(graph: Graph, layer: LayerNorm, vectors: str) -> str:
    """Adds the normalisation of each vector."""
    scale, bias = (graph.constant(np.asarray(each)) for each in layer.weights)
    return graph.add("LayerNormalization", vectors, scale, bias, axis=-1, epsilon=layer.epsilon)


def gelu(graph: Graph, layer: tl.Layer, x: str) -> str:
    """Adds x * (1 + erf(x / sqrt(2))) / 2."""
    error = graph.add("Erf", graph.add("Div", x, graph.constant(np.float32(math.sqrt(2)))))
    share = graph.add("Add", error, graph.constant(np.float32(1)))
    return graph.add("Mul", graph.add("Mul", x, graph.constant(np.float32(0.5))), share)
