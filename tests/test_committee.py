"""The committee: its answer is a distribution, and each member learns as if it were alone."""

import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.layers import Committee
from sentiment.trax_runtime import fastmath, shapes, tl

FEATURES = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)


def _layer(mode, members=3):
    layer = Committee(2, members, mode)
    layer.init(shapes.signature(FEATURES), rng=fastmath.random.get_prng(1))
    return layer


def _members(weights):
    w, b = (np.asarray(each) for each in weights)
    return [np.asarray(tl.log_softmax(FEATURES[:, k :: len(w)] @ w[k] + b[k])) for k in range(len(w))]


def test_its_answer_is_the_normalised_geometric_mean_of_its_members():
    layer = _layer("eval")
    mean = np.exp(np.mean(_members(layer.weights), axis=0))
    np.testing.assert_allclose(np.exp(layer(FEATURES)), mean / mean.sum(axis=1, keepdims=True), atol=1e-6)


def test_its_loss_in_training_is_the_mean_of_its_members_own():
    layer = _layer("train")
    targets, weights = np.array([0, 1, 1, 0, 1]), np.ones(5, np.float32)
    own = [float(tl.CrossEntropyLoss()((member, targets, weights))) for member in _members(layer.weights)]
    whole = float(tl.CrossEntropyLoss()((layer(FEATURES), targets, weights)))
    assert whole == pytest.approx(np.mean(own), abs=1e-6)


def test_features_that_cannot_be_shared_equally_are_refused():
    with pytest.raises(InputError, match="6 features can't be shared equally by 4 members"):
        _layer("train", members=4)
