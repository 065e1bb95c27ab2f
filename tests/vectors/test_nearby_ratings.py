"""A word that the lexicon lacks is rated as the words whose vectors are near its own."""

import numpy as np
import pytest

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.vectors import WordVectors, load_vectors, nearby_ratings
from sentiment.vectors.nearby_ratings import with_guesses
from sentiment.vectors.valence import ValenceLexicon

RATINGS = {"good": 2.0, "fine": 1.6, "nice": 1.8, "bad": -2.0, "poor": -1.8, "ugly": -1.6, "unseen": 3.0}
NEAR = {"good": (5, 1), "fine": (5, 2), "nice": (5, 0), "bad": (-5, 1), "poor": (-5, 2), "ugly": (-5, 0)}
OTHERS = {"lovely": (5, 1), "table": (0, 5), "ghastly": (-5, 1)}


@pytest.fixture
def lexicon():
    """A lexicon whose last word has no vector."""
    return WordVectors("mine", "none", ValenceLexicon(RATINGS))


@pytest.fixture
def vectors(tmp_path):
    """Vectors in which good words lie to one side, bad ones to the other and things between."""
    path = tmp_path / "vectors.txt"
    path.write_text("".join(f"{word} {x} {y}\n" for word, (x, y) in (NEAR | OTHERS).items()))
    return load_vectors(path)


def _rated(lexicon, vectors, *words):
    vocabulary = Vocabulary((*Vocabulary.SPECIAL, *words))
    known = vectors.matrix_for(vocabulary)
    return with_guesses(lexicon.matrix_for(vocabulary), known, lexicon, vectors)


def test_a_word_without_a_rating_has_that_of_its_neighbours(tmp_path, lexicon):
    path = tmp_path / "vectors.txt"  # whose other words, with a dot, don't count as neutral
    path.write_text("".join(f"{word} {x} {y}\n" for word, (x, y) in NEAR.items()) + "super. 5 1\nlousy. -5 1\n")
    matrix = _rated(lexicon, load_vectors(path), "super.", "lousy.")
    assert matrix[3, 0] > 0.2 > -0.2 > matrix[4, 0]


def test_a_guess_has_both_its_sides_and_known_ratings_stay(lexicon, vectors):
    matrix = _rated(lexicon, vectors, "good", "lovely", "bad", "nowhere")
    np.testing.assert_allclose(matrix[3], [1, 1, 0])
    np.testing.assert_allclose(matrix[5], [-1, 0, 1])
    np.testing.assert_array_equal(matrix[4], [matrix[4, 0], max(matrix[4, 0], 0), max(-matrix[4, 0], 0)])
    assert not matrix[6].any(), "a word without a vector stays unrated"
    assert not matrix[:3].any(), "so do the special entries"


def test_words_rated_neutral_count_too(tmp_path):
    path = tmp_path / "vectors.txt"
    path.write_text("good 5 1\nbad -5 1\ntable 3 3\nchair 3 3.1\nlamp 3 3.05\n")
    rated = {"good": 2.0, "bad": -2.0}
    for neutral in ({}, {"table": 0.0, "chair": 0.0}):
        lexicon = WordVectors("mine", "none", ValenceLexicon(rated | neutral))
        guess = _rated(lexicon, load_vectors(path), "lamp")[3, 0]
        assert (abs(guess) < 0.1) == bool(neutral)


def test_only_so_many_of_the_most_frequent_rated_words_are_learned_from(lexicon, vectors, monkeypatch):
    assert _rated(lexicon, vectors, "ghastly")[3, 0] < -0.2
    monkeypatch.setattr(nearby_ratings, "_N_EXAMPLES", 3)  # the good ones, which stand first
    assert _rated(lexicon, vectors, "ghastly")[3, 0] > -0.01


def test_vectors_of_none_of_the_lexicons_words_guess_nothing(tmp_path, lexicon):
    path = tmp_path / "vectors.txt"
    path.write_text("1 1 2\n2 2 1\n")
    assert not _rated(lexicon, load_vectors(path), "1", "2").any()
