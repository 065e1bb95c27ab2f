"""The bootstrap over the examples (Efron, 1979): statistics of draws with replacement."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.execution.long_work import LongWork

RESAMPLES = 1000

# <float64>[n_examples], how often each example counts -> <float64>[n_metrics]. Drawn examples are counted rather than
# taken: a statistic sorts its examples once, not once a draw.
Statistic = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True, eq=False)
class Resampled:
    """A statistic of some examples, and of draws of them.

    Attributes:
        values: <float64>[n_metrics], of each example once.
        drawn: <float64>[RESAMPLES, n_metrics].
    """

    values: np.ndarray
    drawn: np.ndarray


def bootstrap(statistics: Sequence[Statistic], n_examples: int, seed: int = 0) -> list[Resampled]:
    """Resamples statistics, all by the same draws: two systems on the same examples are compared draw by draw.

    Args:
        statistics: of the examples.
        n_examples: how many there are.
        seed: of the draws; equal ones give the same draws of equally many examples.
    """
    draws, work = np.random.default_rng(seed), LongWork("resampling", "draws", RESAMPLES)
    drawn: list[list[np.ndarray]] = [[] for _ in statistics]
    for _ in range(RESAMPLES):
        counts = np.bincount(draws.integers(n_examples, size=n_examples), minlength=n_examples).astype(np.float64)
        for statistic, found in zip(statistics, drawn, strict=True):
            found.append(statistic(counts))
        work.advance(1)
    once = np.ones(n_examples)
    return [Resampled(statistic(once), np.array(found)) for statistic, found in zip(statistics, drawn, strict=True)]
