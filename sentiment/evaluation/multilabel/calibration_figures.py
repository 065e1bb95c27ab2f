"""Calibration of an evaluation's decisions: ECE before and after, and F1 with thresholds that didn't see the texts."""

from dataclasses import replace

import numpy as np

from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.result import calibration_error, reliability
from sentiment.prediction.decisions import Decisions, fit_decisions, sigmoid

_FOLDS = 5
_DRAWS = 100


def calibration_figures(evaluation: MultilabelEvaluation, calibration: Decisions, fitted_here: bool) -> dict:
    """Returns what can be said of the probabilities and thresholds of an evaluation.

    Args:
        evaluation: with the calibration's probabilities.
        calibration: the model's.
        fitted_here: whether it was fitted to these examples.

    Returns:
        "decisions": of each label that the model has. "ece_before": of the model's own probabilities. "ece_held_out",
        "macro_f1_held_out", "micro_f1_held_out": of examples that the calibration wasn't fitted to; where it was fitted
        to these, in five folds, each by the calibration of the other four. "ece_by_chance": the mean ECE of
        probabilities that are exactly right. "answered": for each wanted precision, the share of the labels found and
        of those given that is right.
    """
    held_out = _in_folds(evaluation, calibration) if fitted_here else evaluation
    return {
        "decisions": calibration.to_dict()["decisions"],
        "thresholds": {precision: dict(each) for precision, each in calibration.thresholds.items()},
        "fitted_here": fitted_here,
        "ece_before": replace(evaluation, probabilities=sigmoid(_own_odds(evaluation, calibration))).ece,
        "ece_held_out": held_out.ece,
        "macro_f1_held_out": held_out.metrics()["macro_f1"],
        "micro_f1_held_out": held_out.metrics()["micro_f1"],
        "ece_by_chance": _by_chance(evaluation),
        "answered": {precision: _answered(evaluation, calibration, precision) for precision in calibration.thresholds},
    }


def _own_odds(evaluation: MultilabelEvaluation, calibration: Decisions) -> np.ndarray:
    """Returns the model's own log-odds, <float64>[n, n_labels]."""
    inside = np.clip(evaluation.probabilities, 1e-300, 1 - 1e-16)
    odds = np.log(inside) - np.log1p(-inside)
    by_name = dict(zip(calibration.label_names, calibration.decisions, strict=True))
    for label, name in enumerate(evaluation.label_names):
        if name in by_name:  # a label that the model doesn't have has a probability of 0
            odds[:, label] = (odds[:, label] - by_name[name].offset) / by_name[name].slope
    return odds


def _in_folds(evaluation: MultilabelEvaluation, calibration: Decisions) -> MultilabelEvaluation:
    odds = _own_odds(evaluation, calibration)
    both = np.stack([np.zeros_like(odds), odds], axis=-1)
    fold = np.random.default_rng(0).permutation(evaluation.n_examples) % _FOLDS
    probabilities, given = np.empty_like(odds), np.empty(odds.shape, bool)
    for each in range(_FOLDS):
        rest = fold != each
        fitted = fit_decisions(both[rest], evaluation.targets[rest], evaluation.label_names)
        probabilities[~rest] = fitted.probabilities(both[~rest])
        given[~rest] = probabilities[~rest] >= fitted.least(None, evaluation.label_names)
    return replace(evaluation, probabilities=probabilities, given=given)


def _by_chance(evaluation: MultilabelEvaluation) -> float:
    random, probabilities = np.random.default_rng(0), evaluation.probabilities
    draws = (random.random(probabilities.shape) < probabilities for _ in range(_DRAWS))
    return float(np.mean([calibration_error(*reliability(probabilities, so)) for so in draws]))


def _answered(evaluation: MultilabelEvaluation, calibration: Decisions, precision: str) -> dict:
    names = calibration.label_names
    least = dict(zip(names, calibration.least(float(precision), names), strict=True))
    given = evaluation.given & (evaluation.probabilities >= [least.get(name, 2.0) for name in evaluation.label_names])
    hits = int((given & evaluation.targets).sum())
    return {
        "found": hits / max(1, int(evaluation.targets.sum())),
        "precision": hits / int(given.sum()) if given.any() else None,
    }
