"""Which labels a model gave every example of a split, and the metrics of it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sentiment.evaluation.resampling import Statistic
from sentiment.evaluation.result import calibration_error, mean_defined, reliability

SET_METRICS = ("micro_f1", "macro_f1", "subset_accuracy", "hamming_loss")


@dataclass(frozen=True, eq=False)
class MultilabelEvaluation:
    """A model's answers on one split, each example once.

    The averages over labels leave out a label that no example has. A metric that isn't defined is NaN.

    Attributes:
        corpus: what the examples are of.
        split: "train", "validation", "test" or "all".
        label_names: the labels, in the order of the columns.
        rows: <int64>[n] the examples' row numbers in the corpus.
        targets: <bool>[n, n_labels] the labels that each example has.
        probabilities: <float64>[n, n_labels], each of its own.
        given: <bool>[n, n_labels] the labels that the model gave.
        notes: lines that a reader of the figures must know.
    """

    corpus: str
    split: str
    label_names: tuple[str, ...]
    rows: np.ndarray
    targets: np.ndarray
    probabilities: np.ndarray
    given: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def n_examples(self) -> int:
        """How many examples were seen."""
        return len(self.targets)

    @cached_property
    def right(self) -> np.ndarray:
        """<bool>[n]: whether an example was given its labels and no other."""
        return (self.given == self.targets).all(axis=1)

    @cached_property
    def by_class(self) -> np.ndarray:
        """<float64>[4, n_labels]: precision, recall, F1 and number of examples; 0 where nothing was given."""
        hits, given, true = (each.sum(axis=0) for each in (self.given & self.targets, self.given, self.targets))
        return np.array([_share(hits, given), _share(hits, true), _share(2 * hits, given + true), true])

    def answering(self, given: np.ndarray) -> "MultilabelEvaluation":
        """Returns the evaluation of a system that gave the same examples these labels, <bool>[n, n_labels]."""
        return replace(self, given=given)

    @property
    def pr_auc(self) -> float:
        """Average precision: the mean over the labels."""
        from sklearn.metrics import average_precision_score

        return self._over_labels(average_precision_score)

    @property
    def roc_auc(self) -> float:
        """Area under the ROC curve: the mean over the labels."""
        from sklearn.metrics import roc_auc_score

        return self._over_labels(roc_auc_score)

    @property
    def log_loss(self) -> float:
        """Mean negative log-probability of what is so, over all decisions, in nats."""
        of_truth = np.where(self.targets, self.probabilities, 1 - self.probabilities)
        return float(-np.log(np.maximum(of_truth, np.finfo(np.float64).eps)).mean())

    @property
    def brier(self) -> float:
        """Brier's score: mean squared error of the probabilities, over all decisions."""
        return float(((self.probabilities - self.targets) ** 2).mean())

    @property
    def ece(self) -> float:
        """Expected calibration error of a label's probability, over all decisions and `BINS` bins of equal width."""
        return calibration_error(*self.reliability())

    def reliability(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns, for each of `BINS` equal bins of probability, <float64>[BINS]: decisions, mean, share that is so.

        An empty bin has 0 everywhere.
        """
        return reliability(self.probabilities, self.targets)

    def metrics(self) -> dict[str, float]:
        """Returns every metric that is one number, by name."""
        found = dict(zip(SET_METRICS, self.statistic()(np.ones(self.n_examples)).tolist(), strict=True))
        return found | {name: getattr(self, name) for name in ("pr_auc", "roc_auc", "log_loss", "brier", "ece")}

    def statistic(self) -> Statistic:
        """Returns the statistic <float64>[4] of `SET_METRICS`, as scikit-learn defines them."""
        hits, given, true = (each.astype(np.float32) for each in (self.given & self.targets, self.given, self.targets))
        right, wrong = self.right.astype(np.float64), (self.given != self.targets).mean(axis=1)
        # Counts up to 2**24 are exact in float32.
        columns = np.concatenate([hits, given, true], axis=1)

        def statistic(counts: np.ndarray) -> np.ndarray:
            weights = counts.astype(np.float32)
            hit, said, there = np.split((weights @ columns).astype(np.float64), 3)
            micro = 2 * hit.sum() / max(1.0, said.sum() + there.sum())
            present = there > 0
            macro = (2 * hit[present] / (said + there)[present]).mean() if present.any() else np.nan
            return np.array([micro, macro, weights @ right / len(counts), weights @ wrong / len(counts)])

        return statistic

    def _over_labels(self, metric: Callable[[np.ndarray, np.ndarray], float]) -> float:
        return mean_defined(metric, zip(self.targets.T, self.probabilities.T, strict=True))


def _share(hits: np.ndarray, of: np.ndarray) -> np.ndarray:
    return hits / np.maximum(of, 1)
