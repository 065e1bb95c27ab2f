"""A committee answers with its members' mean, and trains each as if it were alone; n-grams' scores add up."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.layers import L1L2, Committee, Embedding, MaskedMean, NgramScores, masked_serial
from sentiment.trax_runtime import fastmath, shapes, tl

KEY = fastmath.random.get_prng(0)
IDS = np.array([[3, 5, 4, 0], [7, 0, 0, 0], [0, 0, 0, 0]], np.int32)
CLASSES = np.array([0, 1, 1])
NGRAMS = np.random.default_rng(0).integers(0, 6, (8, 3)).astype(np.uint16)
NGRAMS[:3] = 0


def _mean(**options):
    return masked_serial(Embedding(10, 4, mask_zero=True, **options), MaskedMean(), tl.Dense(2), tl.LogSoftmax())


def _speller():
    return tl.Serial(NgramScores(NGRAMS, 6, 2), tl.LogSoftmax())


def _begun(layer):
    layer.init(shapes.signature(IDS), rng=KEY)
    random = np.random.default_rng(1)  # scores begin at zero, which tells nothing
    draw = lambda each: random.normal(size=each.shape).astype(np.float32)  # noqa: E731
    layer.weights = jax.tree_util.tree_map(draw, layer.weights)
    return layer


def _loss(layer, weights):
    log_probabilities = layer.pure_fn(IDS, weights, layer.state, KEY)[0]
    return -log_probabilities[np.arange(len(IDS)), CLASSES].mean()


def test_it_answers_with_the_softmax_of_the_mean_log_probabilities():
    committee = _begun(Committee([_mean(), _speller()], mode="eval"))
    answers = [member.pure_fn(IDS, member.weights, member.state, KEY)[0] for member in committee.members()]
    mean = np.mean(answers, axis=0)
    expected = mean - np.log(np.exp(mean).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(committee.pure_fn(IDS, committee.weights, committee.state, KEY)[0], expected, atol=1e-6)


def test_each_members_gradient_is_the_one_it_has_alone():
    committee = _begun(Committee([_mean(), _speller()]))
    together = jax.grad(lambda weights: _loss(committee, weights))(committee.weights)
    for found, member in zip(together, committee.members(), strict=True):
        alone = jax.grad(lambda weights, member=member: _loss(member, weights))(member.weights)
        jax.tree_util.tree_map(lambda *pair: np.testing.assert_allclose(*pair, atol=1e-6), found, alone)
        assert any(np.abs(leaf).max() > 1e-3 for leaf in jax.tree_util.tree_leaves(found))


def test_fewer_than_two_members_or_members_with_rules_are_refused():
    for members in ([], [_mean()]):
        with pytest.raises(InputError, match="there must be 2 members or more"):
            Committee(members)
    with pytest.raises(InputError, match="regularizers"):
        Committee([_mean(), _mean(regularizer=L1L2(l2=0.1))])


@given(st.lists(st.lists(st.integers(3, 7), max_size=6), min_size=1, max_size=4), st.integers(0, 3))
def test_a_text_s_scores_are_its_ngrams_sum_over_the_root_of_their_number(texts, padding):
    layer = _begun(NgramScores(NGRAMS, 6, 2))
    length = max(map(len, texts)) + padding
    ids = np.array([[*text, *[0] * (length - len(text))] for text in texts], np.int32)
    (scores, bias), found = layer.weights, layer.pure_fn(ids, layer.weights, layer.state, KEY)[0]
    for text, answer in zip(texts, found, strict=True):
        ngrams = [ngram for token in text for ngram in NGRAMS[token] if ngram]
        total = sum((scores[ngram] for ngram in ngrams), np.zeros(2))
        np.testing.assert_allclose(answer, layer.PACE * total / np.sqrt(max(len(ngrams), 1)) + bias, atol=1e-5)


def test_scores_by_token_are_the_sums_of_their_ngrams():
    layer = _begun(NgramScores(NGRAMS, 6, 2))
    by_token = layer.by_token()
    assert not by_token[:3].any()
    for ngrams, row in zip(NGRAMS[3:], by_token[3:], strict=True):
        there = ngrams[ngrams > 0]
        np.testing.assert_allclose(row, [*layer.weights[0][there].sum(axis=0), len(there)], atol=1e-6)
