"""Trax 1.4.1, the parts this program uses, imported in about a second and without TensorFlow, gym or matplotlib.

The only place that knows Trax is from 2021:

    from sentiment.trax_runtime import fastmath, lr_schedules, optimizers, shapes, tl, training

They are Trax's own modules, with what broke since 2021 repaired (`repairs`). Left in `sys.modules` are Trax's modules
under shells of `trax` and `trax.supervised`, whose own `__init__` would import all of Trax; nothing else stays.
`Loop()` reseeds Python's `random` and NumPy's global generator, as it always did.
"""

import importlib
import sys
import warnings
from importlib.machinery import PathFinder
from types import ModuleType

from sentiment.lean_import import shells
from sentiment.trax_runtime.repairs import quicken_assert_shape, repair
from sentiment.trax_runtime.stand_ins import stood_in

__all__ = ["fastmath", "lr_schedules", "optimizers", "shapes", "tl", "training"]


def _import_trax() -> None:
    with warnings.catch_warnings(), stood_in(), shells("trax", "trax.supervised"):
        # Trax compares with `is ()`; Python says so whenever it compiles those files.
        warnings.filterwarnings("ignore", r'"is( not)?" with .*literal', SyntaxWarning, module=r".*\btrax\b")
        # Run a second time in one process, Trax's `layers/__init__.py` would give gin, and others, new layers.
        if "trax.layers" not in sys.modules:
            with shells("trax.layers"):
                quicken_assert_shape(importlib.import_module("trax.layers.assert_shape"))
                _fill(sys.modules["trax.layers"])
        for name in ("optimizers", "supervised.lr_schedules", "supervised.training"):
            importlib.import_module(f"trax.{name}")


def _fill(shell: ModuleType) -> None:
    """Run the `__init__.py` that the shell stands for, in the shell, so that it becomes the package itself."""
    parent = sys.modules[shell.__name__.rpartition(".")[0]]
    spec = PathFinder.find_spec(shell.__name__, parent.__path__)
    if spec is None or spec.loader is None:
        raise ImportError(f"{shell.__name__}: not found in {list(parent.__path__)}", name=shell.__name__)
    shell.__spec__, shell.__loader__ = spec, spec.loader
    spec.loader.exec_module(shell)


_import_trax()

from trax import fastmath, optimizers, shapes  # noqa: E402
from trax import layers as tl  # noqa: E402
from trax.supervised import lr_schedules, training  # noqa: E402

repair(fastmath, tl, training)
