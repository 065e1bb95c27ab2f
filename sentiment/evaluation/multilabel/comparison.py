"""Are two systems different? Paired tests over the same examples."""

import numpy as np

from sentiment.evaluation.comparison import Comparison, check_same, compare_paired
from sentiment.evaluation.multilabel.result import SET_METRICS, MultilabelEvaluation
from sentiment.evaluation.resampling import bootstrap


def compare(first: MultilabelEvaluation, second: np.ndarray) -> Comparison:
    """Compares a system with another, which gave the same examples the labels `second`, <bool>[n, n_labels].

    McNemar's test counts the examples that were given their labels and no other.
    """
    other = first.answering(second)
    systems = bootstrap([first.statistic(), other.statistic()], first.n_examples)
    return compare_paired(SET_METRICS, systems, first.right, other.right)


def compare_runs(first: MultilabelEvaluation, second: MultilabelEvaluation) -> Comparison:
    """Compares two evaluations. Raises InputError unless they are of the same examples and labels."""
    check_same(first, second)
    return compare(first, second.given)
