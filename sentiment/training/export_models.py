"""A trained classifier's ONNX models: written, compared with JAX, measured on the validation split."""

import jax
import numpy as np

from sentiment.batching.batches import Examples
from sentiment.export import check_same, to_onnx
from sentiment.prediction.onnx_session import OnnxSession, Ragged
from sentiment.storage.files import write_whole
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.parts import Parts
from sentiment.trax_runtime import fastmath, tl


def export(run: RunDirectory, model: tl.Serial, parts: Parts) -> dict:
    """Writes model.onnx and model.int8.onnx and returns what was measured of them.

    Args:
        run: where they go.
        model: in eval mode, with the trained weights.
        parts: of the run.

    Returns:
        "difference", the largest between ONNX's log-probabilities and JAX's on random ids; and for "float32" and "int8"
        the file's "bytes" and the "validation_accuracy".

    Raises:
        InputError: ONNX and JAX differ.
        OSError: the files can't be written.
    """
    files = {"float32": (run.onnx, to_onnx(model)), "int8": (run.onnx_int8, to_onnx(model, int8=True))}
    measured = {"difference": check_same(files["float32"][1], _through_jax(model), len(parts.encoder))}
    for name, (path, data) in files.items():
        write_whole(path, data)
        accuracy = _accuracy(OnnxSession(data), parts.validation)
        measured[name] = {"bytes": len(data), "validation_accuracy": accuracy}
    return measured


def described(measured: dict) -> str:
    """Returns in words what `export` measured."""
    float32, int8 = measured["float32"], measured["int8"]
    change = int8["validation_accuracy"] - float32["validation_accuracy"]
    return (
        f"{float32['bytes'] / 1e6:.2f} MB of ONNX, {measured['difference']:.0e} from JAX; "
        f"int8 {int8['bytes'] / 1e6:.2f} MB, accuracy {change:+.4f}"
    )


def _through_jax(model: tl.Serial):
    # As this process's own: several processes may have trained them, of which only one is here.
    weights, state = jax.tree_util.tree_map(np.asarray, (model.weights, model.state))
    rng = fastmath.random.get_prng(0)
    apply = fastmath.jit(full_float32(lambda ids, weights, state: model.pure_fn(ids, weights, state, rng)[0]))
    return lambda ids: apply(ids, weights, state)


def log_probabilities(session: OnnxSession, examples: Examples) -> np.ndarray:
    """Returns an ONNX model's <float32>[n_examples, n_classes]."""
    return session.log_probabilities(Ragged(examples.ids[:-1], np.diff(examples.starts)))


def _accuracy(session: OnnxSession, examples: Examples) -> float:
    return float(np.mean(log_probabilities(session, examples).argmax(axis=1) == examples.labels))
