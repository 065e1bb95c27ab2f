"""Whether lazy updates learn as well as exact ones: validation accuracy over seeds, on two corpora.

    python benchmarks/accuracy.py [--seeds 5] [--steps 300]

RowAdagrad's learning rate is chosen on a tenth cut from the training split, with one seed; the rest is mean.gin.
"""

import dataclasses
import json
import statistics
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.readme import table  # noqa: E402
from sentiment.corpora import Corpus, load_corpus  # noqa: E402
from sentiment.training.train import train  # noqa: E402

EXACT = ["Recipe.updates = 'exact'"]
LAZY = ["Recipe.updates = 'lazy'"]
RATES = (0.05, 0.1, 0.2, 0.4)


def main(
    seeds: Annotated[int, typer.Option(help="How many seeds.")] = 5,
    steps: Annotated[int, typer.Option(help="Steps of each training, of 16 examples.")] = 300,
) -> None:
    """Compare updates by validation accuracy."""
    rows = []
    for name in ("twitter_samples", "vader"):
        corpus = load_corpus(name)
        inner = _without_validation(corpus)
        by_rate = {rate: _accuracy(inner, [*LAZY, *_row_adagrad(rate)], steps, seed=100) for rate in RATES}
        best = max(by_rate, key=by_rate.get)
        kinds = {"exact Adam": EXACT, "lazy Adam": LAZY, f"lazy RowAdagrad, {best}": [*LAZY, *_row_adagrad(best)]}
        for kind, bindings in kinds.items():
            found = [100 * _accuracy(corpus, bindings, steps, seed) for seed in range(seeds)]
            rows.append([name, kind, f"{statistics.mean(found):.2f}", f"{min(found):.2f} to {max(found):.2f}"])
            print(rows[-1], flush=True)
    print("\n".join(table(["corpus", "updates", "mean accuracy, %", "range"], rows)))


def _row_adagrad(rate: float) -> list[str]:
    return ["Recipe.optimizer = @RowAdagrad", f"RowAdagrad.learning_rate = {rate}"]


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
