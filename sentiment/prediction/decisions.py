"""Calibration where a text may have several labels: each is a decision of its own, with its own threshold.

Fitted on the validation split, after training, and saved with the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sentiment.prediction.calibration import PRECISIONS, Calibration, least_confidence, precision_thresholds
from sentiment.storage.manifest import as_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.schemas import check_decisions

_NEWTON_STEPS = 30
_SLOPES = (0.05, 20.0)  # as far as a temperature goes: a steeper one would make every answer certain
_OFFSETS = (-20.0, 20.0)
_COMMON = np.linspace(0.02, 0.98, 97)  # thresholds tried for all labels together
# Of made texts of seeds 100 to 102 (`benchmarks/made_emotions.py`) `default` and `mean` have together the best macro-F1
# at 10 (.892 and .312) and at 20 (.894 and .309): at 40 it is .895 and .300.
_COMMON_WEIGHT = 20


@dataclass(frozen=True)
class Decision:
    """How one label is decided.

    Attributes:
        slope, offset: slope * log-odds + offset are the calibrated log-odds (Platt 1999).
        threshold: the least calibrated probability at which the label is given.
    """

    slope: float = 1.0
    offset: float = 0.0
    threshold: float = 0.5


@dataclass(frozen=True)
class Decisions:
    """The decisions of all labels, and the thresholds for wanted precisions.

    Attributes:
        label_names: the labels, in the order of the model's outputs.
        decisions: one a label.
        thresholds: precision ("0.95") -> label -> the least probability at which the label was so often right; a label
            is missing where it never was.
    """

    label_names: tuple[str, ...]
    decisions: tuple[Decision, ...]
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def untouched(cls, label_names: Sequence[str]) -> "Decisions":
        """Returns those of a model that isn't calibrated: its own probabilities, and a threshold of 0.5."""
        return cls(tuple(label_names), (Decision(),) * len(label_names))

    def to_dict(self) -> dict[str, Any]:
        """Returns them as JSON can hold them."""
        by_label = zip(self.label_names, map(asdict, self.decisions), strict=True)
        return {"decisions": dict(by_label), "thresholds": {name: dict(each) for name, each in self.thresholds.items()}}

    def least(self, precision: float | None, label_names: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n_classes]: the least probability at which each label is given, or infinity for never.

        Args:
            precision: the wanted precision, one that thresholds were fitted for; None: each label's own threshold.
            label_names: the labels.

        Raises:
            InputError: if no thresholds were fitted for this precision.
        """
        own = np.array([each.threshold for each in self.decisions])
        return np.maximum(own, precision_thresholds(self.thresholds, precision, label_names))

    def probabilities(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Returns the labels' <float64>[n, n_classes] of `layers.EachClass`'s <float>[n, n_classes, 2]."""
        slopes, offsets = (np.array([getattr(each, name) for each in self.decisions]) for name in ("slope", "offset"))
        return sigmoid(slopes * log_odds(log_probabilities) + offsets)

    def temperature_of(self, label: int) -> float:
        """Returns what a label's log-odds are divided by."""
        return 1 / self.decisions[label].slope


def calibration_of(run: RunDirectory) -> Calibration | Decisions:
    """Reads a run's calibration; a run without one has the defaults. Raises InputError as `RunDirectory.read`."""
    facts = run.facts(None)
    if facts["task"] != "multilabel":
        return Calibration.of(run)
    names = tuple(facts["label_names"])
    if run.calibration.name not in run.sha256:
        return Decisions.untouched(names)
    found = as_json(run.read(run.calibration), run.calibration)
    check_decisions(found, names, run.calibration)
    return Decisions(names, tuple(Decision(**found["decisions"][name]) for name in names), found["thresholds"])


def log_odds(log_probabilities: np.ndarray) -> np.ndarray:
    """Returns <float64>[..., n_classes] of log-probabilities of absence and presence, <float>[..., n_classes, 2]."""
    both = np.asarray(log_probabilities, np.float64)
    return both[..., 1] - both[..., 0]


def sigmoid(scores: np.ndarray) -> np.ndarray:
    """Returns 1 / (1 + exp(-scores)), of scores of any size."""
    shrunk = np.exp(-np.abs(scores))
    return np.where(scores >= 0, 1.0, shrunk) / (1 + shrunk)


def fit_decisions(log_probabilities: np.ndarray, targets: np.ndarray, label_names: Sequence[str]) -> Decisions:
    """Fits slopes, offsets and thresholds to examples that the model wasn't trained on.

    Slope and offset are first fitted to all labels' decisions together; each label's own are drawn towards these by a
    normal prior that weighs as much as a few examples: a rare label has little to go by.

    Args:
        log_probabilities: <float>[n, n_classes, 2].
        targets: <bool>[n, n_classes] the labels that each example has.
        label_names: the labels.
    """
    odds, present = log_odds(log_probabilities), np.asarray(targets, bool)
    together = _platt(odds.ravel(), present.ravel(), (1.0, 0.0))
    platts = [_platt(odds[:, label], present[:, label], together) for label in range(len(label_names))]
    slopes, offsets = np.array(platts).reshape(-1, 2).T
    probabilities = sigmoid(slopes * odds + offsets)
    decisions = tuple(map(Decision, slopes.tolist(), offsets.tolist(), fit_thresholds(probabilities, present)))
    by_precision: dict[str, dict[str, float]] = {f"{precision:g}": {} for precision in PRECISIONS}
    for label, name in enumerate(label_names):
        for precision, least in least_confidence(probabilities[:, label], present[:, label]).items():
            by_precision[precision][name] = least
    return Decisions(tuple(label_names), decisions, by_precision)


def fit_thresholds(probabilities: np.ndarray, present: np.ndarray) -> list[float]:
    """Returns the threshold of each label: between that of its own best F1 and the one that is best for all together.

    It is the mean of their log-odds, where a label's own weighs as much as the examples that have it, and the common
    one as 20: a threshold of a label that few examples have is mostly luck.

    Args:
        probabilities: <float64>[n, n_classes], calibrated.
        present: <bool>[n, n_classes] the labels that each example has.
    """
    counts = present.sum(axis=0)
    if not counts.any():
        return [0.5] * len(counts)
    f1s = [_macro_f1(probabilities >= threshold, present) for threshold in _COMMON]
    common = float(_COMMON[int(np.argmax(f1s))])
    own = [best_threshold(*each) for each in zip(probabilities.T, present.T, strict=True)]
    shares = counts / (counts + _COMMON_WEIGHT)
    mixed = shares * _odds_of(np.array(own)) + (1 - shares) * _odds_of(np.array(common))
    return sigmoid(mixed).tolist()


def best_threshold(probabilities: np.ndarray, present: np.ndarray) -> float:
    """Returns the threshold with the highest F1 of a label; 0.5 where no example has it.

    Half of the counts are those of the examples, half those that the calibrated probabilities let expect: the highest
    of many F1 on few examples is mostly luck. The threshold lies half-way to the next lower probability.

    Args:
        probabilities: <float64>[n], calibrated.
        present: <bool>[n] which examples have the label.
    """
    if not present.any():
        return 0.5
    order = np.argsort(-probabilities, kind="stable")
    sure = probabilities[order]
    hits = np.cumsum(present[order] + sure)
    f1 = 2 * hits / (2 * np.arange(1, len(sure) + 1) + hits[-1])
    last_of_ties = np.diff(sure, append=-np.inf) < 0
    best = int(np.argmax(np.where(last_of_ties, f1, -1)))
    below = sure[best + 1] if best + 1 < len(sure) else sure[best]
    return float((sure[best] + below) / 2)


def _macro_f1(given: np.ndarray, present: np.ndarray) -> float:
    there = present.any(axis=0)
    hits, total = (given & present).sum(axis=0)[there], (given.sum(axis=0) + present.sum(axis=0))[there]
    return float((2 * hits / total).mean())


def _odds_of(probabilities: np.ndarray) -> np.ndarray:
    inside = np.clip(probabilities, 1e-6, 1 - 1e-6)
    return np.log(inside) - np.log1p(-inside)


def _platt(odds: np.ndarray, present: np.ndarray, prior: tuple[float, float]) -> tuple[float, float]:
    """Returns the slope and the offset with the least log-loss, by Newton's method; the prior is normal around `prior`.

    Args:
        odds: <float64>[n] log-odds.
        present: <bool>[n].
        prior: slope and offset.
    """
    centre = np.array(prior)
    inputs = np.stack([odds, np.ones_like(odds)], axis=1)
    found = centre.copy()
    for _ in range(_NEWTON_STEPS):
        answers = sigmoid(inputs @ found)
        slope = inputs.T @ (answers - present) + (found - centre)
        curvature = (inputs * (answers * (1 - answers))[:, None]).T @ inputs + np.eye(2)
        step = np.linalg.solve(curvature, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))  # a whole step may overshoot where odds are large
        if np.abs(step).max() < 1e-9:
            break
    return float(np.clip(found[0], *_SLOPES)), float(np.clip(found[1], *_OFFSETS))
