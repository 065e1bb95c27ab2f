"""What is said of a model's probabilities: before and after temperature, and beside chance."""

import numpy as np
import pytest

from sentiment.evaluation import Evaluation
from sentiment.evaluation.calibration_figures import calibration_figures
from sentiment.prediction.calibration import Calibration, fit

NAMES = ("negative", "positive")


def _overconfident(n: int, calibration: Calibration, seed: int = 0) -> Evaluation:
    """Examples whose logits are three times what the truth is drawn from, at a calibration's temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=1.5, size=(n, 2))
    targets = (rng.random(n) < 1 / (1 + np.exp(logits[:, 0] - logits[:, 1]))).astype(int)
    return Evaluation("made", "test", NAMES, np.arange(n), targets, calibration.probabilities(3 * logits))


def test_the_error_before_temperature_is_found_again_from_the_probabilities_after_it():
    calibration = Calibration(temperature=3.0)
    after = _overconfident(3000, calibration)
    found = calibration_figures(after, calibration, fitted_here=False)
    assert found["ece_before"] == pytest.approx(_overconfident(3000, Calibration()).ece)
    assert found["ece_before"] > 0.1
    assert found["ece_held_out"] == after.ece < 0.03
    assert found["ece_by_chance"] == pytest.approx(after.ece, abs=0.01)  # the truth was drawn from these


def test_a_temperature_fitted_to_these_examples_is_judged_in_folds():
    before = _overconfident(2000, Calibration())
    calibration = fit(np.log(before.probabilities), before.targets, NAMES)
    after = _overconfident(2000, calibration)
    found = calibration_figures(after, calibration, fitted_here=True)
    assert found["fitted_here"]
    assert found["ece_held_out"] != after.ece
    assert found["ece_held_out"] == pytest.approx(after.ece, abs=0.02)


def test_answers_above_a_threshold_are_counted_with_how_many_are_right():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.2, 0.8], [0.3, 0.7]])
    evaluation = Evaluation("made", "test", NAMES, np.arange(4), np.array([0, 0, 1, 0]), probabilities)
    thresholds = {"0.9": {"negative": 0.8, "positive": 0.8}, "0.8": {"positive": 0.7}, "0.99": {}}
    found = calibration_figures(evaluation, Calibration(1.0, thresholds), fitted_here=False)["answered"]
    assert found["0.9"] == {"coverage": 0.5, "precision": 1.0}
    assert found["0.8"] == {"coverage": 0.5, "precision": 0.5}
    assert found["0.99"] == {"coverage": 0.0, "precision": None}


def test_certain_probabilities_do_no_harm():
    evaluation = Evaluation("made", "test", NAMES, np.arange(2), np.array([0, 1]), np.eye(2))
    found = calibration_figures(evaluation, Calibration(0.05), fitted_here=True)
    assert found["ece_before"] == pytest.approx(0)
    assert np.isfinite(found["ece_held_out"])
