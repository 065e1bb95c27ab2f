"""Options that programs are compiled with: XLA of every locked version knows them."""

import jax
import pytest

from sentiment.training.compile import programs


@pytest.mark.parametrize(("backend", "flops"), [("gpu", 1.0), ("gpu", 1e9), ("cpu", 1.0), ("cpu", 1e9), ("tpu", 1.0)])
def test_xla_knows_every_option(backend, flops):
    options = programs._options(backend, flops)
    assert jax.jit(lambda x: x + 1).lower(1).compile(options)(1) == 2
    assert ("xla_gpu_autotune_level" in options) == (backend == "gpu")
