"""Data parallelism: which devices train a model together, and what lies where on them."""

import inspect
import os
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jax
import numpy as np

from sentiment.errors import InputError
from sentiment.training.parallel.backend import begin_backend, may_have_accelerator

_AXIS = "batch"
_THREADS = "NPROC"  # read by XLA's CPU client when it is made


class Devices:
    """Devices that train one model: each has all weights, and its share of every batch.

    XLA computes over all of them what one device would compute: a sum over the batch, gradients included, becomes a sum
    over the devices too, and random numbers are drawn as for the whole batch (JAX's partitionable Threefry). So losses
    are those of one device but for the order of sums. With one device nothing is placed, and programs are as ever.

    Args:
        devices: by default all, of this process and of those that have joined it (training/parallel/processes.py).

    Raises:
        InputError: the processes have different numbers of devices.
    """

    def __init__(self, devices: Sequence[jax.Device] | None = None):
        # Shares lie in the order of the processes, in which JAX need not list the devices.
        devices = sorted(jax.devices() if devices is None else devices, key=lambda each: (each.process_index, each.id))
        self.count = len(devices)
        numbers = np.bincount([device.process_index for device in devices])
        if len(set(numbers)) > 1:
            raise InputError(f"the processes have {numbers.tolist()} devices: each must have as many as the others")
        self._processes = len(numbers)
        mesh = jax.sharding.Mesh(np.array(devices), (_AXIS,))
        self._whole = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec())

    @property
    def share(self) -> tuple[int, int]:
        """(which, of how many) equal shares of a batch's rows this process has."""
        return (jax.process_index(), self._processes) if self._processes > 1 else (0, 1)

    def free_memory(self) -> int:
        """Returns how many bytes are free on each accelerator of this process; 0 on CPUs, which use the host's own."""
        devices: list[Any] = list(self._whole.addressable_devices)
        stats = [device.memory_stats() or {} for device in devices]
        return min(each.get("bytes_limit", 0) - each.get("bytes_in_use", 0) for each in stats)

    def check(self, batch_size: int) -> None:
        """Refuses a batch that can't be shared out equally.

        Rows that fill it up would not do: a loss need not know weights, dropout would draw other numbers, and a layer
        that looks at the whole batch would see them.

        Raises:
            InputError: the devices can't share it equally; the message names sizes near it that they can.
        """
        below = batch_size // self.count * self.count
        if below != batch_size:
            sizes = f"{below} or {below + self.count}" if below else str(self.count)
            raise InputError(f"a batch of {batch_size} rows: {self.count} devices can't share it equally; use {sizes}")

    def jit(self, function: Callable, rows_of: Mapping[str, int] = MappingProxyType({}), **options):
        """Returns `jax.jit(function)` over all devices; what it takes and returns lies whole on each.

        Args:
            function: of positional arguments.
            rows_of: parameters whose arrays `shared` made, with the axis of their rows.
            **options: of `jax.jit`.
        """
        if self.count == 1:
            return jax.jit(function, **options)
        taken = [each for each in inspect.signature(function).parameters.values() if each.kind != each.KEYWORD_ONLY]
        places = tuple(self._rows(rows_of[each.name]) if each.name in rows_of else self._whole for each in taken)
        return jax.jit(function, in_shardings=places, out_shardings=self._whole, **options)

    def copy(self, array) -> jax.Array:
        """Returns a copy of an array, which every process has alike, whole on each device."""
        if self.count == 1:
            return jax.numpy.array(array, copy=True)
        own = np.asarray(array)
        here = self._whole.addressable_devices
        copies = [jax.device_put(own, device, may_alias=False) for device in here]
        return jax.make_array_from_single_device_arrays(own.shape, self._whole, copies)

    def whole(self, tree):
        """Returns a nest of arrays, which every process has alike, with copies of those that aren't on each device."""
        if self.count == 1:
            return tree
        return jax.tree_util.tree_map(lambda array: array if self._is_whole(array) else self.copy(array), tree)

    def shared(self, arrays, axis: int):
        """Returns arrays that hold this process's share of rows, along `axis`, as arrays of all processes' rows."""
        if self.count == 1:
            return arrays
        place = self._rows(axis)
        return jax.tree_util.tree_map(lambda rows: jax.make_array_from_process_local_data(place, rows), arrays)

    def _rows(self, axis: int) -> jax.sharding.NamedSharding:
        return jax.sharding.NamedSharding(self._whole.mesh, jax.sharding.PartitionSpec(*[None] * axis, _AXIS))

    def _is_whole(self, array) -> bool:
        return isinstance(array, jax.Array) and array.sharding == self._whole


def begin_on_one_thread() -> None:
    """Begins JAX's backend; a CPU computes with one thread, unless `NPROC` says with how many.

    Steps with lazy updates are so small that to hand parts of one to a second thread takes longer than to do them; and
    the thread that prepares batches needs a core too. With an accelerator nothing is set: its programs would be
    compiled by one thread as well. Raises InputError as `begin_backend` does.
    """
    if _THREADS in os.environ or may_have_accelerator():
        begin_backend()
        return
    os.environ[_THREADS] = "1"
    try:
        begin_backend()
    finally:
        del os.environ[_THREADS]
