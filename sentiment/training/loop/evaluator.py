"""Metrics over all batches of an evaluation task, computed on all devices."""

from collections.abc import Callable, Sequence

import jax
import numpy as np

from sentiment.batching.batches import share_of
from sentiment.training.compile.full_float32 import full_float32
from sentiment.training.compile.programs import Programs, kind_of, without_values
from sentiment.training.parallel.devices import Devices
from sentiment.trax_runtime import fastmath, tl, training


class Evaluator:
    """A model and its metrics, compiled for the devices that share each batch; for the sample's shape, ahead of use."""

    def __init__(self, model_with_metrics: tl.Layer, sample_batch: Sequence[np.ndarray], devices: Devices):
        self._metrics = model_with_metrics.weights[1], model_with_metrics.state[1]
        self._devices = devices

        @full_float32
        def values(batch, weights, state, rng):
            return model_with_metrics.pure_fn(batch, weights, state, rng)[0]

        kept = *without_values((model_with_metrics.weights, model_with_metrics.state)), fastmath.random.get_prng(0)
        self._programs = Programs(
            devices.jit(values, {"batch": 0}),
            lambda kind: (devices.shared(tuple(np.zeros(*each) for each in kind), axis=0), *kept),
        )
        self._programs.begin(kind_of(self._own(sample_batch)))

    def means(self, task: training.EvalTask, weights, state, new_rng: Callable[[], jax.Array]) -> list[float]:
        """Returns the task's metrics over all of its `n_eval_batches` batches.

        A batch's metric is a mean, weighted by its last array, and counts by how much weight the batch holds: Trax
        averages over batches, so that the examples of a short last batch count for more.

        Args:
            task: its batches are the same in all processes.
            weights: the model's.
            state: the model's.
            new_rng: makes a random key.

        Raises:
            InputError: the devices can't share a batch equally.
        """
        of_metrics, state_of_metrics = self._metrics
        kept = self._devices.whole(((weights, of_metrics), (state, state_of_metrics)))
        sums, total = np.zeros(len(task.metrics)), 0.0
        for _ in range(task.n_eval_batches):
            batch = task.next_batch()
            own = self._own(batch)
            rng = self._devices.whole(new_rng())
            values = self._programs[kind_of(own)](self._devices.shared(own, axis=0), *kept, rng)
            held = float(np.sum(batch[-1]))
            sums += np.asarray(values, np.float64) * held
            total += held
        return (sums / total).tolist()

    def _own(self, batch: Sequence[np.ndarray]) -> tuple[np.ndarray, ...]:
        self._devices.check(len(batch[0]))
        return tuple(share_of(np.asarray(array), self._devices.share) for array in batch)
