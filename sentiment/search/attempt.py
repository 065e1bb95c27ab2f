"""A trial on its way to the process that trains it, while it is trained, and what comes back of it."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from sentiment.search.score import Metric
from sentiment.search.studies import study_of
from sentiment.storage.files import write_whole


@dataclass(frozen=True)
class Attempt:
    """A trial as it is given to the process that trains it.

    Attributes:
        number: of the trial, from 0.
        params: what was drawn.
        lines: the same as gin lines.
        folder: of its run.
        before: the completed trials with which its evaluations are compared.
        metric: what is searched for.
    """

    number: int
    params: dict[str, Any]
    lines: tuple[str, ...]
    folder: Path
    before: tuple[FrozenTrial, ...]
    metric: Metric


@dataclass(frozen=True)
class Outcome:
    """What became of a trial.

    Attributes:
        state: complete, pruned or failed.
        value: its score by what is searched for, where it is complete.
        facts: what is kept of it.
        reports: its evaluations on the way, by tenths of its steps or by folds.
    """

    state: TrialState
    value: float | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    reports: dict[int, float] = field(default_factory=dict)

    @classmethod
    def of(cls, twin: FrozenTrial) -> "Outcome":
        """Returns that of a trial with the same settings: trained again, it would reach the same to the bit."""
        value = twin.value if twin.state == TrialState.COMPLETE else None
        return cls(twin.state, value, twin.user_attrs | {"same_as": twin.user_attrs.get("same_as", twin.number)})


class Reports:
    """A trial's evaluations so far, in a file beside its run: a process that goes on after a kill finds them.

    Attributes:
        values: by tenths of its steps or by folds.
    """

    def __init__(self, attempt: Attempt):
        self._file = _file(attempt.folder)
        self._trial = study_of(attempt.before, attempt.metric).ask()
        kept = json.loads(self._file.read_bytes()) if self._file.exists() else {}
        self.values: dict[int, float] = {}
        for step, value in kept.items():
            self._take(value, int(step))

    def add(self, value: float, step: int) -> None:
        """Notes an evaluation. Raises TrialPruned: it is worse, so far, than most trials before it."""
        if step not in self.values:  # a trial that goes on reaches its last steps again
            self._take(value, step)
            write_whole(self._file, json.dumps(self.values))
        if self._trial.should_prune():
            raise optuna.TrialPruned

    def _take(self, value: float, step: int) -> None:
        self.values[step] = value
        self._trial.report(value, step)


def remove_reports(folder: Path) -> None:
    """Removes what a trial in a folder noted of its evaluations: Optuna has them."""
    _file(folder).unlink(missing_ok=True)


def _file(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.json")
