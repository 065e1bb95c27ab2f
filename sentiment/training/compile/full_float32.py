"""Matrix products in full float32, whatever the device does by itself."""

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import jax

P = ParamSpec("P")
R = TypeVar("R")


def full_float32(function: Callable[P, R]) -> Callable[P, R]:
    """Wraps a function so that JAX computes its matrix products and convolutions in full float32.

    By itself JAX multiplies float32 arrays in TensorFloat-32 on GPUs, 10 bits of mantissa, and in
    bfloat16 on TPUs, 7 bits: log-probabilities then differ from a CPU's by up to 6e-4. Evaluation, calibration
    and the comparison with ONNX use this; what training computes in is `Recipe.compute`.
    """

    @functools.wraps(function)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with jax.default_matmul_precision("highest"):
            return function(*args, **kwargs)

    return run
