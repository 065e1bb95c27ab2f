"""A frozen transformer's features of all texts, computed once and cached, in the place of the texts."""

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass

import jax
import numpy as np

from sentiment.batching.batches import Examples
from sentiment.download.cache import cache_folder
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers.lookup import on_cpu
from sentiment.models.transformer import FrozenTransformerClassifier
from sentiment.storage.processor import processor_kind
from sentiment.storage.tensors import load_tensors, save_tensors
from sentiment.training.compile.full_float32 import full_float32
from sentiment.trax_runtime import fastmath, tl

_AT_ONCE = 64  # texts
_MULTIPLE, _MULTIPLE_OFF_CPU = 8, 32  # of which lengths are: few compilations, which take a GPU's compiler seconds each


@dataclass(frozen=True, kw_only=True)
class Learned:
    """What a training loop learns from, and what comes of it.

    Attributes:
        train, validation: the texts of those splits, encoded; over a frozen transformer each is one id, the row of its
            features.
        model, eval_model: inputs -> log-probabilities, for training and for evaluation meanwhile.
        deployed: the trained eval_model -> what answers for token ids; itself, but over a frozen transformer.
        note: how long features took; "" where there are none.
    """

    train: Examples
    validation: Examples
    model: tl.Serial
    eval_model: tl.Serial
    deployed: Callable[[tl.Serial], tl.Serial] = lambda model: model
    note: str = ""


def frozen_features(
    architecture: FrozenTransformerClassifier,
    encoder: Encoder,
    n_classes: int,
    several: bool,
    train: Examples,
    validation: Examples,
) -> Learned:
    """Returns a head to train on the features of the encoded splits, which are computed, or come from the cache.

    Raises:
        InputError: if the encoder is none of subwords, or the transformer can't be used.
        OSError: if the cache can't be written.
    """
    began = time.monotonic()
    found = [_features(architecture, encoder, examples) for examples in (train, validation)]
    vectors = [each for each, _ in found]
    features = np.concatenate([np.zeros_like(vectors[0][:1]), *vectors])  # padding's first
    how = "read from the cache" if all(cached for _, cached in found) else "computed"
    return Learned(
        train=_as_rows(train, 1),
        validation=_as_rows(validation, 1 + len(train)),
        model=architecture.head(features, n_classes, "train", several),
        eval_model=architecture.head(features, n_classes, "eval", several),
        deployed=lambda head: architecture.joined(encoder, n_classes, head, several),
        note=f"{len(features) - 1:,} texts' features {how} in {time.monotonic() - began:.1f} s",
    )


def _features(
    architecture: FrozenTransformerClassifier, encoder: Encoder, examples: Examples
) -> tuple[np.ndarray, bool]:
    """Returns (<float32>[n_examples, d], whether they were in the cache)."""
    made_by = (architecture.features_by(encoder), processor_kind(), jax.__version__, jax.default_backend())
    key = hashlib.sha256(
        repr(made_by).encode() + np.asarray(examples.ids).tobytes() + examples.starts.tobytes()
    ).hexdigest()
    path = cache_folder() / "features" / f"{key}.safetensors"
    if path.exists():
        try:
            return load_tensors(path)[0]["features"], True
        except (InputError, KeyError):  # damaged: made anew
            path.unlink()
    features = outputs_of_texts(architecture.features(encoder), examples)
    save_tensors(path, {"features": features}, {})
    return features, False


def outputs_of_texts(model: tl.Serial, examples: Examples) -> np.ndarray:
    """Returns a model's output for each text, <float32>[n_examples, d]; the model maps ids to <float32>[batch, d]."""

    @jax.jit
    @full_float32
    def outputs(ids, weights):
        return model.pure_fn(ids, weights, model.state, fastmath.random.get_prng(0))[0]

    lengths, multiple = np.diff(examples.starts), _MULTIPLE if on_cpu() else _MULTIPLE_OFF_CPU
    order = np.argsort(lengths, kind="stable")
    features = np.empty((0, 0), np.float32)
    for begin in range(0, len(order), _AT_ONCE):
        rows = order[begin : begin + _AT_ONCE]
        # No more than the longest: there may be positions for so many, and not for a multiple.
        length = max(1, min(-(-lengths[rows[-1]] // multiple) * multiple, lengths[order[-1]]))
        ids = np.full((_AT_ONCE, length), Vocabulary.PAD, np.int32)
        for place, row in enumerate(rows):
            ids[place, : lengths[row]] = examples.ids[examples.starts[row] : examples.starts[row + 1]]
        found = np.asarray(outputs(ids, model.weights))[: len(rows)]
        if not begin:
            features = np.empty((len(order), found.shape[1]), np.float32)
        features[rows] = found
    return features


def _as_rows(examples: Examples, first: int) -> Examples:
    n = len(examples)
    ids = np.append(np.arange(first, first + n, dtype=np.int32), np.int32(Vocabulary.PAD))
    return Examples(ids, np.arange(n + 1, dtype=np.int64), examples.labels)
