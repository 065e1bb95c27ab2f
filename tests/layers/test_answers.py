"""Each class decided by itself: the loss is the mean binary cross-entropy, and ONNX answers as JAX does."""

import jax
import numpy as np
import pytest

from sentiment import layers
from sentiment.export import TOLERANCE, check_exportable, is_additive, relative_difference, to_onnx
from sentiment.models.classifiers import AttentionClassifier, CnnClassifier, MeanClassifier, NotebookClassifier
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.trax_runtime import fastmath, shapes, tl

ARCHITECTURES = {
    "notebook": NotebookClassifier(d_embedding=8),
    "mean": MeanClassifier(d_embedding=8),
    "cnn": CnnClassifier(d_embedding=8, filters=4),
    "attention": AttentionClassifier(d_embedding=8, d_attention=3),
}
N_CLASSES, N_IDS = 5, 40


def _initialised(model):
    model.init(shapes.ShapeDtype((1, 1), np.int32), rng=fastmath.random.get_prng(3))
    return model


def test_the_log_probabilities_of_absence_and_presence_are_log_sigmoids():
    scores = np.array([[-90.0, -1.5, 0.0, 3.0, 90.0]], np.float32)
    found = np.asarray(layers.EachClass()(scores))
    expected = np.stack([jax.nn.log_sigmoid(-scores), jax.nn.log_sigmoid(scores)], axis=-1)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    np.testing.assert_allclose(np.exp(found).sum(axis=-1), 1, rtol=1e-6)


def test_the_loss_is_the_mean_binary_cross_entropy_of_the_decisions_that_count():
    random = np.random.default_rng(0)
    scores = random.normal(size=(6, N_CLASSES)).astype(np.float32)
    targets = random.integers(0, 2, (6, N_CLASSES)).astype(np.int32)
    weights = np.ones((6, N_CLASSES), np.float32)
    weights[4:] = 0  # rows that no example fills
    loss = tl.CrossEntropyLoss()((np.asarray(layers.EachClass()(scores)), targets, weights))
    p = 1 / (1 + np.exp(-scores[:4].astype(np.float64)))
    binary = -(targets[:4] * np.log(p) + (1 - targets[:4]) * np.log(1 - p))
    assert float(loss) == pytest.approx(binary.mean(), rel=1e-6)


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_onnx_answers_as_jax_does(name):
    model = _initialised(ARCHITECTURES[name].layers(range(N_IDS), N_CLASSES, "eval", several=True))
    check_exportable(model)
    assert is_additive(model) == (name in ("notebook", "mean"))
    data, key = to_onnx(model), fastmath.random.get_prng(0)
    apply = fastmath.jit(lambda ids: model.pure_fn(ids, model.weights, model.state, key)[0])
    assert relative_difference(data, apply, N_IDS) <= TOLERANCE
    assert OnnxSession(data).shape == (N_CLASSES, 2)
    assert OnnxSession(to_onnx(model, int8=True)).shape == (N_CLASSES, 2)


def test_members_of_an_ensemble_each_minimise_their_own_loss():
    member = ARCHITECTURES["mean"].layers(range(N_IDS), N_CLASSES, several=True)
    ensemble = _initialised(layers.Ensemble(member, 2))
    ids, targets = np.array([[3, 4, 5], [6, 7, 0]], np.int32), np.array([[1, 0, 0, 1, 0], [0] * 5], np.int32)
    weights, key, loss = np.ones((2, N_CLASSES), np.float32), fastmath.random.get_prng(0), tl.CrossEntropyLoss()

    def of_model(given, layer):
        return loss((layer.pure_fn(ids, given, layer.state, key)[0], targets, weights))

    together = jax.grad(of_model)(ensemble.weights, ensemble)
    for number, alone in enumerate(ensemble.members()):
        own = jax.grad(of_model)(alone.weights, alone)
        parts = jax.tree_util.tree_map(lambda stacked, n=number: stacked[n], together)
        jax.tree_util.tree_map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-7), parts, own)


def test_an_ensemble_answers_with_the_mean_log_odds():
    member = ARCHITECTURES["mean"].layers(range(N_IDS), N_CLASSES, "eval", several=True)
    ensemble = _initialised(layers.Ensemble(member, 2, "eval"))
    ids = np.array([[3, 4, 5], [6, 7, 0]], np.int32)
    found = np.asarray(ensemble(ids))
    alone = [np.asarray(each(ids)) for each in ensemble.members()]
    odds = np.mean([each[..., 1] - each[..., 0] for each in alone], axis=0)
    np.testing.assert_allclose(found[..., 1] - found[..., 0], odds, atol=1e-5)
    np.testing.assert_allclose(np.exp(found).sum(axis=-1), 1, rtol=1e-5)
    session = OnnxSession(to_onnx(tl.Serial(ensemble)))
    np.testing.assert_allclose(session(ids), found, atol=1e-5)
