"""The lexicon's ratings become vectors; stretched words have those of plain ones."""

import numpy as np
import pytest

from sentiment.vectors import WordVectors, load_vectors, vader_lexicon
from sentiment.vocabulary import Vocabulary


@pytest.fixture
def lexicon():
    """A lexicon of four entries."""
    ratings = {"good": 1.9, "awful": -2.0, ":)": 2.0, "sooo": 0.4}
    return WordVectors("vader_lexicon", vader_lexicon.LICENCE, vader_lexicon.ValenceLexicon(ratings))


def test_a_vector_holds_the_rating_and_its_two_sides(lexicon):
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, "good", "Awful", ":)", "table"))
    matrix, coverage = lexicon.matrix_for(vocabulary)
    np.testing.assert_allclose(matrix[3:], [[0.95, 0.95, 0], [-1, 0, 1], [1, 1, 0], [0, 0, 0]])
    assert not matrix[:3].any()
    assert (coverage.found, coverage.respelled) == (3, 1)


@pytest.mark.parametrize(
    ("word", "rating"), [("goood", 1.9), ("gooooood", 1.9), ("awwwful", -2.0), ("sooo", 0.4), ("mmm", 0)]
)
def test_a_stretched_word_is_rated_as_the_plain_one_unless_it_has_a_rating(lexicon, word, rating):
    matrix, _ = lexicon.matrix_for(Vocabulary((*Vocabulary.SPECIAL, word)))
    assert matrix[3, 0] == pytest.approx(rating / 2)


def test_its_words_can_be_a_vocabulary(lexicon):
    assert lexicon.vocabulary().tokens == (*Vocabulary.SPECIAL, "good", "awful", ":)", "sooo")


def test_the_lexicon_comes_with_the_package():
    vectors = load_vectors("vader_lexicon", 3)
    matrix, _ = vectors.matrix_for(Vocabulary((*Vocabulary.SPECIAL, "good", "catastrophic", ":)", "table")))
    np.testing.assert_allclose(matrix[3:, 0], [0.95, -1.1, 1, 0])
    assert len(vectors.vocabulary()) > 7500
