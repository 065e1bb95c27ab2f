"""Calibration: true shares of the classes and a temperature for a classifier's probabilities; thresholds to abstain.

They are fitted on the validation split, after training, and saved with the run.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from sentiment.errors import InputError
from sentiment.prediction.out_of_domain import OutOfDomain
from sentiment.storage.manifest import as_json
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.schemas import check_calibration

PRECISIONS = (0.8, 0.9, 0.95, 0.99)

# Of log temperature. 20 is an eighth of the way to telling nothing; below 1/20 every answer is certain.
_RANGE = np.log(20.0)
_POINTS = 41
_AT_ONCE = 4096  # examples: as many as stay in a core's cache
_STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)  # of the correction for the classes' shares in training batches
_STANDARD_ERRORS = 0.5  # by which a log-loss may be worse than the best; chosen on made data, vader and TweetEval


@dataclass(frozen=True)
class Calibration:
    """Prior shift, temperature, and the thresholds for wanted precisions.

    Attributes:
        temperature: log-probabilities are divided by it before they are normalised (Guo et al. 2017).
        thresholds: precision ("0.95") -> label -> the least probability at which answers of this label were so often
            right; a label is missing where none was.
        prior_shift: [n_classes] nats that are added to the log-probabilities before: what corrects them for classes
            that training saw more or less often than they are. Empty: nothing.
        out_of_domain: what tells texts with nothing to judge; None: it isn't looked for.
    """

    temperature: float = 1.0
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    prior_shift: Sequence[float] = ()
    out_of_domain: OutOfDomain | None = None

    @classmethod
    def of(cls, run: RunDirectory) -> "Calibration":
        """Reads a run's calibration; a run without one has the defaults. Raises as `RunDirectory.read`."""
        if run.calibration.name not in run.sha256:
            return cls()
        found = as_json(run.read(run.calibration), run.calibration)
        check_calibration(found, run.facts()["label_names"], run.calibration)
        if "out_of_domain" in found:
            found["out_of_domain"] = OutOfDomain(**found["out_of_domain"])
        return cls(**found)

    def to_dict(self) -> dict[str, Any]:
        """Returns what JSON can hold; a prior shift and `out_of_domain` only where there is one."""
        found = asdict(self)
        return {name: value for name, value in found.items() if value or name not in ("prior_shift", "out_of_domain")}

    def least(self, precision: float | None, label_names: Sequence[str]) -> np.ndarray:
        """Returns <float64>[n_classes]: the least probability at which each class is answered, or infinity for never.

        Args:
            precision: the wanted precision, one that thresholds were fitted for; None answers always.
            label_names: the classes.

        Raises:
            InputError: if no thresholds were fitted for this precision.
        """
        return precision_thresholds(self.thresholds, precision, label_names)

    def probabilities(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Returns <float64>[n, n_classes], rows sum to 1, of <float>[n, n_classes] log-probabilities or logits."""
        scaled = self.shifted(log_probabilities) / self.temperature
        probabilities = np.exp(scaled - scaled.max(axis=1, keepdims=True, initial=-np.inf))
        return probabilities / probabilities.sum(axis=1, keepdims=True)

    def temperature_of(self, label: int) -> float:
        """Returns what a label's scores are divided by: the same for all."""
        del label
        return self.temperature

    def shifted(self, log_probabilities: np.ndarray) -> np.ndarray:
        """Returns <float64>[n, n_classes] log-probabilities, corrected by the prior shift; rows aren't normalised."""
        found = np.asarray(log_probabilities, np.float64)
        return found + np.asarray(self.prior_shift) if len(self.prior_shift) else found


def precision_thresholds(
    thresholds: Mapping[str, Mapping[str, float]], precision: float | None, label_names: Sequence[str]
) -> np.ndarray:
    """Returns <float64>[n_classes]: each label's threshold for a precision; arguments and errors of `least`."""
    if precision is None:
        return np.zeros(len(label_names))
    if f"{precision:g}" not in thresholds:
        known = ", ".join(thresholds) or "none; train it again"
        raise InputError(f"precision {precision:g}: the run has no thresholds for it; it has {known}")
    found = thresholds[f"{precision:g}"]
    return np.array([found.get(name, np.inf) for name in label_names])


def fit(
    log_probabilities: np.ndarray,
    targets: np.ndarray,
    label_names: tuple[str, ...],
    prior_shift: np.ndarray | None = None,
    taught: tuple[np.ndarray, np.ndarray] | None = None,
) -> Calibration:
    """Fits prior shift, temperature and thresholds to examples that the model wasn't trained on.

    Args:
        log_probabilities: <float>[n, n_classes].
        targets: <int>[n] their classes.
        label_names: the classes.
        prior_shift: <float>[n_classes] log(share in the data / share in the training batches) of each class, which
            would correct a model that is right about its batches (Saerens et al. 2002). A model that learned from few
            texts is not, so as little of it is taken (none, a quarter, ... all) as the examples allow: the log-loss is
            within half a standard error of the best (after bias-corrected temperature scaling, Alexandari et al. 2020,
            and the rule of the standard error, Breiman et al. 1984). None: nothing is corrected.
        taught: log-probabilities of other such examples, and <float>[n, n_classes] what teachers answer: the
            temperature is fitted to them, since they are more, and more like the texts to come. None: to `targets`.
    """
    logs = np.asarray(log_probabilities, np.float64)
    shift: tuple[float, ...] = ()
    if prior_shift is None or not len(targets):
        temperature = fit_temperature(logs, targets)
    else:
        shift, temperature = _fit_shift(logs, targets, prior_shift)
    if taught is not None:
        outputs, answers = taught
        temperature = fit_temperature(Calibration(prior_shift=shift).shifted(outputs), answers)
    probabilities = Calibration(temperature, prior_shift=shift).probabilities(logs)
    return Calibration(temperature, fit_thresholds(probabilities, targets, label_names), shift)


def _fit_shift(logs: np.ndarray, targets: np.ndarray, prior_shift: np.ndarray) -> tuple[tuple[float, ...], float]:
    """Returns as little of a prior shift as has about the best log-loss at its temperature, and this temperature."""
    losses, temperatures = {}, {}
    for strength in _STRENGTHS:
        shifted = logs + strength * prior_shift
        temperatures[strength] = fit_temperature(shifted, targets)
        losses[strength] = _losses(shifted, targets, temperatures[strength])
    best = min(losses.values(), key=np.mean)
    worse = {strength: each - best for strength, each in losses.items()}
    allowed = {s: _STANDARD_ERRORS * each.std() / np.sqrt(len(targets)) for s, each in worse.items()}
    strength = next(s for s, each in worse.items() if each.mean() <= allowed[s])
    return tuple((strength * prior_shift).tolist()) if strength else (), temperatures[strength]


def fit_temperature(log_probabilities: np.ndarray, targets: np.ndarray) -> float:
    """Returns the temperature, 1/20 to 20, that minimises the log-loss: of classes, or of probabilities of them.

    A standard normal prior on its logarithm, which weighs as much as one example, keeps it near 1 where examples are
    few: a handful of right answers is no certainty.
    """
    if not len(targets):
        return 1.0
    low, high = -_RANGE, _RANGE
    for _ in range(3):  # ever finer: to a thousandth
        grid = np.linspace(low, high, _POINTS)
        best = grid[np.argmin([_penalised(log_probabilities, targets, each) for each in grid])]
        low, high = best - (grid[1] - grid[0]), best + (grid[1] - grid[0])
    return float(np.exp(best))


def fit_thresholds(
    probabilities: np.ndarray, targets: np.ndarray, label_names: tuple[str, ...]
) -> dict[str, dict[str, float]]:
    """Returns, for each of `PRECISIONS` and each label, the lowest threshold that keeps the precision.

    One more error than there was is counted, as in conformal risk control (Angelopoulos et al. 2022): a precision of
    0.99 takes 100 answers at least.

    Args:
        probabilities: <float64>[n, n_classes].
        targets: <int>[n] classes.
        label_names: of the classes.
    """
    predicted, confidence = probabilities.argmax(axis=1), probabilities.max(axis=1, initial=0)
    found: dict[str, dict[str, float]] = {f"{precision:g}": {} for precision in PRECISIONS}
    for label, name in enumerate(label_names):
        answers = predicted == label
        for precision, least in least_confidence(confidence[answers], targets[answers] == label).items():
            found[precision][name] = least
    return found


def least_confidence(confidence: np.ndarray, right: np.ndarray) -> dict[str, float]:
    """Returns, for each of `PRECISIONS` that answers reach, the lowest threshold that keeps it (`fit_thresholds`).

    Args:
        confidence: <float64>[n_answers] their probabilities.
        right: <bool>[n_answers] whether each is right.
    """
    order = np.argsort(-confidence, kind="stable")
    sure, hits = confidence[order], np.cumsum(right[order])
    count = np.arange(1, len(order) + 1)
    last_of_ties = np.diff(sure, append=-np.inf) < 0
    found = {}
    for precision in PRECISIONS:
        kept = np.flatnonzero((hits >= precision * (count + 1)) & last_of_ties)
        if len(kept):
            found[f"{precision:g}"] = float(sure[kept[-1]])
    return found


def _penalised(log_probabilities: np.ndarray, targets: np.ndarray, log_temperature: float) -> float:
    loss = np.mean(_losses(log_probabilities, targets, np.exp(log_temperature)))
    return float(loss + log_temperature**2 / (2 * len(targets)))


def _losses(log_probabilities: np.ndarray, targets: np.ndarray, temperature: float) -> np.ndarray:
    """Returns each example's log-loss at a temperature, <float64>[n]; `targets` as in `fit_temperature`."""
    losses = np.empty(len(targets))
    for start in range(0, len(targets), _AT_ONCE):
        own = slice(start, start + _AT_ONCE)
        # A class's numbers lie together: NumPy takes four times as long to add up the few of an example.
        scaled = np.divide(np.asarray(log_probabilities[own], np.float64).T, temperature, order="C")
        top = scaled.max(axis=0)
        log_sum = top + np.log(np.exp(scaled - top).sum(axis=0))
        if targets.ndim == 2:
            losses[own] = log_sum - (scaled * targets[own].T).sum(axis=0)
        else:
            losses[own] = log_sum - scaled[targets[own], np.arange(len(top))]
    return losses
