"""The sampler that balances up to a cap: even classes as the balanced one, skewed ones in known shares."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.batching.samplers import AutoSampler, BalancedSampler
from sentiment.errors import InputError


def _labels(*counts: int) -> np.ndarray:
    return np.random.default_rng(0).permutation(np.repeat(np.arange(len(counts)), counts))


counts = st.lists(st.integers(1, 60), min_size=1, max_size=8)


@given(st.lists(st.integers(10, 30), min_size=2, max_size=8), st.integers(1, 20), st.integers(0, 99))
def test_classes_of_up_to_three_times_the_texts_are_balanced_bit_for_bit(of_each, batch_size, step):
    labels = _labels(*of_each)
    auto, balanced = (each(labels, batch_size, 5) for each in (AutoSampler, BalancedSampler))
    assert set(auto.shares) == {1 / len(of_each)}
    np.testing.assert_array_equal(auto.rows(step, 7), balanced.rows(step, 7))


@given(counts, st.integers(1, 20), st.integers(0, 99), st.integers(1, 5))
def test_a_batch_is_a_function_of_seed_and_step_alone(of_each, batch_size, step, count):
    labels = _labels(*of_each)
    sampler = AutoSampler(labels, batch_size, 3)
    sampler.rows(step + 3)
    drawn = sampler.rows(step, count)
    one_by_one = [AutoSampler(labels, batch_size, 3).rows(step + n) for n in range(count)]
    np.testing.assert_array_equal(drawn, np.concatenate(one_by_one))
    assert (drawn.dtype, drawn.shape) == (np.int64, (count * batch_size,))


@given(counts, st.floats(1, 20))
def test_over_many_batches_each_class_has_its_share_to_within_one_turn(of_each, most_repeats):
    labels = _labels(*of_each)
    sampler = AutoSampler(labels, 10, 0, most_repeats)
    drawn = np.bincount(labels[sampler.rows(0, 50)], minlength=len(of_each))
    assert sampler.shares.sum() == pytest.approx(1)
    assert np.abs(drawn - 500 * sampler.shares).max() <= len(of_each) + 1


@given(counts, st.floats(1, 20))
def test_no_text_comes_more_often_than_the_cap_says_and_none_of_a_rare_class_less_often(of_each, most_repeats):
    sampler = AutoSampler(_labels(*of_each), 10, 0, most_repeats)
    of_each = np.array(of_each)
    rates = sampler.shares / of_each
    rounding = 1 + 1 / 16
    assert rates.max() / rates.min() <= most_repeats * rounding**2 + 1e-9
    for one, other in zip(of_each.argsort(), of_each.argsort()[1:], strict=False):
        assert rates[one] * rounding**2 >= rates[other]


@pytest.mark.parametrize(("ratio", "cap"), [(3, 3), (4, 2.6), (6, 2.12), (9, 1.73), (100, 1.73)])
def test_the_cap_falls_to_its_root_where_classes_are_more_skewed(ratio, cap):
    sampler = AutoSampler(_labels(ratio * 100, 100), 10, 0)
    rare, frequent = sampler.shares[1] / 100, sampler.shares[0] / (ratio * 100)
    assert rare / frequent == pytest.approx(cap, rel=1 / 16)


def test_a_class_of_three_texts_among_thousands_shows_them_all_before_any_comes_again():
    labels = _labels(3000, 900, 3)
    sampler = AutoSampler(labels, 64, 0)
    assert sampler.shares[2] < 3**0.5 * 3 / 3903 * 1.07
    drawn = sampler.rows(0, 800)
    rare = drawn[labels[drawn] == 2].tolist()
    assert len(rare) > 50
    assert max(Counter(rare).values()) - min(Counter(rare).values()) <= 1
    assert all(len(set(rare[start : start + 3])) == 3 for start in range(0, len(rare) - 3, 3))


def test_more_classes_than_a_batch_has_places_take_turns():
    labels = np.concatenate([_labels(*[2] * 300), np.full(3000, 300)])
    sampler = AutoSampler(labels, 32, 0)
    drawn = labels[sampler.rows(0, 1000)]
    assert set(drawn) == set(range(301))
    assert np.mean(drawn == 300) == pytest.approx(sampler.shares[300], abs=0.005)


def test_a_cycle_stays_short_where_one_text_stands_beside_a_million():
    sampler = AutoSampler(np.concatenate([np.zeros(1_000_000, int), [1]]), 8, 0)
    assert sampler.shares[1] == pytest.approx(3**0.5 / 1_000_000, rel=0.5)
    assert len(sampler._cycle) < 600_000


@pytest.mark.parametrize("most_repeats", [0.5, float("inf"), float("nan")])
def test_a_cap_below_one_is_refused(most_repeats):
    with pytest.raises(InputError, match=r"AutoSampler\.most_repeats"):
        AutoSampler(_labels(2, 3), 4, 0, most_repeats)
