"""Optuna's studies: the one that a search keeps in its folder, and passing ones of some of its trials."""

import contextlib
import errno
import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import optuna
from optuna.exceptions import StorageInternalError
from optuna.trial import FrozenTrial
from sqlalchemy.engine import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sentiment.errors import InputError
from sentiment.search.score import Metric

_UNPRUNED = 5  # trials before the first may be pruned
_WARM_UP = 3  # tenths of its steps before a trial may be pruned


def kept_study(trials: Path, metric: Metric) -> optuna.Study:
    """Returns the study in a file, made where there is none; one process at a time opens it."""
    address = URL.create("sqlite", database=str(trials))
    # Without a pool, a connection is closed once it is used: nothing else would close it before the program's end.
    return _study(metric, optuna.storages.RDBStorage(address.render_as_string(), engine_kwargs={"poolclass": NullPool}))


def study_of(trials: Iterable[FrozenTrial], metric: Metric) -> optuna.Study:
    """Returns a study in memory that knows these trials alone: draws and prunings then depend on no others."""
    study = _study(metric, None)
    study.add_trials(trials)
    return study


@contextlib.contextmanager
def readable(trials: Path) -> Iterator[None]:
    """Tells in one line what is wrong with a study's file. Raises InputError, or OSError where the disk is full."""
    try:
        yield
    except (StorageInternalError, SQLAlchemyError) as error:
        reason = str(error.__cause__ or error).partition("\n")[0]
        if "disk is full" in reason:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(trials)) from error
        raise InputError(f"{trials}: can't be read or written, {reason}: name another folder with --run") from error


def _study(metric: Metric, storage: optuna.storages.RDBStorage | None) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    return optuna.create_study(
        storage=storage,
        study_name="search",
        direction="minimize" if metric == "cross_entropy" else "maximize",
        pruner=optuna.pruners.MedianPruner(n_startup_trials=_UNPRUNED, n_warmup_steps=_WARM_UP),
        load_if_exists=True,
    )
