"""Smoothed labels and weighted classes change the loss by the formula, and nothing else does."""

import numpy as np
import pytest

from sentiment.batching.batches import Batches, Examples
from sentiment.batching.samplers import OnePass
from sentiment.config import SettingError
from sentiment.recipe.loss import Loss

NAMES = ("calm", "happy", "sad")
LABELS = np.array([0, 0, 0, 0, 1, 1])  # no example is sad


def _of(loss: Loss, logs: np.ndarray, targets: np.ndarray, weights: np.ndarray) -> float:
    layer = loss.layer()
    return float(layer((logs, targets, weights)))


@pytest.fixture
def batch():
    """Log-probabilities, targets and weights of five examples."""
    generator = np.random.default_rng(0)
    logits = generator.normal(size=(5, 3)).astype(np.float32)
    logs = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    return logs, np.array([0, 1, 2, 1, 0]), np.array([1, 2, 0.5, 0, 1], np.float32)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_the_loss_is_the_weighted_cross_entropy_with_smoothed_targets(batch, smoothing):
    logs, targets, weights = batch
    soft = (1 - smoothing) * np.eye(3)[targets] + smoothing / 3
    expected = ((-(soft * logs).sum(axis=1)) * weights).sum() / weights.sum()
    assert _of(Loss(smoothing), *batch) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_soft_targets_that_are_sure_lose_what_their_classes_do(batch, smoothing):
    logs, targets, weights = batch
    soft = Loss(smoothing).layer(soft=True)
    sure, spread = np.eye(3, dtype=np.float32)[targets], np.tile(weights[:, None], 3)
    assert float(soft((logs, sure, spread))) == pytest.approx(_of(Loss(smoothing), *batch), rel=1e-6)


def test_soft_targets_are_weighed_class_by_class(batch):
    logs, _, weights = batch
    generator = np.random.default_rng(1)
    targets = generator.dirichlet(np.ones(3), 5).astype(np.float32)
    of_class = np.float32([1, 2, 3])
    soft = Loss().layer(soft=True)((logs, targets, weights[:, None] * of_class))
    each = weights * (targets @ of_class)
    assert float(soft) == pytest.approx(-(each * (targets * logs).sum(axis=1)).sum() / each.sum(), rel=1e-5)


def test_targets_for_every_token_are_smoothed_too(batch):
    logs, targets, weights = (np.stack([part, part]) for part in batch)
    assert _of(Loss(0.1), logs, targets, weights) == pytest.approx(_of(Loss(0.1), *batch))


def test_balanced_weights_are_examples_over_classes_times_count_as_scikit_learns():
    found = Loss(class_weights="balanced").weights(LABELS, NAMES)
    np.testing.assert_allclose(found[:2], [6 / (2 * 4), 6 / (2 * 2)])
    assert np.isfinite(found).all(), "a class without examples has a weight that is never used"


def test_balanced_classes_weigh_the_same_together():
    weights = Loss(class_weights="balanced").weights(LABELS, NAMES)
    assert weights[LABELS].mean() == pytest.approx(1)
    assert weights[0] * 4 == pytest.approx(weights[1] * 2)


def test_classes_are_weighted_by_name_and_others_weigh_1():
    np.testing.assert_array_equal(Loss(class_weights={"sad": 2}).weights(LABELS, NAMES), np.float32([1, 1, 2]))
    assert Loss().weights(LABELS, NAMES) is None


def test_a_batch_carries_the_weights_of_its_classes_and_padding_weighs_nothing():
    examples = Examples.encode([[]] * 6, LABELS, encoder=_Empty())
    weights = np.array([0.5, 3, 1], np.float32)
    batch = Batches(examples, OnePass(6, 4), class_weights=weights).batch(1)
    np.testing.assert_array_equal(batch.targets, [1, 1, 0, 0])
    np.testing.assert_array_equal(batch.weights, np.float32([3, 3, 0, 0]))


class _Empty:
    """Encodes everything as nothing."""

    def encode(self, tokens):
        return np.array(tokens, np.int32)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"label_smoothing": 1.0}, "Loss.label_smoothing = 1.0: must be 0 or more, and less than 1"),
        ({"label_smoothing": -0.1}, "must be 0 or more"),
        ({"class_weights": {"angry": 2.0}}, "no class 'angry'; there are calm, happy, sad"),
        ({"class_weights": {"sad": 0.0}}, "'sad' = 0.0: must be above 0"),
        ({"class_weights": {"sad": float("nan")}}, "must be above 0"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, reason):
    with pytest.raises(SettingError, match=reason):
        Loss(**settings).weights(LABELS, NAMES)
