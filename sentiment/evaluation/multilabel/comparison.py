"""Are two systems different? Paired tests over the same examples."""

import numpy as np

from sentiment.errors import InputError
from sentiment.evaluation.comparison import Comparison
from sentiment.evaluation.intervals import bootstrap, interval
from sentiment.evaluation.multilabel.result import SET_METRICS, MultilabelEvaluation


def compare(first: MultilabelEvaluation, second: np.ndarray) -> Comparison:
    """Compares a system with another, which gave the same examples the labels `second`, <bool>[n, n_labels].

    McNemar's test counts the examples that were given their labels and no other.
    """
    from scipy.stats import binomtest

    other = first.answering(second)
    only_first, only_second = int((first.right & ~other.right).sum()), int((other.right & ~first.right).sum())
    n, statistics = first.n_examples, (first.statistic(), other.statistic())
    drawn = np.subtract(*(bootstrap(statistic, n) for statistic in statistics))
    values = np.subtract(*(statistic(np.arange(n)) for statistic in statistics))
    differences = {
        name: (float(value), interval(column)) for name, value, column in zip(SET_METRICS, values, drawn.T, strict=True)
    }
    uneven = only_first + only_second
    p_value = float(binomtest(only_first, uneven).pvalue) if uneven else 1.0
    return Comparison(differences, only_first, only_second, p_value)


def compare_runs(first: MultilabelEvaluation, second: MultilabelEvaluation) -> Comparison:
    """Compares two evaluations. Raises InputError unless they are of the same examples and labels."""
    same = first.label_names == second.label_names and np.array_equal(first.rows, second.rows)
    if not same or (first.corpus, first.split) != (second.corpus, second.split):
        raise InputError(
            f"{first.corpus}: the two runs aren't scored on the same texts and labels "
            f"({', '.join(first.label_names)}; {', '.join(second.label_names)}); name two runs with the same labels"
        )
    return compare(first, second.given)
