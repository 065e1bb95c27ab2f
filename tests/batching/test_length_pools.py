"""Batches of like lengths hold the examples that their sampler draws, each as often, and need less padding."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment.batching.length_pools import LengthPools
from sentiment.batching.samplers import BalancedSampler, ShuffledSampler


@st.composite
def texts(draw):
    """Lengths of 1 to 60 texts, 0 to 40 tokens each."""
    return np.array(draw(st.lists(st.integers(0, 40), min_size=1, max_size=60)), np.int64)


def _pools(lengths, batch_size=4, n_batches=5, seed=0):
    return LengthPools(ShuffledSampler(lengths, batch_size, seed), lengths, n_batches, seed)


@given(texts(), st.integers(1, 7), st.integers(1, 6), st.integers(0, 99))
def test_a_pool_holds_what_its_sampler_draws_and_batches_are_cut_by_length(lengths, batch_size, n_batches, seed):
    drawn = ShuffledSampler(lengths, batch_size, seed).rows(n_batches, n_batches)
    rows = _pools(lengths, batch_size, n_batches, seed).rows(n_batches, n_batches)
    assert (rows.dtype, rows.shape) == (np.int64, (n_batches * batch_size,))
    assert Counter(rows.tolist()) == Counter(drawn.tolist())
    found = sorted(lengths[batch].tolist() for batch in rows.reshape(n_batches, batch_size))
    assert found == np.sort(lengths[drawn]).reshape(n_batches, batch_size).tolist()


@given(texts(), st.integers(0, 99), st.lists(st.integers(0, 40), min_size=1, max_size=8), st.integers(1, 12))
def test_a_batch_is_a_function_of_seed_and_step_alone(lengths, seed, steps, count):
    used = _pools(lengths, seed=seed)
    for step in steps:
        one_by_one = [_pools(lengths, seed=seed).rows(each) for each in range(step, step + count)]
        np.testing.assert_array_equal(used.rows(step, count), np.concatenate(one_by_one))


def test_batches_do_not_come_from_the_shortest_to_the_longest():
    lengths = np.arange(64)
    seen = {tuple(_pools(lengths, 4, 16, seed).rows(0, 16).reshape(16, 4).max(axis=1)) for seed in range(3)}
    assert len(seen) == 3
    assert tuple(range(3, 64, 4)) not in seen


def test_tweets_padded_to_their_batch_lose_a_third_of_the_padding_and_classes_stay_balanced():
    random = np.random.default_rng(0)
    lengths, labels = random.integers(4, 41, 2000), random.integers(0, 2, 2000)
    drawn = BalancedSampler(labels, 32, 0)
    pools = LengthPools(drawn, lengths, 16, 0)
    padded = [int(lengths[each.rows(0, 64)].reshape(64, 32).max(axis=1).sum()) for each in (drawn, pools)]
    assert padded[1] < 0.67 * padded[0]
    assert np.bincount(labels[pools.rows(0, 64)]).tolist() == [1024, 1024]
