"""What a user sees while a model trains: a live bar on a terminal, plain lines anywhere else."""

import sys
from typing import Protocol

from sentiment.terminal import harmless


class History(Protocol):
    """The part of Trax's History that is read here."""

    def get(self, mode: str, metric: str) -> list[tuple[int, float]]:
        """Returns the (step, value) pairs of a metric."""


class Progress:
    """What training reports to; this one shows nothing."""

    def info(self, line: str) -> None:
        """Shows a line that a user should know: what is trained, on what, where to."""

    def started(self, step: int, steps: int) -> None:
        """Called when training starts after `step` of `steps` steps."""

    def stopped(self) -> None:
        """Called when training ends, by an error too."""

    def stepped(self, step: int) -> None:
        """Called after each training step, counted from 1."""

    def evaluated(self, step: int, history: History) -> None:
        """Called after each evaluation, when `history` holds its metrics."""


class Lines(Progress):
    """A line for every evaluation, on standard output."""

    def info(self, line: str) -> None:
        """Prints the line."""
        print(harmless(line), flush=True)  # noqa: T201

    def evaluated(self, step: int, history: History) -> None:
        """Prints the step's losses and accuracy."""
        self.info(describe(step, history))


class Bar(Lines):
    """The lines, and below them a rich progress bar while training runs."""

    def __init__(self):
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as RichProgress

        columns = (TextColumn("training"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        self._bar = RichProgress(*columns, transient=True)
        self._task = self._bar.add_task("training", total=None)

    def started(self, step: int, steps: int) -> None:
        """Shows the bar."""
        self._bar.update(self._task, completed=step, total=steps)
        self._bar.start()

    def stopped(self) -> None:
        """Takes the bar away."""
        self._bar.stop()

    def info(self, line: str) -> None:
        """Prints the line above the bar."""
        self._bar.console.print(harmless(line), highlight=False, markup=False, emoji=False, soft_wrap=True)

    def stepped(self, step: int) -> None:
        """Moves the bar."""
        self._bar.update(self._task, completed=step)


def for_this_output() -> Progress:
    """Returns a bar where standard output is a terminal, else lines."""
    return Bar() if sys.stdout.isatty() else Lines()


def describe(step: int, history: History) -> str:
    """Returns the newest losses and accuracy as one line."""
    parts = [f"step {step:6d}"]
    for mode, metric, label in _SHOWN:
        recorded = history.get(mode, metric)
        if recorded:
            parts.append(f"{label} {recorded[-1][1]:.4f}")
    return "   ".join(parts)


_SHOWN = (
    ("train", "metrics/CrossEntropyLoss", "train loss"),
    ("train", "training/penalty", "of it penalty"),
    ("eval", "metrics/CrossEntropyLoss", "validation loss"),
    ("eval", "metrics/Accuracy", "validation accuracy"),
)
