"""The metrics of one evaluation, their intervals and paired tests: by hand, and against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import accuracy_score, average_precision_score, f1_score, recall_score, roc_auc_score

from sentiment.errors import InputError
from sentiment.evaluation import Evaluation
from sentiment.evaluation.comparison import compare, compare_runs
from sentiment.evaluation.intervals import share_interval
from sentiment.evaluation.resampling import RESAMPLES
from sentiment.evaluation.scoreboard import Scoreboard, figures
from sentiment.evaluation.statistics import CLASS_METRICS, class_statistic, losses_of, score_statistic
from sentiment.evaluation.words import MODEL
from sentiment.prediction.calibration import Calibration

LABELS = ("negative", "neutral", "positive")


def _evaluation(targets, probabilities, label_names=None) -> Evaluation:
    probabilities = np.asarray(probabilities, float)
    names = label_names or LABELS[: probabilities.shape[1]]
    return Evaluation("made", "test", names, np.arange(len(targets)), np.asarray(targets), probabilities)


def _random(n: int, n_classes: int, seed: int = 0) -> Evaluation:
    rng = np.random.default_rng(seed)
    targets = rng.integers(n_classes, size=n)
    logits = rng.normal(size=(n, n_classes)).round(1)  # some scores are equal
    logits[np.arange(n), targets] += 1
    return _evaluation(targets, np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True))


def _intervals(found: Evaluation) -> dict[str, list[float]]:
    """Returns the interval of each metric that has one, as a report shows them."""
    none = np.zeros(found.n_examples, int)
    board = Scoreboard(found, {}, {MODEL: found.predicted}, none + 1, none, Calibration(), fitted_here=False)
    return {name: each["interval"] for name, each in figures(board)["metrics"].items() if "interval" in each}


def _counts(drawn: np.ndarray) -> np.ndarray:
    return np.bincount(drawn, minlength=len(drawn)).astype(float)


def test_the_metrics_of_four_texts_are_those_worked_out_by_hand():
    found = _evaluation([0, 0, 1, 1], [[0.9, 0.1], [0.4, 0.6], [0.2, 0.8], [0.3, 0.7]], ("negative", "positive"))
    assert found.confusion.tolist() == [[1, 1], [0, 2]]
    assert found.accuracy == 0.75
    assert found.by_class.T.tolist() == [[1, 0.5, 2 / 3, 2], [2 / 3, 1, 0.8, 2]]
    assert found.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)
    assert found.macro_recall == 0.75
    assert found.roc_auc == found.pr_auc == 1  # both positives score above both negatives
    assert found.log_loss == pytest.approx(-np.log([0.9, 0.4, 0.8, 0.7]).mean())
    assert found.brier == pytest.approx((0.1**2 + 0.6**2 + 0.2**2 + 0.3**2) / 4)
    # Confidences .9 .6 .8 .7 each stand in a bin of their own; the second is wrong.
    assert found.ece == pytest.approx((0.1 + 0.6 + 0.2 + 0.3) / 4)


def test_the_reliability_bins_hold_every_example_even_one_that_is_certain():
    found = _evaluation([0, 0, 1], [[1.0, 0.0], [0.5, 0.5], [0.52, 0.48]])
    counts, confidence, accuracy = found.reliability()
    assert len(counts) == 15
    assert (counts[14], confidence[14], accuracy[14]) == (1, 1, 1)
    assert (counts[7], confidence[7], accuracy[7]) == (2, pytest.approx(0.51), 0.5)
    assert counts.sum() == 3


def test_a_class_without_examples_is_left_out_of_the_averages():
    found = _evaluation([0, 0, 2, 2], np.eye(3)[[0, 1, 2, 2]] * 0.8 + 0.2 / 3)
    assert found.macro_recall == 0.75
    assert found.macro_f1 == pytest.approx((2 / 3 + 1) / 2)
    assert found.roc_auc == (0.75 + 1) / 2  # of the first class one text ties with both of the third


def test_what_one_class_alone_leaves_undefined_is_nan():
    found = _evaluation([1, 1], [[0.2, 0.8], [0.6, 0.4]])
    assert np.isnan(found.roc_auc)
    assert np.isnan(found.pr_auc)
    assert found.macro_recall == 0.5


@settings(max_examples=30)
@given(st.integers(1, 60), st.integers(2, 3), st.integers(0, 1000))
def test_the_bootstraps_own_formulas_are_scikit_learns(n, n_classes, seed):
    found = _random(n, n_classes, seed)
    statistic = class_statistic(found.targets, found.predicted, n_classes)
    drawn = np.random.default_rng(seed).integers(n, size=n)
    targets, predicted = found.targets[drawn], found.predicted[drawn]
    present = np.unique(targets)
    expected = (
        accuracy_score(targets, predicted),
        f1_score(targets, predicted, labels=present, average="macro", zero_division=0),
        recall_score(targets, predicted, labels=present, average="macro", zero_division=0),
    )
    assert statistic(_counts(drawn)) == pytest.approx(expected)
    losses, squares = losses_of(found)
    assert losses.mean() == pytest.approx(found.log_loss)
    assert squares.mean() == pytest.approx(found.brier)


@settings(max_examples=30)
@given(st.integers(2, 60), st.integers(2, 3), st.integers(0, 1000))
def test_the_bootstraps_areas_are_scikit_learns_ties_included(n, n_classes, seed):
    found = _random(n, n_classes, seed)
    drawn = np.random.default_rng(seed).integers(n, size=n)
    targets, scores = found.targets[drawn], found.probabilities[drawn]
    areas = score_statistic(found)(_counts(drawn))[2:]
    classes = [1] if n_classes == 2 else range(n_classes)
    defined = [label for label in classes if 0 < (targets == label).sum() < n]
    if not defined:
        assert np.isnan(areas).all()
        return
    expected = [
        np.mean([metric(targets == label, scores[:, label]) for label in defined])
        for metric in (roc_auc_score, average_precision_score)
    ]
    assert areas == pytest.approx(expected)


def test_an_interval_holds_its_value_and_shrinks_with_the_number_of_texts():
    small, large = _random(100, 2), _random(6400, 2)
    widths = []
    for found in (small, large):
        spread = _intervals(found)
        assert set(spread) == set(found.metrics()) - {"ece"}
        assert all(low <= found.metrics()[name] <= high for name, (low, high) in spread.items())
        widths.append(spread["accuracy"][1] - spread["accuracy"][0])
    assert widths[0] / widths[1] == pytest.approx(8, rel=0.25)  # as the square root of the ratio
    expected = 2 * 1.96 * np.sqrt(large.accuracy * (1 - large.accuracy) / 6400)
    assert widths[1] == pytest.approx(expected, rel=0.1)


@given(st.integers(1, 400), st.data())
def test_a_share_has_an_interval_around_it_however_few_the_texts(n, data):
    hits = data.draw(st.integers(0, n))
    low, high = share_interval(hits, n)
    z = 1.959964
    middle, width = hits + z * z / 2, z * np.sqrt(hits * (n - hits) / n + z * z / 4)
    assert (low, high) == pytest.approx(((middle - width) / (n + z * z), (middle + width) / (n + z * z)), abs=1e-6)
    assert 0 <= low < high <= 1


def test_few_right_answers_claim_no_certainty():
    found = Evaluation("made", "test", ("a", "b"), np.arange(3), np.array([0, 1, 1]), np.eye(2)[[0, 1, 1]])
    spread = _intervals(found)
    assert spread["accuracy"] == pytest.approx((0.4385, 1.0), abs=1e-4)
    assert "macro_f1" not in spread


def test_intervals_are_the_same_each_time():
    assert _intervals(_random(80, 3)) == _intervals(_random(80, 3))
    assert RESAMPLES == 1000


def test_mcnemars_exact_test_counts_the_texts_that_only_one_has_right():
    targets = np.zeros(20, int)
    first, second = np.zeros(20, int), np.zeros(20, int)
    second[:9] = 1
    first[9] = 1
    found = compare(targets, first, second, 2)
    assert (found.only_first, found.only_second) == (9, 1)
    assert found.p_value == pytest.approx(2 * (1 + 10) / 2**10)  # binomial tails of 1 in 10
    value, (low, high) = found.differences["accuracy"]
    assert value == pytest.approx(0.4)
    assert low > 0
    assert high <= 1
    assert set(found.differences) == set(CLASS_METRICS)


def test_no_count_is_so_uneven_that_it_could_not_be_chance():
    targets = np.zeros(5000, int)
    assert 0 < compare(targets, targets, targets + 1, 2).p_value < 1e-300


def test_a_system_does_not_differ_from_itself():
    found = _random(50, 3)
    same = compare(found.targets, found.predicted, found.predicted, 3)
    assert same.p_value == 1
    assert all(difference == (0, (0, 0)) for difference in same.differences.values())


def test_evaluations_of_other_texts_are_not_compared():
    one, other = _random(50, 2), _random(50, 2)
    assert compare_runs(one, other).p_value == 1
    fewer = Evaluation("made", "test", one.label_names, np.arange(1, 51), one.targets, one.probabilities)
    with pytest.raises(InputError, match="same texts"):
        compare_runs(one, fewer)
