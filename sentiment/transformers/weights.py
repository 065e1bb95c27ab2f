"""The weights of a BERT or RoBERTa in Hugging Face's safetensors, by our names and in our arrangement."""

from collections.abc import Mapping

import numpy as np
import safetensors
import safetensors.numpy

from sentiment.errors import InputError
from sentiment.transformers.shape import TransformerShape

_REMEDY = "fetch the publisher's file anew"
_PREFIXES = ("", "bert.", "roberta.")  # the last two where the file also holds a head


def weight_shapes(shape: TransformerShape) -> dict[str, tuple[int, ...]]:
    """Returns the name and shape of each array that `read_weights` returns.

    Matrices multiply from the right (x @ w): a "kernel" is <float32>[d_in, d_out].
    """
    d, hidden = shape.d_model, shape.d_hidden
    of_all = {"words": (shape.n_ids, d), "positions": (shape.n_positions, d), "norm/scale": (d,), "norm/bias": (d,)}
    of_layer = {
        "attention/inputs": (d, 3 * d),  # of queries, keys and values, side by side
        "attention/inputs_bias": (3 * d,),
        "attention/outputs": (d, d),
        "attention/outputs_bias": (d,),
        "attention_norm/scale": (d,),
        "attention_norm/bias": (d,),
        "hidden/kernel": (d, hidden),
        "hidden/bias": (hidden,),
        "outputs/kernel": (hidden, d),
        "outputs/bias": (d,),
        "outputs_norm/scale": (d,),
        "outputs_norm/bias": (d,),
    }
    return of_all | {f"{n}/{name}": each for n in range(shape.n_layers) for name, each in of_layer.items()}


def read_weights(data: bytes, shape: TransformerShape, path: str) -> dict[str, np.ndarray]:
    """Returns the weights, <float32>, in the shapes of `weight_shapes`.

    Padding's row of "words" is its first, as in all our tables: where the publisher has another, the two change
    places. A text is one segment: the first row of the segments' table is added to each position's.

    Raises:
        InputError: if the file is damaged, or lacks an array, or one has another shape; `path` is what the message
            calls it.
    """
    try:
        tensors = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path}: cut short, or of a type that NumPy lacks ({error}); {_REMEDY}") from error
    prefix = next((each for each in _PREFIXES if f"{each}embeddings.word_embeddings.weight" in tensors), "")
    found = _Tensors(tensors, prefix, path)
    weights = _embeddings(found, shape)
    for n in range(shape.n_layers):
        weights |= {f"{n}/{name}": each for name, each in _layer(found, f"encoder.layer.{n}").items()}
    for name, wanted in weight_shapes(shape).items():
        if weights[name].shape != wanted:
            raise InputError(f"{path}: {name} is {weights[name].shape}, config.json says {wanted}; {_REMEDY}")
        if not np.isfinite(weights[name]).all():
            raise InputError(f"{path}: {name} holds NaN or infinity; {_REMEDY}")
    return weights


class _Tensors:
    def __init__(self, tensors: Mapping[str, np.ndarray], prefix: str, path: str):
        self._tensors, self._prefix, self._path = tensors, prefix, path

    def __getitem__(self, name: str) -> np.ndarray:
        name = self._prefix + name
        if name not in self._tensors:
            raise InputError(f"{self._path}: has no {name}, so it is no BERT or RoBERTa as config.json says; {_REMEDY}")
        return np.asarray(self._tensors[name], np.float32)

    def dense(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns (kernel, bias)."""
        return np.ascontiguousarray(self[f"{name}.weight"].T), self[f"{name}.bias"]

    def norm(self, name: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns (scale, bias)."""
        return self[f"{name}.LayerNorm.weight"], self[f"{name}.LayerNorm.bias"]


def _embeddings(found: _Tensors, shape: TransformerShape) -> dict[str, np.ndarray]:
    words = found["embeddings.word_embeddings.weight"]
    if 0 < shape.pad < len(words):
        words = np.array(words)
        words[[0, shape.pad]] = words[[shape.pad, 0]]
    positions = found["embeddings.position_embeddings.weight"]
    positions = positions[max(0, len(positions) - shape.n_positions) :]  # RoBERTa's first rows stand for no position
    positions = positions + found["embeddings.token_type_embeddings.weight"][0]
    scale, bias = found.norm("embeddings")
    return {"words": words, "positions": positions, "norm/scale": scale, "norm/bias": bias}


def _layer(found: _Tensors, name: str) -> dict[str, np.ndarray]:
    parts = [found.dense(f"{name}.attention.self.{each}") for each in ("query", "key", "value")]
    kernels, biases = zip(*parts, strict=True)
    arrays = {
        "attention/inputs": np.concatenate(kernels, axis=1),
        "attention/inputs_bias": np.concatenate(biases),
    }
    arrays["attention/outputs"], arrays["attention/outputs_bias"] = found.dense(f"{name}.attention.output.dense")
    for ours, theirs in (("hidden", "intermediate.dense"), ("outputs", "output.dense")):
        arrays[f"{ours}/kernel"], arrays[f"{ours}/bias"] = found.dense(f"{name}.{theirs}")
    for ours, theirs in (("attention_norm", "attention.output"), ("outputs_norm", "output")):
        arrays[f"{ours}/scale"], arrays[f"{ours}/bias"] = found.norm(f"{name}.{theirs}")
    return arrays
