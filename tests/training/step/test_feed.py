"""The feed of batches: every step once, prepared ahead in a thread."""

import threading

import jax
import numpy as np
import pytest
from small_trainers import (
    BATCHES,
    RNG,
    V,
    assert_same_bits,
    leaves_of,
    trainer_at_start,
    with_dropout_and_state,
)

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import BalancedSampler
from sentiment.errors import InputError
from sentiment.training.step.feed import Feed, one_by_one
from sentiment.training.step.trainer import Trainer

# The feed


def _examples() -> Examples:
    generator = np.random.default_rng(5)
    texts = [generator.integers(3, V, generator.choice([3, 3, 3, 3, 7, 11])).tolist() for _ in range(120)]

    class _AsTheyAre:
        def encode(self, tokens):
            return np.array(tokens, np.int32)

    return Examples.encode(texts, generator.integers(0, 2, len(texts)).astype(np.int32), _AsTheyAre())


EXAMPLES = _examples()


def _stream() -> Batches:
    return Batches(EXAMPLES, BalancedSampler(EXAMPLES.labels, 4, 1), (4, 8, 12))


def _train(trainer: Trainer, first: int, end: int, stops_before=lambda step: False) -> list[int]:
    """Trains on the feed; returns how many steps each stack had."""
    counts = []
    keys = np.asarray(jax.random.split(RNG, end + trainer.steps_at_once))
    with Feed(_stream().many, trainer, first, end, stops_before) as feed:
        for stack in feed:
            step = first + sum(counts)
            trainer.many_steps(stack, keys[step : step + trainer.steps_at_once], step)
            counts.append(stack.count)
    return counts


def test_a_feed_holds_every_step_and_stops_where_it_must():
    trainer = trainer_at_start(with_dropout_and_state, lazy=True)
    counts = _train(trainer, 0, 50, stops_before=lambda step: step in (5, 13, 14))
    ends = np.cumsum(counts)
    assert ends[-1] == 50
    assert {5, 13, 14, 16, 32, 48} <= set(ends), "where it must, and at each block's end"
    leaves = leaves_of(trainer)
    trainer = trainer_at_start(with_dropout_and_state, lazy=True)
    keys = np.asarray(jax.random.split(RNG, 66))
    for step in range(50):
        stack = trainer.stack(trainer.prepare([_stream().batch(step)]))
        trainer.many_steps(stack, keys[step : step + 16], step)
    assert_same_bits(trainer, leaves)


def test_a_feed_that_begins_within_a_block_makes_the_same_stacks():
    trainer = trainer_at_start(lazy=True)
    stacks = {}
    for first in (0, 5, 21):
        with Feed(_stream().many, trainer, first, 40) as feed:
            step = first
            for stack in feed:
                for number in range(stack.count):
                    shapes_ = (stack.rows.shape, stack.arrays[0].shape)
                    assert stacks.setdefault(step + number, shapes_) == shapes_
                step += stack.count
    assert len(stacks) == 40


def test_programs_are_compiled_in_the_first_epoch_alone():
    trainer = trainer_at_start(with_dropout_and_state, lazy=True)
    epoch = len(EXAMPLES) // 4
    _train(trainer, 0, epoch)
    compiled = len(trainer._programs)
    assert compiled >= 3, "one for each length"
    _train(trainer, epoch, 4 * epoch)
    assert len(trainer._programs) == compiled


def test_what_goes_wrong_in_the_thread_is_raised_where_batches_are_used():
    def batch(step):
        if step == 20:
            raise InputError("row 3: no such thing")
        return BATCHES[step]

    seen = 0

    def use():
        nonlocal seen
        with Feed(one_by_one(batch), trainer_at_start(), 0, 40) as feed:
            for stack in feed:
                seen += stack.count

    with pytest.raises(InputError, match="no such thing"):
        use()
    assert seen == 16
    assert "batches" not in [thread.name for thread in threading.enumerate()]


def test_a_feed_that_is_left_early_ends_its_thread():
    trainer = trainer_at_start()
    with Feed(one_by_one(lambda step: BATCHES[step % 40]), trainer, 0, 10**9) as feed:
        assert next(iter(feed)).count == 16
    assert "batches" not in [thread.name for thread in threading.enumerate()]
