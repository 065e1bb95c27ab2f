"""The best of a run's evaluations so far."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from sentiment.training.loop.progress import History


class Best(NamedTuple):
    """The best evaluation by a metric."""

    step: int
    value: float
    since: int  # evaluations after it


def best_of(evaluations: Sequence[tuple[int, float]], lowest: bool) -> Best | None:
    """Returns the best of (step, value) pairs, the first of equals; None where there is no number among them."""
    numbers = [place for place, (_, value) in enumerate(evaluations) if not math.isnan(value)]
    if not numbers:
        return None
    place = (min if lowest else max)(numbers, key=lambda place: evaluations[place][1])  # the first of equals
    return Best(*evaluations[place], since=len(evaluations) - 1 - place)


def best_evaluations(history: History, low_metric: str | None, high_metric: str | None) -> list[Best]:
    """Returns the best by a metric that should be low, and by one that should be high, of those that are named."""
    watched = ((low_metric, True), (high_metric, False))
    found = [best_of(history.get("eval", f"metrics/{name}"), lowest) for name, lowest in watched if name]
    return [best for best in found if best is not None]
