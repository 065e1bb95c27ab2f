"""A drop-in for `trax.optimizers.Trainer` that runs many steps in one call and can leave untouched rows alone."""

import hashlib
import math
from collections import deque
from collections.abc import Sequence
from functools import partial
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax.typing import ArrayLike

from sentiment.batching.batches import Batches, Drawn, share_of
from sentiment.recipe.microbatches import check_microbatches
from sentiment.training.compile.programs import Kind, Programs, without_values
from sentiment.training.parallel.devices import Devices
from sentiment.training.parallel.processes import check_alike
from sentiment.training.step.device_batches import DeviceExamples, made_batch, on_devices, suits_device
from sentiment.training.step.random_keys import drawn_keys
from sentiment.training.step.sparse_rows import UniqueRows, room_for
from sentiment.training.step.stacks import Prepared, Shapes, Stack
from sentiment.training.step.step import Step, TrainState
from sentiment.trax_runtime import fastmath, optimizers, tl

STEPS_AT_ONCE = 32
CALLS_AHEAD = 2  # that may still be running when `many_steps` returns


class Trainer:
    """Trains a model and its loss; a Trax Loop may use it in place of `trax.optimizers.Trainer`.

    A call runs up to `steps_at_once` steps in one compiled loop, in which weights, optimizer slots and those layer
    states that change are updated in place: **an array read from the model or the slots is gone after the next
    step**; copy it to keep it. (Arrays that were set from outside are copied first: nobody loses theirs.) States that
    never change, such as a frozen embedding, are neither copied nor returned.

    *Exact* updates are Trax's: each step updates every weight. *Lazy* ones (after TensorFlow Addons' LazyAdam) update
    only those rows of trained embedding tables whose ids are in the batch, and padding's row, and all other weights
    as ever. For SGD, `RowAdagrad` and others that leave a weight without gradient as it is, that is the
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
        devices: what to train on, each with an equal share of every batch; by default all there are.
        compute: in what matrix products and convolutions are computed, and those of their gradients
            (training/step/half_precision.py); weights, slots and all else are in float32.
        gradient_accumulation_steps: in how many equal parts of a batch, one after another, its gradient is computed
            (training/step/gradient_accumulation.py).

    Raises:
        InputError: the devices can't share a batch, or its parts, equally; lazy updates don't suit this model (ids or
            a table serve for more than lookups, or a rule needs the whole table) or this optimizer (the update of a row
            depends on other rows).
    """

    def __init__(
        self,
        model_with_loss: tl.Layer,
        optimizer: optimizers.base.Optimizer,
        sample_batch: Sequence[np.ndarray],
        lazy: bool = False,
        norms: bool = False,
        steps_at_once: int = STEPS_AT_ONCE,
        devices: Devices | None = None,
        compute: Literal["float32", "bfloat16"] = "float32",
        gradient_accumulation_steps: int = 1,
    ):
        self._devices = devices or Devices()
        self._devices.check(len(sample_batch[0]))
        check_microbatches(gradient_accumulation_steps, len(sample_batch[0]), self._devices.count)
        self._accelerated = tl.Accelerate(model_with_loss, n_devices=1)
        self._optimizer = optimizer
        self.steps_at_once = steps_at_once
        settings = (lazy, norms, compute, gradient_accumulation_steps)
        self._step = Step(model_with_loss, optimizer, sample_batch, *settings)
        self._unique = UniqueRows(self._step.n_rows)
        self._ours: dict[int, jax.Array] = {}  # by `id`, which is no other array's as long as it is kept here
        self._calls: deque[jax.Array] = deque()
        if self._devices.share != (0, 1):
            kept = b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree_util.tree_leaves(self._all_kept()))
            check_alike(hashlib.sha256(kept).digest(), "weights")
        self._kept = without_values(self._all_kept())
        self._held: Batches | None = None  # whose examples lie on the devices
        self._examples: DeviceExamples | tuple = ()
        self._programs = self._new_programs(length=0)
        self._fed: dict[int, Programs] = {}  # by length, of batches that are made on the device
        self._draw = self._devices.jit(partial(drawn_keys, room=steps_at_once))
        self._first = jax.jit(lambda stats: {name: values[0] for name, values in stats.items()})

    @property
    def model_with_loss(self) -> tl.Layer:
        """The model and its loss."""
        return self._accelerated.sublayer

    @property
    def accelerated_model_with_loss(self) -> tl.Accelerate:
        """Where Trax's Loop sets `weights` and `state`: the next step starts from them."""
        return self._accelerated

    @property
    def optimizer(self) -> optimizers.base.Optimizer:
        """The optimizer."""
        return self._optimizer

    @property
    def slots(self) -> tuple:
        """What the optimizer keeps for each array of weights."""
        return self._optimizer.slots

    @slots.setter
    def slots(self, slots: tuple) -> None:
        self._optimizer.slots = slots

    def one_step(
        self, batch: Sequence[np.ndarray], rng: jax.Array, step: int = 0, learning_rate: float | None = None
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Runs one step, as Trax's Trainer does; returns (loss, statistics), the loss among them."""
        keys = np.zeros((self.steps_at_once, 2), np.uint32)
        keys[0] = rng
        rates = None if learning_rate is None else [learning_rate]
        own = [share_of(np.asarray(array), self.reads) for array in batch]
        _, stats = self.many_steps(self.stack(self.prepare([own])), keys, step, rates)
        stats = self._first(stats)
        return stats["loss"], stats

    @property
    def lazy(self) -> bool:
        """Whether updates are lazy; not where the model has no trained table."""
        return self._step.n_rows > 0

    @property
    def reads(self) -> tuple[int, int]:
        """(which, of how many) equal shares of a batch's rows `prepare` takes in this process.

        Lazy updates take the whole batch: every process must know all rows of the tables that it touches.
        """
        return (0, 1) if self.lazy else self._devices.share

    def takes_drawn(self, batches: Batches) -> bool:
        """Returns whether the devices will make these batches; the examples then lie there; `prepare` takes `Drawn`.

        That depends on the devices and the examples' size. The host feeds lazy updates on several devices.
        """
        if (self.lazy and self._devices.count > 1) or not suits_device(batches, self._devices):
            return False
        if self._held is not batches:
            self._held, self._examples, self._fed = batches, on_devices(batches, self._devices), {}
        return True

    def prepare(self, batches: Sequence[Sequence[np.ndarray] | Drawn]) -> list[Prepared]:
        """Does what batches, or the shares of them that `reads` gives, need on the host; any thread may call it.

        Many at once take a fraction of the time.

        Raises:
            InputError: an id that no row of the table belongs to. (Exact updates take the nearest.)
        """
        drawn = [batch for batch in batches if isinstance(batch, Drawn)]
        if drawn:
            return [Prepared((each.rows,), np.empty(0, np.int32), each.length) for each in drawn]
        arrays = [tuple(map(np.asarray, batch)) for batch in batches]
        if not self.lazy:
            return [Prepared(each, np.empty(0, np.int32)) for each in arrays]
        found, share = self._unique.find([each[0] for each in arrays]), self._devices.share
        whole = [Prepared((places, *each[1:]), rows) for each, (rows, places) in zip(arrays, found, strict=True)]
        if share == (0, 1):
            return whole
        return [each._replace(arrays=tuple(share_of(array, share) for array in each.arrays)) for each in whole]

    def stack(self, prepared: Sequence[Prepared], room: int = 0) -> Stack:
        """Stacks up to `steps_at_once` batches of the same shapes; any thread may call it.

        Args:
            prepared: the batches.
            room: how many rows to make room for, no fewer than these batches touch; 0: some. The steps are compiled
                for their room, so it should take few values.
        """
        room = room or room_for(max(len(each.rows) for each in prepared))
        length = prepared[0].length
        rows = np.full((self.steps_at_once, room if self.lazy and not length else 0), self._step.n_rows, np.int32)
        arrays = tuple(np.zeros((self.steps_at_once, *array.shape), array.dtype) for array in prepared[0].arrays)
        for number, each in enumerate(prepared):
            rows[number, : len(each.rows)] = each.rows
            for stacked, array in zip(arrays, each.arrays, strict=True):
                stacked[number] = array
        return Stack(len(prepared), arrays, rows, length)

    def whole_room(self, shapes: Shapes) -> int:
        """Returns the room that no batch of these shapes can need more of."""
        return min(self._step.n_rows, math.prod(shapes[0]) * self._devices.share[1] + 1)

    def keys(self, rng: jax.Array, count: int) -> tuple[jax.Array, jax.Array]:
        """Returns (rng, keys <uint32>[steps_at_once, 2]), the first `count` as that many calls of `Loop.new_rng`."""
        return self._draw(rng, np.int32(count))

    def many_steps(
        self, stack: Stack, keys: ArrayLike, step: int = 0, learning_rates: Sequence[float] | None = None
    ) -> tuple[jax.Array, dict[str, jax.Array]]:
        """Runs `stack.count` steps, with the bits of that many calls of `one_step`.

        It returns before they are done, though not before the last but one call's are.

        Args:
            stack: their batches.
            keys: <uint32>[steps_at_once, 2] their random keys.
            step: number of the first.
            learning_rates: theirs; None: the optimizer's own.

        Returns:
            (losses <float32>[steps_at_once], statistics by name, the losses among them); of no step from `count` on.
        """
        rates = np.zeros(self.steps_at_once, np.float32)
        own_rate = self._optimizer.opt_params["learning_rate"]
        rates[: stack.count] = own_rate if learning_rates is None else learning_rates
        live, still, opt_params = self._all_kept()
        live = jax.tree_util.tree_map(self._owned, live)
        still, arrays = self._devices.whole(still), self._devices.shared(stack.arrays, axis=1)
        # NumPy arrays go to the device with the call, in a tenth of the time that `device_put` takes for it.
        numbers = (rates, np.int32(step), np.int32(stack.count))
        given = (self._examples if stack.length else (), arrays, stack.rows)
        live, stats = self._programs_of(stack)[stack.kind](live, still, opt_params, *given, keys, *numbers)
        self._ours = {id(array): array for array in jax.tree_util.tree_leaves(live)}
        self._accelerated.weights = self._step.nest_weights(live.weights)
        self._accelerated.state = self._step.nest_state(self._step.join_state(live.state, still))
        self._optimizer.slots = live.slots
        self._wait(stats["loss"])
        return stats["loss"], stats

    def compile_ahead(self, stack: Stack) -> None:
        """Begins to compile the program for such stacks, if that hasn't begun; it goes on in another thread."""
        self._programs_of(stack).begin(stack.kind)

    def _all_kept(self) -> tuple[TrainState, list, dict]:
        opt_params = {name: value for name, value in self._optimizer.opt_params.items() if name != "learning_rate"}
        moving, still = self._step.split_state(jax.tree_util.tree_leaves(self._accelerated.state))
        return TrainState(fastmath.tree_flatten(self._accelerated.weights), self.slots, moving), still, opt_params

    def _programs_of(self, stack: Stack) -> Programs:
        if not stack.length:
            return self._programs
        if stack.length not in self._fed:
            self._fed[stack.length] = self._new_programs(stack.length)
        return self._fed[stack.length]

    def _new_programs(self, length: int) -> Programs:
        steps = partial(self._steps, length=length)
        arguments = partial(self._arguments, without_values(self._examples) if length else ())
        return Programs(self._devices.jit(steps, {"arrays": 1}, donate_argnums=0), arguments)

    def _arguments(self, examples, kind: Kind) -> tuple:
        *arrays, rows = (np.zeros(shape, dtype) for shape, dtype in kind)
        keys, rates = np.zeros((self.steps_at_once, 2), np.uint32), np.zeros(self.steps_at_once, np.float32)
        given = (examples, self._devices.shared(tuple(arrays), axis=1), rows)
        return (*self._kept, *given, keys, rates, np.int32(0), np.int32(0))

    def _owned(self, array) -> jax.Array:
        return array if id(array) in self._ours else self._devices.copy(array)

    def _wait(self, losses: jax.Array) -> None:
        # Without it a training loop would run ahead of its device, and neither stop nor report when it should.
        self._calls.append(losses)
        if len(self._calls) > CALLS_AHEAD:
            jax.block_until_ready(self._calls.popleft())

    def _steps(self, live: TrainState, still, opt_params, examples, arrays, rows, keys, rates, step, count, *, length):
        # A loop whose length is not compiled in: any number of steps is the same program, and so has the same bits.
        def body(number, carry):
            live, records = carry
            batch, own_rows, key, rate = jax.tree_util.tree_map(
                lambda each: jax.lax.dynamic_index_in_dim(each, number, keepdims=False), (arrays, rows, keys, rates)
            )
            if length:
                batch, own_rows = made_batch(examples, batch[0], length, self._step.n_rows)
            parameters = {**opt_params, "learning_rate": rate}
            live, stats = self._step(live, still, parameters, batch, own_rows, key, step + number)
            return live, {name: records[name].at[number].set(stats[name]) for name in records}

        records = {name: jnp.zeros(self.steps_at_once, jnp.float32) for name in self._step.reported}
        return jax.lax.fori_loop(0, count, body, (live, records))
