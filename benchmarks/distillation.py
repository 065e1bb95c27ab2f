"""What a student gains, on development sets, by what it takes of its teacher's answers: probabilities, or labels.

    python benchmarks/distillation.py --teacher runs/0001-minilm-vader [--seeds 1] [--ways soft hard ...]

The student learns `vader` and the training texts of crowdflower and twitter_samples, which the teacher labels.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from sklearn.metrics import balanced_accuracy_score

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.development_sets import BINARY, development_sets  # noqa: E402
from sentiment.distillation.distil import distil  # noqa: E402
from sentiment.distillation.teachers import mean_answers, teachers_of  # noqa: E402
from sentiment.prediction.predictor import Predictor  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.storage.run_directory import RunDirectory  # noqa: E402
from sentiment.training.train import train  # noqa: E402

Probabilities = Callable[[Sequence[str]], np.ndarray]  # texts -> <float>[n_texts, 2], in the order of BINARY
WAYS = {
    "soft": [],
    "soft, 2": ["Distillation.temperature = 2.0"],
    "soft, .5": ["Distillation.temperature = 0.5"],
    "soft, sure": ["Distillation.confidence = 0.8"],
    "hard": ["Distillation.temperature = 0.0"],
    "hard, sure": ["Distillation.temperature = 0.0", "Distillation.confidence = 0.8"],
}
TAUGHT = ["Distillation.texts = ('crowdflower', 'twitter_samples')", "Distillation.labelled = 'vader'"]
QUIET = ["Recipe.eval_every = 100000", "Recipe.checkpoint_every = 100000"]


def main() -> None:
    """Prints a row for the teacher, the untaught student and each way of teaching it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--teacher", required=True)
    parser.add_argument("--student", default="default")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--ways", nargs="*", default=["untaught", *WAYS], choices=["untaught", *WAYS])
    parser.add_argument("--set", nargs="*", default=[], help="gin bindings of the student")
    options = parser.parse_args()
    sets = development_sets()
    print(
        "accuracy / macro-recall in %".ljust(26),
        *(f"{name} ({len(texts):,})".rjust(18) for name, (texts, _) in sets.items()),
    )
    (teacher,) = teachers_of([RunDirectory(Path(options.teacher))])
    show("teacher", [lambda texts: mean_answers([teacher], texts, BINARY)], sets)
    for way in options.ways:
        began = time.monotonic()
        students = [student(way, seed, options) for seed in range(options.seeds)]
        show(f"{way}, {(time.monotonic() - began) / options.seeds:.0f} s", students, sets)


def student(way: str, seed: int, options: argparse.Namespace) -> Probabilities:
    """Returns a student that learned one way."""
    settings = [*QUIET, f"Recipe.seed = {seed}", *options.set]
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        if way == "untaught":
            trained: RunDirectory = train(
                find_config(options.student), [*settings, "load_corpus.source = 'vader'"], run
            )
        else:
            trained = distil([options.teacher], options.student, [*TAUGHT, *settings, *WAYS[way]], run)
        predictor = Predictor.load(trained.path)
    return lambda texts: predictor.outcomes(texts).probabilities


def show(name: str, predictors: list[Probabilities], sets: dict) -> None:
    """Prints accuracy and macro-recall on each set, means over the predictors."""
    cells = []
    for texts, labels in sets.values():
        answers = [predict(texts).argmax(axis=1) for predict in predictors]
        accuracy = np.mean([np.mean(each == labels) for each in answers])
        recall = np.mean([balanced_accuracy_score(labels, each) for each in answers])
        cells.append(f"{accuracy:.1%} / {recall:.1%}".replace("%", "").rjust(18))
    print(name.ljust(26), *cells, flush=True)


if __name__ == "__main__":
    main()
