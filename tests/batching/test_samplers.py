"""Batches are balanced, repeatable and complete; the notebook's are the notebook's."""

import hashlib
import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sentiment.batching.batches import NO_ROW
from sentiment.batching.samplers import BalancedSampler, NotebookSampler, OnePass, ShuffledSampler
from sentiment.errors import InputError


@st.composite
def corpora(draw, max_classes=5):
    """Labels of an unbalanced corpus: 1 to 30 examples of each class, in any order, with gaps between the numbers."""
    classes = draw(st.lists(st.integers(0, 9), unique=True, min_size=1, max_size=max_classes))
    labels = [c for c in classes for _ in range(draw(st.integers(1, 30)))]
    return np.array(draw(st.permutations(labels)), np.int32)


@given(corpora(), st.integers(0, 20), st.integers(0, 2**31 - 1), st.integers(0, 1000))
def test_a_balanced_batch_holds_each_class_as_often_as_any_other_to_within_one(labels, more, seed, step):
    batch_size = len(np.unique(labels)) + more
    rows = BalancedSampler(labels, batch_size, seed).rows(step)
    assert (rows.dtype, rows.shape) == (np.int64, (batch_size,))
    counts = Counter(labels[rows].tolist())
    assert set(counts) == set(labels.tolist())
    assert max(counts.values()) - min(counts.values()) <= 1


@given(corpora(), st.integers(0, 10), st.integers(0, 99))
def test_over_many_batches_too_the_classes_stay_equal_to_within_one(labels, more, seed):
    batch_size = 1 + more  # of fewer places than classes, too
    sampler = BalancedSampler(labels, batch_size, seed)
    counts = Counter(labels[np.concatenate([sampler.rows(step) for step in range(20)])].tolist())
    assert max(counts.values()) - min(counts.values()) <= 1


@given(corpora(), st.integers(0, 10), st.integers(0, 99))
def test_a_class_shows_every_member_once_before_any_comes_again(labels, more, seed):
    batch_size = 1 + more
    sampler = BalancedSampler(labels, batch_size, seed)
    rows = np.concatenate([sampler.rows(step) for step in range(40)])
    for c in np.unique(labels):
        members = np.flatnonzero(labels == c)
        drawn = rows[labels[rows] == c]
        for start in range(0, len(drawn), len(members)):
            epoch = drawn[start : start + len(members)]
            assert len(set(epoch)) == len(epoch)
            assert set(epoch) <= set(members)


@given(corpora(), st.integers(0, 10), st.integers(0, 99), st.lists(st.integers(0, 60), min_size=2, max_size=10))
def test_a_balanced_batch_is_a_function_of_seed_and_step_alone(labels, more, seed, steps):
    batch_size = 1 + more
    sampler = BalancedSampler(labels, batch_size, seed)
    for step in steps:
        fresh = BalancedSampler(labels, batch_size, seed).rows(step)
        np.testing.assert_array_equal(sampler.rows(step), fresh)


def test_epochs_classes_and_seeds_have_orders_of_their_own():
    labels = np.repeat([0, 1], 50)
    orders = []
    for seed in (0, 1):
        sampler = BalancedSampler(labels, 100, seed)
        for epoch in (0, 1):
            rows = sampler.rows(epoch)
            orders += [tuple(rows[labels[rows] == 0]), tuple(rows[labels[rows] == 1] - 50)]
    assert len(set(orders)) == 8
    assert tuple(range(50)) not in orders


def test_a_small_class_comes_round_as_often_as_a_batch_needs_it():
    labels = np.array([0] * 1000 + [1] * 3)
    drawn = BalancedSampler(labels, 10, 0).rows(0)
    assert sorted(Counter(drawn[labels[drawn] == 1].tolist()).values()) == [1, 2, 2]


def test_balanced_batches_are_the_bits_of_runs_trained_before():
    labels = np.random.default_rng(0).integers(0, 7, 300)
    rows = np.concatenate([BalancedSampler(labels, 16, 5).rows(step) for step in range(60)])
    assert (
        hashlib.sha256(rows.tobytes()).hexdigest() == "98111e79fa3bbe3e8b569bbb2165f61d1678069510cf8959c9d204d342349547"
    )


def test_ten_thousand_classes_share_batches_of_a_hundred():
    labels = np.repeat(np.arange(10_000), 2)
    sampler = BalancedSampler(labels, 100, 0)
    rows = np.concatenate([sampler.rows(step) for step in range(100)])
    assert sorted(labels[rows]) == list(range(10_000))


def _notebook(labels, batch_size, seed, n_batches, shuffle=True):
    """The algorithm of the notebook's data_generator (for two classes), with the check of the negatives put right."""
    positive = [int(row) for row in np.flatnonzero(labels == 1)]
    negative = [int(row) for row in np.flatnonzero(labels == 0)]
    rnd = random.Random(seed)
    pos_order, neg_order = list(range(len(positive))), list(range(len(negative)))
    if shuffle:
        rnd.shuffle(pos_order)
        rnd.shuffle(neg_order)
    n_to_take = batch_size // 2
    pos_index = neg_index = 0
    batches = []
    for _ in range(n_batches):
        batch = []
        for _ in range(n_to_take):
            if pos_index >= len(positive):
                pos_index = 0
                if shuffle:
                    rnd.shuffle(pos_order)
            batch.append(positive[pos_order[pos_index]])
            pos_index += 1
        for _ in range(n_to_take):
            if neg_index >= len(negative):
                neg_index = 0
                if shuffle:
                    rnd.shuffle(neg_order)
            batch.append(negative[neg_order[neg_index]])
            neg_index += 1
        pos_index += n_to_take
        neg_index += n_to_take
        batches.append(batch)
    return batches


two_classes = st.tuples(st.integers(1, 25), st.integers(1, 25), st.randoms(use_true_random=False)).map(
    lambda drawn: np.array(drawn[2].sample([0] * drawn[0] + [1] * drawn[1], sum(drawn[:2])), np.int32)
)


@given(two_classes, st.integers(1, 6), st.integers(0, 999), st.booleans())
def test_the_notebooks_batches_are_those_of_its_algorithm_past_every_reset(labels, half, seed, shuffle):
    sampler = NotebookSampler(labels, 2 * half, seed, shuffle)
    for step, expected in enumerate(_notebook(labels, 2 * half, seed, 30, shuffle)):
        rows = sampler.rows(step)
        assert rows.dtype == np.int64
        assert rows.tolist() == expected


@given(two_classes, st.integers(1, 6), st.lists(st.integers(0, 29), min_size=2, max_size=12))
def test_the_notebooks_batches_can_be_asked_for_in_any_order(labels, half, steps):
    sampler = NotebookSampler(labels, 2 * half, 30)
    expected = _notebook(labels, 2 * half, 30, 30)
    assert [sampler.rows(step).tolist() for step in steps] == [expected[step] for step in steps]


def test_the_notebook_takes_positives_first_and_every_other_group():
    labels = np.array([0] * 8 + [1] * 8)
    sampler = NotebookSampler(labels, 4, 0, shuffle=False)
    assert [sampler.rows(step).tolist() for step in range(4)] == [
        [8, 9, 0, 1],
        [12, 13, 4, 5],
        [8, 9, 0, 1],
        [12, 13, 4, 5],
    ]


def test_the_notebooks_250th_batch_of_16_is_no_index_error():
    labels = np.repeat([0, 1], 4000)
    rows = NotebookSampler(labels, 16, 30).rows(251)
    assert Counter(labels[rows].tolist()) == {0: 8, 1: 8}


@given(corpora(max_classes=4), st.integers(1, 3), st.integers(0, 99))
def test_the_notebooks_way_serves_more_classes_in_equal_parts(labels, each, seed):
    classes = np.unique(labels)
    sampler = NotebookSampler(labels, each * len(classes), seed)
    for step in range(10):
        assert labels[sampler.rows(step)].tolist() == np.repeat(classes[::-1], each).tolist()


@pytest.mark.parametrize(
    ("n_classes", "batch_size", "advice"), [(2, 5, "use 4 or 6"), (3, 16, "use 15 or 18"), (3, 4, "use 3 or 6")]
)
def test_a_notebook_batch_that_cannot_be_equal_is_refused_with_the_sizes_that_can(n_classes, batch_size, advice):
    with pytest.raises(InputError, match=f"batch_size {batch_size}: .*{n_classes} classes; {advice}"):
        NotebookSampler(np.arange(n_classes), batch_size, 0)


@pytest.mark.parametrize("sampler", [BalancedSampler, NotebookSampler])
def test_a_batch_of_nothing_is_refused(sampler):
    with pytest.raises(InputError, match="batch_size 0: must be 1 or more"):
        sampler(np.array([0, 0]), 0, 0)


@given(st.integers(0, 200), st.integers(1, 40), st.none() | st.integers(0, 99))
def test_one_pass_names_every_row_once_and_fills_only_the_last_batch(n_examples, batch_size, seed):
    one_pass = OnePass(n_examples, batch_size, seed)
    batches = [one_pass.rows(step) for step in range(one_pass.steps)]
    assert all(batch.shape == (batch_size,) and batch.dtype == np.int64 for batch in batches)
    assert all(NO_ROW not in batch for batch in batches[:-1])
    rows = np.concatenate([*batches, np.empty(0, np.int64)])
    assert len(rows) - n_examples < batch_size
    assert sorted(rows[:n_examples]) == list(range(n_examples))
    assert (rows[n_examples:] == NO_ROW).all()
    if seed is None:
        assert rows[:n_examples].tolist() == list(range(n_examples))


@given(st.integers(20, 200), st.integers(1, 40), st.integers(0, 99))
def test_one_pass_with_a_seed_is_shuffled_and_repeatable(n_examples, batch_size, seed):
    assume(n_examples > batch_size)
    passes = [OnePass(n_examples, batch_size, s) for s in (seed, seed, seed + 1)]
    orders = [[row for step in range(one.steps) for row in one.rows(step)][:n_examples] for one in passes]
    assert orders[0] == orders[1]
    assert orders[0] != orders[2]
    assert orders[0] != list(range(n_examples))


@pytest.mark.parametrize(("n_examples", "step"), [(10, 4), (10, -1), (9, 3), (0, 0)])
def test_one_pass_ends_with_an_index_error(n_examples, step):
    with pytest.raises(IndexError, match=f"step {step} of a pass of"):
        OnePass(n_examples, 3).rows(step)


def test_a_pass_in_batches_of_nothing_is_refused():
    with pytest.raises(InputError, match="batch_size 0"):
        OnePass(10, 0)


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 99))
def test_every_epoch_of_a_shuffled_sampler_holds_each_example_once(n_examples, batch_size, seed):
    sampler = ShuffledSampler(np.zeros(n_examples), batch_size, seed)
    steps = -(-3 * n_examples // batch_size)
    rows = np.concatenate([sampler.rows(step) for step in range(steps)])
    assert rows.dtype == np.int64
    for epoch in range(3):
        assert sorted(rows[epoch * n_examples : (epoch + 1) * n_examples]) == list(range(n_examples))


@given(st.integers(1, 60), st.integers(1, 70), st.lists(st.integers(0, 200), min_size=1, max_size=8))
def test_a_shuffled_batch_is_a_function_of_seed_and_step(n_examples, batch_size, steps):
    sampler = ShuffledSampler(np.zeros(n_examples), batch_size, 3)
    for step in steps:
        fresh = ShuffledSampler(np.zeros(n_examples), batch_size, 3)
        np.testing.assert_array_equal(sampler.rows(step), fresh.rows(step))


def test_shuffled_epochs_differ_and_so_do_seeds():
    orders = [ShuffledSampler(np.zeros(50), 50, seed).rows(epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert len(set(map(tuple, orders))) == 4


@pytest.mark.parametrize("sampler", [BalancedSampler, ShuffledSampler, NotebookSampler])
@given(step=st.integers(0, 9), count=st.integers(1, 9))
def test_the_rows_of_many_batches_are_those_of_each(sampler, step, count):
    labels = np.array([0, 0, 1, 0, 1, 0, 0])
    drawn = sampler(labels, 4, 3).rows(step, count)
    one = sampler(labels, 4, 3)
    np.testing.assert_array_equal(drawn, np.concatenate([one.rows(each) for each in range(step, step + count)]))
