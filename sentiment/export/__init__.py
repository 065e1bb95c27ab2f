"""A classifier's eval function as an ONNX model, which needs neither JAX nor Trax.

Our own emitter over ONNX's messages, and not jax2onnx: that one brings flax, orbax, equinox and 35 more packages, and
turns a recurrent layer into a loop of small operators where ONNX has LSTM and GRU as one.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.export import by_token
from sentiment.export.graph import INT32, Graph, Shape
from sentiment.export.layers import emit, emit_all, emitter_of, moves, table_of
from sentiment.export.masks import mask_of, mean
from sentiment.layers import Committee, EmbeddingBag, Ensemble
from sentiment.prediction.by_token import PLACES
from sentiment.prediction.onnx_model import IDS, LOG_PROBABILITIES, VECTORS
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.trax_runtime import shapes, tl

TOLERANCE = 1e-5  # of `relative_difference`: 84 units in the last place of float32
_OF_IDS = {IDS: (INT32, ("batch", "length"))}  # the inputs


def to_onnx(model: tl.Serial, int8: bool = False, vectors: bool = False) -> bytes:
    """Returns a classifier as an ONNX model: "ids" <int32>[batch, length] -> "log_probabilities" <float32>[batch, n].

    Of a classifier into several classes a text they are [batch, n, 2] (`layers.EachClass`).

    Batch and length are free. A model whose logits are a mean over tokens (`is_additive`) is folded: the dense layer
    is applied to the table, so that a token has n values instead of an embedding. Of one that `pooling_to_onnx` can
    take apart, it also gives what that one asks for.

    Args:
        model: the layers, in eval mode, with trained weights.
        int8: stores large weights as int8 (`Graph`).
        vectors: whether it also gives "vectors" <float32>[batch, d], what the last dense layer sees of a text; a model
            that is folded, or has no such layer, doesn't.

    Raises:
        InputError: a layer of it has no counterpart here.
    """
    graph = Graph(int8)
    if is_additive(model):
        return graph.model(_OF_IDS, {LOG_PROBABILITIES: (_folded(graph, model), _shape(model))})
    layers = model.sublayers
    apart = None if int8 else by_token.place_of_convolutions(layers)
    if apart is None:
        return graph.model(_OF_IDS, _answers(graph, model, layers, [IDS], vectors))
    stack, parts = by_token.before(graph, layers[: apart + 1], IDS)
    return graph.model(_OF_IDS, _answers(graph, model, layers[apart:], stack, vectors) | parts)


def pooling_to_onnx(model: tl.Serial, vectors: bool = False) -> bytes | None:
    """Returns what a classifier does with a text's tokens, once `to_onnx` told what each is by itself, as ONNX.

    For many texts, whose tokens recur (`prediction.by_token`).

    Args:
        model: the layers, in eval mode, with trained weights.
        vectors: as in `to_onnx`.

    Returns:
        The model, or None where convolutions don't come first.
    """
    apart = by_token.place_of_convolutions(model.sublayers)
    if apart is None:
        return None
    graph = Graph()
    inputs, pooled = by_token.after(graph, model.sublayers[apart], PLACES)
    return graph.model(inputs, _answers(graph, model, model.sublayers[apart + 2 :], [pooled], vectors))


def _answers(
    graph: Graph, model: tl.Serial, layers: Sequence[tl.Layer], stack: list[str], vectors: bool
) -> dict[str, tuple[str, Shape]]:
    """Adds the last layers of a model, whose stack is there; returns the outputs."""
    dense = [place for place, layer in enumerate(layers) if isinstance(layer, tl.Dense)] if vectors else []
    last = max(dense, default=0)
    stack = emit_all(graph, layers[:last], stack)
    seen = {VECTORS: (stack[0], ("batch", *layers[last].weights[0].shape[:1]))} if dense else {}
    stack = emit_all(graph, layers[last:], stack)
    return {LOG_PROBABILITIES: (stack[0], _shape(model)), **seen}


def _shape(model: tl.Serial) -> Shape:
    return "batch", *model.output_signature(shapes.ShapeDtype((1, 1), np.int32)).shape[1:]


def is_additive(model: tl.Serial) -> bool:
    """Whether a model's logits are the mean of one contribution for each token, plus a bias."""
    *kinds, last = [layer.name.partition("_")[0] for layer in _active(model)]
    return last in ("LogSoftmax", "EachClass") and kinds in (["EmbeddingBag", "Dense"], ["Embedding", "Mean", "Dense"])


def _folded(graph: Graph, model: tl.Serial) -> str:
    embedding, *_, dense, last = _active(model)
    w, b = (np.asarray(each) for each in dense.weights)
    rows = graph.rows(table_of(embedding) @ w, IDS)
    masked = isinstance(embedding, EmbeddingBag)
    pooled = mean(graph, rows, mask_of(graph, IDS)) if masked else graph.add("ReduceMean", rows, axes=[1], keepdims=0)
    return emit(graph, last, [graph.add("Add", pooled, graph.constant(b))])[0]


def _active(model: tl.Serial) -> list[tl.Layer]:
    return [layer for layer in model.sublayers if layer.name and type(layer).__name__ != "Dropout"]


def check_exportable(model: tl.Serial) -> None:
    """Raises InputError if a layer of the model can't be exported; its weights needn't be there yet."""
    for layer in model.sublayers:
        if isinstance(layer, tl.Serial | tl.Parallel):
            check_exportable(layer)
        elif isinstance(layer, Committee | Ensemble):
            check_exportable(tl.Serial(*layer.kinds))
        elif layer.name and not moves(layer):
            emitter_of(layer)


def relative_difference(data: bytes, apply: Callable, n_ids: int, seed: int = 0) -> float:
    """Compares an ONNX model with JAX on random ids; returns the largest difference of their log-probabilities.

    A difference counts in proportion to the largest log-probability of its row (or decision), where that is above 1: a
    row's log-probabilities come from one sum over all classes, and float32 holds seven digits of it, wherever its point
    is.

    Args:
        data: the ONNX model.
        apply: ids <int32>[batch, length] -> log-probabilities <float32>[batch, n] or [batch, n, 2], through JAX.
        n_ids: ids from 0 to one less are drawn.
        seed: of the ids.

    Returns:
        The largest of |ONNX - JAX| / max(1, the row's largest |JAX|); the models agree up to `TOLERANCE`. NaN where
        either answers NaN.
    """
    random = np.random.default_rng(seed)
    ids = random.integers(1, n_ids, (8, 16)).astype(np.int32)
    for row, length in enumerate((16, 1, 0, *random.integers(1, 16, 5))):
        ids[row, length:] = Vocabulary.PAD
    expected = np.asarray(apply(ids), np.float64)
    scale = np.maximum(1.0, np.abs(expected).max(axis=-1, keepdims=True))
    return float((np.abs(OnnxSession(data)(ids) - expected) / scale).max())
