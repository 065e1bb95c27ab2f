"""Temperature and thresholds: found again where they are known, tame where examples are few."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paths import FIXTURES, ROOT

from sentiment.evaluation import Evaluation
from sentiment.prediction.calibration import PRECISIONS, Calibration, fit, fit_temperature, fit_thresholds
from sentiment.prediction.predictor import Predictor
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

NAMES = ("negative", "neutral", "positive")


def _truthful(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Log-probabilities <float64>[n, 3], and classes drawn with just these probabilities."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=2, size=(n, 3))
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    targets = (rng.random((n, 1)) > np.exp(logs).cumsum(axis=1)).sum(axis=1)
    return logs, np.minimum(targets, 2)


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_temperature_that_spoiled_the_probabilities_is_found_again(temperature):
    logs, targets = _truthful(20_000)
    assert fit_temperature(logs * temperature, targets) == pytest.approx(temperature, rel=0.05)


def test_calibration_fitted_on_one_half_mends_the_other():
    logs, targets = _truthful(8000)
    overconfident = logs * 3
    calibration = fit(overconfident[:4000], targets[:4000], NAMES)
    before, after = (
        Evaluation("made", "test", NAMES, np.arange(4000), targets[4000:], each.probabilities(overconfident[4000:]))
        for each in (Calibration(), calibration)
    )
    assert before.ece > 0.1
    assert after.ece < 0.022
    assert after.accuracy == before.accuracy
    assert after.log_loss < before.log_loss


def test_a_few_right_answers_are_not_taken_for_certainty():
    logs = np.log(np.full((5, 2), 0.1) + np.eye(2)[[0, 1, 0, 1, 0]] * 0.8)
    few = fit_temperature(logs, np.array([0, 1, 0, 1, 0]))
    many = fit_temperature(np.tile(logs, (1000, 1)), np.tile([0, 1, 0, 1, 0], 1000))
    assert 0.3 < few < 1
    assert many < few / 2
    assert fit_temperature(np.empty((0, 2)), np.empty(0, int)) == 1


def test_the_temperature_is_fitted_to_what_teachers_answer_where_they_do():
    logs, _ = _truthful(2000)
    labelled = np.array([[0.0, -9.0, -9.0]] * 300)  # surer, and all right: alone they would ask for certainty
    calibration = fit(labelled, np.zeros(300, int), NAMES, taught=(logs * 2, np.exp(logs)))
    assert calibration.temperature == pytest.approx(2, rel=0.01)
    assert calibration.thresholds == fit_thresholds(calibration.probabilities(labelled), np.zeros(300, int), NAMES)


def test_the_shares_of_the_classes_that_sampling_changed_are_put_right():
    logs, targets = _truthful(20_000)
    shift = np.log([0.7, 0.2, 0.1])
    sampled = logs - shift  # what a model learns where batches hold more of the rare
    found = fit(sampled * 1.5, targets, NAMES, shift * 1.5)
    assert np.diff(found.prior_shift) == pytest.approx(np.diff(shift * 1.5))
    assert found.temperature == pytest.approx(1.5, rel=0.05)
    evaluation = Evaluation("made", "test", NAMES, np.arange(20_000), targets, found.probabilities(sampled * 1.5))
    assert evaluation.ece < 0.015


def test_no_more_of_the_shift_is_taken_than_the_examples_bear_out():
    logs, targets = _truthful(20_000)
    found = fit(logs, targets, NAMES, np.log([0.7, 0.2, 0.1]))
    assert found == fit(logs, targets, NAMES)
    assert "prior_shift" not in found.to_dict()
    assert fit(np.empty((0, 3)), np.empty(0, int), NAMES, np.log([0.7, 0.2, 0.1])) == Calibration(
        1.0, {f"{precision:g}": {} for precision in PRECISIONS}
    )


@settings(max_examples=50)
@given(st.integers(1, 50), st.integers(2, 4), st.floats(0.05, 20), st.integers(0, 99))
def test_calibrated_probabilities_sum_to_one_and_keep_their_order(n, n_classes, temperature, seed):
    logits = np.random.default_rng(seed).normal(scale=30, size=(n, n_classes))
    found = Calibration(temperature).probabilities(logits)
    assert found.sum(axis=1) == pytest.approx(np.ones(n))
    assert np.isfinite(found).all()
    assert (found[np.arange(n), logits.argmax(axis=1)] == found.max(axis=1)).all()


def test_a_threshold_keeps_its_precision_on_other_examples():
    logs, targets = _truthful(40_000)
    probabilities = np.exp(logs)
    thresholds = fit_thresholds(probabilities[:20_000], targets[:20_000], NAMES)
    held_out, truth = probabilities[20_000:], targets[20_000:]
    assert set(thresholds) == {"0.8", "0.9", "0.95", "0.99"}
    found = [(float(precision), name, low) for precision, lows in thresholds.items() for name, low in lows.items()]
    assert len(found) >= 3 * len(PRECISIONS) - 2
    for precision, name, low in found:
        label = NAMES.index(name)
        answered = (held_out.argmax(axis=1) == label) & (held_out.max(axis=1) >= low)
        assert answered.sum() > 50
        assert (truth[answered] == label).mean() >= precision - 0.02


def test_no_threshold_is_named_that_the_examples_do_not_bear_out():
    probabilities = np.tile([0.1, 0.9], (10, 1))
    thresholds = fit_thresholds(probabilities, np.ones(10, int), ("negative", "positive"))
    assert thresholds["0.9"] == {"positive": 0.9}  # ten right of eleven
    assert thresholds["0.95"] == thresholds["0.99"] == {}


def test_equal_probabilities_stand_on_one_side_of_a_threshold():
    probabilities = np.array([[0.1, 0.9]] * 30 + [[0.3, 0.7]] * 30)
    targets = np.array([1] * 45 + [0] * 15)  # the 0.7s are right half the time, and the right ones come first
    thresholds = fit_thresholds(probabilities, targets, ("negative", "positive"))
    assert thresholds["0.9"] == {"positive": 0.9}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    bindings = [f"load_corpus.source = '{FIXTURES / 'moods.csv'}'", "load_corpus.label_column = 'mood'"]
    config = ROOT / "configs" / "mean.gin"
    return train(config, [*bindings, "Recipe.steps = 30"], tmp_path_factory.mktemp("calibrated") / "run").path


def test_a_run_is_calibrated_by_training_and_every_predictor_uses_it(run):
    saved = json.loads((run / "calibration.json").read_text("utf-8"))
    assert saved["temperature"] != 1
    assert "calibration.json" in (run / "manifest.json").read_text("utf-8")
    texts = ["so happy", "a quiet lake", "crying again"]
    model, predictor = TrainedModel.load(run), Predictor.load(run)
    logs = model.log_probabilities([model.preprocessor(text) for text in texts])
    expected = Calibration(saved["temperature"]).probabilities(logs)
    assert model.probabilities(texts) == pytest.approx(expected)
    answers = [list(prediction.probabilities.values()) for prediction in predictor(texts)]
    assert np.array(answers) == pytest.approx(expected, abs=1e-5)


def test_a_predictor_abstains_below_the_threshold_and_says_why(script, run):
    lenient = Predictor.load(run)
    (sure,) = lenient(["so happy 😀"])
    (unknown,) = lenient(["qwrk zzyx"])
    (empty,) = lenient([""])
    assert (sure.abstained, sure.reason) == (False, "")
    assert (unknown.abstained, unknown.reason) == (True, "most words are unknown: qwrk zzyx")
    assert (empty.abstained, empty.reason) == (True, "there is no word in it")
    (strict,) = Predictor.load(run, precision=0.99)(["so happy 😀"])  # seven validation texts bear out no such claim
    assert strict.label == sure.label
    assert (strict.abstained, strict.reason) == (True, "not sure enough for the wanted precision")
    answer = script("predict", "so happy 😀", "--run", run, "--precision", "0.99")
    assert "abstains: not sure enough" in answer.out
    refused = script("predict", "so happy 😀", "--run", run, "--precision", "0.5")
    assert refused.code == 2
    assert "it has 0.8, 0.9, 0.95, 0.99" in refused.err
