"""What a classifier said of every example of a split, and the metrics of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

BINS = 15  # of the expected calibration error, as in Guo et al. (2017)


@dataclass(frozen=True, eq=False)
class Evaluation:
    """A classifier's answers on one split, each example once.

    The averages over classes leave out a class that no example has. A metric that isn't defined is NaN.

    Attributes:
        corpus: what the examples are of.
        split: "train", "validation", "test" or "all".
        label_names: the classes, in the order of the columns.
        rows: <int64>[n] the examples' row numbers in the corpus.
        targets: <int64>[n] their true classes.
        probabilities: <float64>[n, n_classes], each row sums to 1.
        notes: lines that a reader of the figures must know: what was left out, how labels were mapped.
    """

    corpus: str
    split: str
    label_names: tuple[str, ...]
    rows: np.ndarray
    targets: np.ndarray
    probabilities: np.ndarray
    notes: tuple[str, ...] = ()

    @property
    def n_examples(self) -> int:
        """How many examples were seen."""
        return len(self.targets)

    @cached_property
    def predicted(self) -> np.ndarray:
        """<int64>[n]: the most probable class of each example."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confusion(self) -> np.ndarray:
        """<int64>[n_classes, n_classes]: rows are true classes, columns predicted ones."""
        from sklearn.metrics import confusion_matrix

        return confusion_matrix(self.targets, self.predicted, labels=range(len(self.label_names)))

    @cached_property
    def by_class(self) -> np.ndarray:
        """<float64>[4, n_classes]: precision, recall, F1 and number of examples; 0 where nothing was predicted."""
        from sklearn.metrics import precision_recall_fscore_support

        classes = range(len(self.label_names))
        return np.array(precision_recall_fscore_support(self.targets, self.predicted, labels=classes, zero_division=0))

    @property
    def accuracy(self) -> float:
        """The share of examples whose class was predicted."""
        from sklearn.metrics import accuracy_score

        return float(accuracy_score(self.targets, self.predicted))

    @property
    def macro_f1(self) -> float:
        """The mean of the classes' F1."""
        return float(self.by_class[2, self._present].mean())

    @property
    def macro_recall(self) -> float:
        """The mean of the classes' recall, which is also called balanced accuracy."""
        return float(self.by_class[1, self._present].mean())

    @property
    def roc_auc(self) -> float:
        """Area under the ROC curve; of several classes, the mean of each against the rest."""
        from sklearn.metrics import roc_auc_score

        return self._against_rest(roc_auc_score)

    @property
    def pr_auc(self) -> float:
        """Average precision; of several classes, the mean of each against the rest."""
        from sklearn.metrics import average_precision_score

        return self._against_rest(average_precision_score)

    @property
    def log_loss(self) -> float:
        """Mean negative log-probability of the true class, in nats."""
        from sklearn.metrics import log_loss

        return float(log_loss(self.targets, self.probabilities, labels=range(len(self.label_names))))

    @property
    def brier(self) -> float:
        """Brier's score: mean squared error of the probabilities; of two classes that of one, of more their sum."""
        from sklearn.metrics import brier_score_loss

        classes = range(len(self.label_names))
        scores = self.probabilities[:, 1] if len(classes) == 2 else self.probabilities
        return float(brier_score_loss(self.targets, scores, labels=classes))

    @property
    def ece(self) -> float:
        """Expected calibration error of the predicted class, over `BINS` bins of equal width."""
        return calibration_error(*self.reliability())

    def reliability(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns, for each of `BINS` equal bins of confidence, <float64>[BINS]: examples, mean confidence, accuracy.

        Confidence is the probability of the predicted class. An empty bin has 0 everywhere.
        """
        return reliability(self.probabilities.max(axis=1), self.predicted == self.targets)

    def metrics(self) -> dict[str, float]:
        """Returns every metric that is one number, by name."""
        names = ("accuracy", "macro_f1", "macro_recall", "roc_auc", "pr_auc", "log_loss", "brier", "ece")
        return {name: getattr(self, name) for name in names}

    @property
    def _present(self) -> np.ndarray:
        return self.by_class[3] > 0

    def _against_rest(self, metric) -> float:
        classes = (1,) if len(self.label_names) == 2 else range(len(self.label_names))
        return mean_defined(metric, ((self.targets == label, self.probabilities[:, label]) for label in classes))


def reliability(probabilities: np.ndarray, so: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Returns, for each of `BINS` equal bins of probability, <float64>[BINS]: how many, mean, share that is so.

    An empty bin has 0 everywhere.

    Args:
        probabilities: <float64>[...] that something is so.
        so: <bool>[...] whether it is.
    """
    values, truth = probabilities.ravel(), so.ravel()
    place = np.minimum((values * BINS).astype(np.int64), BINS - 1)
    counts, sums, true = (np.bincount(place, weights, BINS) for weights in (None, values, truth))
    return counts.astype(np.float64), sums / np.maximum(counts, 1), true / np.maximum(counts, 1)


def calibration_error(counts: np.ndarray, mean: np.ndarray, share: np.ndarray) -> float:
    """Returns the expected calibration error of what `reliability` returns."""
    return float((counts * np.abs(share - mean)).sum() / max(1, counts.sum()))


def mean_defined(
    metric: Callable[[np.ndarray, np.ndarray], float], pairs: Iterable[tuple[np.ndarray, np.ndarray]]
) -> float:
    """Returns the mean of a metric of (truth <bool>[n], scores [n]) over the pairs with both truths; NaN of none."""
    defined = [metric(truth, scores) for truth, scores in pairs if 0 < truth.sum() < len(truth)]
    return float(np.mean(defined)) if defined else float("nan")
