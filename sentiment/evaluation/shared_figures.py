"""Figures that evaluations of one label a text and of several share, as JSON can hold them.

A metric is {"value", "interval"}; the interval is left out where there is none. An undefined metric is None.
"""

from collections.abc import Callable, Sequence

import numpy as np

from sentiment.evaluation.intervals import bootstrap, share_interval, varying
from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.result import BINS, Evaluation


def metric(value: float, spread: tuple[float, float] | None = None) -> dict:
    """Returns a metric and its interval, if there is one."""
    if not np.isfinite(value):
        return {"value": None}
    return {"value": value, **({"interval": list(spread)} if spread else {})}


def resampled_metrics(
    names: Sequence[str], statistic: Callable[[np.ndarray], np.ndarray], right: np.ndarray, share: str
) -> dict[str, dict]:
    """Returns metrics with intervals by bootstrap; by Wilson's score that of the share of right examples.

    Args:
        names: of what the statistic returns.
        statistic: as `bootstrap` takes it.
        right: <bool>[n] whether each example is right.
        share: which of the names is their share.
    """
    n, hits = len(right), int(right.sum())
    columns = zip(names, statistic(np.arange(n)).tolist(), bootstrap(statistic, n).T, strict=True)
    found = {name: metric(value, varying(column)) for name, value, column in columns}
    return found | {share: metric(hits / n, share_interval(hits, n))}


def class_figures(evaluation: Evaluation | MultilabelEvaluation) -> dict[str, dict]:
    """Returns each class's precision, recall, F1 and number of texts."""
    rows = zip(evaluation.label_names, evaluation.by_class.T.tolist(), strict=True)
    return {name: {"precision": row[0], "recall": row[1], "f1": row[2], "n_texts": int(row[3])} for name, row in rows}


def reliability_figures(evaluation: Evaluation | MultilabelEvaluation) -> dict:
    """Returns the bins of the evaluation's `reliability`."""
    counts, confidence, accuracy = evaluation.reliability()
    return {
        "bins": BINS,
        "n_texts": counts.astype(int).tolist(),
        "confidence": confidence.tolist(),
        "accuracy": accuracy.tolist(),
    }
