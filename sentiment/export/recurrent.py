"""Recurrent layers as ONNX nodes."""

import numpy as np

from sentiment.export.graph import INT32, Graph
from sentiment.layers import GRUCell, LSTMCell, Recurrent


def recurrent(graph: Graph, layer: Recurrent, vectors: str, mask: str) -> str | tuple[str, str]:
    """Runs a cell along time; ONNX orders its gates otherwise than we do."""
    op, w, r, b, more = _RECURRENT[type(layer.cell)](layer.cell)
    by_time = graph.add("Transpose", vectors, perm=[1, 0, 2])
    lengths = graph.add("ReduceSum", graph.add("Cast", mask, to=INT32), graph.ints(1), keepdims=0)
    kernels = [graph.add("Unsqueeze", graph.weight(each), graph.ints(0)) for each in (w, r)]
    outputs, last = graph.add_many(
        op,
        by_time,
        *kernels,
        graph.constant(b[None]),
        lengths,
        n_out=2,
        hidden_size=layer.cell.units,
        direction="reverse" if layer.go_backwards else "forward",
        **more,
    )
    if not layer.return_sequences:
        return graph.add("Squeeze", last, graph.ints(0))
    return graph.add("Transpose", graph.add("Squeeze", outputs, graph.ints(1)), perm=[1, 0, 2]), mask


def _lstm(cell: LSTMCell) -> tuple:
    kernel, recurrent, bias = (_gates(each, (0, 3, 1, 2)) for each in cell.weights)  # ONNX: input, output, forget, cell
    return "LSTM", kernel.T, recurrent.T, np.concatenate([bias, np.zeros_like(bias)]), {}


def _gru(cell: GRUCell) -> tuple:
    kernel, recurrent, biases = (np.asarray(each) for each in cell.weights)  # the same order as ONNX's
    return "GRU", kernel.T, recurrent.T, biases.reshape(-1), {"linear_before_reset": 1}


def _gates(weights, order: tuple[int, ...]) -> np.ndarray:
    parts = np.split(np.asarray(weights), len(order), axis=-1)
    return np.concatenate([parts[n] for n in order], axis=-1)


_RECURRENT = {LSTMCell: _lstm, GRUCell: _gru}
