"""Several labels a text: the default beside a TF-IDF logistic regression for each label, on the same made texts.

    python benchmarks/multilabel.py [--seeds 2] [--write]

Each seed makes other texts in GoEmotions' shape (`made_emotions.py`: 4,000 train, 1,000 validate, 1,000 test), trains
configs/default.gin and scores the test texts, which neither weights nor thresholds saw. `--write` puts the table into
docs/evaluation.md.
"""

import sys
import tempfile
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.made_emotions import write_goemotions  # noqa: E402
from benchmarks.tables import measured_here, table, write_table  # noqa: E402
from sentiment.evaluation.evaluate_run import Question, score_run  # noqa: E402
from sentiment.evaluation.scoreboard import figures  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.training.train import train  # noqa: E402
from sentiment.training.trained_model import TrainedModel  # noqa: E402

N_TRAIN, N_OTHER = 4000, 1000
METRICS = {"macro_f1": "macro-F1", "micro_f1": "micro-F1", "subset_accuracy": "exactly right"}


def main(
    seeds: Annotated[int, typer.Option("--seeds", help="How many trainings.")] = 2,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/.")] = False,
) -> None:
    scores: dict[str, list[list[float]]] = {}
    errors = []
    for seed in range(seeds):
        found = _scored(seed)
        for name, row in found["systems"].items():
            scores.setdefault(name, []).append([row[metric]["value"] for metric in METRICS])
        calibration = found["calibration"]
        errors.append([calibration[name] for name in ("ece_held_out", "ece_before", "ece_by_chance")])
        print(f"seed {seed}:", {name: np.round(each[-1], 4).tolist() for name, each in scores.items()}, errors[-1])
    lines = table(["on the same test texts", *METRICS.values()], [[name, *_cells(scores[name])] for name in scores])
    ece = np.mean(errors, axis=0)
    note = f"ECE {ece[0]:.4f} with calibration, {ece[1]:.4f} without, {ece[2]:.4f} by chance. Means of {seeds} seeds, "
    note += f"`python benchmarks/multilabel.py --seeds {seeds}`"
    print("\n".join(lines), f"\n{note}, {measured_here()}")
    if write:
        write_table("multilabel", lines, note)


def _scored(seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        source = write_goemotions(Path(folder, "emotions"), N_TRAIN, N_OTHER, seed)
        bindings = [f"load_corpus.source = '{source}'", "load_corpus.text_column = '1'", f"Recipe.seed = {seed}"]
        run = train(find_config("default"), [*bindings, "load_corpus.label_column = '2'"], Path(folder, "run"))
        return figures(score_run(TrainedModel.load(run.path), Question(split="test")))


def _cells(rows: list[list[float]]) -> list[str]:
    return [f"{mean:.4f} ± {spread:.4f}" for mean, spread in zip(np.mean(rows, 0), np.std(rows, 0), strict=True)]


if __name__ == "__main__":
    typer.run(main)
