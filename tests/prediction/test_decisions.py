"""Calibration and thresholds of labels of which a text may have several."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from sentiment.errors import InputError
from sentiment.prediction.decisions import Decisions, best_threshold, fit_decisions, fit_thresholds, log_odds, sigmoid
from sentiment.storage.schemas import check_decisions

NAMES = ("anger", "fear", "joy")


def _both(odds: np.ndarray) -> np.ndarray:
    """Log-probabilities of absence and presence, as the model gives them."""
    return np.stack([-np.logaddexp(0, odds), -np.logaddexp(0, -odds)], axis=-1)


def _drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Log-odds that are twice too sure, and what is so: of three labels from frequent to rare."""
    random = np.random.default_rng(seed)
    true = random.normal(size=(n, 3)) * 2 + [0.0, -2.0, -4.0]
    return _both(2 * true + 0.5), random.random((n, 3)) < sigmoid(true)


def test_slopes_and_offsets_are_found_again():
    fitted = fit_decisions(*_drawn(20_000), NAMES)
    for decision in fitted.decisions:
        assert decision.slope == pytest.approx(0.5, abs=0.05)
        assert decision.offset == pytest.approx(-0.25, abs=0.2)


def test_calibrated_probabilities_are_as_often_right():
    outputs, targets = _drawn(20_000, 1)
    probabilities = fit_decisions(*_drawn(20_000), NAMES).probabilities(outputs)
    for label in range(3):
        some = probabilities[:, label] > 0.3
        assert probabilities[some, label].mean() == pytest.approx(targets[some, label].mean(), abs=0.03)


def test_a_threshold_has_nearly_the_best_f1_on_texts_that_it_did_not_see():
    outputs, targets = _drawn(3000, 1)
    fitted = fit_decisions(*_drawn(3000), NAMES)
    probabilities, least = fitted.probabilities(outputs), fitted.least(None, NAMES)
    for label in range(3):
        truth, scores = targets[:, label], probabilities[:, label]
        best = max(f1_score(truth, scores >= threshold) for threshold in np.linspace(0.02, 0.98, 49))
        assert f1_score(truth, scores >= least[label]) > best - 0.02


def test_a_rare_labels_threshold_is_near_the_common_one_and_a_frequent_ones_its_own():
    random = np.random.default_rng(0)
    present = np.zeros((4000, 3), bool)
    present[:2000, 0] = present[:1500, 1] = present[0, 2] = True
    probabilities = np.clip(present * [0.5, 0.3, 0.3] + random.random((4000, 3)) * 0.35, 0, 1)
    frequent, also, rare = fit_thresholds(probabilities, present)
    own = [best_threshold(probabilities[:, label], present[:, label]) for label in range(3)]
    assert frequent == pytest.approx(own[0], abs=0.02)
    assert abs(rare - own[2]) > 5 * abs(also - own[1])
    assert fit_thresholds(probabilities, np.zeros_like(present)) == [0.5] * 3
    assert best_threshold(np.empty(0), np.empty(0, bool)) == 0.5


def test_a_handful_of_right_answers_is_no_certainty():
    outputs, _ = _drawn(2)
    for decision in fit_decisions(outputs, log_odds(outputs) > 0, NAMES).decisions:
        assert 0.5 < decision.slope < 2
        assert abs(decision.offset) < 1


@given(
    st.lists(st.tuples(st.floats(-700, 700), st.booleans()), max_size=30),
)
def test_any_log_odds_give_numbers(rows):
    odds, present = np.array([odds for odds, _ in rows])[:, None], np.array([p for _, p in rows], bool)[:, None]
    fitted = fit_decisions(_both(odds), present, ("only",))
    probabilities = fitted.probabilities(_both(odds))
    assert np.isfinite(probabilities).all()
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    order = np.argsort(odds[:, 0])
    assert (np.diff(probabilities[order, 0]) >= 0).all(), "calibration keeps the order"
    check_decisions(json.loads(json.dumps(fitted.to_dict())), ("only",), Path("calibration.json"))


def test_log_odds_of_the_model_come_back():
    odds = np.array([[-30.0, 0.0, 12.5]])
    np.testing.assert_allclose(log_odds(_both(odds)), odds)


def test_a_wanted_precision_raises_thresholds_and_never_lowers_them():
    outputs, targets = _drawn(5000)
    fitted = fit_decisions(outputs, targets, NAMES)
    own = fitted.least(None, NAMES)
    for precision in (0.8, 0.9, 0.95):
        least = fitted.least(precision, NAMES)
        assert (least >= own).all()
        given_labels = fitted.probabilities(outputs) >= least
        for label in np.flatnonzero(given_labels.any(axis=0)):
            assert targets[given_labels[:, label], label].mean() >= precision - 0.01
    with pytest.raises(InputError, match=r"precision 0\.7: the run has no thresholds for it; it has 0.8, 0.9"):
        fitted.least(0.7, NAMES)
    with pytest.raises(InputError, match="it has none; train it again"):
        Decisions.untouched(NAMES).least(0.9, NAMES)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda found: found["decisions"].pop("joy"), "decisions.joy is missing"),
        (lambda found: found["decisions"].update(other={}), "'other' is not known here"),
        (lambda found: found["decisions"]["joy"].update(slope=-1.0), "decisions.joy.slope is -1.0 instead of"),
        (lambda found: found["decisions"]["joy"].update(offset=float("nan")), "decisions.joy.offset is nan"),
        (lambda found: found["decisions"]["joy"].update(threshold=True), "decisions.joy.threshold is True"),
        (lambda found: found["decisions"].update(joy=[1, 0, 0.5]), "decisions.joy is .* instead of an object"),
        (lambda found: found["thresholds"].update({"0.9": {"love": 0.5}}), "thresholds.0.9 is 'love' instead of"),
        (lambda found: found.update(temperature=1.0), "'temperature' is not known here"),
    ],
)
def test_a_file_that_says_something_else_is_refused(change, message):
    found = fit_decisions(*_drawn(100), NAMES).to_dict()
    change(found)
    with pytest.raises(InputError, match=message):
        check_decisions(found, NAMES, Path("calibration.json"))
