"""What a config reaches with 50, 200, 1,000 and all labels of `vader`, beside TF-IDF + LR, on development sets.

    python benchmarks/learning_curves.py [--configs default taught minilm] [--labels 50 200 1000 0] [--seeds 3]

The teacher of `taught` is a `minilm` that has the same labels; it labels the texts that the config names.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.development_sets import BINARY, Labelled, development_sets  # noqa: E402
from sentiment.corpora import Corpus, CorpusOptions, load_corpus  # noqa: E402
from sentiment.distillation.taught_corpus import make_taught_corpus  # noqa: E402
from sentiment.distillation.teachers import teachers_of  # noqa: E402
from sentiment.distillation.texts import read_texts  # noqa: E402
from sentiment.evaluation.baselines import TfidfLogistic  # noqa: E402
from sentiment.prediction.predictor import Predictor  # noqa: E402
from sentiment.recipe.distillation import Distillation  # noqa: E402
from sentiment.recipe.variants import find_config  # noqa: E402
from sentiment.storage.run_directory import RunDirectory  # noqa: E402
from sentiment.training.train import read_settings, train  # noqa: E402

ALL = 0
QUIET = ["Recipe.eval_every = 100000", "Recipe.checkpoint_every = 100000"]
Answers = Callable[[Sequence[str]], np.ndarray]  # texts -> class numbers


def main() -> None:
    """Prints a row for each system and number of labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configs", nargs="*", default=["default", "taught", "minilm"])
    parser.add_argument("--labels", nargs="*", type=int, default=[50, 200, 1000, ALL], help="0: all")
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    sets = development_sets()
    print("labels", "system".ljust(16), *(f"{name} ({len(texts):,})".rjust(20) for name, (texts, _) in sets.items()))
    for n in options.labels:
        systems = [Systems(with_labels(n, seed), seed) for seed in range(options.seeds)]
        for system in ("TF-IDF + LR", *options.configs):
            found = [each.accuracies(system, sets) for each in systems]
            mean, spread = np.mean(found, axis=0), np.ptp(found, axis=0)
            cells = (f"{each:.1%} +- {half / 2:.1%}".replace("%", "") for each, half in zip(mean, spread, strict=True))
            print(f"{n or 'all':>6}", system.ljust(16), *(cell.rjust(20) for cell in cells), flush=True)


def with_labels(n: int, seed: int) -> Corpus:
    """Returns `vader` with n of its training rows, each class by its share, and n / 9 of its validation rows."""
    corpus = load_corpus("vader")
    if n == ALL:
        return corpus
    generator = np.random.default_rng(seed)
    splits = {
        name: _some(corpus, name, size, generator) for name, size in (("train", n - n // 10), ("validation", n // 10))
    }
    return replace(corpus, splits=splits)


def _some(corpus: Corpus, split: str, n: int, generator: np.random.Generator) -> np.ndarray:
    rows = corpus.splits[split]
    counts = corpus.counts(rows)
    sizes = np.maximum(1, np.rint(n * counts / counts.sum())).astype(int)
    taken = [generator.permutation(rows[corpus.has(c)[rows]])[:size] for c, size in enumerate(sizes)]
    return np.sort(np.concatenate(taken))


class Systems:
    """Classifiers trained on a corpus, each once: a `taught` has the `minilm` that is asked itself as its teacher."""

    def __init__(self, corpus: Corpus, seed: int):
        self._corpus, self._seed = corpus, seed
        self._folder = tempfile.TemporaryDirectory()

    def accuracies(self, system: str, sets: dict[str, Labelled]) -> list[float]:
        """Returns a system's accuracy on each set; the labels that validate it are among those that it is given."""
        answers = self._logistic() if system == "TF-IDF + LR" else self._ours(system)
        return [float(np.mean(answers(texts) == labels)) for texts, labels in sets.values()]

    def _logistic(self) -> Answers:
        model = TfidfLogistic(BINARY, *self._corpus.split("train"))
        return lambda texts: model.probabilities(texts).argmax(axis=1)

    def _ours(self, config: str) -> Answers:
        predictor = Predictor.load(self._run(config).path)
        return lambda texts: predictor.outcomes(texts).best

    def _run(self, config: str) -> RunDirectory:
        path = Path(self._folder.name) / config
        if path.exists():
            return RunDirectory(path)
        corpus = self._taught(self._run("minilm")) if config == "taught" else self._corpus
        return train(find_config(config), [*QUIET, f"Recipe.seed = {self._seed}"], path, corpus=corpus)

    def _taught(self, teacher: RunDirectory) -> Corpus:
        settings: Distillation = read_settings(find_config("taught"), ()).make("Distillation")
        sources = [read_texts(source, None, CorpusOptions()) for source in settings.texts]
        return make_taught_corpus(teachers_of([teacher]), sources, self._corpus, settings)


if __name__ == "__main__":
    main()
