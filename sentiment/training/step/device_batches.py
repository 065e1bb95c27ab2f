"""Batches made on the device, of examples that lie there: all that a step takes from the host is which ones.

An accelerator trains faster than a host pads batches and finds their rows. On a CPU the host's way is the faster.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from sentiment.batching.batches import NO_ROW, Batches, Examples
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.training.parallel.devices import Devices

_SHARE = 0.25  # of a device's free memory that the examples may take
_MOST_TOKENS = 2**31 - 2**16  # places are <int32>, and may go beyond the last token by a batch's length


class DeviceExamples(NamedTuple):
    """`Examples` on all devices, whole on each."""

    ids: jax.Array  # <int32>[n_tokens + 1]
    starts: jax.Array  # <int32>[n_examples + 1]
    labels: jax.Array  # as of `Examples`
    class_weights: jax.Array  # <float32>[n_classes], or [0] where every example weighs 1


def suits_device(batches: Batches, devices: Devices) -> bool:
    """Returns whether the devices can make the batches: accelerators with room for the examples, and no `form`."""
    fits = _size(batches.examples) <= _SHARE * devices.free_memory()
    return fits and batches.form is None and len(batches.examples.ids) < _MOST_TOKENS


def _size(examples: Examples) -> int:
    return 4 * (len(examples.ids) + len(examples.starts) + examples.labels.size)


def on_devices(batches: Batches, devices: Devices) -> DeviceExamples:
    """Puts the examples of batches on the devices."""
    examples, weights = batches.examples, batches.class_weights
    arrays = (
        np.asarray(examples.ids),
        examples.starts.astype(np.int32),
        examples.labels,
        np.zeros(0, np.float32) if weights is None else weights.astype(np.float32),
    )
    return DeviceExamples(*map(devices.copy, arrays))


def made_batch(examples: DeviceExamples, drawn, length: int, n_rows: int) -> tuple[tuple, jax.Array]:
    """Returns (a batch's arrays, the tables' rows that it touches) as a step takes them.

    Args:
        examples: on the device.
        drawn: <int32>[batch_size] which of them the batch holds, or `NO_ROW`.
        length: to which they are padded.
        n_rows: of the tables that are updated lazily; 0: none is, and the batch has ids, not places in rows.
    """
    # Past the barrier the rest is compiled as it is for batches of the host, and so has the same bits.
    inputs, *rest = jax.lax.optimization_barrier(padded(examples, drawn, length))
    if not n_rows:
        return (inputs, *rest), jnp.zeros(0, jnp.int32)
    rows, places = jax.lax.optimization_barrier(rows_and_places(inputs, n_rows))
    return (places, *rest), rows


def padded(examples: DeviceExamples, rows, length: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Returns the arrays of the batch that `Batches` makes of the same rows (<int32>[batch_size]), to the bit."""
    filled = rows != NO_ROW
    rows = jnp.where(filled, rows, 0)
    starts = examples.starts[rows]
    lengths = (examples.starts[rows + 1] - starts) * filled
    columns = jnp.arange(length, dtype=jnp.int32)
    ids = jnp.take(examples.ids, starts[:, None] + columns, mode="clip")
    inputs = jnp.where(columns < lengths[:, None], ids, Vocabulary.PAD)
    labels, given = examples.labels[rows], examples.class_weights
    there = filled if labels.ndim == 1 else jnp.broadcast_to(filled[:, None], labels.shape)
    targets, weights = labels * there, there.astype(jnp.float32)
    if given.size:
        weights = weights * _weights_of(targets, given)
    return inputs, targets, weights


def _weights_of(targets, given):
    if targets.ndim == 1:
        return given[targets]
    return given if jnp.issubdtype(targets.dtype, jnp.floating) else jnp.where(targets, given, 1)


def rows_and_places(ids, n_rows: int) -> tuple[jax.Array, jax.Array]:
    """Returns (rows, places) of a batch's ids (<int32>[batch_size, length]), as `UniqueRows`, but ascending.

    Returns:
        rows <int32>[n]: padding's row and those of all other ids; `n_rows`, which is no row, where room is left over.
        places <int32>[batch_size, length]: where in `rows` each id is.
    """
    present = jnp.zeros(n_rows, bool).at[ids.ravel()].set(True).at[Vocabulary.PAD].set(True)
    every, room = jnp.arange(n_rows, dtype=jnp.int32), ids.size + 1
    if room >= n_rows:  # no batch can have more rows than there are: each has a place of its own
        return jnp.where(present, every, n_rows), ids
    place = jnp.cumsum(present, dtype=jnp.int32) - 1
    rows = jnp.full(room, n_rows, jnp.int32).at[jnp.where(present, place, room)].set(every, mode="drop")
    return rows, place[ids]
