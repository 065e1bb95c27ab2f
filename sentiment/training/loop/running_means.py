"""Running sums of what training steps measured, until the next evaluation reports their means."""

from collections import deque
from collections.abc import Mapping

import numpy as np
from jax.typing import ArrayLike

from sentiment.training.loop.divergence import check_finite


class RunningMeans:
    """Sums of the steps' statistics. A call's numbers are read when they are wanted, so that no step waits for them.

    Attributes:
        sums: statistic -> sum over the steps that were added up, and their number, "steps"; JSON can hold it.
    """

    def __init__(self, sums: Mapping[str, float] | None = None):
        self.sums = dict(sums or {})
        self._calls: deque[tuple[int, int, Mapping[str, ArrayLike]]] = deque()

    def add(self, first: int, count: int, stats: Mapping[str, ArrayLike]) -> None:
        """Takes the statistics of a call of `count` steps from number `first` on; what they hold beyond is left out."""
        self._calls.append((first, count, stats))

    def add_up(self, but_newest: int = 0) -> None:
        """Adds up all calls but the newest, which may still run. Raises DivergedError where a loss is not finite."""
        while len(self._calls) > but_newest:
            first, count, stats = self._calls.popleft()
            numbers = {name: np.asarray(values)[:count].tolist() for name, values in stats.items()}
            for step, loss in enumerate(numbers["loss"], start=first):
                check_finite(loss, step, "a loss")
            self.sums["steps"] = self.sums.get("steps", 0.0) + count
            for name, values in numbers.items():
                for value in values:
                    self.sums[name] = self.sums.get(name, 0.0) + value

    def means(self) -> dict[str, float]:
        """Returns each statistic's mean over the steps, and begins anew. Raises DivergedError."""
        self.add_up()
        steps = self.sums.pop("steps")
        means = {name: value / steps for name, value in self.sums.items()}
        self.sums = {}
        return means
