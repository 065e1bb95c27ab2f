"""A search for a config's settings: trials by Optuna, kept in a folder, killed and gone on with as often as need be."""

import contextlib
import functools
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from sentiment.config import read_config
from sentiment.errors import InputError, Interrupted
from sentiment.execution.compute import Compute, one_by_one
from sentiment.recipe.recipe import read_corpus
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.search.attempt import Attempt, Outcome, remove_reports
from sentiment.search.folder import claimed_folder, settings_of
from sentiment.search.folds import make_folds
from sentiment.search.score import Metric
from sentiment.search.space import Setting, read_space
from sentiment.search.studies import kept_study, readable, study_of
from sentiment.search.tables import Table
from sentiment.search.trials import Trainer
from sentiment.storage.files import write_whole
from sentiment.training.loop.progress import Progress

_Train = Callable[[Iterable[Attempt]], Iterator[Outcome]]

_TRIALS = "trials.db"
_RANDOM = 10  # trials before those that learn from others


def search(
    config: str | Path,
    over: Sequence[str],
    n_trials: int = 20,
    bindings: Sequence[str] = (),
    *,
    metric: Metric = "accuracy",
    folds: int | None = None,
    seed: int = 0,
    at_once: int = 1,
    directory: str | Path | None = None,
    progress: Progress | None = None,
    compute: Compute | None = None,
) -> "Search":
    """Tries settings of a config and keeps the best by its validation split; test texts play no part.

    Settings are drawn by TPE (Bergstra et al., 2011), the first ten at random. A trial whose validation score is, at
    some tenth of its steps, worse than the median of those before is pruned. The same trials are made however often
    the search was interrupted, or killed, and gone on with, and wherever they are trained.

    Args:
        config, bindings: as `train` takes them.
        over: the settings that are searched, as `Recipe.batch_size = [32, 64]` or, a range, `= (16, 128)`.
        n_trials: how many in all, those of an earlier call with the same settings included.
        metric: "accuracy" and "macro_f1" are searched for the highest, "cross_entropy" for the lowest; macro-F1 is
            known at a training's end alone, so that none is pruned before.
        folds: score each trial by so many folds (`make_folds`) rather than the validation split.
        seed: of the draws.
        at_once: how many trials are drawn at once, by what is known before the first of them; they may train at the
            same time. It decides what is drawn, as the seed does.
        directory: where all of it goes; by default a new numbered folder in runs/.
        progress: shows what happens; None: nothing is shown.
        compute: trains the trials; None: this process, one after the other.

    Raises:
        InputError: the config, the corpus, `over` or the directory can't be used; every trial failed.
        Interrupted: Ctrl-C or SIGTERM came; the same call goes on.
        OSError: the folder can't be written.
    """
    progress = progress or Progress()
    if n_trials < 1:
        raise InputError(f"--trials {n_trials}: give 1 or more")
    if at_once < 1:
        raise InputError(f"--at-once {at_once}: give 1 or more")
    path = find_config(str(config))
    space = read_space(over, path, bindings)
    settings = read_config(path, bindings, configs_folder())
    corpus, reason = read_corpus(settings)
    corpus_lines = settings.operative()
    recipe = settings.make("Recipe")
    if recipe.task == "next_token":
        raise InputError(f"{path}: a search scores classifiers, and this is a language model; name another config")
    corpora = make_folds(corpus, folds, settings.get("load_corpus", "seed") or 0) if folds is not None else [corpus]
    decisive = {"over": list(over), "metric": metric, "folds": folds, "seed": seed}
    facts = settings_of(settings, corpus, decisive | ({"at_once": at_once} if at_once > 1 else {}))
    with claimed_folder(directory, f"search-{recipe.name}-{Path(corpus.name).stem}", facts) as folder:
        for line in (*([reason] if reason else []), f"search      {folder}"):
            progress.info(line)
        trainer = Trainer(path, tuple(bindings), corpora, metric, progress if compute is None else Progress())
        with readable(folder / _TRIALS):
            study = kept_study(folder / _TRIALS, metric)
            found = Search(folder, space, metric, corpus_lines, study, seed, at_once)
            found.run(n_trials, functools.partial(compute or one_by_one, trainer), progress)
    return found


@dataclass(frozen=True)
class Search:
    """A search in its folder: trials.db (Optuna's), trials.csv, best.gin, and in trials/ the best one's run.

    Attributes:
        folder: where it is.
        space: what is searched.
        metric: what for.
        corpus_lines: the gin lines that name the corpus.
        study: Optuna's.
        seed: of the draws.
        at_once: how many trials are drawn at once.
    """

    folder: Path
    space: Sequence[Setting]
    metric: Metric
    corpus_lines: str
    study: optuna.Study
    seed: int
    at_once: int

    @property
    def table(self) -> Table:
        """All trials so far."""
        return Table(self._trials(), [setting.name for setting in self.space], self.metric)

    @property
    def best(self) -> FrozenTrial:
        """The best trial, by its score, then by its cross-entropy. Raises InputError where none was completed."""
        done = [trial for trial in self._trials() if trial.state == TrialState.COMPLETE]
        if not done:
            failed = next((trial for trial in self._trials() if trial.state == TrialState.FAIL), None)
            reason = f"; the first: {failed.user_attrs['error']}" if failed else ""
            raise InputError(f"{self.folder}: no trial came to its end{reason}")
        return min(done, key=self.table.rank)

    @property
    def config(self) -> Path:
        """The best trial's operative config, which `train --config` takes."""
        return self.folder / "best.gin"

    def run(self, n_trials: int, train: _Train, progress: Progress) -> None:
        """Makes trials until there are `n_trials`, those that an earlier process left first; see `search`."""
        self._write()
        while group := self._group(n_trials):
            for trial in group:
                progress.info(f"trial {trial.number + 1:5d} of {n_trials}: {'; '.join(self._lines(trial))}")
            outcomes = train([self._attempt(trial) for trial in group if self._twin(trial) is None])
            for trial in group:
                with _told(trial, n_trials):
                    twin = self._twin(trial)
                    self._tell(trial, next(outcomes) if twin is None else Outcome.of(twin))
                which = f"trial {trial.number + 1:5d}" if self.at_once > 1 else ""
                progress.info(f"{which:11} {self.table.said(trial.number)}")
                self._write()
        best = f"trial {self.best.number + 1}, in {self._runs(self.best.number)}"
        for line in (*self.table.lines(), f"best        {best}", f"config      {self.config}"):
            progress.info(line)

    def _group(self, n_trials: int) -> list[FrozenTrial]:
        """Returns the trials that are to be made next: those of a group that aren't finished, drawn where need be."""
        trials = self._trials()
        unfinished = [trial.number for trial in trials if not trial.state.is_finished()]  # their process was killed
        first = self._first(unfinished[0] if unfinished else len(trials))
        for number in range(len(trials), min(first + self.at_once, n_trials)):
            self._draw(number)
        return [trial for trial in self._trials()[first : first + self.at_once] if not trial.state.is_finished()]

    def _first(self, number: int) -> int:
        """Returns the first trial of a trial's group. What follows from other trials follows from those before it."""
        return number // self.at_once * self.at_once

    def _draw(self, number: int) -> None:
        scratch = study_of(self._trials()[: self._first(number)], self.metric)
        drawn = scratch.ask()
        for place, setting in enumerate(self.space):
            (seed,) = np.random.SeedSequence((self.seed, number, place)).generate_state(1)
            scratch.sampler = optuna.samplers.TPESampler(seed=int(seed), n_startup_trials=_RANDOM)
            setting.draw(drawn)
        self.study.add_trial(
            create_trial(state=TrialState.RUNNING, params=drawn.params, distributions=drawn.distributions)
        )

    def _lines(self, trial: FrozenTrial) -> tuple[str, ...]:
        return tuple(setting.line(trial.params[setting.name]) for setting in self.space)

    def _attempt(self, trial: FrozenTrial) -> Attempt:
        before = [each for each in self._trials()[: self._first(trial.number)] if each.state == TrialState.COMPLETE]
        folder = self._runs(trial.number)
        return Attempt(trial.number, trial.params, self._lines(trial), folder, tuple(before), self.metric)

    def _twin(self, trial: FrozenTrial) -> FrozenTrial | None:
        """Returns a trial with the same settings that would go, or went, the same way: of its group, or completed."""
        for other in self._trials()[: trial.number]:
            alike = other.number >= self._first(trial.number) or other.state == TrialState.COMPLETE
            if alike and other.params == trial.params:
                return other
        return None

    def _tell(self, trial: FrozenTrial, outcome: Outcome) -> None:
        told = Trial(self.study, trial._trial_id)
        for step in sorted(outcome.reports.keys() - trial.intermediate_values.keys()):
            told.report(outcome.reports[step], step)
        for name, value in outcome.facts.items():
            told.set_user_attr(name, value)
        self.study.tell(told, outcome.value, outcome.state)

    def _trials(self) -> list[FrozenTrial]:
        return self.study.get_trials(deepcopy=False)

    def _write(self) -> None:
        """Writes the table and the best config, and removes the runs of all trials but the best; none twice."""
        trials = self._trials()
        write_whole(self.folder / "trials.csv", self.table.csv())
        unfinished = {trial.number for trial in trials if not trial.state.is_finished()}
        keep = set(unfinished)
        if any(trial.state == TrialState.COMPLETE for trial in trials):
            keep.add(self.best.number)
            header = f"# The best of {len(trials)} trials, number {self.best.number + 1}.\n\n"
            write_whole(self.config, header + self.corpus_lines + "\n" + self.best.user_attrs["config"])
        for trial in trials:
            if trial.number not in unfinished:
                remove_reports(self._runs(trial.number))
            if trial.number not in keep:
                shutil.rmtree(self._runs(trial.number), ignore_errors=True)

    def _runs(self, number: int) -> Path:
        return self.folder / "trials" / f"{number + 1:04d}"


@contextlib.contextmanager
def _told(trial: FrozenTrial, n_trials: int) -> Iterator[None]:
    try:
        yield
    except Interrupted as stopped:
        message = f"stopped in trial {trial.number + 1} of {n_trials}; the same command goes on from there"
        raise Interrupted(message, stopped.signal) from stopped
