"""What a config says about the learning rate, the loss, stopping and keeping is what training does."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from paths import FIXTURES, ROOT
from progress_lines import ProgressLines

from sentiment import Predictor
from sentiment.evaluation.evaluate_run import Question
from sentiment.prediction.calibration import Calibration
from sentiment.recipe.learning_rate import Schedule
from sentiment.storage.tensors import load_facts
from sentiment.training.loop.checkpoint import newest_checkpoint
from sentiment.training.train import train
from sentiment.training.trained_model import TrainedModel

pytestmark = pytest.mark.usefixtures("compiled_once")
CORPUS = [f"load_corpus.source = {str(FIXTURES / 'moods.csv')!r}", "load_corpus.label_column = 'mood'"]


def _train(run: Path, *bindings: str, config: Path = ROOT / "configs" / "mean.gin") -> ProgressLines:
    told = ProgressLines()
    train(config, [*CORPUS, "mean_classifier.d_embedding = 16", "Recipe.eval_every = 10", *bindings], run, told)
    return told


def _history(run: Path, mode: str, metric: str) -> list[tuple[int, float]]:
    return [tuple(pair) for pair in newest_checkpoint(run / "training").facts.history[mode][metric]]


def _metrics(run: Path) -> dict:
    return json.loads((run / "metrics.json").read_text("utf-8"))


def test_the_learning_rate_follows_its_schedule(tmp_path):
    settings = ("Recipe.steps = 12", "Recipe.eval_every = 1", "trax.optimizers.Adam.learning_rate = 0.5")
    _train(tmp_path, *settings, "Schedule.shape = 'cosine'", "Schedule.warmup_steps = 4")
    rate = Schedule("cosine", 4).rates(0.5, 12)
    told = _history(tmp_path, "train", "training/learning_rate")
    assert told == [(step, pytest.approx(rate(step))) for step in range(1, 13)]


def test_a_learning_rate_of_nearly_nothing_hardly_moves_weights(tmp_path):
    _train(
        tmp_path,
        "Recipe.steps = 3",
        "Schedule.warmup_steps = 1_000_000",
        "trax.optimizers.Adam.weight_decay_rate = 0.0",
    )
    losses = _history(tmp_path, "eval", "metrics/CrossEntropyLoss")
    assert losses[-1][1] == pytest.approx(losses[0][1], abs=1e-5)


def test_a_smoothed_loss_stays_above_its_targets_entropy_and_the_validation_loss_is_the_plain_one(tmp_path):
    for name, smoothing in (("plain", 0.0), ("smooth", 0.3)):
        _train(tmp_path / name, f"Loss.label_smoothing = {smoothing}", "Recipe.steps = 60")
    plain, smooth = (
        _history(tmp_path / name, "train", "metrics/CrossEntropyLoss")[-1][1] for name in ("plain", "smooth")
    )
    entropy = -0.8 * np.log(0.8) - 0.2 * np.log(0.1)
    assert plain < 0.1 < entropy < smooth < entropy + 0.1


def test_a_heavy_class_is_what_the_model_takes_the_unknown_for(tmp_path):
    _train(tmp_path, "Loss.class_weights = {'calm': 50.0, 'sad': 1}", "Recipe.steps = 30")
    assert Predictor.load(tmp_path)(["qwrk"])[0].label == "calm"


def test_patience_ends_a_run_that_keeps_its_best_evaluation_and_repeats_from_its_config(tmp_path):
    settings = (
        "Recipe.steps = 500",
        "Recipe.eval_every = 5",
        "Stopping.patience = 4",
        "Stopping.keep = 'best'",
        "Recipe.sampler = @ShuffledSampler",
        "Loss.class_weights = 'balanced'",
        "Loss.label_smoothing = 0.05",
        "Recipe.clip_norm = 0.5",
        "Schedule.shape = 'rsqrt'",
        "trax.optimizers.Adam.learning_rate = 0.1",
    )
    last = _train(tmp_path / "first", *settings).lines[-1]
    losses = _history(tmp_path / "first", "eval", "metrics/CrossEntropyLoss")
    step, value = min(losses, key=lambda pair: pair[1])
    metrics = _metrics(tmp_path / "first")
    assert losses[-5] == (step, value), "four evaluations after the best it ended"
    assert (metrics["steps"], metrics["kept_step"]) == (losses[-1][0], step)
    assert metrics["validation_cross_entropy"] == value
    assert load_facts(tmp_path / "first" / "weights.safetensors")["steps"] == step
    assert (
        f"at step {step}, the best, after {losses[-1][0]} steps of 500 (no better cross_entropy in 4 evaluations)"
        in last
    )
    train(tmp_path / "first" / "config.gin", directory=tmp_path / "again")
    for name in ("weights.safetensors", "config.gin"):
        assert (tmp_path / "first" / name).read_bytes() == (tmp_path / "again" / name).read_bytes(), name


def test_the_kept_weights_are_those_that_an_evaluation_measures(script, tmp_path):
    _train(tmp_path, "Stopping.keep = 'best'", "Stopping.metric = 'accuracy'", "Recipe.steps = 60")
    metrics = _metrics(tmp_path)
    assert metrics["kept_step"] < metrics["steps"] == 60
    model = TrainedModel.load(tmp_path)
    # Training measures before calibration, an evaluation after it.
    uncalibrated, calibrated = (
        Question().sample(each).evaluate(each) for each in (replace(model, calibration=Calibration()), model)
    )
    assert uncalibrated.log_loss == pytest.approx(metrics["validation_cross_entropy"], abs=1e-5)
    assert uncalibrated.accuracy == pytest.approx(metrics["validation_accuracy"])
    told = script("evaluate", "--run", tmp_path).out
    assert f"{metrics['validation_accuracy']:.4f}" in told
    assert f"{calibrated.log_loss:.4f}" in told


def test_a_time_limit_finishes_the_run(tmp_path):
    last = _train(tmp_path, "Recipe.steps = 1_000_000", "Stopping.time_limit = 0.5").lines[-1]
    steps = _metrics(tmp_path)["steps"]
    assert 0 < steps < 1_000_000
    assert f"after {steps} steps of 1000000 (time limit of 0.5 s)" in last


def test_a_step_is_clipped_to_the_norm_over_all_weights(tmp_path):
    def weights(name: str, rate: float, *bindings: str) -> np.ndarray:
        sgd = ("Recipe.optimizer = @trax.optimizers.SGD", f"trax.optimizers.SGD.learning_rate = {rate}")
        _train(tmp_path / name, "Recipe.steps = 1", *sgd, *bindings)
        tensors = newest_checkpoint(tmp_path / name / "training").tensors
        return np.concatenate([array.ravel() for key, array in tensors.items() if key.startswith("weights/")])

    start = weights("start", 0.0)
    moved = weights("moved", 1.0) - start
    norm = np.linalg.norm(moved)
    assert norm > 0.1
    for updates in ("exact", "lazy"):
        clipped = weights(updates, 1.0, f"Recipe.clip_norm = {norm / 3}", f"Recipe.updates = {updates!r}") - start
        np.testing.assert_allclose(clipped, moved / 3, atol=1e-6, err_msg=updates)
