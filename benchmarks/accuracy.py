"""Whether lazy updates learn as well as exact ones: validation accuracy over seeds, on two corpora.

    python benchmarks/accuracy.py [--seeds 5] [--steps 300]

Each kind's learning rate is chosen on a tenth cut from the training split, with two other seeds; the rest is mean.gin.
"""

import dataclasses
import json
import statistics
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here, table  # noqa: E402
from sentiment.corpora import Corpus, load_corpus  # noqa: E402
from sentiment.training.train import train  # noqa: E402

ADAM = "trax.optimizers.Adam", (0.001, 0.002, 0.005, 0.01)
ROW_ADAGRAD = "RowAdagrad", (0.01, 0.02, 0.05, 0.1)
KINDS = {
    "exact Adam": ("exact", *ADAM),
    "lazy Adam": ("lazy", *ADAM),
    "lazy RowAdagrad": ("lazy", *ROW_ADAGRAD),
}


def main(
    seeds: Annotated[int, typer.Option(help="How many seeds.")] = 5,
    steps: Annotated[int, typer.Option(help="Steps of each training, of 16 examples.")] = 300,
) -> None:
    """Compare updates by validation accuracy."""
    rows = []
    for name in ("twitter_samples", "vader"):
        corpus = load_corpus(name)
        inner = _without_validation(corpus)
        for kind, (updates, optimizer, rates) in KINDS.items():
            by_rate = {rate: _mean(inner, _bindings(updates, optimizer, rate), steps, (100, 101)) for rate in rates}
            best = max(by_rate, key=lambda rate: by_rate[rate][0])
            mean, low, high = _mean(corpus, _bindings(updates, optimizer, best), steps, range(seeds))
            rows.append([name, kind, str(best), f"{100 * mean:.2f}", f"{100 * low:.2f} to {100 * high:.2f}"])
            print(rows[-1], flush=True)
    print("\n".join(table(["corpus", "updates", "learning rate", "mean accuracy, %", "range"], rows)))
    print(measured_here())


def _bindings(updates: str, optimizer: str, rate: float) -> list[str]:
    chosen = f"Recipe.updates = '{updates}'", f"Recipe.optimizer = @{optimizer}", f"{optimizer}.learning_rate = {rate}"
    return list(chosen)


def _mean(corpus: Corpus, bindings: list[str], steps: int, seeds: Iterable[int]) -> tuple[float, float, float]:
    """Returns mean, lowest and highest accuracy."""
    found = [_accuracy(corpus, bindings, steps, seed) for seed in seeds]
    return statistics.mean(found), min(found), max(found)


def _without_validation(corpus: Corpus) -> Corpus:
    rows = np.random.default_rng(0).permutation(corpus.splits["train"])
    held_out = len(rows) // 10
    return dataclasses.replace(
        corpus, splits={"train": np.sort(rows[held_out:]), "validation": np.sort(rows[:held_out])}
    )


def _accuracy(corpus: Corpus, bindings: list[str], steps: int, seed: int) -> float:
    settings = {"steps": steps, "seed": seed, "eval_every": steps, "checkpoint_every": steps}
    own = [f"Recipe.{name} = {value}" for name, value in settings.items()]
    with tempfile.TemporaryDirectory() as folder:
        run = train(ROOT / "configs" / "mean.gin", [*bindings, *own], Path(folder) / "run", corpus=corpus)
        return json.loads(run.metrics.read_text("utf-8"))["validation_accuracy"]


if __name__ == "__main__":
    typer.run(main)
