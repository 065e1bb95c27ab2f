"""Metrics of label sets are scikit-learn's."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from sentiment.errors import InputError
from sentiment.evaluation.multilabel.comparison import compare, compare_runs
from sentiment.evaluation.multilabel.result import MultilabelEvaluation

NAMES = ("a", "b", "c", "d")


def _evaluation(targets, given_labels, probabilities=None):
    n = len(targets)
    scores = np.where(given_labels, 0.8, 0.3) if probabilities is None else probabilities
    return MultilabelEvaluation("made", "test", NAMES, np.arange(n), targets, scores, given_labels)


def _drawn(n, seed=0):
    random = np.random.default_rng(seed)
    targets = random.random((n, 4)) < [0.5, 0.2, 0.1, 0.02]
    scores = np.clip(targets * 0.3 + random.random((n, 4)) * 0.7, 0, 1)
    return _evaluation(targets, scores >= 0.5, scores)


sets = st.integers(1, 12).flatmap(lambda n: st.tuples(arrays(bool, (n, 4)), arrays(bool, (n, 4))))


@given(sets)
def test_f1_subset_accuracy_and_hamming_loss_are_scikit_learns(drawn):
    targets, answers = drawn
    found = _evaluation(targets, answers).metrics()
    kept = targets.any(axis=0)  # a label that no text has is left out of the mean
    assert found["micro_f1"] == pytest.approx(metrics.f1_score(targets, answers, average="micro", zero_division=0))
    if kept.any():
        each = metrics.f1_score(targets, answers, average=None, zero_division=0)
        assert found["macro_f1"] == pytest.approx(np.mean(np.atleast_1d(each)[kept]))
    else:
        assert np.isnan(found["macro_f1"])
    assert found["subset_accuracy"] == pytest.approx(metrics.accuracy_score(targets, answers))
    assert found["hamming_loss"] == pytest.approx(metrics.hamming_loss(targets, answers))


@given(sets)
def test_precision_recall_and_f1_of_a_label_are_scikit_learns(drawn):
    targets, answers = drawn
    expected = metrics.precision_recall_fscore_support(targets, answers, average=None, zero_division=0)
    np.testing.assert_allclose(_evaluation(targets, answers).by_class, np.array(expected, np.float64), atol=1e-12)


def test_areas_and_losses_are_scikit_learns():
    evaluation = _drawn(400)
    found, truth, scores = evaluation.metrics(), evaluation.targets, evaluation.probabilities
    assert found["pr_auc"] == pytest.approx(metrics.average_precision_score(truth, scores, average="macro"))
    assert found["roc_auc"] == pytest.approx(metrics.roc_auc_score(truth, scores, average="macro"))
    losses = [metrics.log_loss(truth[:, n], scores[:, n], labels=[0, 1]) for n in range(4)]
    assert found["log_loss"] == pytest.approx(np.mean(losses))
    briers = [metrics.brier_score_loss(truth[:, n], scores[:, n], labels=[0, 1]) for n in range(4)]
    assert found["brier"] == pytest.approx(np.mean(briers))


def test_the_statistic_of_drawn_examples_is_the_metric_of_those():
    evaluation = _drawn(60)
    drawn = np.random.default_rng(1).integers(60, size=60)
    again = _evaluation(evaluation.targets[drawn], evaluation.given[drawn])
    counts = np.bincount(drawn, minlength=60).astype(float)
    np.testing.assert_allclose(evaluation.statistic()(counts), again.statistic()(np.ones(60)))


def test_ece_is_zero_where_every_probability_is_true():
    random = np.random.default_rng(0)
    scores = np.repeat([[0.05, 0.3, 0.6, 0.95]], 40_000, axis=0)
    evaluation = _evaluation(random.random(scores.shape) < scores, scores >= 0.5, scores)
    assert evaluation.ece < 0.005
    assert _evaluation(~evaluation.targets, scores >= 0.5, scores).ece > 0.3


def test_two_systems_are_compared_on_the_same_texts():
    one, other = _drawn(300), _drawn(300, seed=5)
    same = compare(one, one.given)
    assert same.p_value == 1.0
    assert all(value == 0 for value, _ in same.differences.values())
    worse = compare(one, ~one.targets)
    assert worse.differences["macro_f1"][0] > 0.3
    assert worse.p_value < 0.01
    assert compare_runs(one, one).only_first == 0
    shifted = replace(other, rows=other.rows + 1)
    with pytest.raises(InputError, match="aren't scored on the same texts and labels"):
        compare_runs(one, shifted)
