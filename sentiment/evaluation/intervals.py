"""95% intervals: of shares by Wilson's score, of other metrics and of differences by bootstrap over the examples."""

from collections.abc import Callable

import numpy as np

from sentiment.evaluation.result import Evaluation

RESAMPLES = 1000
LOWER, UPPER = 0.025, 0.975
MOST_CLASSES = 20


def bootstrap(statistic: Callable[[np.ndarray], np.ndarray], n_examples: int, seed: int = 0) -> np.ndarray:
    """Returns <float64>[RESAMPLES, n_metrics] of a statistic on examples drawn with replacement.

    Equal `n_examples` and seeds give the same draws: two systems on the same examples are compared draw by draw.

    Args:
        statistic: <int64>[n_examples] places of the drawn examples -> <float64>[n_metrics].
        n_examples: how many there are.
        seed: of the draws.
    """
    draws = np.random.default_rng(seed)
    return np.array([statistic(draws.integers(n_examples, size=n_examples)) for _ in range(RESAMPLES)])


def interval(values: np.ndarray) -> tuple[float, float]:
    """Returns the percentile interval (Efron, 1979) of resampled values; draws where it is undefined don't count."""
    low, high = np.nanquantile(values, (LOWER, UPPER)) if np.isfinite(values).any() else (np.nan, np.nan)
    return float(low), float(high)


def share_interval(hits: int, n_examples: int) -> tuple[float, float]:
    """Returns the score interval of a share (Wilson, 1927, "Probable inference, the law of succession").

    A bootstrap of 3 right answers of 3 draws nothing but 3 of 3: its interval would be 1 to 1. Wilson's is 0.44 to 1.
    """
    from scipy.stats import binomtest

    low, high = binomtest(hits, n_examples).proportion_ci(UPPER - LOWER, method="wilson")
    return float(low), float(high)


def varying(values: np.ndarray) -> tuple[float, float] | None:
    """Returns the `interval` of resampled values; None where all are equal, for then they tell of no spread."""
    low, high = interval(values)
    return (low, high) if low < high else None


def intervals(evaluation: Evaluation) -> dict[str, tuple[float, float] | None]:
    """Returns the interval of every metric of an evaluation but the ECE, which resampling itself would raise.

    The accuracy's is Wilson's; another metric that no draw changes has None.

    Of more than `MOST_CLASSES` classes the areas under curves have none: it would take minutes to sort a thousand draws
    for each class.
    """
    n = evaluation.n_examples
    found = bootstrap(class_statistic(evaluation.targets, evaluation.predicted, len(evaluation.label_names)), n)
    losses, squares = _losses(evaluation)
    means = bootstrap(lambda drawn: np.array([losses[drawn].mean(), squares[drawn].mean()]), n)
    columns = dict(zip((*CLASS_METRICS, "log_loss", "brier"), np.hstack([found, means]).T, strict=True))
    if len(evaluation.label_names) <= MOST_CLASSES:
        areas = bootstrap(lambda drawn: _areas(evaluation, drawn), n)
        columns |= dict(zip(("roc_auc", "pr_auc"), areas.T, strict=True))
    right = int((evaluation.predicted == evaluation.targets).sum())
    return {name: varying(values) for name, values in columns.items()} | {"accuracy": share_interval(right, n)}


CLASS_METRICS = ("accuracy", "macro_f1", "macro_recall")


def class_statistic(targets: np.ndarray, predicted: np.ndarray, n_classes: int) -> Callable[[np.ndarray], np.ndarray]:
    """Returns the statistic <float64>[3] of `CLASS_METRICS`, as scikit-learn defines them.

    It counts, for scikit-learn's own functions would take minutes for a thousand draws.
    """
    hits = targets == predicted

    def statistic(drawn: np.ndarray) -> np.ndarray:
        of, answers = targets[drawn], predicted[drawn]
        right = np.bincount(of[hits[drawn]], minlength=n_classes)
        true, said = (np.bincount(classes, minlength=n_classes) for classes in (of, answers))
        present = true > 0
        f1 = 2 * right[present] / (true + said)[present]
        return np.array([right.sum() / len(drawn), f1.mean(), (right[present] / true[present]).mean()])

    return statistic


def _losses(evaluation: Evaluation) -> tuple[np.ndarray, np.ndarray]:
    """Returns <float64>[n] each: the examples' shares in log-loss and Brier's score."""
    probabilities, targets = evaluation.probabilities, evaluation.targets
    n_classes = probabilities.shape[1]
    picked = probabilities[np.arange(len(targets)), targets]
    squares = ((probabilities**2).sum(axis=1) + (1 - 2 * picked)) / (2 if n_classes == 2 else 1)
    return -np.log(np.maximum(picked, np.finfo(np.float64).eps)), squares  # clipped as scikit-learn does


def _areas(evaluation: Evaluation, drawn: np.ndarray) -> np.ndarray:
    """Returns <float64>[2]: the areas under the ROC and the precision/recall curve of the drawn examples."""
    n_classes = len(evaluation.label_names)
    areas = [
        _area(evaluation.probabilities[drawn, label], evaluation.targets[drawn] == label)
        for label in ((1,) if n_classes == 2 else range(n_classes))
    ]
    defined = [each for each in areas if each is not None]
    return np.mean(defined, axis=0) if defined else np.full(2, np.nan)


def _area(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float] | None:
    positives, negatives = int(truth.sum()), int((~truth).sum())
    if not positives or not negatives:
        return None
    order = np.argsort(-scores)
    ends = np.flatnonzero(np.diff(scores[order], append=-np.inf))  # equal scores are one step of the curve
    hits = np.cumsum(truth[order])[ends]
    alarms = ends + 1 - hits
    new_hits, new_alarms = np.diff(hits, prepend=0), np.diff(alarms, prepend=0)
    roc = ((hits - new_hits / 2) * new_alarms).sum() / (positives * negatives)
    return roc, (new_hits * hits / (ends + 1)).sum() / positives
