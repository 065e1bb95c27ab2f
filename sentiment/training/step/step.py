"""One training step as a pure function of arrays: what the trainer compiles."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import jax
import numpy as np

from sentiment.errors import InputError
from sentiment.layers.id_uses import REMEDY, lookup_layers
from sentiment.layers.rates import at_rates, has_rates
from sentiment.layers.rules import constrained, has_rules, penalty
from sentiment.training.step.folding import Fold, find_folds, folded, with_kernels, with_tables
from sentiment.training.step.gradient_accumulation import accumulated
from sentiment.training.step.half_precision import products_in_bfloat16
from sentiment.training.step.row_blocks import number_of_blocks, update_by_blocks
from sentiment.training.step.sparse_rows import check_row_wise, check_rules, put_rows, take_rows
from sentiment.trax_runtime import fastmath, optimizers, tl

_NORMS = {"gradients_l2", "weights_l2"}


class TrainState(NamedTuple):
    """What a step changes."""

    weights: list[jax.Array]
    slots: tuple  # for each array of weights what the optimizer keeps for it
    state: list[jax.Array]  # those layer states that change


class Step:
    """One step of a model with its loss, an optimizer and the rules of the model's layers.

    Attributes:
        n_rows: of the tables that are updated lazily; 0 where updates are exact.
        reported: names of the statistics that a step returns.

    Raises:
        InputError: see `Trainer`.
    """

    def __init__(
        self,
        model_with_loss: tl.Layer,
        optimizer: optimizers.base.Optimizer,
        sample_batch: Sequence[np.ndarray],
        lazy: bool,
        norms: bool,
        compute: str = "float32",
        gradient_accumulation_steps: int = 1,
    ):
        self._model = model_with_loss
        self._optimizer = optimizer
        self._has_rules = has_rules(model_with_loss)
        self._has_rates = has_rates(model_with_loss)
        self._weights_nest = fastmath.nested_map(lambda _: 0, model_with_loss.weights)
        weights = fastmath.tree_flatten(model_with_loss.weights)
        state, self._state_nest = jax.tree_util.tree_flatten(model_with_loss.state)
        self._moving = self._changing(tuple(sample_batch), weights, state)
        loss = products_in_bfloat16(self._loss) if compute == "bfloat16" else self._loss
        whole = jax.value_and_grad(loss, argnums=1, has_aux=True)
        self._value_and_gradient = accumulated(whole, gradient_accumulation_steps, self.split_state, self.join_state)
        self._tables: list[int] = []  # numbers of weights
        self._frozen_tables: list[int] = []  # numbers of states
        self.n_rows = 0
        if lazy:
            self._find_tables(weights, state)
        # A table in single precision times a kernel in half would be neither.
        self._folds = [] if compute == "bfloat16" else find_folds(model_with_loss, weights)
        updated = jax.eval_shape(self._update, 0, weights, weights, optimizer.slots, optimizer.opt_params)
        optimizer.slots = jax.tree_util.tree_map(_in_its_type, optimizer.slots, updated[1])
        names = {"loss", *updated[2]} - (set() if norms else _NORMS)
        self._needs_norm = norms or optimizer._clip_grad_norm is not None
        self.reported = tuple(sorted(names - {"weights_l2"} if self._tables else names))

    def split_state(self, state: list) -> tuple[list, list]:
        """Returns (the states that a step changes, the others)."""
        return [state[n] for n in self._moving], [leaf for n, leaf in enumerate(state) if n not in self._moving]

    def join_state(self, moving: Sequence, still: Sequence) -> list:
        """Returns the states in their order."""
        movers, others = iter(moving), iter(still)
        return [next(movers if n in self._moving else others) for n in range(len(moving) + len(still))]

    def nest_weights(self, weights: Sequence):
        """Returns weights in the nest of `Layer.weights`."""
        return fastmath.tree_unflatten(list(weights), self._weights_nest)[0]

    def nest_state(self, state: Sequence):
        """Returns states in the nest of `Layer.state`."""
        return jax.tree_util.tree_unflatten(self._state_nest, state)

    def __call__(
        self, live: TrainState, still, opt_params, arrays, rows, key, step
    ) -> tuple[TrainState, dict[str, jax.Array]]:
        """Returns (what it is afterwards, statistics).

        Args:
            live: what changes.
            still: the states that don't.
            opt_params: the optimizer's, with this step's learning rate.
            arrays: the batch, with places in `rows` for ids where updates are lazy.
            rows: <int32>[n] the tables' rows that the batch touches; a number past the last stands for none.
            key: random key.
            step: its number, <int32>[].
        """
        state = self.join_state(live.state, still)
        whole = [(live.weights[n], live.slots[n]) for n in self._tables]
        # Past the barrier a row is read once: a later reading, fused with what uses it, would need the table as it was
        # before this step, and so a copy of the table.
        taken, frozen = jax.lax.optimization_barrier(take_rows((whole, [state[n] for n in self._frozen_tables]), rows))
        weights = _with(live.weights, self._tables, [weights for weights, _ in taken])
        batch_state = _with(state, self._frozen_tables, frozen)
        folds = self._folds_of(weights, arrays[0].size)
        (loss, state), gradients = self._value_and_gradient(arrays, folded(folds, weights), batch_state, key)
        gradients = with_kernels(folds, gradients, weights)

        def update(kept, by_row):
            weights = _with(live.weights, self._tables, [weights for weights, _ in kept])
            slots = _with(live.slots, self._tables, [slots for _, slots in kept])
            own = with_tables(folds, _with(gradients, self._tables, by_row), weights)
            weights, slots, stats = self._update(step, own, weights, slots, opt_params)
            return [(weights[n], slots[n]) for n in self._tables], weights, slots, stats

        put, weights, slots, stats = self._put(whole, taken, rows, [gradients[n] for n in self._tables], update)
        weights = _with(weights, self._tables, [weights for weights, _ in put])
        slots = _with(slots, self._tables, [slots for _, slots in put])
        stats["loss"] = loss
        return TrainState(weights, tuple(slots), self.split_state(state)[0]), {
            name: stats[name] for name in self.reported
        }

    def _put(self, whole: list, taken: list, rows, by_row: list, update: Callable) -> tuple:
        """Returns (the tables and their slots with the rows updated, all weights, all slots, statistics)."""
        blocks = 1
        if whole and not self._needs_norm:
            blocks = number_of_blocks(len(rows), max(rows[0].nbytes for rows, _ in taken))
        if blocks == 1:
            new, *others = update(taken, by_row)
            return put_rows(whole, rows, new), *others
        _, *others = update(*jax.tree_util.tree_map(lambda each: each[:0], (taken, by_row)))
        whole, by_row = jax.lax.optimization_barrier((whole, by_row))
        return update_by_blocks(lambda *block: update(*block)[0], whole, rows, by_row, blocks), *others

    def _folds_of(self, weights: Sequence, places: int) -> list[Fold]:
        """Returns what to fold for a batch of so many ids: of a table with more rows, too much would be multiplied."""
        return [fold for fold in self._folds if self._tables or len(weights[fold.table]) <= places]

    def _loss(self, arrays, weights, state, key):
        nest = self.nest_weights(weights)
        loss, state = self._model.pure_fn(arrays, nest, self.nest_state(state), key)
        if self._has_rules:
            loss = loss + penalty(self._model, nest)
        return loss, jax.tree_util.tree_leaves(state)

    def _update(self, step, gradients, weights, slots, opt_params):
        nest = self.nest_weights(weights)
        new, slots, stats = self._optimizer.tree_update(
            step, self.nest_weights(gradients), nest, slots, opt_params, store_slots=False
        )
        if self._has_rates:
            new = at_rates(self._model, nest, new)
        if self._has_rules:
            new = constrained(self._model, new)
            stats["penalty"] = penalty(self._model, nest)  # of the weights that the loss was computed with
        return fastmath.tree_flatten(new), slots, stats

    def _changing(self, sample_batch: tuple, weights: list, state: list) -> list[int]:
        """Returns the numbers of the states that a step changes: those that it doesn't return as they were."""
        changing: list[int] = []

        def function(arrays, weights, state, key):
            loss, new = self._loss(arrays, weights, state, key)
            changing.extend(n for n, (before, after) in enumerate(zip(state, new, strict=True)) if before is not after)
            return loss

        jax.eval_shape(function, sample_batch, weights, state, fastmath.random.get_prng(0))
        return changing

    def _find_tables(self, weights: list, state: list) -> None:
        found = lookup_layers(self._model)
        trained = [layer for layer in found if any(leaf is layer.weights for leaf in weights)]
        if not trained:
            return
        self._tables = [n for n, leaf in enumerate(weights) if any(leaf is layer.weights for layer in trained)]
        self._frozen_tables = [n for n, leaf in enumerate(state) if any(leaf is layer.state for layer in found)]
        for layer in trained:
            check_rules(layer)
        check_row_wise(self._optimizer)
        sizes = {len(weights[n]) for n in self._tables} | {len(state[n]) for n in self._frozen_tables}
        if len(sizes) > 1:
            raise InputError(f"lazy updates: tables of {sorted(sizes)} rows for the same ids; {REMEDY}")
        (self.n_rows,) = sizes


def _in_its_type(slot, updated: jax.ShapeDtypeStruct):
    # Slots of half precision may become single at the first update; in a compiled loop they can't.
    return slot if slot.dtype == updated.dtype else slot.astype(updated.dtype)


def _with(sequence: Sequence, places: Sequence[int], values: Sequence) -> list:
    replaced = list(sequence)
    for place, value in zip(places, values, strict=True):
        replaced[place] = value
    return replaced
