"""A bag's scores: those of its ids, weighted as TF-IDF weighs them."""

import itertools

import numpy as np
from sklearn.feature_extraction.text import TfidfTransformer

from sentiment.layers import BagScores
from sentiment.trax_runtime import shapes

IDS = np.array([3, 4, 5, 3, 6, 7, 3], np.int32)
STARTS = np.array([0, 3, 5, 7])  # three texts
N_IDS = 9


def _layer() -> BagScores:
    layer = BagScores(N_IDS, 2)
    layer.weigh(IDS, STARTS)
    layer.init(shapes.ShapeDtype((1, 1), np.int32))
    return layer


def test_an_id_weighs_its_inverse_document_frequency():
    counts = np.zeros((3, N_IDS))
    for row, (start, end) in enumerate(itertools.pairwise(STARTS)):
        counts[row, IDS[start:end]] = 1
    np.testing.assert_allclose(_layer().state, TfidfTransformer().fit(counts).idf_, rtol=1e-6)


def test_all_scores_begin_at_zero_and_add_up_by_weight_whatever_the_padding():
    layer = _layer()
    assert not np.asarray(layer(np.array([[3, 4, 0]], np.int32))).any()
    scores = np.random.default_rng(0).normal(size=(N_IDS, 2)).astype(np.float32)
    layer.weights = (scores, np.array([1.0, -1.0], np.float32))
    ids, weights = [3, 8, 4], np.asarray(layer.state)
    expected = layer.PACE * (weights[ids] @ scores[ids]) / np.linalg.norm(weights[ids]) + [1, -1]
    padded = np.array([[*ids, 0, 0], [0] * 5], np.int32)
    np.testing.assert_allclose(layer(padded), [expected, [1, -1]], rtol=1e-5)
    by_id = layer.by_id()[ids].sum(axis=0)
    np.testing.assert_allclose(by_id[:2] / np.sqrt(by_id[2]) + [1, -1], expected, rtol=1e-5)
    assert not layer.by_id()[0].any(), "padding adds nothing"
