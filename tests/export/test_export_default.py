"""The default model's layers, and vectors of one length, are the same through ONNX as through JAX."""

import jax
import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.export import check_exportable, relative_difference, to_onnx
from sentiment.layers import (
    Committee,
    Convolutions,
    Embedding,
    Ensemble,
    KnownAndLearned,
    MaskedMax,
    MaskedMean,
    Negation,
    NgramScores,
    Opposites,
    UnitRms,
    WordDropout,
    masked_serial,
)
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.trax_runtime import fastmath, shapes, tl


@pytest.mark.parametrize("valence", [None, 2])
def test_the_default_models_layers_are_exported_as_they_are(valence):
    _assert_same_through_onnx(_default(valence), 30)


def test_an_ensemble_is_exported_with_every_member():
    _assert_same_through_onnx(tl.Serial(Ensemble(_default(2), 3, mode="eval")), 30)


def test_a_committee_is_exported_with_every_kind_of_member():
    ngrams = np.random.default_rng(0).integers(0, 9, (30, 4)).astype(np.uint16)
    ngrams[:3] = 0
    speller = tl.Serial(NgramScores(ngrams, 9, 2), tl.LogSoftmax())
    model = tl.Serial(Committee([tl.Serial(Ensemble(_default(2), 2, mode="eval")), speller], mode="eval"))
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    draw = lambda each: np.random.default_rng(1).normal(size=each.shape).astype(np.float32)  # noqa: E731
    speller.weights = jax.tree_util.tree_map(draw, speller.weights)  # which begin at zero
    model.weights = ((model.sublayers[0].kinds[0].weights, speller.weights),)
    _assert_same_through_onnx(model, 30, begun=True)


def test_a_table_in_half_precision_stays_so_and_gives_float32():
    known = np.random.default_rng(0).normal(size=(500, 64)).astype(np.float16)
    model = masked_serial(KnownAndLearned(known, 3, 1), MaskedMean(), tl.Dense(2), tl.LogSoftmax())
    _assert_same_through_onnx(model, 500)
    assert len(to_onnx(model)) < 1.1 * known.nbytes


def test_an_ensemble_of_what_cannot_be_exported_is_refused():
    member = masked_serial(Embedding(30, 6, mask_zero=True), MaskedMean(), tl.Dense(2), tl.Softplus(), tl.LogSoftmax())
    for several in (Ensemble(member, 2), Committee([_default(2), member])):
        with pytest.raises(InputError, match="can't be exported"):
            check_exportable(tl.Serial(several))


def _default(valence, clauses=False, opposites=False):
    known = np.random.default_rng(0).normal(size=(30, 6)).astype(np.float16)
    known[:, 5] = np.arange(30) % 4 == 0  # negations
    known[:, 5] -= clauses * (np.arange(30) % 4 == 1)  # ends of clauses
    return masked_serial(
        WordDropout(0.2, mode="eval"),
        KnownAndLearned(known, n_learned=20, d_learned=3),
        Opposites(5, valence, n_scores=4) if opposites else Negation(5, valence, n_scores=4, clauses=clauses),
        Convolutions((1, 2, 3), 5),
        MaskedMax(),
        tl.Dense(2),
        tl.LogSoftmax(),
    )


@pytest.mark.parametrize("valence", [None, 2])
def test_a_negation_that_ends_with_its_clause_is_exported_as_it_is(valence):
    _assert_same_through_onnx(_default(valence, clauses=True), 30)


def test_opposites_are_exported_as_they_are():
    _assert_same_through_onnx(_default(2, clauses=True, opposites=True), 30)


def test_a_mean_brought_to_one_length_is_exported_with_its_length():
    layers = [Embedding(30, 6, mask_zero=True), MaskedMean(), UnitRms(), tl.Dense(3), tl.LogSoftmax()]
    _assert_same_through_onnx(masked_serial(*layers), 30)


@pytest.mark.parametrize("length", [1, 2, 5])
def test_windows_wider_than_the_text_are_exported_as_they_are(length):
    layers = [
        Embedding(30, 6, mask_zero=True),
        Convolutions((1, 2, 4, 7), 5),
        MaskedMax(),
        tl.Dense(2),
        tl.LogSoftmax(),
    ]
    model = masked_serial(*layers)
    model.init(shapes.ShapeDtype((1, 1), np.int32))
    ids = np.random.default_rng(0).integers(1, 30, (4, length)).astype(np.int32)
    expected = model.pure_fn(ids, model.weights, model.state, fastmath.random.get_prng(0))[0]
    np.testing.assert_allclose(OnnxSession(to_onnx(model))(ids), expected, atol=1e-6)


def _assert_same_through_onnx(model: tl.Serial, n_ids: int, begun: bool = False) -> None:
    if not begun:
        model.init(shapes.ShapeDtype((1, 1), np.int32))
    check_exportable(model)
    rng = fastmath.random.get_prng(0)
    apply = lambda ids: model.pure_fn(ids, model.weights, model.state, rng)[0]  # noqa: E731
    assert relative_difference(to_onnx(model), apply, n_ids) < 1e-5
