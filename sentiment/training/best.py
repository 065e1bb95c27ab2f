"""The best of a run's evaluations so far."""

import math
from collections.abc import Sequence
from typing import NamedTuple


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
