"""Small loops that tests train: texts of a few letters, models of a few numbers."""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from sentiment.batching.batches import Batch, Batches, Examples
from sentiment.batching.samplers import BalancedSampler, OnePass
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.training.loop.checkpoint import newest_checkpoint
from sentiment.training.loop.loop import Loop
from sentiment.trax_runtime import optimizers, tl, training

WORDS = "abcdefgh"
VOCABULARY = Vocabulary.build([WORDS])
STEPS = 6


def examples(n: int, seed: int) -> Examples:
    """Texts of 1 to 4 letters, which tell their class by the first."""
    generator = np.random.default_rng(seed)
    texts = [list(generator.choice(list(WORDS), generator.integers(1, 5))) for _ in range(n)]
    return Examples.encode(texts, np.array([text[0] > "d" for text in texts]), VOCABULARY)


TRAIN, VALIDATION = examples(40, 1), examples(7, 2)
BATCHES = Batches(TRAIN, BalancedSampler(TRAIN.labels, 4, 3), (4,))


def plain(mode: str, d: int = 3) -> tl.Serial:
    del mode
    return tl.Serial(tl.Embedding(len(VOCABULARY), d), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())


class _Growing(tl.Layer):
    """Multiplies by a number that grows with every batch: a state without dimensions, unlike Trax's own layers'."""

    def init_weights_and_state(self, input_signature):
        self.state = np.array(1.0, np.float32)

    def forward(self, x):
        self.state = self.state * 1.1
        return x * self.state


def random_and_stateful(mode: str) -> tl.Serial:
    embedding = tl.Embedding(len(VOCABULARY), 3)
    return tl.Serial(embedding, tl.Mean(axis=1), _Growing(), tl.Dropout(0.5, mode=mode), tl.Dense(2), tl.LogSoftmax())


def every(n: int):
    return lambda step: step % n == 0


def eval_task_of(batches: Iterator[Batch], n: int) -> training.EvalTask:
    sample = Batches(VALIDATION, OnePass(len(VALIDATION), 3), (4,)).batch(0)
    metrics = [tl.CrossEntropyLoss(), tl.Accuracy()]
    return training.EvalTask(batches, metrics, n_eval_batches=n, sample_batch=sample)


def whole_split() -> training.EvalTask:
    one_pass = OnePass(len(VALIDATION), 3)
    held_out = Batches(VALIDATION, one_pass, (4,))
    return eval_task_of((held_out.batch(step) for step in itertools.cycle(range(one_pass.steps))), one_pass.steps)


def small_loop(
    folder: Path | None,
    model=plain,
    optimizer=optimizers.Adam,
    eval_every: int = 1,
    checkpoint_every: int = 2,
    eval_task=whole_split,
    batches: Batches = BATCHES,
    **more,
) -> Loop:
    return Loop(
        model("train"),
        training.TrainTask(batches, tl.CrossEntropyLoss(), optimizer(0.05), sample_batch=batches.batch(0)),
        eval_model=model("eval"),
        eval_tasks=eval_task(),
        output_dir=None if folder is None else str(folder),
        eval_at=every(eval_every),
        checkpoint_at=every(checkpoint_every),
        random_seed=5,
        **more,
    )


def metrics_of(history: dict) -> dict:
    """What a history tells of losses and accuracy; how long steps took is no matter of bits."""
    return {
        (mode, name): [tuple(pair) for pair in pairs]
        for mode, metrics in history.items()
        for name, pairs in metrics.items()
        if name != "training/steps per second"
    }


def assert_same_bits(one: Path, other: Path) -> None:
    one, other = newest_checkpoint(one), newest_checkpoint(other)
    assert one.facts.step == other.facts.step
    assert one.tensors.keys() == other.tensors.keys()
    for name, tensor in one.tensors.items():
        assert tensor.tobytes() == other.tensors[name].tobytes(), name
    assert metrics_of(one.facts.history) == metrics_of(other.facts.history)
