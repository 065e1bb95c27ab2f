"""How far off probabilities are after temperature, on rows that neither weights nor temperature saw.

    python benchmarks/calibration.py [seeds]

`vader`, by configs/default.gin: five folds, each predicted by a model of the other four, of which a tenth fits the
temperature; all 3,432 rows are scored together. `twitter_samples`, emoticons stripped from the texts, by
configs/ensemble.gin: trained on the first 3,600 of each class, the next 400 fit the temperature, the last 1,000 are
scored.
"""

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.tables import measured_here  # noqa: E402
from sentiment.corpora import Corpus, load_corpus  # noqa: E402
from sentiment.corpora.near_duplicates import group_rows  # noqa: E402
from sentiment.corpora.splits import split_rows  # noqa: E402
from sentiment.evaluation import Evaluation  # noqa: E402
from sentiment.evaluation.calibration_figures import calibration_figures  # noqa: E402
from sentiment.evaluation.scoring import take_sample  # noqa: E402
from sentiment.prediction.calibration import Calibration  # noqa: E402
from sentiment.prediction.predictor import Predictor  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.text.emoticons import strip_emoticons  # noqa: E402
from sentiment.training.train import train  # noqa: E402

FOLDS = 5


def main(seeds: str = "5") -> None:
    measured: dict[str, list[tuple[float, ...]]] = {}
    for seed in range(int(seeds)):
        tasks = (("vader, 5 folds", "default", _folds(seed)), ("twitter_samples stripped", "ensemble", [_stripped()]))
        for name, config, corpora in tasks:
            measured.setdefault(name, []).append(_errors(config, corpora, seed))
            _print(f"{name}, seed {seed}", measured[name][-1])
    for name, values in measured.items():
        _print(f"{name}, mean", np.mean(values, axis=0))
        _print(f"{name}, deviation", np.std(values, axis=0))
    print(measured_here())


def _errors(config: str, corpora: list[Corpus], seed: int) -> tuple[float, ...]:
    """Returns the errors with temperature, without and by chance alone, and the accuracy."""
    with tempfile.TemporaryDirectory() as folder:
        runs = [_scored(config, corpus, seed, Path(folder, str(n))) for n, corpus in enumerate(corpora)]
    before, after = (_pooled([run[place] for run in runs]) for place in (0, 1))
    chance = calibration_figures(after, Calibration(), fitted_here=False)["ece_by_chance"]
    return after.ece, before.ece, chance, after.accuracy


def _print(what: str, values: tuple[float, ...]) -> None:
    ece, before, chance, accuracy = values
    shown = f"ECE {ece:.4f} with temperature, {before:.4f} without, {chance:.4f} by chance alone"
    print(f"{what}: {shown}; accuracy {accuracy:.4f}", flush=True)


def _folds(seed: int) -> list[Corpus]:
    corpus = load_corpus("vader")
    fold = np.empty(len(corpus.texts), int)
    groups = list(group_rows(corpus.texts).values())
    for place, number in enumerate(np.random.default_rng(seed).permutation(len(groups))):
        fold[groups[number]] = place % FOLDS
    return [_split(corpus, np.flatnonzero(fold == each), seed) for each in range(FOLDS)]


def _split(corpus: Corpus, test: np.ndarray, seed: int) -> Corpus:
    rest = np.setdiff1d(np.arange(len(corpus.texts)), test)
    parts = split_rows([corpus.texts[row] for row in rest], corpus.labels[rest], seed)
    train_rows = np.sort(np.concatenate([rest[parts["train"]], rest[parts["test"]]]))
    return replace(corpus, splits={"train": train_rows, "validation": rest[parts["validation"]], "test": test})


def _stripped() -> Corpus:
    corpus = load_corpus("twitter_samples")
    train_rows, test = corpus.splits["train"], corpus.splits["validation"]
    fits = np.concatenate([train_rows[corpus.labels[train_rows] == label][-400:] for label in (0, 1)])
    splits = {"train": np.setdiff1d(train_rows, fits), "validation": np.sort(fits), "test": test}
    return replace(corpus, texts=tuple(map(strip_emoticons, corpus.texts)), splits=splits)


def _scored(config: str, corpus: Corpus, seed: int, folder: Path) -> tuple[Evaluation, Evaluation]:
    """Returns the evaluations on the test split at temperature 1, and at the run's."""
    predictor = Predictor.load(train(find_config(config), [f"Recipe.seed = {seed}"], folder, corpus=corpus).path)
    sample = take_sample(corpus, "test", predictor.label_names)
    calibrated = predictor.outcomes(sample.texts).probabilities
    raw = Calibration(1 / predictor.calibration.temperature).probabilities(np.log(calibrated))
    return tuple(
        Evaluation(corpus.name, "test", sample.labels.label_names, sample.rows, sample.targets, each)
        for each in (raw, calibrated)
    )


def _pooled(parts: list[Evaluation]) -> Evaluation:
    keys = ("rows", "targets", "probabilities")
    return replace(parts[0], **{key: np.concatenate([getattr(part, key) for part in parts]) for key in keys})


if __name__ == "__main__":
    main(*sys.argv[1:])
