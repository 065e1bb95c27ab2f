"""One trial of a search: a training, or one for each fold, in whichever process it is."""

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import optuna
from optuna.trial import TrialState

from sentiment.corpora import Corpus
from sentiment.errors import InputError
from sentiment.recipe.early_stopping import METRICS
from sentiment.search.attempt import Attempt, Outcome, Reports
from sentiment.search.folds import FoldTrainer
from sentiment.search.score import Metric, Score, score_of
from sentiment.search.steps import Steps
from sentiment.storage.files import InUseError
from sentiment.storage.run_directory import RunDirectory
from sentiment.training.loop.progress import History, Progress
from sentiment.training.train import train

_REPORTS = 10  # of a training, one after each tenth of its steps: trainings of other lengths can be compared


@dataclass(frozen=True)
class Trainer:
    """What all trials of a search have in common; it goes to other processes.

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

    def __call__(self, attempt: Attempt) -> Outcome:
        """Trains in the attempt's folder, going on from what is there.

        Raises:
            Interrupted, OSError, InUseError: as `train`; what else is wrong, is so with this trial's settings.
        """
        started, reports = time.monotonic(), Reports(attempt)
        try:
            score, config = self.score(attempt, reports)
        except optuna.TrialPruned:
            return Outcome(TrialState.PRUNED, reports=reports.values)
        except InUseError:
            raise
        except InputError as error:  # diverged, too large
            return Outcome(TrialState.FAIL, facts={"error": str(error)}, reports=reports.values)
        facts: dict[str, Any] = {"config": config, "seconds": round(time.monotonic() - started, 2)}
        facts |= asdict(score)
        return Outcome(TrialState.COMPLETE, getattr(score, self.metric), facts, reports.values)

    def score(self, attempt: Attempt, reports: Reports) -> tuple[Score, str]:
        """Returns the score of a trial and its operative config. Raises TrialPruned, and as `train`."""
        bindings = (*self.bindings, *attempt.lines)
        if len(self.corpora) > 1:
            score, run = self._of_folds(attempt, bindings, reports), RunDirectory(attempt.folder / "fold-1")
        else:
            run = RunDirectory(attempt.folder)
            if not run.finished:  # else it was killed between two steps of the search
                steps = _Reported(reports, self.metric, self.progress)
                train(self.config, bindings, attempt.folder, steps, self.corpora[0])
            score = score_of(run, self.corpora[0])
        return score, run.config.read_text("utf-8")

    def _of_folds(self, attempt: Attempt, bindings: tuple[str, ...], reports: Reports) -> Score:
        trainer = FoldTrainer(self.config, bindings, self.corpora, attempt.folder, Steps(self.progress))
        scores: list[Score] = []
        for score in map(trainer, range(len(self.corpora))):
            scores.append(score)
            reports.add(float(np.mean([getattr(each, self.metric) for each in scores])), len(scores))
        return Score(*(float(np.mean([getattr(each, name) for each in scores])) for name in Score.NAMES))


class _Reported(Steps):
    """Reports each evaluation, unless it can't be compared."""

    def __init__(self, reports: Reports, metric: Metric, shown: Progress):
        super().__init__(shown)
        self._reports = reports
        self._metric = METRICS.get(metric)  # None: no evaluation in training measures it
        self._steps = 1

    def started(self, step: int, steps: int) -> None:
        super().started(step, steps)
        self._steps = steps

    def evaluated(self, step: int, history: History) -> None:
        tenth = step * _REPORTS // self._steps
        if self._metric and 0 < tenth < _REPORTS:
            self._reports.add(history.get("eval", f"metrics/{self._metric}")[-1][1], tenth)
