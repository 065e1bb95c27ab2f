"""A search's trials as a table: for people, best first, and as CSV."""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial, TrialState

from sentiment.search.score import Metric, Score
from sentiment.storage.csv_bytes import csv_bytes

_STATES = {
    TrialState.COMPLETE: "complete",
    TrialState.PRUNED: "pruned",
    TrialState.FAIL: "failed",
    TrialState.RUNNING: "not finished",
}


@dataclass(frozen=True)
class Table:
    """Trials of a search.

    Attributes:
        trials: in order.
        settings: the names of what is searched.
        metric: what for.
    """

    trials: Sequence[FrozenTrial]
    settings: Sequence[str]
    metric: Metric

    def csv(self) -> bytes:
        """Returns a row for each trial, its numbers in full."""
        header = ["trial", "state", *Score.NAMES, *self.settings, "seconds", "same_as", "error"]
        return csv_bytes([header, *map(self._cells, self.trials)])

    def lines(self) -> list[str]:
        """Returns the trials as lines, the best first, pruned and failed ones after them; and what to know of it."""
        done = sorted(self._in(TrialState.COMPLETE), key=self.rank)
        others = [trial for trial in self.trials if trial.state != TrialState.COMPLETE]
        rows = [["trial", Score.label(self.metric), *self.settings]]
        rows += [[str(trial.number + 1), self._shown(trial), *self._values(trial)] for trial in (*done, *others)]
        widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
        lines = [
            "   ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
        ]
        return [*lines, f"chosen as the best of {len(done)} by its validation score, which is therefore too high"]

    def said(self, number: int) -> str:
        """Returns in one line how a trial went."""
        trial = self.trials[number]
        if trial.state == TrialState.FAIL:
            return f"failed: {trial.user_attrs.get('error', '')}"
        if trial.state != TrialState.COMPLETE:
            return _STATES[trial.state]
        again = f", the settings of trial {trial.user_attrs['same_as'] + 1}" if "same_as" in trial.user_attrs else ""
        return f"{Score.label(self.metric)} {self._shown(trial)}{again}"

    def rank(self, trial: FrozenTrial) -> tuple[float, float, int]:
        """Returns what orders completed trials, the best first."""
        lowest = self.metric == "cross_entropy"
        value = trial.value or 0.0
        return value if lowest else -value, trial.user_attrs["cross_entropy"], trial.number

    def _in(self, state: TrialState) -> list[FrozenTrial]:
        return [trial for trial in self.trials if trial.state == state]

    def _shown(self, trial: FrozenTrial) -> str:
        return f"{trial.value:.4f}" if trial.state == TrialState.COMPLETE else _STATES[trial.state]

    def _values(self, trial: FrozenTrial) -> list[str]:
        values = (trial.params.get(name, "") for name in self.settings)
        return [f"{value:.6g}" if isinstance(value, float) else str(value) for value in values]

    def _cells(self, trial: FrozenTrial) -> list[str]:
        facts = trial.user_attrs
        scores = [repr(facts[name]) if name in facts else "" for name in Score.NAMES]
        same_as = str(facts["same_as"] + 1) if "same_as" in facts else ""
        others = [str(facts.get("seconds", "")), same_as, str(facts.get("error", ""))]
        values = [str(trial.params.get(name, "")) for name in self.settings]
        return [str(trial.number + 1), _STATES[trial.state], *scores, *values, *others]
