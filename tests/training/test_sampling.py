"""Training on skewed classes: what a run keeps of its sampling, and that every way of asking corrects for it alike."""

import json

import numpy as np
import pytest
from paths import ROOT
from progress_lines import ProgressLines

from benchmarks.skewed_texts import skewed_corpus
from sentiment import Predictor, train
from sentiment.evaluation.calibration_figures import calibration_figures
from sentiment.evaluation.scoring import evaluate
from sentiment.prediction.calibration import Calibration
from sentiment.training.loop.progress import Progress
from sentiment.training.trained_model import TrainedModel

COUNTS, N_HELD_OUT = [1400, 250, 30], 1500
SETTINGS = [
    "Recipe.steps = 250",
    "Recipe.batch_size = 64",
    "mean_classifier.d_embedding = 32",
    "Recipe.eval_every = 250",
]


@pytest.fixture(scope="module")
def corpus():
    return skewed_corpus(COUNTS, N_HELD_OUT)


def _trained(folder, corpus, *bindings: str, progress: Progress | None = None):
    return train(ROOT / "configs" / "mean.gin", [*SETTINGS, *bindings], folder, progress, corpus)


@pytest.fixture(scope="module")
def auto(corpus, tmp_path_factory):
    progress = ProgressLines()
    return _trained(tmp_path_factory.mktemp("auto") / "run", corpus, progress=progress), progress.lines


def test_one_line_says_what_training_takes_of_each_class(auto):
    (line,) = [line for line in auto[1] if "classes are uneven" in line]
    assert "class 0 has 46.7 times the texts of class 2 (83.3% and 1.8%); training takes 82." in line
    assert " and 3." in line
    assert "Recipe.sampler = @BalancedSampler" in line


def test_calibration_moves_probabilities_towards_the_frequent_classes(auto):
    shift = json.loads(auto[0].calibration.read_text())["prior_shift"]
    assert min(shift[:2]) > 0
    assert np.log((30 / 1680) / 0.053) < shift[2] < -0.5


def test_onnx_and_jax_and_the_metrics_of_training_answer_alike(auto, corpus):
    run, _ = auto
    texts, labels = corpus.split("validation")
    outcomes, model = Predictor.load(run.path).outcomes(texts), TrainedModel.load(run.path)
    np.testing.assert_allclose(outcomes.probabilities, model.probabilities(texts), atol=1e-5)
    metrics = json.loads(run.metrics.read_text())
    accuracy = float(np.mean(outcomes.best == labels))
    assert metrics["validation_accuracy"] == metrics["export"]["float32"]["validation_accuracy"] == accuracy
    assert evaluate(model, corpus, "validation").accuracy == accuracy
    int8 = Predictor.load(run.path, int8=True).outcomes(texts).best
    assert metrics["export"]["int8"]["validation_accuracy"] == float(np.mean(int8 == labels))


def test_a_run_without_the_field_answers_as_before(auto, corpus):
    calibration = Calibration.of(auto[0])
    before = Calibration(calibration.temperature, calibration.thresholds)
    logs = np.log(np.array([[0.5, 0.3, 0.2]]))
    np.testing.assert_allclose(before.probabilities(logs) ** calibration.temperature, [[0.5, 0.3, 0.2]] / np.sum(
        np.array([0.5, 0.3, 0.2]) ** (1 / calibration.temperature)) ** calibration.temperature)  # fmt: skip
    assert "prior_shift" not in before.to_dict()


def test_auto_is_about_as_good_as_the_better_of_both_samplers_and_well_calibrated(auto, corpus, tmp_path):
    """The fast sibling of benchmarks/sampling.py: within half a point."""
    found = {"auto": auto[0]}
    for name in ("Balanced", "Shuffled"):
        found[name] = _trained(tmp_path / name, corpus, f"Recipe.sampler = @{name}Sampler")
    boards = {name: evaluate(TrainedModel.load(run.path), corpus, "validation") for name, run in found.items()}
    others = (boards["Balanced"], boards["Shuffled"])
    assert boards["auto"].accuracy >= max(each.accuracy for each in others) - 0.005
    assert boards["auto"].macro_f1 >= max(each.macro_f1 for each in others) - 0.005
    figures = calibration_figures(boards["auto"], Calibration.of(auto[0]), fitted_here=True)
    assert figures["ece_held_out"] <= 0.03


def test_even_classes_train_and_answer_as_with_the_balanced_sampler_to_the_bit(tmp_path):
    corpus = skewed_corpus([200, 110, 90], 10)
    auto, balanced = (
        _trained(tmp_path / name, corpus, "Recipe.steps = 12", *bindings)
        for name, bindings in (("auto", ()), ("balanced", ("Recipe.sampler = @BalancedSampler",)))
    )
    for name in ("weights.safetensors", "calibration.json", "model.onnx"):
        assert (auto.path / name).read_bytes() == (balanced.path / name).read_bytes(), name
    assert "prior_shift" not in json.loads(auto.calibration.read_text())


def test_more_skewed_classes_than_a_batch_has_places_some_of_three_texts_train_and_predict(tmp_path):
    corpus = skewed_corpus([600, *[40] * 20, *[3] * 20], 300)
    run = _trained(tmp_path / "run", corpus, "Recipe.steps = 40", "Recipe.batch_size = 16")
    outcomes = Predictor.load(run.path).outcomes(corpus.split("validation")[0])
    np.testing.assert_allclose(outcomes.probabilities.sum(axis=1), 1)
    assert outcomes.probabilities.shape == (300, 41)
