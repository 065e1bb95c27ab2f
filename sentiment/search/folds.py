"""k-fold cross-validation: k trainings, each validated on the texts that the others train on."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sentiment.config import read_config
from sentiment.corpora import Corpus
from sentiment.corpora.splits import split_rows
from sentiment.errors import InputError, Interrupted
from sentiment.execution.compute import Compute, one_by_one
from sentiment.recipe.recipe import read_corpus
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.search.folder import claimed_folder, settings_of
from sentiment.search.score import Score, score_of
from sentiment.search.steps import Steps
from sentiment.storage.csv_bytes import csv_bytes
from sentiment.storage.files import write_whole
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.loop.progress import Progress
from sentiment.training.train import train


@dataclass(frozen=True)
class CrossValidation:
    """What k trainings reached, each on its own fold.

    Attributes:
        folder: where their runs are: fold-1, fold-2, ...
        scores: of each fold.
    """

    folder: Path
    scores: tuple[Score, ...]

    def line(self) -> str:
        """Returns the means with their 95% intervals."""
        parts = []
        for name in Score.NAMES:
            mean, low, high = mean_interval([getattr(score, name) for score in self.scores])
            low, high = max(low, 0.0), high if name == "cross_entropy" else min(high, 1.0)
            parts.append(f"{Score.label(name)} {mean:.4f} ({low:.4f} to {high:.4f})")
        return "   ".join(parts)


def make_folds(corpus: Corpus, k: int, seed: int = 0) -> list[Corpus]:
    """Cuts a corpus's training and validation texts into k parts; each is once the validation split.

    Classes are alike in all parts, and near-duplicates are in the same one (`splits.split_rows`). Test texts stay in
    the test split of each.

    Raises:
        InputError: k is less than 2, or a class has fewer texts that differ than there are folds.
    """
    if k < 2:
        raise InputError(f"--folds {k}: give 2 or more")
    rows = np.sort(np.concatenate([corpus.splits[name] for name in ("train", "validation")]))
    names = [f"fold-{number + 1}" for number in range(k)]
    texts = [corpus.texts[row] for row in rows]
    parts = split_rows(texts, corpus.labels[rows], seed, dict.fromkeys(names, 1 / k))
    for label in np.flatnonzero(corpus.counts(rows)):
        if not all(corpus.counts(rows[part])[label] for part in parts.values()):
            raise InputError(
                f"{corpus.name}: class {corpus.label_names[label]!r} has fewer texts that differ than the {k} folds: "
                "take fewer with --folds, or leave rare classes out with --min-per-class"
            )
    test = {name: corpus.splits[name] for name in corpus.splits if name == "test"}
    others = {name: np.setdiff1d(np.arange(len(rows)), part) for name, part in parts.items()}
    return [
        replace(corpus, splits={"train": rows[others[name]], "validation": rows[part]} | test)
        for name, part in parts.items()
    ]


@dataclass(frozen=True)
class FoldTrainer:
    """Trains on one fold after the other, in FOLDER/fold-1 and so on; it goes to other processes."""

    config: str | Path
    bindings: Sequence[str]
    folds: Sequence[Corpus]
    folder: Path
    steps: Progress

    def __call__(self, place: int) -> Score:
        """Returns the score of a fold, from 0; a finished one is not trained again. Raises as `train`."""
        run, corpus = RunDirectory(self.folder / f"fold-{place + 1}"), self.folds[place]
        if not run.finished:
            train(self.config, self.bindings, run.path, self.steps, corpus)
        return score_of(run, corpus)


def cross_validate(
    config: str | Path,
    bindings: Sequence[str] = (),
    k: int = 5,
    directory: str | Path | None = None,
    progress: Progress | None = None,
    compute: Compute | None = None,
) -> CrossValidation:
    """Trains a config k times, each on all folds but one, which validates; the config's test texts play no part.

    Args:
        config, bindings: as `train` takes them. `load_corpus.seed` decides the folds.
        k: how many folds.
        directory: where the runs go; by default a new numbered folder in runs/. An unfinished cross-validation with the
            same settings and data goes on where it was.
        progress: shows every step; None: nothing is shown.
        compute: trains the folds; None: this process, one after the other.

    Raises:
        InputError, Interrupted, OSError: as `train` and `make_folds`.
    """
    progress = progress or Progress()
    settings = read_config(find_config(str(config)), bindings, configs_folder())
    corpus, reason = read_corpus(settings)
    folds = make_folds(corpus, k, settings.get("load_corpus", "seed") or 0)
    recipe = settings.make("Recipe")
    facts = settings_of(settings, corpus, {"folds": k})
    with claimed_folder(directory, f"folds-{recipe.name}-{Path(corpus.name).stem}", facts) as folder:
        for line in (*([reason] if reason else []), f"corpus      {corpus!r}", f"runs        {folder}"):
            progress.info(line)
        shown = Steps(progress) if compute is None else Progress()
        trainer, scores = FoldTrainer(config, bindings, folds, folder, shown), list[Score]()
        try:
            for score in (compute or one_by_one)(trainer, range(k)):
                scores.append(score)
                progress.info(f"fold {len(scores):<6} {score.line()}")
        except Interrupted as stopped:
            message = f"stopped in fold {len(scores) + 1} of {k}; the same command goes on from there"
            raise Interrupted(message, stopped.signal) from stopped
        done = CrossValidation(folder, tuple(scores))
        write_whole(folder / "folds.csv", csv_bytes(_rows(done)))
    progress.info(f"{f'{k} folds':11} {done.line()}")
    return done


def mean_interval(values: Sequence[float]) -> tuple[float, float, float]:
    """Returns the mean of k folds' scores and its 95% interval, by Student's t with a corrected variance.

    The folds' trainings share most texts, so that their scores are not independent: the variance is that of Nadeau and
    Bengio (2003, "Inference for the generalization error"), 1/k + n_validation/n_train times the sample's.
    """
    from scipy.stats import t

    k, mean = len(values), float(np.mean(values))
    half = float(t.ppf(0.975, k - 1)) * math.sqrt((1 / k + 1 / (k - 1)) * float(np.var(values, ddof=1)))
    return mean, mean - half, mean + half


def _rows(done: CrossValidation) -> list[list[str]]:
    rows = [[str(number), *score.cells()] for number, score in enumerate(done.scores, start=1)]
    return [["fold", *Score.NAMES], *rows]
