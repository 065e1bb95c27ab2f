"""What Trax imports and training doesn't need, served by small modules while Trax is being imported.

Trax's JAX path needs of TensorFlow a few file operations and two types to test against; of `trax.data`, which loads
TensorFlow datasets, two functions; of scipy one. What a stand-in offers really works; what it can't offer isn't
there, and fails by name. Trax's modules keep the stand-in that they imported; `sys.modules` doesn't, so that the real
packages stay importable before, after and beside.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import IO, Any, NoReturn

from sentiment.lean_import import set_aside
from sentiment.trax_runtime import board

_STOOD_IN = ("tensorflow", "tensorflow_datasets", "scipy", "trax.data", "trax.fastmath.tf", "trax.jaxboard")


@contextmanager
def stood_in() -> Iterator[None]:
    """Serve the stand-ins inside the block; afterwards `sys.modules` has what it had before, real TensorFlow included.

    While the block runs, other threads that import TensorFlow get the stand-in too.
    """
    with set_aside(*_STOOD_IN):
        sys.modules.update(_tensorflow() | _scipy() | _trax_modules())
        yield


def _tensorflow() -> dict[str, ModuleType]:
    tf = _module(
        "tensorflow",
        io=SimpleNamespace(gfile=SimpleNamespace(GFile=_open, exists=_exists, makedirs=_makedirs, rename=_rename)),
        random=SimpleNamespace(set_seed=_nothing_to_seed),
        TensorShape=type(
            "TensorShape", (), {"__doc__": "Nothing is one: without TensorFlow there are no such shapes."}
        ),
        DType=type("DType", (), {"__doc__": "Nothing is one: without TensorFlow there are no such dtypes."}),
    )
    return {
        "tensorflow": tf,
        "tensorflow.compat": _module("tensorflow.compat", v2=tf),
        "tensorflow.compat.v2": tf,
        "tensorflow_datasets": _module("tensorflow_datasets"),
    }


def _scipy() -> dict[str, ModuleType]:
    """Trax's NumPy backend takes one function from scipy, which costs a fifth of the whole import."""
    return {"scipy": _module("scipy"), "scipy.special": _module("scipy.special", logsumexp=_logsumexp)}


def _trax_modules() -> dict[str, ModuleType]:
    inputs = _module(
        "trax.data.inputs", load_data_counters=_leave_counters_alone, save_data_counters=_leave_counters_alone
    )
    return {
        "trax.data": _module("trax.data", inputs=inputs),
        "trax.data.inputs": inputs,
        "trax.fastmath.tf": _module("trax.fastmath.tf", TF_BACKEND=_NoTensorFlowBackend()),
        "trax.jaxboard": board,
    }


def _module(name: str, **attributes: Any) -> ModuleType:
    module = ModuleType(name, "A stand-in, see sentiment/trax_runtime/stand_ins.py.")
    vars(module).update(attributes)
    return module


class _NoTensorFlowBackend(dict):
    """Trax's table of operations done by TensorFlow: empty, and says so."""

    def __missing__(self, operation: str) -> NoReturn:
        raise NotImplementedError(f"no {operation!r}: Trax's TensorFlow backend needs TensorFlow; use the JAX backend")


def _open(name: str, mode: str = "r") -> IO:
    return Path(name).open(mode, encoding=None if "b" in mode else "utf-8")


def _exists(path: str) -> bool:
    return Path(path).exists()


def _makedirs(path: str) -> None:
    Path(path).mkdir(parents=True, exist_ok=True)


def _rename(source: str, target: str, overwrite: bool = False) -> None:
    if not overwrite and Path(target).exists():
        raise FileExistsError(f"{target} exists already")
    Path(source).replace(target)


def _logsumexp(*args: Any, **kwargs: Any) -> Any:
    from scipy.special import logsumexp

    return logsumexp(*args, **kwargs)


def _nothing_to_seed(seed: int) -> None:
    """TensorFlow draws no random numbers here."""


def _leave_counters_alone(output_dir: str) -> None:
    """Trax's Loop would execute a pickle that lies in its output directory, and write one; no pickle is read here.

    The counters belong to Trax's own input pipeline, which this program doesn't use.
    """
