"""Calibration of an evaluation's probabilities: ECE before and after temperature, and what chance alone gives."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from sentiment.evaluation.result import Evaluation
from sentiment.prediction.calibration import Calibration, fit_temperature

_FOLDS = 5
_DRAWS = 200


def calibration_figures(evaluation: Evaluation, calibration: Calibration, fitted_here: bool) -> dict:
    """Returns what can be said of the probabilities of an evaluation.

    Args:
        evaluation: with probabilities at the calibration's temperature.
        calibration: the model's.
        fitted_here: whether it was fitted to these examples.

    Returns:
        "ece_before": at temperature 1. "ece_held_out": of examples that the temperature wasn't fitted to; where it was
        fitted to these, in five folds, each at the temperature of the other four. "ece_by_chance": the mean ECE of
        probabilities that are exactly right, since so many examples scatter. "answered": for each wanted precision, the
        share of examples above its thresholds, and how many of them are right; None where there are none.
    """
    logs = _logits(evaluation, calibration.temperature)
    held_out = _in_folds(evaluation, logs) if fitted_here else evaluation.ece
    return {
        "temperature": calibration.temperature,
        "thresholds": {precision: dict(each) for precision, each in calibration.thresholds.items()},
        "fitted_here": fitted_here,
        "ece_before": replace(evaluation, probabilities=Calibration().probabilities(logs)).ece,
        "ece_held_out": held_out,
        "ece_by_chance": _by_chance(evaluation),
        "answered": {precision: _answered(evaluation, each) for precision, each in calibration.thresholds.items()},
    }


def _logits(evaluation: Evaluation, temperature: float) -> np.ndarray:
    return np.log(np.maximum(evaluation.probabilities, 1e-300)) * temperature


def _in_folds(evaluation: Evaluation, logits: np.ndarray) -> float:
    fold = np.random.default_rng(0).permutation(evaluation.n_examples) % _FOLDS
    probabilities = np.empty_like(evaluation.probabilities)
    for each in range(_FOLDS):
        rest = fold != each
        temperature = fit_temperature(logits[rest], evaluation.targets[rest])
        probabilities[~rest] = Calibration(temperature).probabilities(logits[~rest])
    return replace(evaluation, probabilities=probabilities).ece


def _by_chance(evaluation: Evaluation) -> float:
    random = np.random.default_rng(0)
    confidence = evaluation.probabilities.max(axis=1)
    other = (evaluation.predicted + 1) % len(evaluation.label_names)
    eces = []
    for _ in range(_DRAWS):
        right = random.random(len(confidence)) < confidence
        eces.append(replace(evaluation, targets=np.where(right, evaluation.predicted, other)).ece)
    return float(np.mean(eces))


def _answered(evaluation: Evaluation, thresholds: Mapping[str, float]) -> dict:
    least = np.array([thresholds.get(name, 2.0) for name in evaluation.label_names])
    answered = evaluation.probabilities.max(axis=1) >= least[evaluation.predicted]
    right = evaluation.predicted[answered] == evaluation.targets[answered]
    return {"coverage": float(answered.mean()), "precision": float(right.mean()) if len(right) else None}
