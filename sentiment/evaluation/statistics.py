"""What the bootstrap resamples of one label a text: metrics as scikit-learn defines them, of counted examples.

They count and sum, for scikit-learn's own functions would take minutes for a thousand draws.
"""

import numpy as np

from sentiment.evaluation.resampling import Statistic
from sentiment.evaluation.result import Evaluation

CLASS_METRICS = ("accuracy", "macro_f1", "macro_recall")
SCORE_METRICS = ("log_loss", "brier", "roc_auc", "pr_auc")
MOST_CLASSES = 20


def class_statistic(targets: np.ndarray, predicted: np.ndarray, n_classes: int) -> Statistic:
    """Returns the statistic <float64>[3] of `CLASS_METRICS`; both arrays are <int64>[n]."""
    kinds, kind_of = np.unique(targets * n_classes + predicted, return_inverse=True)
    of, answers = np.divmod(kinds, n_classes)
    hits = of == answers

    def statistic(counts: np.ndarray) -> np.ndarray:
        found = np.bincount(kind_of, counts, len(kinds))
        true, said, right = (
            np.bincount(of_kind, weights, n_classes)
            for of_kind, weights in ((of, found), (answers, found), (of, found * hits))
        )
        present = true > 0
        f1 = 2 * right[present] / (true + said)[present]
        return np.array([right.sum() / found.sum(), f1.mean(), (right[present] / true[present]).mean()])

    return statistic


def score_statistic(evaluation: Evaluation) -> Statistic:
    """Returns the statistic <float64>[4] of `SCORE_METRICS`.

    Of more than `MOST_CLASSES` classes the areas under curves are NaN: they would take minutes, a class at a time.
    """
    n_classes = len(evaluation.label_names)
    curves = [
        _Curve(evaluation.probabilities[:, label], evaluation.targets == label)
        for label in ((1,) if n_classes == 2 else range(n_classes))
        if n_classes <= MOST_CLASSES
    ]
    losses = np.stack(losses_of(evaluation))

    def statistic(counts: np.ndarray) -> np.ndarray:
        areas = [each for each in (curve.areas(counts) for curve in curves) if each is not None]
        return np.append(losses @ counts / counts.sum(), np.mean(areas, axis=0) if areas else np.full(2, np.nan))

    return statistic


def losses_of(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """Returns <float64>[n] each: the examples' shares in log-loss and Brier's score."""
    probabilities, targets = evaluation.probabilities, evaluation.targets
    n_classes = probabilities.shape[1]
    picked = probabilities[np.arange(len(targets)), targets]
    squares = ((probabilities**2).sum(axis=1) + (1 - 2 * picked)) / (2 if n_classes == 2 else 1)
    return -np.log(np.maximum(picked, np.finfo(np.float64).eps)), squares  # clipped as scikit-learn does


class _Curve:
    """The examples from the highest score of a class down, as both curves take them."""

    def __init__(self, scores: np.ndarray, truth: np.ndarray):
        self._order = np.argsort(-scores)
        self._truth = truth[self._order]
        self._ends = np.flatnonzero(np.diff(scores[self._order], append=-np.inf))  # equal scores are one step

    def areas(self, counts: np.ndarray) -> tuple[float, float] | None:
        """Returns the areas under the ROC and the precision/recall curve; None where one side has no example."""
        ordered = counts[self._order]
        hits, taken = (np.cumsum(each)[self._ends] for each in (ordered * self._truth, ordered))
        alarms = taken - hits
        if not hits[-1] or not alarms[-1]:
            return None
        new_hits, new_alarms = np.diff(hits, prepend=0), np.diff(alarms, prepend=0)
        roc = ((hits - new_hits / 2) * new_alarms).sum() / (hits[-1] * alarms[-1])
        return roc, (new_hits * hits / np.maximum(taken, 1)).sum() / hits[-1]  # before the first example all are 0
