"""One trial of a search: a training, or one for each fold, told to Optuna as it goes."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna

from sentiment.corpora import Corpus
from sentiment.recipe.early_stopping import METRICS
from sentiment.search.folds import train_folds
from sentiment.search.score import Metric, Score, score_of
from sentiment.search.steps import Steps
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.loop.progress import History, Progress
from sentiment.training.train import train

_REPORTS = 10  # of a training, one after each tenth of its steps: trainings of other lengths can be compared


@dataclass(frozen=True)
class Trainer:
    """What all trials of a search have in common.

    Attributes:
        config: the gin file.
        bindings: gin lines that every trial has.
        corpora: the corpus; or several, the folds.
        metric: what is searched for.
        progress: shows the steps.
    """

    config: Path
    bindings: tuple[str, ...]
    corpora: Sequence[Corpus]
    metric: Metric
    progress: Progress

    def score(self, trial: optuna.trial.Trial, lines: Sequence[str], folder: Path) -> Score:
        """Trains with further gin lines in a folder, going on from what is there.

        The operative config becomes the trial's attribute "config", the score's parts attributes of their names.

        Raises:
            TrialPruned: it is worse, so far, than most trials before it.
            InputError, Interrupted, OSError: as `train`.
        """
        bindings = [*self.bindings, *lines]
        if len(self.corpora) > 1:
            score, run = self._of_folds(trial, bindings, folder), RunDirectory(folder / "fold-1")
        else:
            run = RunDirectory(folder)
            if not run.finished:  # else it was killed between two steps of the search
                train(self.config, bindings, folder, _Reports(trial, self.metric, self.progress), self.corpora[0])
            score = score_of(run, self.corpora[0])
        trial.set_user_attr("config", run.config.read_text("utf-8"))
        for name in Score.NAMES:
            trial.set_user_attr(name, getattr(score, name))
        return score

    def _of_folds(self, trial: optuna.trial.Trial, bindings: Sequence[str], folder: Path) -> Score:
        scores = []
        for score in train_folds(self.config, bindings, self.corpora, folder, Steps(self.progress)):
            scores.append(score)
            mean = float(np.mean([getattr(each, self.metric) for each in scores]))
            _report(trial, mean, len(scores))
        return Score(*(float(np.mean([getattr(each, name) for each in scores])) for name in Score.NAMES))


class _Reports(Steps):
    """Tells Optuna each evaluation, unless it can't be compared."""

    def __init__(self, trial: optuna.trial.Trial, metric: Metric, shown: Progress):
        super().__init__(shown)
        self._trial = trial
        self._metric = METRICS.get(metric)  # None: no evaluation in training measures it
        self._steps = 1

    def started(self, step: int, steps: int) -> None:
        super().started(step, steps)
        self._steps = steps

    def evaluated(self, step: int, history: History) -> None:
        tenth = step * _REPORTS // self._steps
        if self._metric and 0 < tenth < _REPORTS:
            _report(self._trial, history.get("eval", f"metrics/{self._metric}")[-1][1], tenth)


def _report(trial: optuna.trial.Trial, value: float, step: int) -> None:
    (kept,) = trial.study.get_trials(deepcopy=False)[trial.number : trial.number + 1]
    if step not in kept.intermediate_values:  # a trial that goes on reaches its last steps again
        trial.report(value, step)
    if trial.should_prune():
        raise optuna.TrialPruned


def remove(folder: Path) -> None:
    """Removes a trial's runs, if there are any."""
    shutil.rmtree(folder, ignore_errors=True)
