"""JAX's backend, set up before its first use: which kind of device, and how much of its memory."""

import importlib.util
import os

import jax

from sentiment.errors import InputError
from sentiment.execution.device import Device

_ROCM_PLUGINS = ("jax_rocm60_plugin", "jax_rocm7_plugin")
_PLUGINS = ("jax_cuda12_plugin", "jax_cuda13_plugin", "libtpu", *_ROCM_PLUGINS)
_REMEDY = {
    "cpu": "unset JAX_PLATFORMS",
    "gpu": "install JAX for the GPU with `make train DEVICE=cuda13` (or cuda12), or use the CPU with --device cpu",
    "tpu": "install JAX for the TPU with `make train DEVICE=tpu`, or use the CPU with --device cpu",
}


def set_up_backend(device: Device = "auto") -> None:
    """Sets what JAX reads when its backend begins; once that has begun, this changes nothing.

    A GPU's memory is taken as it is needed, where JAX would take three quarters of it at once: several trainings, and
    other programs, share a GPU. A user's own XLA_PYTHON_CLIENT_PREALLOCATE comes first.

    Args:
        device: the kind that computes; "auto": JAX's own choice, an accelerator where there is one.
    """
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    if device != "auto":
        jax.config.update("jax_platforms", _gpu_platform() if device == "gpu" else device)


def begin_backend() -> list[jax.Device]:
    """Begins JAX's backend and returns its devices.

    Raises:
        InputError: the kind of device that was asked for, by --device or JAX_PLATFORMS, can't be used here.
    """
    try:
        return jax.devices()
    except (RuntimeError, AssertionError) as error:  # jax 0.10's CUDA plugin asserts where there is no GPU
        asked = _asked()
        kind = next((kind for kind in ("gpu", "tpu") if asked.startswith(_platforms(kind))), "cpu")
        found = str(error).splitlines()[0] if str(error) else "no such device"
        raise InputError(f"JAX can't use {asked}: {found.rstrip('.')}; {_REMEDY[kind]}") from error


def may_have_accelerator() -> bool:
    """Whether JAX would look for an accelerator: support for one is installed, and it isn't told to take the CPU."""
    return any(map(importlib.util.find_spec, _PLUGINS)) and not _asked().startswith("cpu")


def _asked() -> str:
    return getattr(jax.config, "jax_platforms", None) or ""


def _platforms(kind: str) -> tuple[str, ...]:
    return ("gpu", "cuda", "rocm") if kind == "gpu" else (kind,)


def _gpu_platform() -> str:
    rocm = any(map(importlib.util.find_spec, _ROCM_PLUGINS))
    return "rocm,cpu" if rocm else "cuda,cpu"
