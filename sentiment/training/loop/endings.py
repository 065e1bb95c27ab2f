"""Why training ends before its last step: no better evaluation, no time left, or a request."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from sentiment.training.loop.best import Best
from sentiment.training.parallel.processes import any_of


@dataclass
class Endings:
    """The conditions that end training early, and the time that it has taken.

    Attributes:
        patience: evaluations without a better value after which to end; None: no matter how many.
        time_limit: seconds of training, those before a resume included; None: no matter how many.
        interrupted: asked each time whether to end now.
        seconds_before: seconds of training before this process took over.
    """

    patience: int | None = None
    time_limit: float | None = None
    interrupted: Callable[[], bool] = lambda: False
    seconds_before: float = 0.0
    _began: float = field(default_factory=time.monotonic)

    def seconds(self) -> float:
        """Returns how long training has taken so far."""
        return self.seconds_before + time.monotonic() - self._began

    def reason(self, step: int, best: Sequence[Best]) -> Literal["interruption", "patience", "time"] | None:
        """Returns why training must end now, or None. All processes must ask at the same step, and get one answer.

        Args:
            step: how many steps have been taken; a time limit lets one call of steps pass.
            best: the best evaluation by each metric that is watched, if this step was evaluated; else nothing.
        """
        late = self.time_limit is not None and self.seconds() >= self.time_limit
        interrupted, late = any_of(self.interrupted(), late)
        if interrupted:
            return "interruption"
        if self.patience and best and min(each.since for each in best) >= self.patience:
            return "patience"
        return "time" if late and step else None
