"""How trained runs do on SemEval's tweets, which their training never saw.

    python benchmarks/on_semeval.py RUN... [--semeval FOLDER] [--int8] [--develop]

Runs of two classes are asked about the positive and negative tweets of 2013 to 2016, runs of three about 2016's test
(they may have learned from the other parts). Several runs are seeds of one config: their mean and deviation come last.
`--develop` asks runs of two classes about the development sets, 700 texts of each at most: settings are chosen there.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks import semeval  # noqa: E402
from benchmarks.development_sets import BINARY, Labelled, development_sets  # noqa: E402
from benchmarks.tables import measured_here  # noqa: E402
from sentiment import Predictor  # noqa: E402
from sentiment.evaluation import Evaluation  # noqa: E402

FOLDER = ROOT.parent / "shared" / "data" / "semeval2013_2016"
MOST = 700  # texts of a development set
MEASURES = ("accuracy", "macro-recall", "F1 of positive and negative", "ECE")


def main(
    runs: Annotated[list[Path], typer.Argument(help="Run directories, seeds of one config.")],
    folder: Annotated[Path, typer.Option("--semeval", help="With twitter-2016test-A.tsv and the others.")] = FOLDER,
    int8: Annotated[bool, typer.Option("--int8", help="By the models of 8 bits.")] = False,
    develop: Annotated[bool, typer.Option("--develop", help="On the development sets, not SemEval.")] = False,
) -> None:
    """Print each run's figures, and their mean and deviation."""
    found: dict[str, list[np.ndarray]] = {}
    for run in runs:
        predictor = Predictor.load(run, int8=int8)
        names = predictor.label_names
        for name, asked in (_development(names) if develop else _semeval(names, folder)).items():
            found.setdefault(name, []).append(_figures(predictor, *asked))
            _print(f"{run}, {name}", found[name][-1])
    for name, figures in found.items():
        _print(f"{name}, mean of {len(runs)}", np.mean(figures, axis=0))
        _print(f"{name}, deviation", np.std(figures, axis=0))
    print(measured_here())


def _semeval(names: Sequence[str], folder: Path) -> dict[str, Labelled]:
    parts = (semeval.TEST_3,) if len(names) == len(semeval.LABELS) else (*semeval.TRAIN_3, semeval.TEST_3)
    texts, labels = semeval.read(folder, parts)
    kept = [row for row, label in enumerate(labels) if semeval.LABELS[label] in names]
    targets = np.array([names.index(semeval.LABELS[labels[row]]) for row in kept])
    return {"SemEval": ([texts[row] for row in kept], targets)}


def _development(names: Sequence[str]) -> dict[str, Labelled]:
    # A large model answers some tens a second where others compute.
    place = np.array([names.index(name) for name in BINARY])
    return {name: _thinned(texts, place[labels]) for name, (texts, labels) in development_sets().items()}


def _thinned(texts: Sequence[str], targets: np.ndarray) -> Labelled:
    step = -(-len(texts) // MOST)
    return list(texts[::step]), targets[::step]


def _figures(predictor: Predictor, texts: Sequence[str], targets: np.ndarray) -> np.ndarray:
    # <float64>[4]: the measures, in their order.
    names = predictor.label_names
    answers = predictor.outcomes(texts).probabilities
    seen = Evaluation("texts", "test", names, np.arange(len(texts)), targets, answers)
    polar = [names.index(name) for name in BINARY]
    return np.array([seen.accuracy, seen.macro_recall, seen.by_class[2, polar].mean(), seen.ece])


def _print(what: str, figures: np.ndarray) -> None:
    shown = ", ".join(f"{name} {figure:.4f}" for name, figure in zip(MEASURES, figures, strict=True))
    print(f"{what}: {shown}", flush=True)


if __name__ == "__main__":
    typer.run(main)
