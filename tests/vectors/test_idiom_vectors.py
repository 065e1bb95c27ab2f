"""A rated idiom has the vector of words that are rated as it is, and everything else its own."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors.idiom_vectors import with_idioms

WORDS = {"good": 1.5, "nice": 1.4, "table": 0.0, "bad": -1.5, "awful": -1.6}
IDIOMS = {"no complaints": 1.5, "a joke": -1.5, "looks like": 0.0}
SIZES = st.floats(0.1, 10)


def _made(words, lengths):
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, *words))
    ratings = np.zeros((len(vocabulary), 3), np.float32)
    ratings[3:, 0] = list(words.values())
    known = np.zeros((len(vocabulary), 2), np.float32)
    known[3:, 0], known[3:, 1] = np.sign(ratings[3:, 0]) * lengths, lengths
    return known, ratings, vocabulary


@given(st.lists(SIZES, min_size=len(WORDS), max_size=len(WORDS)), st.lists(SIZES, min_size=3, max_size=3))
def test_a_rated_idiom_lies_among_words_that_are_rated_as_it_is_and_is_as_long(lengths, misleading):
    known, ratings, vocabulary = _made(WORDS | IDIOMS, [*lengths, *misleading])
    known[-3:, 0] *= -1  # its words say the opposite
    found = with_idioms(known, ratings, vocabulary)
    good, bad = found[-3], found[-2]
    assert good[0] > 0 > bad[0]
    rated = [0, 1, 3, 4]  # of WORDS
    length = np.linalg.norm(known[3:8][rated], axis=1).mean()
    np.testing.assert_allclose(np.linalg.norm([good, bad], axis=1), length, rtol=1e-5)
    np.testing.assert_array_equal(np.delete(found, [8, 9], axis=0), np.delete(known, [8, 9], axis=0))


def test_without_idioms_or_without_rated_words_vectors_stay():
    for words in (WORDS, IDIOMS, {}):
        known, ratings, vocabulary = _made(words, np.ones(len(words)))
        assert with_idioms(known, ratings, vocabulary) is known


@given(st.floats(-2, 2, width=32), st.floats(-2, 2, width=32))
def test_it_is_finite_however_far_all_rated_words_are_even_if_they_cancel(rating, other):
    words = {"first": other, "second": other, "an idiom": rating}
    known, ratings, vocabulary = _made(words, np.ones(3))
    known[3], known[4] = (1, 1), (-1, -1)
    found = with_idioms(known, ratings, vocabulary)
    assert np.isfinite(found).all()
    if rating and other:
        np.testing.assert_array_equal(found[5], 0)
