"""How trained runs do on SemEval's tweets, which their training never saw.

    python benchmarks/on_semeval.py RUN... [--semeval FOLDER] [--int8]

Runs of two classes are asked about the positive and negative tweets of 2013 to 2016, runs of three about 2016's test
(they may have learned from the other parts). Several runs are seeds of one config: their mean and deviation come last.
"""

import sys
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import semeval  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402
from sentiment import Predictor  # noqa: E402
from sentiment.evaluation import Evaluation  # noqa: E402

FOLDER = ROOT.parent / "shared" / "data" / "semeval2013_2016"
MEASURES = ("accuracy", "macro-recall", "F1 of positive and negative", "ECE")


def main(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, seeds of one config.")],
    folder: Annotated[Path, typer.Option("--semeval", help="With twitter-2016test-A.tsv and the others.")] = FOLDER,
    int8: Annotated[bool, typer.Option("--int8", help="By the models of 8 bits.")] = False,
) -> None:
    """Print each run's figures, and their mean and deviation."""
    found = []
    for run in runs:
        found.append(_figures(Predictor.load(run, int8=int8), folder))
        _print(str(run), found[-1])
    _print(f"mean of {len(runs)}", np.mean(found, axis=0))
    _print("deviation", np.std(found, axis=0))
    print(measured_here())


def _figures(predictor: Predictor, folder: Path) -> np.ndarray:
    # <float64>[4]: the measures, in their order.
    names = predictor.label_names
    parts = (semeval.TEST_3,) if len(names) == len(semeval.LABELS) else (*semeval.TRAIN_3, semeval.TEST_3)
    texts, labels = semeval.read(folder, parts)
    kept = [row for row, label in enumerate(labels) if semeval.LABELS[label] in names]
    targets = np.array([names.index(semeval.LABELS[labels[row]]) for row in kept])
    answers = predictor.outcomes(texts[row] for row in kept).probabilities
    seen = Evaluation("semeval", "test", names, np.array(kept), targets, answers)
    polar = [names.index("negative"), names.index("positive")]
    return np.array([seen.accuracy, seen.macro_recall, seen.by_class[2, polar].mean(), seen.ece])


def _print(what: str, figures: np.ndarray) -> None:
    shown = ", ".join(f"{name} {figure:.4f}" for name, figure in zip(MEASURES, figures, strict=True))
    print(f"{what}: {shown}", flush=True)


if __name__ == "__main__":
    typer.run(main)
