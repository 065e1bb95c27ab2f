"""After the first epoch nothing is compiled, and while steps run nothing goes between host and device."""

import threading

import jax
import jax.monitoring
import numpy as np
import pytest

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import BalancedSampler, OnePass
from sentiment.recipe.row_adagrad import RowAdagrad
from sentiment.training.compile.programs import Programs, kind_of
from sentiment.training.loop.loop import Loop
from sentiment.trax_runtime import optimizers, tl, training

V, N, BATCH, EPOCH = 500, 640, 8, 80
_COMPILED: list[str] = []
jax.monitoring.register_event_duration_secs_listener(
    lambda event, seconds, **facts: "backend_compile" in event and _COMPILED.append(facts.get("fun_name", ""))
)


def _examples(n: int, seed: int) -> Examples:
    """Texts of 1 to 20 tokens, most of them short, with ids as Zipf's law has them."""
    generator = np.random.default_rng(seed)
    lengths = np.minimum(generator.geometric(0.2, n), 20)
    ids = np.minimum(generator.zipf(1.2, lengths.sum()) + 2, V - 1).astype(np.int32)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    return Examples(np.append(ids, np.int32(0)), starts, generator.integers(0, 2, n).astype(np.int32))


def _loop(lazy: bool, optimizer=optimizers.Adam) -> Loop:
    train, held_out = _examples(N, 1), _examples(40, 2)
    batches = Batches(train, BalancedSampler(train.labels, BATCH, 3), (8, 16, 24))
    one_pass = Batches(held_out, OnePass(40, 20), (24,))
    model = tl.Serial(tl.Embedding(V, 8), tl.Mean(axis=1), tl.Dropout(0.1), tl.Dense(2), tl.LogSoftmax())
    task = training.TrainTask(batches, tl.CrossEntropyLoss(), optimizer(0.05), sample_batch=batches.batch(0))
    evaluations = (one_pass.batch(step % 2) for step in range(10**6))
    eval_task = training.EvalTask(evaluations, [tl.Accuracy()], n_eval_batches=2, sample_batch=one_pass.batch(0))
    every = lambda step: step % 25 == 0  # noqa: E731
    return Loop(model, task, eval_tasks=eval_task, eval_at=every, checkpoint_at=every, random_seed=1, lazy=lazy)


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_nothing_is_compiled_after_the_first_epoch(lazy):
    loop = _loop(lazy)
    loop.run(EPOCH)
    assert "jit(_steps)" in _COMPILED, "the listener hears of programs"
    before = len(_COMPILED)
    loop.run(5 * EPOCH)
    assert _COMPILED[before:] == []


def test_no_length_has_more_than_two_programs_however_many_rows_its_batches_touch():
    generator = np.random.default_rng(4)
    train = _examples(N, 1)
    # Hardly any repetition in the second half: its batches touch more rows than those of the first block.
    train.ids[len(train.ids) // 2 : -1] = generator.integers(3, V, len(train.ids) - len(train.ids) // 2 - 1)
    batches = Batches(train, OnePass(N, BATCH), (8, 16, 24))
    model = tl.Serial(tl.Embedding(V, 8), tl.Mean(axis=1), tl.Dense(2), tl.LogSoftmax())
    task = training.TrainTask(batches, tl.CrossEntropyLoss(), RowAdagrad(0.05), sample_batch=batches.batch(0))
    loop = Loop(model, task, checkpoint_at=lambda step: False, random_seed=1, lazy=True)
    loop.run(EPOCH)
    kinds = loop._trainer_per_task[0]._programs._compiled
    lengths = [kind[0][0][2] for kind in kinds]
    assert max(lengths.count(length) for length in lengths) == 2


def test_programs_are_traced_in_the_thread_that_asks_for_them():
    # While a Trax layer is traced its weights are tracers, which no other thread must come across.
    threads = []

    def function(x):
        threads.append(threading.current_thread())
        return 2 * x

    programs = Programs(jax.jit(function), lambda kind: (np.zeros(*kind[0]),))
    kind = kind_of([np.zeros(3, np.float32)])
    programs.begin(kind)
    assert threads == [threading.current_thread()]
    np.testing.assert_array_equal(programs[kind](np.arange(3, dtype=np.float32)), [0, 2, 4])
    assert len(threads) == len(programs) == 1


@pytest.mark.parametrize("lazy", [False, True], ids=["exact", "lazy"])
def test_nothing_goes_between_host_and_device_while_steps_of_a_loop_run(lazy, monkeypatch):
    loop = _loop(lazy, RowAdagrad)
    found = Programs.__getitem__
    calls = []

    def guarded(programs, kind):
        def run(*arguments):
            arguments = jax.device_put(arguments)  # a call's batches go to the device together with it
            with jax.transfer_guard("disallow_explicit"):
                calls.append(kind)
                return found(programs, kind)(*arguments)

        return run

    monkeypatch.setattr(Programs, "__getitem__", guarded)
    loop.run(EPOCH)
    assert len(calls) > EPOCH / 32
