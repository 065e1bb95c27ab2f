"""A batch holds its texts' ids, padded only after their ends, with a weight that tells examples from filling."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.batching.batches import NO_ROW, Batch, Batches, Examples, next_tokens, pad
from sentiment.batching.samplers import OnePass
from sentiment.encoding.vocabulary import Vocabulary

VOCABULARY = Vocabulary.build([list("abcde")])

texts = st.lists(st.lists(st.sampled_from([*"abcde", "unseen"]), max_size=12), min_size=1, max_size=20)
bucketings = st.lists(st.integers(1, 15), unique=True, max_size=4).map(lambda lengths: tuple(sorted(lengths)))


def _examples(token_lists) -> Examples:
    return Examples.encode(token_lists, np.arange(1, len(token_lists) + 1) % 3, VOCABULARY)


@given(texts)
def test_encoded_examples_hold_every_text_end_to_end(token_lists):
    examples = _examples(token_lists)
    assert len(examples) == len(token_lists)
    assert examples.ids.dtype == examples.labels.dtype == np.int32
    assert examples.starts.dtype == np.int64
    for row, tokens in enumerate(token_lists):
        ids = examples.ids[examples.starts[row] : examples.starts[row + 1]]
        np.testing.assert_array_equal(ids, VOCABULARY.encode(tokens))


def test_a_generator_of_texts_and_no_text_at_all_are_encoded():
    assert len(Examples.encode((tokens for tokens in [["a"], ["b"]]), np.array([0, 1]), VOCABULARY)) == 2
    assert len(Examples.encode([], np.array([]), VOCABULARY)) == 0


@given(texts, bucketings, st.data())
def test_a_batch_is_inputs_targets_and_weights_of_the_rows_asked_for(token_lists, buckets, data):
    rows = data.draw(st.lists(st.integers(-1, len(token_lists) - 1), min_size=1, max_size=12))
    examples = _examples(token_lists)
    batch = pad(examples, np.array(rows), buckets)
    assert isinstance(batch, Batch)
    assert (batch.inputs.dtype, batch.targets.dtype, batch.weights.dtype) == (np.int32, np.int32, np.float32)
    assert (batch.inputs.ndim, batch.targets.shape, batch.weights.shape) == (2, (len(rows),), (len(rows),))
    assert len(batch.inputs) == len(rows)
    for row, inputs, target, weight in zip(rows, *batch, strict=True):
        expected = VOCABULARY.encode(token_lists[row]) if row != NO_ROW else []
        np.testing.assert_array_equal(inputs[: len(expected)], expected)
        assert not inputs[len(expected) :].any(), "padding, and only padding, stands after the end"
        assert (inputs[: len(expected)] != Vocabulary.PAD).all(), "no padding before the end"
        assert (target, weight) == (((row + 1) % 3, 1) if row != NO_ROW else (0, 0))


@given(texts, bucketings)
def test_a_batch_has_the_first_length_that_its_longest_text_fits(token_lists, buckets):
    length = pad(_examples(token_lists), np.arange(len(token_lists)), buckets).inputs.shape[1]
    longest = max(1, *map(len, token_lists))
    if not buckets:
        assert length == longest
    elif longest <= buckets[-1]:
        assert length == min(bucket for bucket in buckets if bucket >= longest)
    else:
        assert length % buckets[-1] == 0
        assert longest <= length < longest + buckets[-1]


@pytest.mark.parametrize(
    ("longest", "buckets", "length"),
    [(8, (8, 16), 8), (9, (8, 16), 16), (17, (8, 16), 32), (33, (8, 16), 48), (5, (), 5), (0, (), 1), (0, (4,), 4)],
)
def test_lengths_by_example(longest, buckets, length):
    assert pad(_examples([["a"] * longest]), np.array([0]), buckets).inputs.shape == (1, length)


def test_empty_texts_are_all_padding_and_still_count():
    batch = pad(_examples([[], ["a"], []]), np.array([0, 1, 2, NO_ROW]))
    np.testing.assert_array_equal(batch.inputs, [[0], [3], [0], [0]])
    np.testing.assert_array_equal(batch.targets, [1, 2, 0, 0])
    np.testing.assert_array_equal(batch.weights, [1, 1, 1, 0])


def test_filling_does_not_make_a_batch_longer():
    examples = _examples([["a"] * 9, ["b"]])
    assert pad(examples, np.array([1, NO_ROW])).inputs.shape == (2, 1)


@given(texts, st.integers(1, 9), st.none() | st.integers(0, 9))
def test_one_pass_covers_every_example_exactly_once(token_lists, batch_size, seed):
    examples = _examples(token_lists)
    one_pass = OnePass(len(examples), batch_size, seed)
    batches = [Batches(examples, one_pass).batch(step) for step in range(one_pass.steps)]
    assert {len(batch.weights) for batch in batches} == {batch_size}
    weights = np.concatenate([batch.weights for batch in batches])
    assert weights.sum() == len(token_lists)
    assert not weights[len(token_lists) :].any(), "filling stands at the end"
    seen = [
        (int(target), tuple(inputs[inputs != Vocabulary.PAD]))
        for batch in batches
        for inputs, target, weight in zip(*batch, strict=True)
        if weight
    ]
    given = [((row + 1) % 3, tuple(VOCABULARY.encode(tokens))) for row, tokens in enumerate(token_lists)]
    assert sorted(seen) == sorted(given)
    if seed is None:
        assert seen == given


def test_the_partial_last_batch_keeps_its_targets_and_weighs_its_filling_nothing():
    examples = Examples.encode([["a"]] * 5, np.array([1, 2, 1, 2, 2]), VOCABULARY)
    last = Batches(examples, OnePass(5, 3)).batch(1)
    np.testing.assert_array_equal(last.targets[:2], [2, 2])
    np.testing.assert_array_equal(last.weights, [1, 1, 0])
    np.testing.assert_array_equal(last.inputs, [[3], [3], [0]])


@given(texts, bucketings, st.data())
def test_a_language_models_batch_has_every_token_for_the_target_of_those_before_it(token_lists, buckets, data):
    rows = np.array(data.draw(st.lists(st.integers(-1, len(token_lists) - 1), min_size=1, max_size=12)))
    padded = pad(_examples(token_lists), rows, buckets)
    batch = next_tokens(padded)
    shape = (len(rows), padded.inputs.shape[1] + 1)
    assert {array.shape for array in batch} == {shape}
    assert (batch.inputs.dtype, batch.targets.dtype, batch.weights.dtype) == (np.int32, np.int32, np.float32)
    for row, inputs, targets, weights in zip(rows, *batch, strict=True):
        if row == NO_ROW:
            assert not weights.any()
            continue
        ids = VOCABULARY.encode(token_lists[row]).tolist()
        rest = [Vocabulary.PAD] * (shape[1] - len(ids) - 1)
        assert inputs.tolist() == [Vocabulary.END, *ids, *rest]
        assert targets.tolist() == [*ids, Vocabulary.END, *rest]
        assert weights.tolist() == [1] * (len(ids) + 1) + [0] * len(rest)


def test_batches_take_the_form_that_is_asked_for():
    examples = _examples([["a", "b"], ["c"]])
    one_pass = OnePass(2, 2)
    for formed, expected in zip(
        Batches(examples, one_pass, (4,), next_tokens).batch(0),
        next_tokens(pad(examples, one_pass.rows(0), (4,))),
        strict=True,
    ):
        np.testing.assert_array_equal(formed, expected)


@given(texts, bucketings, st.integers(1, 5), st.booleans(), st.booleans())
def test_many_batches_are_each_that_of_its_step(token_lists, buckets, batch_size, weighted, form):
    examples = _examples(token_lists)
    one_pass = OnePass(len(examples), batch_size * 2, seed=1)
    weights = np.array([0.5, 1, 3], np.float32) if weighted else None
    batches = Batches(examples, one_pass, buckets, next_tokens if form else None, weights)
    for share in ((0, 1), (1, 2)):
        found = batches.many(range(one_pass.steps), share)
        assert len(found) == one_pass.steps
        for step, batch in enumerate(found):
            for ours, expected in zip(batch, batches.batch(step, share), strict=True):
                np.testing.assert_array_equal(ours, expected)
                assert ours.dtype == expected.dtype
    plain = Batches(examples, one_pass, buckets).batch(0)
    for ours, expected in zip(plain, pad(examples, one_pass.rows(0), buckets), strict=True):
        np.testing.assert_array_equal(ours, expected)


def test_many_long_batches_are_padded_a_few_at_a_time(monkeypatch):
    examples = _examples([list("abcde")[: n % 5] for n in range(40)])
    batches = Batches(examples, OnePass(40, 4), (2, 4))
    whole = batches.many(range(10))
    monkeypatch.setattr("sentiment.batching.batches._AT_ONCE", 40)
    for one, other in zip(whole, batches.many(range(10)), strict=True):
        np.testing.assert_array_equal(one.inputs, other.inputs)


def test_targets_that_are_probabilities_stay_so_and_every_class_has_its_weight():
    soft = np.array([[0.25, 0.75], [1, 0]], np.float32)
    examples = Examples.encode([["a"], ["b"]], soft, VOCABULARY)
    assert examples.labels.dtype == np.float32
    sampler = OnePass(2, 3)
    (batch,) = Batches(examples, sampler, class_weights=np.array([1, 2], np.float32)).many(range(1))
    np.testing.assert_array_equal(batch.targets, [[0.25, 0.75], [1, 0], [0, 0]])
    np.testing.assert_array_equal(batch.weights, [[1, 2], [1, 2], [0, 0]])
