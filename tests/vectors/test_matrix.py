"""A vocabulary's rows hold its words' vectors, the seeds' matrix is met, and a mean can weigh words by rarity."""

import numpy as np
import pytest
from small_vectors import LINES, vocabulary

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.models.classifiers import MeanClassifier
from sentiment.trax_runtime import shapes
from sentiment.vectors import load_vectors


def test_a_row_holds_its_words_vector_and_everything_without_one_is_zeros(glove):
    matrix = load_vectors(glove(*LINES)).matrix_for(vocabulary("good", "unheard", "the"))
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    np.testing.assert_array_equal(
        matrix, np.array([[0] * 3, [0] * 3, [0] * 3, [0.5, -0.001, 9], [0] * 3, [1, -2, 0.5]], np.float32)
    )


def test_a_word_is_looked_up_exactly_then_in_lower_case(glove):
    vectors = load_vectors(glove(*LINES))
    matrix = vectors.matrix_for(vocabulary("Paris", "paris", "PARIS", "THE", "Good"))
    assert matrix[3:, 0].tolist() == [3, 6, 6, 1, 0.5]
    # "The" must not take what stands only under "Paris" (no upper-casing), and row numbers don't depend on fallbacks.
    matrix = load_vectors(glove("Paris 1 2", "x 3 4")).matrix_for(vocabulary("paris", "X", "x"))
    np.testing.assert_array_equal(matrix[3:], np.array([[0, 0], [3, 4], [3, 4]], np.float32))


def test_special_entries_stay_zeros_even_if_the_file_has_words_of_their_names(glove):
    lines = [f"{token} 1 1" for token in Vocabulary.SPECIAL]
    matrix = load_vectors(glove(*lines, "a 2 2")).matrix_for(vocabulary("a"))
    assert matrix.tolist() == [[0, 0]] * 3 + [[2, 2]]


def test_of_a_repeated_word_the_first_vector_counts(glove):
    matrix = load_vectors(glove("a 1 2", "b 3 4", "a 5 6")).matrix_for(vocabulary("a", "b"))
    assert matrix[3:].tolist() == [[1, 2], [3, 4]]


def test_a_vocabulary_without_words_has_a_matrix_of_zeros(glove):
    np.testing.assert_array_equal(load_vectors(glove(*LINES)).matrix_for(vocabulary()), np.zeros((3, 3)))


def test_the_vectors_own_words_become_a_vocabulary_in_their_order(glove):
    vectors = load_vectors(glove(*LINES, "the 0 0 0"))
    assert vectors.vocabulary().tokens == (*Vocabulary.SPECIAL, "the", "Paris", "paris", "good")
    assert vectors.vocabulary(max_size=5).tokens == (*Vocabulary.SPECIAL, "the", "Paris")
    matrix = vectors.matrix_for(vectors.vocabulary())
    assert matrix[3:].tolist() == [[1, -2, 0.5], [3, 4, 5], [6, 7, 8], np.array([0.5, -1e-3, 9], np.float32).tolist()]


def test_rarity_follows_zipfs_law_over_the_places_of_the_vectors(glove):
    vectors = load_vectors(glove("the 1", "a 1", "the 9", "paris 1"))
    rarity = vectors.rarity_of(vocabulary("a", "Paris", "the", "unheard"), smoothing=0.5)
    shares = 1 / np.array([2, 3, 1, 3]) / (1 + 1 / 2 + 1 / 3)
    assert rarity.dtype == np.float32
    np.testing.assert_allclose(rarity[3:], 0.5 / (0.5 + shares), rtol=1e-6)
    with pytest.raises(InputError, match="above 0"):
        vectors.rarity_of(vocabulary("a"), smoothing=0.0)


def test_a_mean_of_rare_and_frequent_words_leans_to_the_rare(glove):
    path = str(glove("the 1 0", "a 0 1", "paris 0 1"))
    words = vocabulary("the", "paris")
    ids = np.array([[3, 4, 0]], np.int32)
    for smoothing, leans in ((None, False), (0.1, True)):
        settings = MeanClassifier(d_embedding=2, vectors=path, trainable=False, smoothing=smoothing)
        model = settings.layers(words, 2)
        model.init(shapes.signature(ids))
        mean = model.sublayers[0](ids)[0]
        assert (mean[1] > 1.5 * mean[0]) == leans
    with pytest.raises(InputError, match="set vectors"):
        MeanClassifier(smoothing=0.1)


def test_the_seeds_matrix_numbers_words_from_1_by_code_point(glove):
    word_to_index, matrix = load_vectors(glove(*LINES, "the 0 0 0")).pretrained_matrix()
    assert word_to_index == {"Paris": 1, "good": 2, "paris": 3, "the": 4}
    assert matrix.dtype == np.float32
    assert matrix[:, 0].tolist() == [0, 3, 0.5, 6, 1]
