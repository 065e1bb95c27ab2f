"""What XLA makes of training steps for an H100, compiled where there is none: do they compile, into what, how quick?

    python benchmarks/gpu_programs.py [--config NAME ...] [--out FILE.md]

Needs JAX for a GPU (`make install DEVICE=cuda13`), and neither a GPU nor its driver. The CPU does a step in an
accelerator's ways, and each step's program is compiled for the GPU besides. XLA's estimate is of what kernels compute
and move. It leaves out launching them, some microseconds each, sorts' many passes and, of products of matrices, tensor
cores: it tells which of two programs is the slower, not how long either takes.
"""

import importlib.util
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated
from unittest.mock import patch

# Read when JAX is imported: it would look for a driver, and compare versions with it.
os.environ |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": "-1", "JAX_SKIP_CUDA_CONSTRAINTS_CHECK": "1"}

import jax
import typer

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.devices import BATCH_SIZES, OURS, VARIANTS
from benchmarks.peers import ours
from benchmarks.peers.tweets import Tweets
from benchmarks.tables import measured_here, table
from sentiment import train
from sentiment.training.compile import programs
from sentiment.training.parallel.devices import Devices

# Figures of the card, in XLA's format.
H100 = """
gpu_device_info {
  threads_per_block_limit: 1024 threads_per_warp: 32 shared_memory_per_block: 49152 shared_memory_per_core: 233472
  threads_per_core_limit: 2048 core_count: 132 fpus_per_core: 128 block_dim_limit_x: 2147483647
  block_dim_limit_y: 65535 block_dim_limit_z: 65535 memory_bandwidth: 3352320000000 l2_cache_size: 52428800
  clock_rate_ghz: 1.98 device_memory_size: 84929347584 shared_memory_per_block_optin: 232448
  cuda_compute_capability { major: 9 } registers_per_core_limit: 65536 registers_per_block_limit: 65536
}
platform_name: "CUDA" dnn_version_info { major: 9 minor: 10 } runtime_version { major: 13 }
device_description_str: "NVIDIA H100 80GB HBM3"
"""
# What is in a program's text and is no kernel.
_FREE = {"parameter", "get-tuple-element", "constant", "bitcast", "tuple"}


@dataclass(frozen=True)
class Compiled:
    """A step's program for the GPU: seconds to compile it, kernels, XLA's estimate in microseconds, bytes of memory."""

    seconds: float
    kernels: int
    estimate: float
    memory: int


def main(
    config: Annotated[list[str] | None, typer.Option(help="These variants alone.")] = None,
    out: Annotated[Path | None, typer.Option(help="Write the tables here too, as Markdown.")] = None,
) -> None:
    """Compile the steps and print two tables."""
    if importlib.util.find_spec("jax_plugins") is None:
        raise SystemExit("JAX for a GPU isn't installed: `make install DEVICE=cuda13`")
    lines = [f"XLA of jax {jax.__version__} for an H100 that isn't here; {measured_here()}", ""]
    with compiled_besides() as steps:
        lines += table(["variant", "programs", "s to compile", "kernels"], list(_variants(config or VARIANTS, steps)))
        lines += ["", *table(["the notebook's model, d = 256", "batch", "kernels", "us", "MB"], list(_sizes(steps)))]
    print("\n".join(lines))
    if out:
        out.write_text("\n".join(lines) + "\n", "utf-8")


def _variants(names: list[str] | tuple[str, ...], steps: list[Compiled]) -> Iterator[list[str]]:
    with tempfile.TemporaryDirectory() as folder:
        for name in names:
            steps.clear()
            train(name, ["Recipe.steps = 2"], Path(folder) / name)
            seconds = " ".join(f"{each.seconds:.1f}" for each in steps)
            yield [name, str(len(steps)), seconds, " ".join(str(each.kernels) for each in steps)]
            print(f"{name}: {seconds} s", file=sys.stderr, flush=True)


def _sizes(steps: list[Compiled]) -> Iterator[list[str]]:
    tweets = Tweets.tokenise()
    for name, (optimizer, rate, lazy) in OURS.items():
        for size in BATCH_SIZES:
            steps.clear()
            ours.Peer(tweets, optimizer, rate, lazy, size, steps=1).train()
            (step,) = steps
            yield [name, f"{size:,}", str(step.kernels), f"{step.estimate:,.0f}", f"{step.memory / 1e6:,.0f}"]


@contextmanager
def compiled_besides() -> Iterator[list[Compiled]]:
    """Makes this CPU train in an accelerator's ways; yields the list that steps' programs for a GPU are added to."""
    from jax.experimental import topologies

    jax.devices()  # begins the CPU's backend; from here on, a GPU's compiler may be asked for
    jax.config.update("jax_platforms", None)
    gpu = topologies.get_topology_desc(platform="cuda", target_config=H100, topology="1x1x1")
    place = jax.sharding.NamedSharding(topologies.make_mesh(gpu, (1,), ("gpu",)), jax.sharding.PartitionSpec())
    found: list[Compiled] = []

    def begin_both(self, kind):
        if kind not in self._compiled:
            self._compiled[kind] = programs._THREADS.submit(self._function.lower(*self._arguments(kind)).compile)
            if self._function.__name__ == "_steps":
                found.append(_compile(self._function, self._arguments(kind), place))
        return self._compiled[kind]

    with (
        patch.object(jax, "default_backend", lambda: "gpu"),
        patch.object(Devices, "free_memory", lambda _: 2**36),
        patch.object(programs.Programs, "begin", begin_both),
    ):
        yield found


def _compile(function, arguments, place: jax.sharding.Sharding) -> Compiled:
    def there(leaf):
        kind = jax.typeof(leaf)
        return jax.ShapeDtypeStruct(kind.shape, kind.dtype, weak_type=kind.weak_type, sharding=place)

    lowered = function.lower(*jax.tree_util.tree_map(there, arguments))
    began = time.monotonic()
    compiled = lowered.compile(programs._options("gpu", 0) | {"xla_gpu_collect_cost_model_stats": True})
    seconds = time.monotonic() - began
    estimates = _kernels(compiled.as_text())
    return Compiled(seconds, len(estimates), sum(estimates), compiled.memory_analysis().temp_size_in_bytes)


def _kernels(text: str) -> list[float]:
    """Returns XLA's estimate, in microseconds, of each kernel of one step: of the body of the program's only loop."""
    (_, entry) = text.split("\nENTRY ")
    body = re.search(r" while\(.*body=%?([\w.-]+)", entry)
    assert body is not None, "steps are a loop"
    lines = re.search(rf"^%?{re.escape(body[1])} .*?^}}", text, re.DOTALL | re.MULTILINE)
    assert lines is not None
    found = []
    for line in lines[0].splitlines():
        operation = re.match(r"\s+(?:ROOT )?%?[\w.-]+ = .+? ([\w-]+)\(", line)
        if operation and operation[1] not in _FREE:
            estimate = re.search(r'"exec_time_us":([\d.e+-]+)', line)
            found.append(float(estimate[1]) if estimate else 0)
    return found


if __name__ == "__main__":
    typer.run(main)
