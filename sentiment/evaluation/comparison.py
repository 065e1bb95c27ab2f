"""Are two systems different? Paired tests over the same examples."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sentiment.errors import InputError
from sentiment.evaluation.intervals import interval
from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.resampling import Resampled, bootstrap
from sentiment.evaluation.result import Evaluation
from sentiment.evaluation.statistics import CLASS_METRICS, class_statistic


@dataclass(frozen=True)
class Comparison:
    """How the first of two systems differs from the second.

    Attributes:
        differences: first minus second, of accuracy, macro-F1 and macro-recall: value, and its 95% interval by paired
            bootstrap.
        only_first: examples that only the first got right.
        only_second: examples that only the second got right.
        p_value: of McNemar's exact test (1947): how likely so uneven a count is, were both equally often right.
    """

    differences: dict[str, tuple[float, tuple[float, float]]]
    only_first: int
    only_second: int
    p_value: float


def compare(targets: np.ndarray, first: np.ndarray, second: np.ndarray, n_classes: int) -> Comparison:
    """Compares two systems' predicted classes; all arrays are <int64>[n], over the same examples."""
    statistics = [class_statistic(targets, predicted, n_classes) for predicted in (first, second)]
    return compare_paired(CLASS_METRICS, bootstrap(statistics, len(targets)), first == targets, second == targets)


def compare_paired(
    metrics: Sequence[str], systems: Sequence[Resampled], first: np.ndarray, second: np.ndarray
) -> Comparison:
    """Compares two systems over the same examples.

    Args:
        metrics: the names of what is resampled.
        systems: the statistic of each, resampled by the same draws.
        first, second: <bool>[n] whether each was right.
    """
    from scipy.stats import binomtest

    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    uneven = only_first + only_second
    values = np.subtract(*(each.values for each in systems))
    drawn = np.subtract(*(each.drawn for each in systems))
    differences = {
        name: (float(value), interval(column)) for name, value, column in zip(metrics, values, drawn.T, strict=True)
    }
    p_value = float(binomtest(only_first, uneven).pvalue) if uneven else 1.0
    p_value = max(p_value, sys.float_info.min)  # what is less is rounded to 0, and is not 0
    return Comparison(differences, only_first, only_second, p_value)


def compare_runs(first: Evaluation, second: Evaluation) -> Comparison:
    """Compares two evaluations. Raises InputError unless they are of the same examples and classes."""
    check_same(first, second)
    return compare(first.targets, first.predicted, second.predicted, len(first.label_names))


def check_same(first: Evaluation | MultilabelEvaluation, second: Evaluation | MultilabelEvaluation) -> None:
    """Raises InputError unless two evaluations are of the same examples and labels."""
    same = first.label_names == second.label_names and np.array_equal(first.rows, second.rows)
    if not same or (first.corpus, first.split) != (second.corpus, second.split):
        raise InputError(
            f"{first.corpus}: the two runs aren't scored on the same texts and labels "
            f"({', '.join(first.label_names)}; {', '.join(second.label_names)}); name two runs with the same labels"
        )
