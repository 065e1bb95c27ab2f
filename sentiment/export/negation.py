"""What a negation changes, as ONNX nodes.

What a token has one of is <float32>[batch, length] here: onnxruntime takes 30 times as long where a third axis has 1.
"""

import numpy as np

from sentiment.export.graph import Graph
from sentiment.export.masks import as_floats, column, rest, zeroed
from sentiment.layers import Negation, Opposites

_OPPOSITE = np.array([[-1, 0, 0], [0, 0, 1], [0, 1, 0]], np.float32)  # of a rating and its two sides


def negation(graph: Graph, layer: Negation, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Negation`."""
    vectors = zeroed(graph, vectors, mask)
    w, strength = (np.asarray(each) for each in layer.weights)
    flags = _column(graph, vectors, layer.flag)
    reached = _in_reach(graph, flags, layer.reach) if layer.clauses else _in_reach_of_any(graph, flags, layer.reach)
    if layer.valence is not None:
        first, end = layer.valence, layer.valence + 3
        valences = _turned(graph, graph.slice(vectors, 2, first, end), reached, layer.DAMPING)
        parts = graph.slice(vectors, 2, 0, first), valences, graph.slice(vectors, 2, end)
        vectors = graph.add("Concat", *parts, axis=2)
    vectors = graph.add("Concat", vectors, column(graph, reached), axis=2)
    scores = graph.add("Tanh", graph.add("MatMul", vectors, graph.weight(w, axis=1)))
    scores = _times(graph, scores, rest(graph, reached, float(1 + strength)))
    return graph.add("Concat", vectors, scores, axis=2), mask


def negates(graph: Graph, layer: Negation | Opposites, vectors: str, mask: str) -> str:
    """Adds <float32>[batch, length]: 1 where a token is a negation."""
    return graph.add("Relu", _column(graph, zeroed(graph, vectors, mask), layer.flag))


def opposites(graph: Graph, layer: Opposites, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Opposites`."""
    vectors = zeroed(graph, vectors, mask)
    flags, rating = (_column(graph, vectors, place) for place in (layer.flag, layer.valence))
    first, end = layer.valence, layer.valence + 3
    before, ratings, after = (graph.slice(vectors, 2, *each) for each in ((0, first), (first, end), (end,)))
    negates = graph.add("Relu", flags)
    others = rest(graph, negates)
    size = graph.add("Max", rating, graph.add("Mul", rating, graph.constant(np.float32(-1))))
    strong = as_floats(graph, graph.add("Less", graph.constant(np.float32(layer.RATED)), size))
    rated = graph.add("Mul", strong, others)
    reached = _in_reach(graph, flags, layer.reach)
    unspent = rest(graph, graph.add("Mul", negates, _ahead(graph, rated, flags, layer.reach)))
    plain = graph.add("Mul", reached, rest(graph, rated))
    # A negation's scores are without its ratings, and all are multiplied by `unspent`: done to the sums, it's less.
    w = np.asarray(layer.weights)
    of_ratings = graph.add("MatMul", ratings, graph.constant(-w[first:end]))
    scores = graph.add(
        "Add",
        graph.add("MatMul", vectors, graph.weight(w[:-1], axis=1)),
        _times(graph, of_ratings, negates),
    )
    of_plain = graph.add("MatMul", column(graph, plain), graph.constant(w[-1:]))
    scores = graph.add("Tanh", graph.add("Add", _times(graph, scores, unspent), of_plain))
    kept = graph.add("Mul", unspent, rest(graph, graph.add("Mul", reached, rated)))
    ratings = _turned(graph, _times(graph, ratings, graph.add("Mul", unspent, others)), reached, 1.0)
    parts = _times(graph, before, kept), ratings, _times(graph, after, kept), column(graph, plain)
    return graph.add("Concat", *parts, _times(graph, scores, rest(graph, reached, 2)), axis=2), mask


def _column(graph: Graph, vectors: str, place: int) -> str:
    return graph.add("Squeeze", graph.slice(vectors, 2, place, place + 1), graph.ints(2))


def _times(graph: Graph, vectors: str, factors: str) -> str:
    """Adds each token's vector times its factor."""
    return graph.add("Mul", vectors, column(graph, factors))


def _turned(graph: Graph, valences: str, reached: str, by: float) -> str:
    """Adds the valences where `reached` is 0, and `by` times their opposites where it is 1."""
    turned = _times(graph, graph.add("MatMul", valences, graph.constant(by * _OPPOSITE)), reached)
    return graph.add("Add", _times(graph, valences, rest(graph, reached)), turned)


def _in_reach_of_any(graph: Graph, flags: str, reach: int) -> str:
    channel = graph.add("Unsqueeze", _moved(graph, flags, 1), graph.ints(1))
    nearby = graph.add("MaxPool", channel, kernel_shape=[reach], pads=[reach - 1, 0])
    return graph.add("Squeeze", nearby, graph.ints(1))


def _in_reach(graph: Graph, flags: str, reach: int) -> str:
    earlier, going_on, found = flags, _goes_on(graph, flags), graph.constant(np.float32(0))
    for _ in range(reach):
        earlier = _moved(graph, earlier, 1)
        found = graph.add("Max", found, graph.add("Mul", earlier, going_on))
        going_on = graph.add("Mul", going_on, _goes_on(graph, earlier))
    return found


def _ahead(graph: Graph, marks: str, flags: str, reach: int) -> str:
    going_on, found = graph.constant(np.float32(1)), graph.constant(np.float32(0))
    for _ in range(reach):
        marks, flags = (_moved(graph, each, -1) for each in (marks, flags))
        going_on = graph.add("Mul", going_on, _goes_on(graph, flags))
        found = graph.add("Max", found, graph.add("Mul", marks, going_on))
    return found


def _moved(graph: Graph, values: str, by: int) -> str:
    """Adds the values `by` tokens later; zeros come in."""
    return graph.add("Pad", values, graph.ints(0, by, 0, -by))


def _goes_on(graph: Graph, flags: str) -> str:
    return rest(graph, graph.add("Relu", graph.add("Mul", flags, graph.constant(np.float32(-1)))))
