"""What tells texts with nothing to judge: facts about each text alone, and a score whose limit is one half."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.encoding.ragged import Ragged
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.execution.worker_processes import available_cores
from sentiment.prediction.calibration import Calibration
from sentiment.prediction.out_of_domain import N_FACTS, N_MARGINS, OutOfDomain, WordEvidence, facts_of

SIZE = 50
TABLE = np.log(np.random.default_rng(0).dirichlet([0.5, 0.5], SIZE)).astype(np.float32)


def answers(texts: Ragged) -> np.ndarray:
    """Returns the sum of made log-probabilities of the tokens, <float32>[n_texts, 2]."""
    starts = np.cumsum(texts.lengths) - texts.lengths
    parts = zip(starts, texts.lengths, strict=True)
    return np.array([TABLE[texts.ids[start : start + n]].sum(axis=0) for start, n in parts]).reshape(-1, 2)


def facts(lists: list[list[int]]) -> np.ndarray:
    """Returns the facts of texts given as ids."""
    texts = Ragged.of([np.array(ids, np.int32) for ids in lists])
    return facts_of(texts, Calibration().probabilities(answers(texts)), WordEvidence(answers, SIZE))


LISTS = st.lists(st.lists(st.integers(1, SIZE - 1), max_size=9), min_size=1, max_size=8)


@given(LISTS)
def test_facts_are_finite_and_of_each_text_alone(lists):
    together = facts(lists)
    assert together.shape == (len(lists), N_FACTS)
    assert np.isfinite(together).all()
    np.testing.assert_allclose(together, np.concatenate([facts([ids]) for ids in lists]), rtol=1e-6)


def test_what_the_facts_are():
    (found,) = facts([[7, Vocabulary.UNKNOWN, 7]])
    odds = TABLE[:, 0] - TABLE[:, 1]
    single = min(8, abs(odds[7] - odds[Vocabulary.UNKNOWN]))
    assert found[2] == pytest.approx((2 * np.log1p(7) / np.log1p(SIZE) + 1) / 3)
    assert found[3] == 1
    assert found[4] == pytest.approx(1 / 3)
    assert found[5] == 1 / 4
    assert found[6:] == pytest.approx(
        [single, np.sqrt(single), single * 2 / 3, single * 2 / np.sqrt(3), 2 * (single > 1.5)], rel=1e-5
    )


def test_without_words_the_facts_are_the_margins():
    texts = Ragged.of([np.array(ids, np.int32) for ids in ([3, 4], [5])])
    margins = facts_of(texts, Calibration().probabilities(answers(texts)), None)
    np.testing.assert_array_equal(margins, facts([[3, 4], [5]])[:, :N_MARGINS])


def test_vectors_have_the_weights_after_the_facts():
    known = OutOfDomain(0.0, (*[0] * (N_FACTS - 1), 1, 2, 3))
    facts_and_vectors = np.eye(N_FACTS)[[-1, 0, 0]], np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    np.testing.assert_allclose(known.scores(*facts_and_vectors), 1 / (1 + np.exp([-1.0, -2.0, -3.0])))


def test_a_tokens_evidence_is_asked_for_once():
    asked = []

    def counted(texts: Ragged) -> np.ndarray:
        asked.extend(texts.ids.tolist())
        return answers(texts)

    evidence = WordEvidence(counted, SIZE)
    for ids in ([4, 5, 4], [5, 6], []):
        evidence[np.array(ids, np.int32)]
    assert sorted(token for token in asked if token != Vocabulary.UNKNOWN) == [4, 5, 6]


def test_scores_grow_with_what_has_weight_and_stay_between_0_and_1():
    known = OutOfDomain(offset=-1.0, weights=(0, 1e3, *[0] * (N_FACTS - 2)))
    low, high = known.scores(np.array([[0.0] * N_FACTS, [1.0] * N_FACTS]), np.empty((2, 0), np.float32))
    assert 0 < low < 0.5 < high <= 1


def test_a_calibration_is_read_as_it_was_written():
    known = Calibration(2.0, {}, (), OutOfDomain(0.5, tuple(range(N_FACTS))))
    written = known.to_dict()
    assert written["out_of_domain"] == {"offset": 0.5, "weights": tuple(range(N_FACTS))}
    assert "out_of_domain" not in Calibration().to_dict()


@pytest.mark.skipif(available_cores() == 1, reason="there is no other core")
def test_scores_keep_other_cores_free():
    known, facts, vectors = OutOfDomain(0.5, np.ones(200)), np.ones((4000, 10)), np.ones((4000, 190), np.float32)
    time.sleep(0.2)  # threads of what came before wait for more, running in circles
    whole, own = time.process_time(), time.thread_time()
    for _ in range(100):
        known.scores(facts, vectors)
    own = time.thread_time() - own
    assert time.process_time() - whole < 1.3 * own
