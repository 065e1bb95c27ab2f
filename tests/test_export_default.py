"""The default model's layers, and vectors of one length, are the same through ONNX as through JAX."""

import numpy as np
import pytest

from sentiment.export import check_exportable, check_same, to_onnx
from sentiment.layers import (
    Convolutions,
    Embedding,
    KnownAndLearned,
    MaskedMax,
    MaskedMean,
    Negation,
    UnitRms,
    WordDropout,
    masked_serial,
)
from sentiment.trax_runtime import fastmath, shapes, tl


@pytest.mark.parametrize("valence", [None, 2])
def test_the_default_models_layers_are_exported_as_they_are(valence):
    known = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float16)
    known[:, 5] = np.arange(30) % 4 == 0  # negations
    model = masked_serial(
        WordDropout(0.2, mode="eval"),
        KnownAndLearned(known, n_learned=20, d_learned=3),
        Negation(5, valence, n_scores=4),
        Convolutions((1, 2, 3), 5),
        MaskedMax(),
        tl.Dense(2),
        tl.LogSoftmax(),
    )
    _assert_same_through_onnx(model, len(known))


def test_a_mean_brought_to_one_length_is_exported_with_its_length():
    layers = [Embedding(30, 6, mask_zero=True), MaskedMean(), UnitRms(), tl.Dense(3), tl.LogSoftmax()]
    _assert_same_through_onnx(masked_serial(*layers), 30)


def _assert_same_through_onnx(model: tl.Serial, n_ids: int) -> None:
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    check_exportable(model)
    rng = fastmath.random.get_prng(0)
    apply = lambda ids: model.pure_fn(ids, model.weights, model.state, rng)[0]  # noqa: E731
    assert check_same(to_onnx(model), apply, n_ids) < 1e-5
