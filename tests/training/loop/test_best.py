"""The best evaluation is found, the first of equals."""

import math

import pytest

from sentiment.training.loop.best import Best, best_of


@pytest.mark.parametrize(
    ("values", "lowest", "best"),
    [
        ([0.5, 0.9, 0.7], False, Best(20, 0.9, 1)),
        ([0.5, 0.9, 0.7], True, Best(10, 0.5, 2)),
        ([0.5, 0.9, 0.9, 0.9], False, Best(20, 0.9, 2)),
        ([math.nan, 0.5, math.nan], True, Best(20, 0.5, 1)),
        ([math.nan], True, None),
        ([], True, None),
        ([-1.0, -math.inf], True, Best(20, -math.inf, 0)),
    ],
)
def test_the_best_of_some_evaluations(values, lowest, best):
    assert best_of([(10 * n, value) for n, value in enumerate(values, start=1)], lowest) == best
