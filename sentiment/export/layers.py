"""Layers as ONNX nodes: what each of ours and of Trax's does, in ONNX's own operators.

Trax's stack is a list of values' names here; an emitter takes a layer's inputs off it and puts its outputs on.
"""

import itertools
from collections.abc import Callable, Sequence

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.export import convolution, negation, transformer
from sentiment.export.graph import Graph
from sentiment.export.masks import any_of, as_floats, mask_of, mean, penalty, zeroed
from sentiment.export.recurrent import recurrent
from sentiment.layers import (
    AttentionPooling,
    BagScores,
    Committee,
    Embedding,
    Ensemble,
    KnownAndLearned,
    NgramScores,
)
from sentiment.layers.pooling import UNIT_RMS_TINY
from sentiment.trax_runtime import tl


def emit(graph: Graph, layer: tl.Layer, stack: list[str]) -> list[str]:
    """Adds a layer, with all below it, to the graph; returns the stack after it.

    Raises:
        InputError: a layer that has no emitter here.
    """
    if not layer.name:  # one of Trax's assertions about shapes
        return stack
    if moves(layer):
        moved = layer.forward(tuple(stack[: layer.n_in]) if layer.n_in != 1 else stack[0])
        outputs = list(moved) if isinstance(moved, tuple) else [moved]
    elif isinstance(layer, tl.Serial):
        return emit_all(graph, layer.sublayers, stack)
    elif isinstance(layer, tl.Parallel):
        outputs, taken = [], 0
        for sublayer in layer.sublayers:
            outputs += emit(graph, sublayer, stack[taken : taken + sublayer.n_in])
            taken += sublayer.n_in
    else:
        outputs = emitter_of(layer)(graph, layer, *stack[: layer.n_in])
        outputs = [outputs] if isinstance(outputs, str) else list(outputs)
    return outputs + stack[layer.n_in :]


def emit_all(graph: Graph, layers: Sequence[tl.Layer], stack: list[str]) -> list[str]:
    """Adds layers that follow each other, as `emit` does one; convolutions and the largest of each are one step."""
    pooled = False
    for layer, after in itertools.zip_longest(layers, layers[1:]):
        if pooled:
            pooled = False
        elif after is not None and convolution.are_pooled(layer, after):
            stack, pooled = [convolution.largest(graph, layer, *stack[:2]), *stack[2:]], True
        else:
            stack = emit(graph, layer, stack)
    return stack


def emitter_of(layer: tl.Layer) -> Callable:
    """Returns what adds a layer to a graph: (graph, layer, *inputs) -> output, or outputs. Raises InputError."""
    for name in (type(layer).__name__, layer.name):
        if name in _EMITTERS:
            return _EMITTERS[name]
    raise InputError(f"{layer.name} can't be exported: add it to sentiment/export/layers.py")


def moves(layer: tl.Layer) -> bool:
    """Whether a layer only reorders, copies or drops what is on the stack."""
    return layer.name in ("Dup", "Swap", "Drop") or layer.name.startswith("Select[")


def table_of(layer: tl.Layer) -> np.ndarray:
    """Returns an embedding's table, <float32>[n, d], trained or frozen."""
    return np.asarray(layer.table if isinstance(layer, Embedding) else layer.weights)


def _embedding(graph: Graph, layer: tl.Layer, ids: str):
    vectors = graph.rows(table_of(layer), ids)
    return (vectors, mask_of(graph, ids)) if layer.n_out == 2 else vectors


def _embedding_bag(graph: Graph, layer: tl.Layer, ids: str) -> str:
    return mean(graph, graph.rows(table_of(layer), ids), mask_of(graph, ids))


def _dense(graph: Graph, layer: tl.Layer, x: str) -> str:
    w, b = layer.weights
    return graph.add("Add", graph.add("MatMul", x, graph.weight(w, axis=1)), graph.constant(np.asarray(b)))


def _mean(graph: Graph, layer: tl.Layer, x: str) -> str:
    return graph.add("ReduceMean", x, axes=[1], keepdims=0)


def _masked_mean(graph: Graph, layer: tl.Layer, vectors: str, mask: str) -> str:
    return mean(graph, vectors, mask)


def _masked_max(graph: Graph, layer: tl.Layer, vectors: str, mask: str) -> str:
    largest = graph.add("ReduceMax", graph.add("Add", vectors, penalty(graph, mask)), axes=[1], keepdims=0)
    return graph.add("Mul", largest, any_of(graph, mask))


def _unit_rms(graph: Graph, layer: tl.Layer, x: str) -> str:
    mean_square = graph.add("ReduceMean", graph.add("Mul", x, x), axes=[-1], keepdims=1)
    return graph.add(
        "Div", x, graph.add("Sqrt", graph.add("Add", mean_square, graph.constant(np.float32(UNIT_RMS_TINY))))
    )


def _zero_masked(graph: Graph, layer: tl.Layer, vectors: str, mask: str) -> tuple[str, str]:
    return zeroed(graph, vectors, mask), mask


def _concatenate(graph: Graph, layer: tl.Layer, *parts: str) -> str:
    return graph.add("Concat", *parts, axis=layer._axis)


def _known_and_learned(graph: Graph, layer: KnownAndLearned, ids: str) -> tuple[str, str]:
    n_learned = graph.constant(np.int32(len(layer.weights)))
    own = graph.add("Where", graph.add("Less", ids, n_learned), ids, graph.constant(np.int32(Vocabulary.UNKNOWN)))
    parts = graph.rows(np.asarray(layer.state), ids), graph.rows(np.asarray(layer.weights), own)
    return graph.add("Concat", *parts, axis=2), mask_of(graph, ids)


def _each_class(graph: Graph, layer: tl.Layer, scores: str) -> str:
    both = graph.add("Pad", graph.add("Unsqueeze", scores, graph.ints(2)), graph.ints(0, 0, 1, 0, 0, 0))
    return graph.add("LogSoftmax", both, axis=-1)


def _ngram_scores(graph: Graph, layer: NgramScores, ids: str) -> str:
    total = graph.add("ReduceSum", graph.rows(layer.by_token(), ids), graph.ints(1), keepdims=0)
    n_classes = len(layer.weights[1])
    scores, count = graph.slice(total, 1, 0, n_classes), graph.slice(total, 1, n_classes)
    root = graph.add("Sqrt", graph.add("Max", count, graph.constant(np.array([1], np.float32))))
    paced = graph.add("Mul", graph.add("Div", scores, root), graph.constant(np.float32(layer.PACE)))
    return graph.add("Add", paced, graph.constant(np.asarray(layer.weights[1])))


def _bag_scores(graph: Graph, layer: BagScores, ids: str) -> str:
    total = graph.add("ReduceSum", graph.rows(layer.by_id(), ids), graph.ints(1), keepdims=0)
    n_classes = len(layer.weights[1])
    scores, square = graph.slice(total, 1, 0, n_classes), graph.slice(total, 1, n_classes)
    length = graph.add("Max", graph.add("Sqrt", square), graph.constant(np.array([1], np.float32)))
    return graph.add("Add", graph.add("Div", scores, length), graph.constant(np.asarray(layer.weights[1])))


def _together(graph: Graph, layer: Committee | Ensemble, *inputs: str) -> str:
    answers = [emit(graph, member, list(inputs))[0] for member in layer.members()]
    return graph.add("LogSoftmax", graph.add("Mean", *answers), axis=-1)


def _attention(graph: Graph, layer: AttentionPooling, vectors: str, mask: str) -> str:
    w, b, query = layer.weights
    hidden = graph.add("Add", graph.add("MatMul", vectors, graph.weight(w, axis=1)), graph.constant(np.asarray(b)))
    scores = graph.add("Squeeze", graph.add("MatMul", graph.add("Tanh", hidden), graph.weight(query)), graph.ints(2))
    scores = graph.add("Where", mask, scores, graph.constant(np.finfo(np.float32).min))
    shares = graph.add("Mul", graph.add("Softmax", scores, axis=1), as_floats(graph, mask))
    return graph.add(
        "Squeeze", graph.add("MatMul", graph.add("Unsqueeze", shares, graph.ints(1)), vectors), graph.ints(1)
    )


def _simple(op: str, **attributes) -> Callable:
    return lambda graph, layer, x: graph.add(op, x, **attributes)


def _unchanged(graph: Graph, layer: tl.Layer, x: str) -> str:
    return x


# By a layer's class, or its name where it is made of a function. Gin, through which Trax exports some classes, exports
# a class of its own: hence the names.
_EMITTERS: dict[str, Callable] = {
    "Embedding": _embedding,
    "EmbeddingBag": _embedding_bag,
    "Dense": _dense,
    "NarrowDense": _dense,
    "EachClass": _each_class,
    "Concatenate": _concatenate,
    "Convolutions": convolution.convolutions,
    "KnownAndLearned": _known_and_learned,
    "Negation": negation.negation,
    "Opposites": negation.opposites,
    "NgramScores": _ngram_scores,
    "BagScores": _bag_scores,
    "Committee": _together,
    "Ensemble": _together,
    "WordDropout": _unchanged,
    "AttentionPooling": _attention,
    "Recurrent": recurrent,
    "Dropout": _unchanged,
    "Mean": _mean,
    "MaskedMean": _masked_mean,
    "MaskedMax": _masked_max,
    "UnitRms": _unit_rms,
    "ZeroMasked": _zero_masked,
    "LearnedPositions": transformer.positions,
    "SelfAttention": transformer.attention,
    "LayerNorm": transformer.layer_norm,
    "Gelu": transformer.gelu,
    "Add": lambda graph, layer, x, y: graph.add("Add", x, y),
    "TokenMask": lambda graph, layer, ids: mask_of(graph, ids),
    "Relu": _simple("Relu"),
    "Tanh": _simple("Tanh"),
    "Sigmoid": _simple("Sigmoid"),
    "LogSoftmax": _simple("LogSoftmax", axis=-1),
}
