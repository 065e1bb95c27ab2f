"""Accuracy by length and by unknown tokens, precision and recall by threshold."""

import numpy as np
import pytest
from sklearn.metrics import precision_score, recall_score

from sentiment.evaluation import Evaluation
from sentiment.evaluation.slices import THRESHOLDS, by_length, by_threshold, by_unknown


def test_every_text_is_in_one_group_of_lengths():
    n_tokens = np.array([0, 1, 1, 2, 3, 5, 8, 13, 21, 21])
    right = n_tokens < 8
    groups = by_length(right, n_tokens)
    assert sum(group["n_texts"] for group in groups) == 10
    assert [group["from"] for group in groups] == [0, *(group["to"] + 1 for group in groups[:-1])]
    assert groups[-1]["to"] == 21
    assert groups[0]["accuracy"]["value"] == 1
    assert groups[0]["n_texts"] == 3
    assert groups[0]["accuracy"]["interval"] == pytest.approx([3 / (3 + 1.96**2), 1.0], abs=1e-4)  # Wilson's of 3 of 3
    assert groups[-1]["accuracy"]["value"] == 0


def test_texts_that_are_all_alike_are_one_group():
    (group,) = by_length(np.array([True, False]), np.array([4, 4]))
    assert (group["from"], group["to"], group["n_texts"], group["accuracy"]["value"]) == (4, 4, 2, 0.5)


def test_a_text_without_tokens_is_wholly_unknown():
    groups = by_unknown(np.array([True, True, False]), np.array([5, 10, 0]), np.array([0, 2, 0]))
    assert [(group["from"], group["to"], group["n_texts"]) for group in groups] == [
        (0, 0, 1),
        (0.1, 0.25, 1),
        (0.5, 1, 1),
    ]
    assert groups[-1]["accuracy"]["value"] == 0


@pytest.mark.parametrize("place", [0, 20, 35])
def test_precision_and_recall_at_a_threshold_are_scikit_learns(place):
    rng = np.random.default_rng(1)
    targets, positive = rng.integers(2, size=200), rng.random(200)
    probabilities = np.stack([1 - positive, positive], axis=1)
    found = by_threshold(Evaluation("made", "test", ("no", "yes"), np.arange(200), targets, probabilities))["yes"]
    answered = positive >= THRESHOLDS[place]
    assert found["precision"][place] == pytest.approx(precision_score(targets, answered))
    assert found["recall"][place] == pytest.approx(recall_score(targets, answered))
    assert found["precision"][-1] is None
