"""A search for a config's settings: trials by Optuna, kept in a folder, killed and gone on with as often as need be."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import optuna
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial, Trial, TrialState
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sentiment.config import read_config
from sentiment.errors import InputError, Interrupted
from sentiment.recipe.recipe import read_corpus
from sentiment.recipe.variants import configs_folder, find_config
from sentiment.search.folder import claimed_folder, settings_of
from sentiment.search.folds import make_folds
from sentiment.search.score import Metric
from sentiment.search.space import Setting, read_space
from sentiment.search.tables import Table
from sentiment.search.trials import Trainer, remove
from sentiment.storage.files import write_whole
from sentiment.training.loop.progress import Progress

_TRIALS = "trials.db"
_UNPRUNED = 5  # trials before the first may be pruned
_WARM_UP = 3  # tenths of its steps before a trial may be pruned
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
    directory: str | Path | None = None,
    progress: Progress | None = None,
) -> "Search":
    """Tries settings of a config and keeps the best by its validation split; test texts play no part.

    Settings are drawn by TPE (Bergstra et al., 2011), the first ten at random. A trial whose validation score is, at
    some tenth of its steps, worse than the median of those before is pruned. The same trials are made however often
    the search was interrupted, or killed, and gone on with.

    Args:
        config, bindings: as `train` takes them.
        over: the settings that are searched, as `Recipe.batch_size = [32, 64]` or, a range, `= (16, 128)`.
        n_trials: how many in all, those of an earlier call with the same settings included.
        metric: "accuracy" and "macro_f1" are searched for the highest, "cross_entropy" for the lowest; macro-F1 is
            known at a training's end alone, so that none is pruned before.
        folds: score each trial by so many folds (`make_folds`) rather than the validation split.
        seed: of the draws.
        directory: where all of it goes; by default a new numbered folder in runs/.
        progress: shows what happens; None: nothing is shown.

    Raises:
        InputError: the config, the corpus, `over` or the directory can't be used; every trial failed.
        Interrupted: Ctrl-C or SIGTERM came; the same call goes on.
        OSError: the folder can't be written.
    """
    progress = progress or Progress()
    if n_trials < 1:
        raise InputError(f"--trials {n_trials}: give 1 or more")
    path = find_config(str(config))
    space = read_space(over, path, bindings)
    settings = read_config(path, bindings, configs_folder())
    corpus, reason = read_corpus(settings)
    corpus_lines = settings.operative()
    recipe = settings.make("Recipe")
    if recipe.task == "next_token":
        raise InputError(f"{path}: a search scores classifiers, and this is a language model; name another config")
    corpora = make_folds(corpus, folds, settings.get("load_corpus", "seed") or 0) if folds is not None else [corpus]
    facts = settings_of(settings, corpus, {"over": list(over), "metric": metric, "folds": folds, "seed": seed})
    with claimed_folder(directory, f"search-{recipe.name}-{Path(corpus.name).stem}", facts) as folder:
        for line in (*([reason] if reason else []), f"search      {folder}"):
            progress.info(line)
        trainer = Trainer(path, tuple(bindings), corpora, metric, progress)
        with _readable(folder / _TRIALS):
            found = Search(folder, space, metric, corpus_lines, _study(folder / _TRIALS, metric), seed)
            found.run(n_trials, trainer)
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
    """

    folder: Path
    space: Sequence[Setting]
    metric: Metric
    corpus_lines: str
    study: optuna.Study
    seed: int

    @property
    def table(self) -> Table:
        """All trials so far."""
        return Table(self.study.get_trials(deepcopy=False), [setting.name for setting in self.space], self.metric)

    @property
    def best(self) -> FrozenTrial:
        """The best trial, by its score, then by its cross-entropy. Raises InputError where none was completed."""
        done = [trial for trial in self.study.get_trials(deepcopy=False) if trial.state == TrialState.COMPLETE]
        if not done:
            failed = next((trial for trial in self.study.get_trials() if trial.state == TrialState.FAIL), None)
            reason = f"; the first: {failed.user_attrs['error']}" if failed else ""
            raise InputError(f"{self.folder}: no trial came to its end{reason}")
        return min(done, key=self.table.rank)

    @property
    def config(self) -> Path:
        """The best trial's operative config, which `train --config` takes."""
        return self.folder / "best.gin"

    def run(self, n_trials: int, trainer: Trainer) -> None:
        """Makes trials until there are `n_trials`, the one that an earlier process left first; see `search`."""
        self._write()
        while (trial := self._next(n_trials)) is not None:
            lines = [f"{setting.name} = {self._drawn(setting, trial)}" for setting in self.space]
            trainer.progress.info(f"trial {trial.number + 1:5d} of {n_trials}: {'; '.join(lines)}")
            with self._told(trial, n_trials):
                self._score(trial, lines, trainer)
            trainer.progress.info(f"{'':11} {self.table.said(trial.number)}")
            self._write()
        best = f"trial {self.best.number + 1}, in {self._runs(self.best.number)}"
        for line in (*self.table.lines(), f"best        {best}", f"config      {self.config}"):
            trainer.progress.info(line)

    def _next(self, n_trials: int) -> Trial | None:
        trials = self.study.get_trials(deepcopy=False)
        for left in trials:
            if left.state == TrialState.RUNNING:  # by a process that was killed: it is gone on with
                return Trial(self.study, left._trial_id)
        return self.study.ask() if len(trials) < n_trials else None

    def _drawn(self, setting: Setting, trial: Trial) -> str:
        # A generator of its own for each draw: one that goes on after a kill draws what it would have drawn.
        numbers = (self.seed, trial.number, [each.name for each in self.space].index(setting.name))
        (seed,) = np.random.SeedSequence(numbers).generate_state(1)
        self.study.sampler = optuna.samplers.TPESampler(seed=int(seed), n_startup_trials=_RANDOM)
        return setting.drawn(trial)

    @contextlib.contextmanager
    def _told(self, trial: Trial, n_trials: int) -> Iterator[None]:
        try:
            yield
        except optuna.TrialPruned:
            self.study.tell(trial, state=TrialState.PRUNED)
        except Interrupted as stopped:
            message = f"stopped in trial {trial.number + 1} of {n_trials}; the same command goes on from there"
            raise Interrupted(message, stopped.signal) from stopped
        except InputError as error:  # this trial's settings can't be trained: diverged, too large
            trial.set_user_attr("error", str(error))
            self.study.tell(trial, state=TrialState.FAIL)

    def _score(self, trial: Trial, lines: Sequence[str], trainer: Trainer) -> None:
        for done in self.study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,)):
            if done.params == trial.params:  # trained again, it would reach the same to the bit
                for name, value in done.user_attrs.items():
                    trial.set_user_attr(name, value)
                trial.set_user_attr("same_as", done.user_attrs.get("same_as", done.number))
                self.study.tell(trial, done.value)
                return
        started = time.monotonic()
        score = trainer.score(trial, lines, self._runs(trial.number))
        trial.set_user_attr("seconds", round(time.monotonic() - started, 2))
        self.study.tell(trial, getattr(score, self.metric))

    def _write(self) -> None:
        """Writes the table and the best config, and removes the runs of all trials but the best; none twice."""
        trials = self.study.get_trials(deepcopy=False)
        write_whole(self.folder / "trials.csv", self.table.csv())
        keep = {trial.number for trial in trials if trial.state == TrialState.RUNNING}
        if any(trial.state == TrialState.COMPLETE for trial in trials):
            keep.add(self.best.number)
            header = f"# The best of {len(trials)} trials, number {self.best.number + 1}.\n\n"
            write_whole(self.config, header + self.corpus_lines + "\n" + self.best.user_attrs["config"])
        for trial in trials:
            if trial.number not in keep:
                remove(self._runs(trial.number))

    def _runs(self, number: int) -> Path:
        return self.folder / "trials" / f"{number + 1:04d}"


@contextlib.contextmanager
def _readable(trials: Path) -> Iterator[None]:
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        if "disk is full" in reason:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(trials)) from error
        raise InputError(f"{trials}: can't be read or written, {reason}: name another folder with --run") from error


def _study(trials: Path, metric: Metric) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    address = URL.create("sqlite", database=str(trials))
    return optuna.create_study(
        # Without a pool, a connection is closed once it is used: nothing else would close it before the program's end.
        storage=optuna.storages.RDBStorage(address.render_as_string(), engine_kwargs={"poolclass": NullPool}),
        study_name="search",
        direction="minimize" if metric == "cross_entropy" else "maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_UNPRUNED, n_warmup_steps=_WARM_UP),
        load_if_exists=True,
    )
