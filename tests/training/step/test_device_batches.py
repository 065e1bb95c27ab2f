"""Batches that the device makes of examples that lie there are the host's, and train to the same bits."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_trainers import RNG, V, assert_same_bits, leaves_of, new_trainer, plain, with_dropout_and_state

from sentiment.batching.batches import Batches, Examples, next_tokens
from sentiment.batching.samplers import AutoSampler, BalancedSampler, OnePass
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.parallel.devices import Devices
from sentiment.training.step import device_batches
from sentiment.training.step.device_batches import on_devices, padded, rows_and_places, suits_device
from sentiment.training.step.feed import Feed, batches_of
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import optimizers, tl, training

BUCKETS = (4, 8, 12)


def _examples(n: int = 120, v: int = V) -> Examples:
    generator = np.random.default_rng(5)
    lengths = generator.choice([0, 1, 3, 3, 7, 11], n)
    ids = generator.integers(1, v, lengths.sum()).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return Examples(np.append(ids, np.int32(0)), starts, generator.integers(0, 2, n).astype(np.int32))


EXAMPLES = _examples()


@pytest.fixture
def roomy(monkeypatch):
    """This CPU takes itself for an accelerator with memory to spare."""
    monkeypatch.setattr(Devices, "free_memory", lambda self: 2**30)


SOFT = np.random.default_rng(6).dirichlet(np.ones(2), len(EXAMPLES)).astype(np.float32)


@pytest.mark.parametrize("examples", [EXAMPLES, replace(EXAMPLES, labels=SOFT)], ids=["hard", "soft"])
@pytest.mark.parametrize("weights", [None, np.array([0.5, 3], np.float32)])
def test_the_devices_batches_are_the_hosts_to_the_bit(weights, examples):
    batches = Batches(examples, OnePass(len(EXAMPLES), 7, seed=2), BUCKETS, class_weights=weights)
    there = on_devices(batches, Devices())
    steps = range(18)
    assert batches.sampler.rows(17)[-1] == -1, "the last is filled up"
    for drawn, batch in zip(batches.drawn(steps), batches.many(steps), strict=True):
        for ours, expected in zip(padded(there, *drawn), batch, strict=True):
            assert ours.dtype == expected.dtype
            np.testing.assert_array_equal(ours, expected)


@pytest.mark.parametrize(
    ("buckets", "kept"),
    [
        ((12, 16, 20, 28, 36, 48, 64), {12, 20, 36, 64}),
        ((8, 16, 24, 32), {8, 16, 32, 64}),  # beyond the last its multiples
        ((32, 64), {32, 64}),
        ((), set(range(1, 65))),
    ],
)
def test_an_accelerator_compiles_no_program_for_lengths_close_together(buckets, kept):
    lengths = np.arange(1, 65)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    examples = Examples(np.ones(starts[-1] + 1, np.int32), starts, np.zeros(64, np.int32))
    batches = Batches(examples, OnePass(64, 1), buckets)
    found = {int(each.rows[0]): each.length for each in batches.drawn(range(64))}
    assert all(length >= lengths[row] for row, length in found.items())
    assert set(found.values()) == kept


@given(st.lists(st.integers(0, 11), min_size=6, max_size=6), st.sampled_from([12, 40]))
def test_rows_and_places_are_those_of_the_ids(ids, n_rows):
    ids = np.array(ids, np.int32).reshape(2, 3)
    rows, places = map(np.asarray, rows_and_places(ids, n_rows))
    assert sorted(rows[rows < n_rows].tolist()) == sorted({0, *ids.ravel().tolist()})
    np.testing.assert_array_equal(rows[places], ids)
    np.testing.assert_array_equal(places == 0, ids == 0)


def _trained(model, optimizer, lazy: bool) -> tuple[list[np.ndarray], Trainer]:
    batches = Batches(EXAMPLES, AutoSampler(EXAMPLES.labels, 6, 1, most_repeats=1.0), BUCKETS)
    trainer = new_trainer(model, optimizer, batches.batch(0), lazy=lazy, steps_at_once=16)
    task = training.TrainTask(batches, tl.CrossEntropyLoss(), trainer.optimizer, sample_batch=batches.batch(0))
    keys, step = np.asarray(jax.random.split(RNG, 66)), 0
    with Feed(batches_of(task, trainer), trainer, 0, 50, lambda step: step == 21) as feed:
        for stack in feed:
            trainer.many_steps(stack, keys[step : step + 16], step)
            step += stack.count
    assert step == 50
    return leaves_of(trainer), trainer


@pytest.mark.parametrize(("optimizer", "lazy"), [(optimizers.Adam, False), (optimizers.Adam, True), (RowAdagrad, True)])
def test_training_has_the_same_bits_whichever_way_it_is_fed(request, optimizer, lazy):
    expected, fed_by_host = _trained(with_dropout_and_state, optimizer, lazy)
    assert not fed_by_host._fed
    request.getfixturevalue("roomy")
    _, fed_by_device = _trained(with_dropout_and_state, optimizer, lazy)
    assert fed_by_device._fed.keys() == {4, 8, 12}
    assert not len(fed_by_device._programs)
    assert_same_bits(fed_by_device, expected)


def test_with_few_of_many_rows_lazy_steps_have_the_same_bits_too(request):
    model = lambda: plain(5000)  # noqa: E731
    expected, _ = _trained(model, RowAdagrad, lazy=True)
    request.getfixturevalue("roomy")
    assert_same_bits(_trained(model, RowAdagrad, lazy=True)[1], expected)


def test_examples_lie_on_the_device_once_however_often_it_runs(roomy):
    batches = Batches(EXAMPLES, BalancedSampler(EXAMPLES.labels, 6, 1), BUCKETS)
    trainer = new_trainer(batch=batches.batch(0))
    assert trainer.takes_drawn(batches)
    there = trainer._examples
    assert trainer.takes_drawn(batches)
    assert trainer._examples is there
    assert trainer.takes_drawn(Batches(EXAMPLES, batches.sampler, (16,)))
    assert trainer._examples is not there


def test_what_does_not_fit_or_takes_another_form_is_fed_by_the_host(monkeypatch):
    sampler, devices = BalancedSampler(EXAMPLES.labels, 6, 1), Devices()
    batches = Batches(EXAMPLES, sampler, BUCKETS)
    size = 4 * (len(EXAMPLES.ids) + 2 * len(EXAMPLES) + 1)
    assert not suits_device(batches, devices), "a CPU"
    for free, suits in ((4 * size, True), (4 * size - 1, False)):
        monkeypatch.setattr(Devices, "free_memory", lambda self, free=free: free)
        assert suits_device(batches, devices) is suits
    monkeypatch.setattr(Devices, "free_memory", lambda self: 2**40)
    assert not suits_device(Batches(EXAMPLES, sampler, BUCKETS, next_tokens), devices)
    monkeypatch.setattr(device_batches, "_MOST_TOKENS", len(EXAMPLES.ids))
    assert not suits_device(batches, devices), "places would be larger than 32 bits hold"
