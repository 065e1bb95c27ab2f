"""Small models, batches and trainers that the trainer's tests share."""

import jax
import numpy as np

from sentiment import layers
from sentiment.batching.batches import Batch
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import fastmath, optimizers, shapes, tl

V, D, BATCH, LENGTH = 40, 4, 6, 5
RATE = 0.05
RNG = fastmath.random.get_prng(7)


def random_batch(seed: int, v: int = V, length: int = LENGTH) -> Batch:
    """Texts of 1 to `length` tokens, so that most batches have padding, and none has all ids."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(1, v, (BATCH, length)) * (
        np.arange(length) < generator.integers(1, length + 1, (BATCH, 1))
    )
    weights = generator.integers(1, 3, BATCH).astype(np.float32)
    return Batch(ids.astype(np.int32), generator.integers(0, 2, BATCH).astype(np.int32), weights)


BATCHES = [random_batch(seed) for seed in range(40)]
# Every id from 0 on, in every batch.
COMPLETE = [
    batch._replace(inputs=np.random.default_rng(n).permutation(30).reshape(6, 5).astype(np.int32))
    for n, batch in enumerate(BATCHES)
]


class Counting(tl.Layer):
    """Multiplies by a state that grows with every batch, and keeps another that doesn't change."""

    def init_weights_and_state(self, input_signature):
        self.state = (np.float32(1.0), np.arange(3, dtype=np.float32))

    def forward(self, x):
        scale, still = self.state
        self.state = (scale * np.float32(1.01), still)
        return x * scale


def plain(v: int = V):
    return tl.Serial(tl.Embedding(v, D), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


def with_dropout_and_state(v: int = V):
    embedding = layers.Embedding(v, D, mask_zero=True)
    head = [tl.Dropout(0.3, mode="train"), Counting(), tl.Dense(2), tl.LogSoftmax()]
    return tl.Serial(embedding, layers.MaskedMean(), *head)


def with_loss(model: tl.Layer, batch: Batch = BATCHES[0], loss: tl.Layer | None = None) -> tl.Layer:
    whole = tl.Serial(model, loss or tl.CrossEntropyLoss())
    whole.init(shapes.signature(batch), rng=fastmath.random.get_prng(3))
    return whole


def new_trainer(model=plain, optimizer=optimizers.Adam, batch: Batch = BATCHES[0], loss=None, **settings) -> Trainer:
    whole = with_loss(model(), batch, loss)
    optimizer = optimizer(RATE)
    optimizer.tree_init(whole.weights)
    return Trainer(whole, optimizer, batch, **settings)


class _Programs(dict):
    """Trainers and what they begin with, so that each program is compiled once."""

    def __missing__(self, key):
        model, optimizer, lazy, parts = key
        settings = {"lazy": lazy, "gradient_accumulation_steps": parts}
        trainer = new_trainer(model, optimizer, steps_at_once=16, **settings)
        acc = trainer.accelerated_model_with_loss
        self[key] = trainer, jax.tree_util.tree_map(np.array, (acc.weights, acc.state, trainer.slots))
        return self[key]


_PROGRAMS = _Programs()


def trainer_at_start(model=plain, optimizer=optimizers.Adam, lazy: bool = False, parts: int = 1) -> Trainer:
    """A trainer at its beginning; the same one for the same arguments."""
    trainer, (weights, state, slots) = _PROGRAMS[model, optimizer, lazy, parts]
    trainer.accelerated_model_with_loss.replicate_weights(weights)
    trainer.accelerated_model_with_loss.replicate_state(state)
    trainer.slots = slots
    return trainer


def trax_trainer(model=plain, optimizer=optimizers.Adam) -> optimizers.Trainer:
    whole = with_loss(model())
    optimizer = optimizer(RATE)
    optimizer.tree_init(whole.weights)
    return optimizers.Trainer(whole, optimizer)


def run_one_by_one(trainer, batches, start: int = 0) -> np.ndarray:
    """One by one; returns the losses."""
    keys = jax.random.split(RNG, len(batches) + start)[start:]
    losses = []
    for step, (batch, key) in enumerate(zip(batches, keys, strict=True), start):
        losses.append(trainer.one_step(batch, key, step=step, learning_rate=RATE / (1 + step / 50))[0])
    return np.array(losses)


def run_fused(trainer: Trainer, batches, start: int = 0) -> np.ndarray:
    """As many at once as the trainer takes."""
    keys = np.asarray(jax.random.split(RNG, len(batches) + start))[start:]
    losses = []
    for first in range(0, len(batches), trainer.steps_at_once):
        now = slice(first, first + trainer.steps_at_once)
        stack = trainer.stack(trainer.prepare(batches[now]))
        own_keys = np.zeros((trainer.steps_at_once, 2), np.uint32)
        own_keys[: stack.count] = keys[now]
        rates = [RATE / (1 + step / 50) for step in range(start + first, start + first + stack.count)]
        losses += np.asarray(trainer.many_steps(stack, own_keys, start + first, rates)[0])[: stack.count].tolist()
    return np.array(losses, np.float32)


def leaves_of(trainer) -> list[np.ndarray]:
    """Copies of weights, slots and states."""
    acc = trainer.accelerated_model_with_loss
    return [np.array(leaf) for leaf in jax.tree_util.tree_leaves((acc.weights, trainer.slots, acc.state))]


def assert_same_bits(trainer, leaves: list[np.ndarray]) -> None:
    for ours, theirs in zip(leaves_of(trainer), leaves, strict=True):
        np.testing.assert_array_equal(ours, theirs)


def table_of(trainer) -> np.ndarray:
    """A copy of the embedding's table."""
    return np.array(trainer.model_with_loss.weights[0][0])
