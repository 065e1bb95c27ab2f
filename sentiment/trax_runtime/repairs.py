"""Trax is from October 2021: what newer jax, Python and NumPy broke in it, mended from outside.

Nothing is changed in jax, numpy, gzip or inspect themselves. Where Trax asks one of them for something that is gone,
that Trax module gets a view of the package instead, in which the one name means what it used to mean.
"""

import gzip
import inspect
import sys
from collections.abc import Callable
from types import FrameType, ModuleType, SimpleNamespace
from typing import IO, Any

import jax
import numpy as np
from jax.extend.random import threefry_2x32

from sentiment.errors import InputError
from sentiment.trax_runtime.host_random import replace_random

PatchedModule = Any  # a module of Trax whose names are set here: types know only those that every module has


def quicken_assert_shape(assert_shape: PatchedModule) -> None:
    """Let `trax.layers.assert_shape` find its caller's line without reading the source of every frame above it.

    It asks at each of Trax's decorators, so this must be in place before the other layers are imported: 5 s or more of
    Trax's import go there. Its messages stay the same.
    """
    assert_shape.inspect = view(inspect, stack=_callers, getframeinfo=_where)


def repair(fastmath: PatchedModule, layers: PatchedModule, training: PatchedModule) -> None:
    """Mend the imported Trax modules in place.

    Resuming: `tree_unflatten` compared arrays with marker tuples. Two or more devices: `jax.device_put_replicated` is
    gone, and `on_cpu` bound arrays to one device that others can't join. Renamed or gone: `jax.host_count`,
    `jax.random.threefry_2x32`, the two operands of `cond`. `GzipFile` wants its mode said.
    """
    modules: dict[str, PatchedModule] = dict(sys.modules)
    replace_random(modules["trax.fastmath.jax"].JAX_BACKEND)
    fastmath.tree_unflatten = modules["trax.fastmath.numpy"].tree_unflatten = tree_unflatten
    let_input_errors_through(modules["trax.layers.base"], layers)
    acceleration = modules["trax.layers.acceleration"]
    acceleration.jax = view(jax, device_put_replicated=_device_put_replicated)
    acceleration.on_cpu = layers.on_cpu = jax.device_get
    training.jax = view(jax, host_count=jax.process_count)
    positions = modules["trax.layers.research.position_encodings"]
    positions.jax = view(jax, random=view(jax.random, threefry_2x32=threefry_2x32))
    modules["trax.layers.research.efficient_attention"].fastmath = view(fastmath, cond=_cond_of_two_operands)
    training.gzip_lib = modules["trax.layers.base"].gzip = view(gzip, GzipFile=_gzip_file)


def let_input_errors_through(base: PatchedModule, layers: PatchedModule) -> None:
    """Let bad input that a layer tells in one line stay what it is: Trax wraps whatever fails in a layer in pages."""

    class LayerError(base.LayerError):
        """Trax's, unless the error that it would wrap is an `InputError`."""

        def __new__(cls, *arguments):
            error = sys.exc_info()[1]
            return error if isinstance(error, InputError) else super().__new__(cls, *arguments)

    base.LayerError = layers.LayerError = LayerError


def tree_unflatten(flat: list, tree: Any, copy_from_tree: list | None = None) -> tuple[Any, list]:
    """Trax's `fastmath.tree_unflatten`: (a tree like `tree` with leaves from `flat`, what is left of `flat`).

    Subtrees that are found in `copy_from_tree` are kept. Unlike Trax's, an array is never compared with those markers.
    """
    if copy_from_tree is not None and not _is_array(tree) and tree in copy_from_tree:
        return tree, flat
    if isinstance(tree, list | tuple | dict):
        subtrees, rest = [], flat
        for subtree in tree.values() if isinstance(tree, dict) else tree:
            subtree, rest = tree_unflatten(rest, subtree, copy_from_tree)
            subtrees.append(subtree)
        if isinstance(tree, dict):
            return dict(zip(tree, subtrees, strict=True)), rest
        return (tuple(subtrees) if isinstance(tree, tuple) else subtrees), rest
    return flat[0], flat[1:]


def _is_array(leaf: Any) -> bool:
    return isinstance(leaf, jax.Array | np.ndarray)


def view(package: ModuleType, **replacements: Any) -> ModuleType:
    """A module that has `replacements`, and everything else as `package` has it at that moment."""
    view = ModuleType(package.__name__)
    vars(view).update(replacements, __getattr__=lambda name: getattr(package, name))
    return view


def _callers() -> list[tuple[FrameType | None]]:
    """As much of `inspect.stack()` as the caller reads: the frames of the caller and of the caller's caller."""
    frame = sys._getframe(1)
    return [(frame,), (frame.f_back,)]


def _where(frame: FrameType) -> SimpleNamespace:
    return SimpleNamespace(filename=frame.f_code.co_filename, lineno=frame.f_lineno)


def _device_put_replicated(x: Any, devices: list[jax.Device]) -> jax.Array:
    """One copy of the array `x` on each device: [devices, *x.shape], its first axis spread over them, as pmap wants."""
    mesh = jax.sharding.Mesh(np.array(devices), ("devices",))
    spread = jax.sharding.NamedSharding(mesh, jax.sharding.PartitionSpec("devices"))
    return jax.device_put(np.broadcast_to(x, (len(devices), *np.shape(x))), spread)


def _cond_of_two_operands(
    pred: Any, true_operand: Any, true_fun: Callable, false_operand: Any, false_fun: Callable
) -> Any:
    return jax.lax.cond(pred, lambda: true_fun(true_operand), lambda: false_fun(false_operand))


def _gzip_file(fileobj: IO[bytes], compresslevel: int) -> gzip.GzipFile:
    return gzip.GzipFile(fileobj=fileobj, compresslevel=compresslevel, mode=fileobj.mode)
