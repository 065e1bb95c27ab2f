"""Several labels a text: a config beside a TF-IDF logistic regression for each label, on the same made texts.

    python benchmarks/multilabel.py [--seeds 2] [--first-seed 20] [--config default] [--set LINE]... [--write]

Each seed makes other texts in GoEmotions' shape (`made_emotions.py`: 4,000 train, 1,000 validate, 1,000 test), trains
the config and scores the test texts, which neither weights nor thresholds saw. How far thresholds shrink was chosen on
seeds 100 to 102 (`sentiment/prediction/decisions.py`). `--write` puts the table into docs/evaluation.md.
"""

import shlex
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
    first_seed: Annotated[int, typer.Option("--first-seed", help="Of the trainings, and the made texts.")] = 20,
    config: Annotated[str, typer.Option("--config", help="What is trained.")] = "default",
    set_: Annotated[list[str] | None, typer.Option("--set", help="A setting of it, as in sentiment train.")] = None,
    write: Annotated[bool, typer.Option("--write", help="Put the table into docs/.")] = False,
) -> None:
    scores: dict[str, list[list[float]]] = {}
    errors = []
    for seed in range(first_seed, first_seed + seeds):
        found = _scored(config, set_ or [], seed)
        for name, row in found["systems"].items():
            scores.setdefault(name, []).append([row[metric]["value"] for metric in METRICS])
        calibration = found["calibration"]
        errors.append([calibration[name] for name in ("ece_held_out", "ece_before", "ece_by_chance")])
        print(f"seed {seed}:", {name: np.round(each[-1], 4).tolist() for name, each in scores.items()}, errors[-1])
    lines = table(["on the same test texts", *METRICS.values()], [[name, *_cells(scores[name])] for name in scores])
    ece = np.mean(errors, axis=0)
    note = f"ECE {ece[0]:.4f} with calibration, {ece[1]:.4f} without, {ece[2]:.4f} by chance. Means of {seeds} seeds, "
    flags = [f"--seeds {seeds} --first-seed {first_seed} --config {config}"]
    flags += [f"--set {shlex.quote(line)}" for line in set_ or []]
    note += f"`python benchmarks/multilabel.py {' '.join(flags)}`"
    print("\n".join(lines), f"\n{note}, {measured_here()}")
    if write:
        write_table("multilabel", lines, note)


def _scored(config: str, settings: list[str], seed: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        source = write_goemotions(Path(folder, "emotions"), N_TRAIN, N_OTHER, seed)
        columns = ["load_corpus.text_column = '1'", "load_corpus.label_column = '2'"]
        bindings = [f"load_corpus.source = '{source}'", *columns, f"Recipe.seed = {seed}", *settings]
        run = train(find_config(config), bindings, Path(folder, "run"))
        return figures(score_run(TrainedModel.load(run.path), Question(split="test")))


def _cells(rows: list[list[float]]) -> list[str]:
    return [f"{mean:.4f} ± {spread:.4f}" for mean, spread in zip(np.mean(rows, 0), np.std(rows, 0), strict=True)]


if __name__ == "__main__":
    typer.run(main)
