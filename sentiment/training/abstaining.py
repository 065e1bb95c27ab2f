"""What tells texts with nothing to judge from opinions: fitted to the validation split and to texts of our own."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from sentiment.batching.batches import Examples
from sentiment.encoding.encoder import Encoder
from sentiment.encoding.ragged import Ragged
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.decisions import sigmoid
from sentiment.prediction.onnx_session import OnnxSession
from sentiment.prediction.out_of_domain import OutOfDomain
from sentiment.prediction.text_facts import TextFacts

_LOST = 0.01  # of the validation texts: so many are above the limit, and no longer judged
_EXAMPLES = 1000  # that all texts together weigh as much as, against the regression's prior
_NEWTON_STEPS = 50
_MOST = 5000  # validation texts that are looked at
_FEWEST = 50  # validation texts, without which there is no telling what is lost


class Outliers(NamedTuple):
    """Encoded texts from which a run learns, beside its validation split, to tell those with nothing to judge.

    Attributes:
        opinions: of our own.
        nothing: texts of our own with nothing to judge.
        trained: training texts: vectors have more values than few validation texts teach.
    """

    opinions: Examples
    nothing: Examples
    trained: Examples


def abstaining(
    calibration: Calibration, session: OnnxSession, opinions: Examples, own: Outliers, encoder: Encoder
) -> Calibration:
    """Returns the calibration with `out_of_domain`; as it was where validation texts are too few.

    A logistic regression between texts with nothing to judge and opinions, half of which, by weight, are the corpus's,
    half our own. Its offset is moved until a hundredth of the validation split lies above the limit.

    Args:
        calibration: of the run.
        session: its model.
        opinions: the validation split.
        own: the other texts.
        encoder: of the run.
    """
    if len(opinions) < _FEWEST:
        return calibration
    text_facts = TextFacts(session, calibration.probabilities, encoder)

    def facts(examples: Examples) -> np.ndarray:
        _, facts, vectors = text_facts(_some(examples))
        return np.column_stack([facts, vectors])

    with ThreadPoolExecutor() as pool:  # a session computes in one thread
        validation, trained, ours, nothing = pool.map(facts, (opinions, own.trained, own.opinions, own.nothing))
    parts = [np.concatenate([validation, trained]), ours, nothing]
    counts = [len(part) for part in parts]
    together = np.concatenate(parts)
    centre, scale = together.mean(axis=0), np.maximum(together.std(axis=0), 1e-3)
    shares = np.repeat(np.array([0.25, 0.25, 0.5]) / counts, counts)
    targets = np.repeat([0, 0, 1], counts)
    weights = logistic_regression((together - centre) / scale, targets, shares * _EXAMPLES) / scale
    offset = -float(np.quantile(validation @ weights, 1 - _LOST))
    return replace(calibration, out_of_domain=OutOfDomain(offset, tuple(weights.tolist())))


def _some(examples: Examples) -> Ragged:
    """Returns the examples' texts; of more than `_MOST`, that many at most, evenly spaced."""
    starts, step = examples.starts, -(-len(examples) // _MOST)
    return Ragged.of([examples.ids[starts[row] : starts[row + 1]] for row in range(0, len(examples), step)])


def logistic_regression(inputs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Returns the coefficients <float64>[d] of scikit-learn's LogisticRegression, whose import takes a second.

    Args:
        inputs: <float64>[n, d].
        targets: <int>[n], 0 or 1.
        weights: <float64>[n] of the examples; the coefficients' prior is a standard normal.
    """
    with_offset = np.column_stack([inputs, np.ones(len(inputs))])
    penalty = np.diag([*np.ones(inputs.shape[1]), 1e-6])
    found = np.zeros(len(penalty))
    for _ in range(_NEWTON_STEPS):
        answers = sigmoid(with_offset @ found)
        slope = with_offset.T @ (weights * (answers - targets)) + penalty @ found
        curvature = (with_offset * (weights * answers * (1 - answers))[:, None]).T @ with_offset + penalty
        step = np.linalg.solve(curvature, slope)
        found = found - step / max(1.0, float(np.abs(step).max()))  # a whole step may overshoot
        if np.abs(step).max() < 1e-9:
            break
    return found[:-1]
