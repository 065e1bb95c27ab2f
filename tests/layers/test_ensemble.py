"""An ensemble is its members' mean: each is trained as if it were alone, and what they answer is one distribution."""

import jax
import numpy as np
import pytest

from sentiment.errors import InputError
from sentiment.layers import L1L2, Embedding, Ensemble, MaskedMean, masked_serial
from sentiment.trax_runtime import fastmath, shapes, tl

KEY = fastmath.random.get_prng(0)
IDS = np.array([[3, 5, 4, 0], [7, 0, 0, 0]], np.int32)
CLASSES = np.array([0, 1])


def _member():
    return masked_serial(Embedding(10, 4, mask_zero=True), MaskedMean(), tl.Dense(2), tl.LogSoftmax())


def _ensemble(mode="train", n_members=3):
    ensemble = Ensemble(_member(), n_members, mode)
    ensemble.init(shapes.signature(IDS), rng=KEY)
    return ensemble


def _answers(ensemble):
    return np.stack([member.pure_fn(IDS, member.weights, member.state, KEY)[0] for member in ensemble.members()])


def _loss(layer, weights):
    log_probabilities = layer.pure_fn(IDS, weights, layer.state, KEY)[0]
    return -log_probabilities[np.arange(len(IDS)), CLASSES].mean()


def test_members_begin_differently():
    answers = _answers(_ensemble())
    assert len(np.unique(answers[:, 0, 0])) == 3


def test_it_answers_with_the_softmax_of_the_mean_log_probabilities():
    ensemble = _ensemble(mode="eval")
    mean = _answers(ensemble).mean(axis=0)
    expected = mean - np.log(np.exp(mean).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(ensemble(IDS), expected, atol=1e-6)
    np.testing.assert_allclose(np.exp(ensemble(IDS)).sum(axis=1), 1, atol=1e-6)


def test_in_training_its_loss_is_the_mean_of_the_members_losses():
    ensemble = _ensemble()
    losses = [_loss(member, member.weights) for member in ensemble.members()]
    assert float(_loss(ensemble, ensemble.weights)) == pytest.approx(float(np.mean(losses)), abs=1e-6)


def test_each_members_gradient_is_the_one_it_has_alone():
    ensemble = _ensemble()
    together = jax.tree_util.tree_leaves(jax.grad(lambda weights: _loss(ensemble, weights))(ensemble.weights))
    for number, member in enumerate(ensemble.members()):
        alone = jax.grad(lambda weights, member=member: _loss(member, weights))(member.weights)
        for stacked, own in zip(together, jax.tree_util.tree_leaves(alone), strict=True):
            np.testing.assert_allclose(stacked[number], own, atol=1e-6)


def test_each_member_draws_dropout_of_its_own():
    member = masked_serial(
        Embedding(10, 64, mask_zero=True), MaskedMean(), tl.Dropout(0.5), tl.Dense(2), tl.LogSoftmax()
    )
    ensemble = Ensemble(member, 2)
    ensemble.init(shapes.signature(IDS), rng=KEY)
    first = jax.tree_util.tree_map(lambda stacked: stacked[:1].repeat(2, axis=0), ensemble.weights)
    together = ensemble.pure_fn(IDS, first, ensemble.state, KEY)[0]
    alone = member.pure_fn(IDS, jax.tree_util.tree_map(lambda each: each[0], first), member.state, KEY)[0]
    keys = fastmath.random.split(KEY, 2)
    drawn = [member.pure_fn(IDS, jax.tree_util.tree_map(lambda each: each[0], first), member.state, k)[0] for k in keys]
    assert not np.allclose(drawn[0], drawn[1])
    np.testing.assert_allclose(together, np.mean(drawn, axis=0), atol=1e-6)
    assert not np.allclose(together, alone)


def test_fewer_than_two_members_or_members_with_rules_are_refused():
    with pytest.raises(InputError, match="there must be 2 members or more"):
        Ensemble(_member(), 1)
    ruled = masked_serial(
        Embedding(10, 4, mask_zero=True, regularizer=L1L2(l2=0.1)), MaskedMean(), tl.Dense(2), tl.LogSoftmax()
    )
    with pytest.raises(InputError, match="regularizers"):
        Ensemble(ruled, 2)
