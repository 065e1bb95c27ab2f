"""A drop-in for `trax.optimizers.Trainer` that runs many steps in one call and can leave untouched rows alone."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sentiment.errors import InputError
from sentiment.layers.rules import constrained, has_rules, penalty
from sentiment.training.lookups import check_lookups, flow
from sentiment.training.sparse_rows import UniqueRows, check_row_wise, check_rules, put_rows, room_for, take_rows
from sentiment.trax_runtime import fastmath, optimizers, tl

STEPS_AT_ONCE = 32
_NORMS = ("gradients_l2", "weights_l2")
_CALLS_AHEAD = 2


class Prepared(NamedTuple):
    """A batch as the trainer takes it."""

    arrays: tuple[np.ndarray, ...]  # the batch's own; with lazy updates its ids are places in `rows`
    rows: np.ndarray  # <int32>[n] the table's rows that it touches; none with exact updates

    @property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """Batches of the same shapes can be stacked."""
        return tuple(array.shape for array in self.arrays)


@dataclass(frozen=True)
class Stack:
    """Batches of consecutive steps, on the device."""

    count: int  # how many; the arrays have room for the trainer's `steps_at_once`
    arrays: tuple[jax.Array, ...] = field(repr=False)  # each [steps_at_once, ...]
    rows: jax.Array = field(repr=False)  # <int32>[steps_at_once, room for rows]; past the table's last where unused


class Trainer:
    """Trains a model and its loss; a Trax Loop may use it in place of `trax.optimizers.Trainer`.

    A call runs up to `steps_at_once` steps in one compiled loop, in which weights, optimizer slots and those layer
    states that change are updated in place: **an array read from the model or the slots is gone after the next
    step**; copy it to keep it. (Arrays that were set from outside are copied first: nobody loses theirs.) States that
    never change, such as a frozen embedding, are neither copied nor returned.

    *Exact* updates are Trax's: each step updates every weight. *Lazy* ones (after TensorFlow Addons' LazyAdam) update
    only those rows of trained embedding tables whose ids are in the batch, padding's if it has padding, and all other
    weights as ever. For SGD, `RowAdagrad` and whatever else leaves a weight without gradient as it is, that is the
    same. For others it differs, in that a row which isn't in the batch

    - keeps its slots: a moment (Adam, Momentum, RMSProp) decays once for each batch that the row is in, not at each
      step, while Adam's bias correction goes by the number of the step, as if it had decayed all along;
    - keeps its weights: no momentum carries it on after its gradient, and weight decay and constraints take hold of
      it only in a batch that it is in (Adam's default decay, 1e-5 a step, thus shrinks a rare token's vector less).

    Clipping by the norm is the same: a row that isn't in the batch has no gradient.

    Args:
        model_with_loss: initialised. Its regularizers add to the loss, and its constraints hold after each update
            (layers/rules.py).
        optimizer: any of Trax's or made like them, after `tree_init` with the model's weights.
        sample_batch: of the kind that will be trained on, in any shape; token ids come first in it.
        lazy: whether updates are lazy. A model without a trained table has nothing to be lazy about.
        norms: whether to report the l2 norm of the gradients and, with exact updates, of the weights, as Trax does.
            With exact updates each takes a pass over as many numbers as there are weights.
        steps_at_once: the most steps that one call runs.

    Raises:
        InputError: lazy updates don't suit this model (ids or a table serve for more than lookups, or a rule needs
            the whole table) or this optimizer (the update of a row depends on other rows).
    """

    def __init__(
        self,
        model_with_loss: tl.Layer,
        optimizer: optimizers.base.Optimizer,
        sample_batch: Sequence[np.ndarray],
        lazy: bool = False,
        norms: bool = False,
        steps_at_once: int = STEPS_AT_ONCE,
    ):
        self._model = model_with_loss
        self._accelerated = tl.Accelerate(model_with_loss, n_devices=1)
        self._optimizer = optimizer
        self.steps_at_once = steps_at_once
        self._has_rules = has_rules(model_with_loss)
        self._layout = _Layout.of(model_with_loss, sample_batch, lazy)
        if self._layout.lazy:
            self._check_lazy()
            self._unique = UniqueRows(self._layout.n_rows)
        self._reported = self._fit_slots(norms)
        self._ours: dict[int, jax.Array] = {}  # by `id`, which is an array's own as long as it is kept here
        self._calls: deque[jax.Array] = deque()
        self._run = jax.jit(self._steps, donate_argnums=0)
        self._split = jax.jit(self._split_keys)
        self._first = jax.jit(lambda stats: {name: values[0] for name, values in stats.items()})

    @property
    def model_with_loss(self) -> tl.Layer:
        """The model and its loss."""
        return self._model

    @property
    def accelerated_model_with_loss(self) -> tl.Layer:
        """The same as Trax's Loop wants it: `weights` and `state` set here are what the next step starts from."""
        return self._accelerated

    @property
    def optimizer(self) -> optimizers.base.Optimizer:
        """The optimizer."""
        return self._optimizer

    @property
    def slots(self):
        """The optimizer's slots: one, of whatever form the optimizer gives it, for each array of weights."""
        return self._optimizer.slots

    @slots.setter
    def slots(self, slots) -> None:
        self._optimizer.slots = slots

    def prepare(self, batch: Sequence[np.ndarray]) -> Prepared:
        """Does what a batch needs on the host; other threads may call it.

        Raises:
            InputError: an id that no row of the table belongs to (with lazy updates; exact ones take the nearest).
        """
        arrays = tuple(np.asarray(array) for array in batch)
        if not self._layout.lazy:
            return Prepared(arrays, np.empty(0, np.int32))
        rows, places = self._unique.find(arrays[0])
        return Prepared((places, *arrays[1:]), rows)

    def stack(self, prepared: Sequence[Prepared], room: int = 0) -> Stack:
        """Puts up to `steps_at_once` batches of the same shapes on the device; other threads may call it.

        Args:
            prepared: the batches.
            room: how many rows to make room for, if that is more than these batches need. A call is compiled for its
                room, so it should take few values.
        """
        need = max(room, *(len(each.rows) for each in prepared))
        rows = np.full((self.steps_at_once, room_for(need) if need else 0), self._layout.n_rows, np.int32)
        arrays = [np.zeros((self.steps_at_once, *array.shape), array.dtype) for array in prepared[0].arrays]
        for number, each in enumerate(prepared):
            rows[number, : len(each.rows)] = each.rows
            for all_steps, array in zip(arrays, each.arrays, strict=True):
                all_steps[number] = array
        return Stack(len(prepared), *jax.device_put((tuple(arrays), rows)))

    def keys(self, rng: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
        """Returns (rng, keys <uint32>[steps_at_once, 2]) as `count` calls of Trax's `Loop.new_rng` would draw them."""
        return self._split(*jax.device_put((rng, np.int32(count))))

    def many_steps(
        self, stack: Stack, keys: jax.Array, step: int, learning_rates: Sequence[float] | None = None
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Runs `stack.count` steps, as that many calls of `one_step` would.

        It returns before they are done, but not before those of the call before the last are.

        Args:
            stack: their batches.
            keys: <uint32>[steps_at_once, 2] a random key for each.
            step: number of the first.
            learning_rates: one for each; None: the optimizer's own.

        Returns:
            (losses <float32>[steps_at_once], statistics: "loss" and others by name, likewise). Only the first
            `stack.count` entries are of steps; the others are 0.
        """
        rates = np.zeros(self.steps_at_once, np.float32)
        rates[: stack.count] = self._optimizer.opt_params["learning_rate"] if learning_rates is None else learning_rates
        state = jax.tree_util.tree_leaves(self._accelerated.state)
        live, still = jax.tree_util.tree_map(self._owned, self._layout.live(self._accelerated, state, self.slots)), ...
        raise NotImplementedError
