"""What a negation changes, as ONNX nodes."""

import numpy as np

from sentiment.export.graph import BOOL, Graph
from sentiment.export.masks import as_floats
from sentiment.layers import Negation, Opposites

_END = np.iinfo(np.int64).max  # of a slice that goes to the end
_OPPOSITE = np.array([[-1, 0, 0], [0, 0, 1], [0, 1, 0]], np.float32)  # of a rating and its two sides


def negation(graph: Graph, layer: Negation, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Negation`."""
    vectors = _masked(graph, vectors, mask)
    w, strength = (np.asarray(each) for each in layer.weights)
    flags = _columns(graph, vectors, layer.flag, layer.flag + 1)
    reached = _in_reach(graph, flags, layer.reach) if layer.clauses else _in_reach_of_any(graph, flags, layer.reach)
    if layer.valence is not None:
        first, end = layer.valence, layer.valence + 3
        valences = _turned(graph, _columns(graph, vectors, first, end), reached, layer.DAMPING)
        parts = _columns(graph, vectors, 0, first), valences, _columns(graph, vectors, end, _END)
        vectors = graph.add("Concat", *parts, axis=2)
    vectors = graph.add("Concat", vectors, reached, axis=2)
    scores = graph.add("Tanh", graph.add("MatMul", vectors, graph.weight(w, axis=1)))
    return graph.add("Concat", vectors, _mixed(graph, scores, reached, float(-1 - strength)), axis=2), mask


def opposites(graph: Graph, layer: Opposites, vectors: str, mask: str) -> tuple[str, str]:
    """Adds `layers.Opposites`."""
    vectors = _masked(graph, vectors, mask)
    flags = _columns(graph, vectors, layer.flag, layer.flag + 1)
    negates = graph.add("Relu", flags)
    rating = _columns(graph, vectors, layer.valence, layer.valence + 1)
    size = graph.add("Max", rating, graph.add("Mul", rating, graph.constant(np.float32(-1))))
    strong = graph.add("Less", graph.constant(np.float32(layer.RATED)), size)
    rated = _mixed(graph, as_floats(graph, strong), negates, -1)
    reached = _in_reach(graph, flags, layer.reach)
    spent = graph.add("Mul", negates, _ahead(graph, rated, flags, layer.reach))
    first, end = layer.valence, layer.valence + 3
    before, ratings, after = (
        _mixed(graph, _columns(graph, vectors, *columns), spent, -1)
        for columns in ((0, first), (first, end), (end, _END))
    )
    ratings = _mixed(graph, ratings, negates, -1)
    plain = _mixed(graph, reached, rated, -1)
    features = graph.add("Concat", before, ratings, after, plain, axis=2)
    scores = graph.add("Tanh", graph.add("MatMul", features, graph.weight(np.asarray(layer.weights), axis=1)))
    negated = graph.add("Mul", reached, rated)
    parts = (
        _mixed(graph, before, negated, -1),
        _turned(graph, ratings, reached, 1.0),
        _mixed(graph, after, negated, -1),
    )
    return graph.add("Concat", *parts, plain, _mixed(graph, scores, reached, -2), axis=2), mask


def _masked(graph: Graph, vectors: str, mask: str) -> str:
    return graph.add("Mul", vectors, as_floats(graph, graph.add("Unsqueeze", mask, graph.ints(2))))


def _columns(graph: Graph, vectors: str, start: int, end: int) -> str:
    return graph.add("Slice", vectors, graph.ints(start), graph.ints(end), graph.ints(2))


def _mixed(graph: Graph, values: str, share: str, factor: float) -> str:
    """Adds values * (1 + factor * share)."""
    scaled = graph.add("Mul", share, graph.constant(np.float32(factor)))
    return graph.add("Mul", values, graph.add("Add", scaled, graph.constant(np.float32(1))))


def _turned(graph: Graph, valences: str, reached: str, by: float) -> str:
    turned = graph.add("MatMul", valences, graph.constant(by * _OPPOSITE))
    return graph.add("Where", graph.add("Cast", reached, to=BOOL), turned, valences)


def _in_reach_of_any(graph: Graph, flags: str, reach: int) -> str:
    nearby = graph.add(
        "MaxPool", graph.add("Transpose", flags, perm=[0, 2, 1]), kernel_shape=[reach], pads=[reach - 1, 0]
    )
    shifted = graph.add("Pad", nearby, graph.ints(0, 0, 1, 0, 0, 0))
    return graph.add("Transpose", graph.add("Slice", shifted, *map(graph.ints, (0, -1, 2))), perm=[0, 2, 1])


def _in_reach(graph: Graph, flags: str, reach: int) -> str:
    earlier, going_on, found = flags, _goes_on(graph, flags), graph.constant(np.float32(0))
    for _ in range(reach):
        earlier = _moved(graph, earlier, later=True)
        found = graph.add("Max", found, graph.add("Mul", earlier, going_on))
        going_on = graph.add("Mul", going_on, _goes_on(graph, earlier))
    return found


def _ahead(graph: Graph, marks: str, flags: str, reach: int) -> str:
    going_on, found = graph.constant(np.float32(1)), graph.constant(np.float32(0))
    for _ in range(reach):
        marks, flags = (_moved(graph, each, later=False) for each in (marks, flags))
        going_on = graph.add("Mul", going_on, _goes_on(graph, flags))
        found = graph.add("Max", found, graph.add("Mul", marks, going_on))
    return found


def _moved(graph: Graph, values: str, later: bool) -> str:
    """Adds values one token later, or one earlier; 0 comes in."""
    padded = graph.add("Pad", values, graph.ints(0, later, 0, 0, not later, 0))
    start, end = (0, -1) if later else (1, _END)
    return graph.add("Slice", padded, graph.ints(start), graph.ints(end), graph.ints(1))


def _goes_on(graph: Graph, flags: str) -> str:
    minus, one = (graph.constant(np.float32(value)) for value in (-1, 1))
    at_end = graph.add("Relu", graph.add("Mul", flags, minus))
    return graph.add("Add", graph.add("Mul", at_end, minus), one)
