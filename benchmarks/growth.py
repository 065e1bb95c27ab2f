"""How time an example and memory grow with the number of examples and with the vocabulary: made data, Zipf's law.

    python benchmarks/growth.py [--write]

Ids have probabilities proportional to 1 / (rank + 2.7), as words of a text do (Mandelbrot), texts 4 to 16 tokens. Each
case runs in a process of its own, through our Loop, in turn; time is the median of the rounds. Data and table (with
the optimizer's slots) are computed from their sizes; the rest of the process's peak memory is shown beside them.
"""

import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import table, write_table  # noqa: E402

D, BATCH, STEPS = 256, 16, 4_000
SMALL = 10_000
CASES = (
    *((n, SMALL) for n in (SMALL, 100_000, 1_000_000, 10_000_000)),
    *((SMALL, n) for n in (100_000, 1_000_000)),
)


def main(
    rounds: Annotated[int, typer.Option(help="How often each case runs.")] = 3,
    write: Annotated[bool, typer.Option(help="Put the table into docs/.")] = False,
    case: Annotated[tuple[int, int], typer.Option(hidden=True)] = (0, 0),
) -> None:
    """Time made data of growing size."""
    if case[0]:
        print(json.dumps(_measure(*case)))
        return
    found = {case: [] for case in CASES}
    for _ in range(rounds):
        for each, results in found.items():
            command = [sys.executable, __file__, "--case", *map(str, each)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
            results.append(json.loads(done.stdout.splitlines()[-1]))
            print(each, results[-1], flush=True)
    base = statistics.median(result["microseconds"] for result in found[CASES[0]])
    rows = [_row(each, results, base) for each, results in found.items()]
    lines = table(
        ["examples", "vocabulary", "µs an example", "ratio", "data", "table, twice", "all other memory"], rows
    )
    print("\n".join(lines))
    if write:
        write_table("growth", lines, f"`make bench`, RowAdagrad, batches of {BATCH}, d = {D}, medians of {rounds} runs")


def _row(case: tuple[int, int], results: list[dict], base: float) -> list[str]:
    time_taken = statistics.median(result["microseconds"] for result in results)
    sizes = [f"{statistics.median(result[name] for result in results):,.0f} MB" for name in ("data", "table", "other")]
    return [f"{case[0]:,}", f"{case[1]:,}", f"{time_taken:.2f}", f"{time_taken / base:.2f} x", *sizes]


def _measure(n_examples: int, n_ids: int) -> dict:
    from sentiment.batching.batches import Batches
    from sentiment.batching.samplers import BalancedSampler
    from sentiment.models.classifiers import MeanClassifier
    from sentiment.recipe.row_adagrad import RowAdagrad
    from sentiment.training.loop.loop import Loop
    from sentiment.training.parallel.devices import begin_on_one_thread
    from sentiment.trax_runtime import tl, training

    begin_on_one_thread()
    examples = _made(n_examples, n_ids)
    batches = Batches(examples, BalancedSampler(examples.labels, BATCH, 0), (16,))
    task = training.TrainTask(batches, tl.CrossEntropyLoss(), RowAdagrad(0.05), sample_batch=batches.batch(0))
    model = MeanClassifier(d_embedding=D).layers(range(n_ids), n_classes=2)
    never = lambda step: False  # noqa: E731
    loop = Loop(model, task, checkpoint_at=never, random_seed=0, lazy=True)
    loop.run(STEPS // 4)
    times = []
    for _ in range(3):
        began = time.perf_counter()
        loop.run(STEPS)
        np.asarray(loop.model.weights[-2][1])
        times.append((time.perf_counter() - began) / STEPS / BATCH * 1e6)
    data = sum(array.nbytes for array in (examples.ids, examples.starts, examples.labels)) / 2**20
    weights = 2 * n_ids * (D + 1) * 4 / 2**20  # the first step takes a copy, and leaves the model's own initial one
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    return {"microseconds": min(times), "data": data, "table": weights, "other": peak - data - weights}


def _made(n_examples: int, n_ids: int):
    from sentiment.batching.batches import Examples

    generator = np.random.default_rng(0)
    starts = np.zeros(n_examples + 1, np.int64)
    np.cumsum(generator.integers(4, 17, n_examples), out=starts[1:])
    shares = np.cumsum(1 / (np.arange(n_ids - 3) + 2.7))
    ids = np.zeros(starts[-1] + 1, np.int32)
    for start in range(0, len(ids) - 1, 1 << 20):
        part = ids[start : min(start + (1 << 20), len(ids) - 1)]
        part[:] = np.searchsorted(shares, generator.random(len(part)) * shares[-1]) + 3
    return Examples(ids, starts, generator.integers(0, 2, n_examples, dtype=np.int32))


if __name__ == "__main__":
    typer.run(main)
