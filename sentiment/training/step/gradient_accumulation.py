"""A batch's loss and gradient, computed in equal parts one after another: layers keep no more than one part's values.

Such a part is called a microbatch. The setting has the name that it has in Hugging Face's Trainer; there the parts add
up to a larger batch, here a batch stays what it is and is cut, as by T5X's num_microbatches.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp

from sentiment.batching.batches import is_soft


def accumulated(value_and_gradient: Callable, steps: int, split_state: Callable, join_state: Callable) -> Callable:
    """Returns the function of a batch, computed in so many microbatches; of one, the function itself.

    Loss and gradients are the whole batch's to rounding, whatever a microbatch's rows weigh: those of microbatches are
    added up, each by its share of the batch's weight. Each draws random numbers with a key of its own, so dropout
    leaves out others than it would in the whole batch. States go from one to the next, as between steps.

    Args:
        value_and_gradient: (arrays, weights, state, key) -> ((loss <float32>[], state), gradients as weights). A
            batch's arrays are inputs, targets and weights, each [batch_size, ...]; the loss is a mean as `Loss.layer`
            takes it, and a term of the weights alone (a regularizer's) may be added.
        steps: how many microbatches; they divide the batch.
        split_state: state -> (what changes of it, the rest).
        join_state: the other way round.
    """
    if steps == 1:
        return value_and_gradient

    def run(arrays, weights, state, key):
        moving, still = split_state(state)

        def add(carry, microbatch):
            sums, moving = carry
            arrays, key, share = microbatch
            (loss, state), gradients = value_and_gradient(arrays, weights, join_state(moving, still), key)
            sums = jax.tree_util.tree_map(lambda so_far, own: so_far + _part_of(own, share), sums, [loss, *gradients])
            return (sums, split_state(state)[0]), None

        nothing = [jnp.zeros(each.shape, jnp.float32) for each in (jnp.zeros(()), *weights)]
        (sums, moving), _ = jax.lax.scan(add, (nothing, moving), _microbatches(arrays, key, steps))
        loss, *gradients = sums
        gradients = [own.astype(each.dtype) for own, each in zip(gradients, weights, strict=True)]
        return (loss, join_state(moving, still)), gradients

    return run


def _microbatches(arrays, key, steps: int) -> tuple:
    # The arrays, random key and share of the batch's weight of each, along a first axis.
    dealt = tuple(_dealt(array, steps) for array in arrays)
    by_weight = jax.vmap(_weight)(*dealt[-2:])
    return dealt, jax.random.split(key, steps), by_weight / jnp.sum(by_weight)


def _dealt(array, steps: int):
    # Microbatch n has rows n, n + steps, ...: each device then has its share of every one, and no row goes to another.
    return jnp.swapaxes(array.reshape(-1, steps, *array.shape[1:]), 0, 1)


def _weight(targets, weights):
    # What the loss's mean divides by.
    return jnp.sum(targets * weights if is_soft(targets) else weights)


def _part_of(own, share):
    # Rows that weigh nothing together have no mean (0 / 0), and no part in the batch's.
    return jnp.where(share == 0, 0.0, share * own)
