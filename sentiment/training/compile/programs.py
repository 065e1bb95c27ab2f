"""Compiling ahead: programs for the shapes that are to come, several at a time, while something else goes on."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import jax
import numpy as np

Kind = tuple[tuple[tuple[int, ...], str], ...]  # shape and type of each of the arrays that vary

# Of a step; where there is less to do, sharing it out among threads takes longer than doing it.
_SMALL = 5e6
_THREADS = ThreadPoolExecutor(min(os.cpu_count() or 1, 4), "compile")


class Programs:
    """One function, compiled once for each kind of arguments.

    Args:
        function: what `jax.jit` returned.
        arguments: kind -> all arguments, of which shapes and types alone matter.
    """

    def __init__(self, function: jax.stages.Wrapped, arguments: Callable[[Kind], tuple]):
        self._function = function
        self._arguments = arguments
        self._compiled: dict[Kind, Future[jax.stages.Compiled]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._compiled)

    def begin(self, kind: Kind) -> Future[jax.stages.Compiled]:
        """Begins to compile the program of this kind, unless that has begun.

        Call it where the model is used: while a Trax layer is traced, it has other weights. Only what comes after
        that, nine tenths of the time, is done in another thread.
        """
        if kind not in self._compiled:
            lowered = self._function.lower(*self._arguments(kind))
            self._compiled[kind] = _THREADS.submit(_compile, lowered)
        return self._compiled[kind]

    def __getitem__(self, kind: Kind) -> jax.stages.Compiled:
        """Returns the program of this kind, as soon as there is one."""
        return self.begin(kind).result()


def _compile(lowered: jax.stages.Lowered) -> jax.stages.Compiled:
    return lowered.compile(_options(jax.default_backend(), (lowered.cost_analysis() or {}).get("flops", _SMALL)))


def _options(backend: str, flops: float) -> dict[str, bool | str]:
    if backend == "gpu":
        # XLA times several ways to compute each product and takes the quickest, which another time may be another one
        # with other bits; the products of these models are too small to gain from it what it takes. Its own kernels
        # for products are slow where they aren't chosen so: cuBLAS knows by itself what is quick.
        return {"xla_gpu_autotune_level": "0", "xla_gpu_enable_triton_gemm": False}
    return {"xla_cpu_multi_thread_eigen": False} if backend == "cpu" and flops < _SMALL else {}


def kind_of(arrays: Sequence[np.ndarray]) -> Kind:
    """Returns shape and type of each."""
    return tuple((array.shape, array.dtype.str) for array in arrays)


def without_values(tree):
    """Returns a nest of arrays with their shapes and types alone, which is what a program is compiled for."""

    def kind(leaf) -> jax.ShapeDtypeStruct:
        found = jax.typeof(leaf)
        return jax.ShapeDtypeStruct(found.shape, found.dtype, weak_type=found.weak_type)

    return jax.tree_util.tree_map(kind, tree)
