"""Figures that evaluations of one label a text and of several share, as JSON can hold them.

A metric is {"value", "interval"}; the interval is left out where there is none. An undefined metric is None.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from sentiment.evaluation.comparison import compare_paired
from sentiment.evaluation.intervals import share_interval, varying
from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.resampling import Resampled
from sentiment.evaluation.result import BINS, Evaluation
from sentiment.evaluation.words import MODEL


def metric(value: float, spread: tuple[float, float] | None = None) -> dict:
    """Returns a metric and its interval, if there is one."""
    if not np.isfinite(value):
        return {"value": None}
    return {"value": value, **({"interval": list(spread)} if spread else {})}


def share_metric(right: np.ndarray) -> dict:
    """Returns the share of <bool>[n] that is so, with its interval."""
    n, hits = len(right), int(right.sum())
    return metric(hits / n, share_interval(hits, n))


def system_figures(
    metrics: Sequence[str], share: str, resampled: Mapping[str, Resampled], right: Mapping[str, np.ndarray]
) -> dict[str, dict]:
    """Returns the metrics of `MODEL` and of other systems on the same examples, and how the model differs from each.

    Args:
        metrics: what is resampled.
        share: which of them is the share of right examples.
        resampled: of each system, by the same draws.
        right: of each system, <bool>[n] whether each example is right.
    """
    found: dict[str, dict[str, Any]] = {}
    for name, system in resampled.items():
        columns = zip(metrics, system.values.tolist(), system.drawn.T, strict=True)
        found[name] = {each: metric(value, varying(column)) for each, value, column in columns}
        found[name][share] = share_metric(right[name])
        if name != MODEL:
            compared = compare_paired(metrics, (resampled[MODEL], system), right[MODEL], right[name])
            found[name]["model_minus_this"] = {each: metric(*pair) for each, pair in compared.differences.items()}
            found[name]["p_value"] = compared.p_value
    return found


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
