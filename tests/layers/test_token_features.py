"""What is known of a token stands beside what is learned; a negation turns round what follows, and nothing else."""

import jax
import numpy as np
import pytest

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers import KnownAndLearned, Negation, WordDropout
from sentiment.trax_runtime import fastmath, shapes

KEY = fastmath.random.get_prng(0)
IDS = np.array([[3, 5, 4, 0], [7, 0, 0, 0]], np.int32)
FLAG = 4  # of vectors of a word's own value, valence, its two parts, and whether it is a negation
PLAIN, GOOD, BAD, NOT = [1, 0, 0, 0, 0], [2, 1, 1, 0, 0], [3, -2, 0, 2, 0], [4, 0, 0, 0, 1]
COMMA = [5, 0, 0, 0, -1]


def _initialised(layer, inputs):
    layer.init(shapes.signature(inputs), rng=KEY)
    return layer


def _negated(*tokens, n_scores=1, **options):
    inputs = (np.array([tokens], np.float32), np.ones((1, len(tokens)), bool))
    layer = _initialised(Negation(FLAG, valence=1, n_scores=n_scores, **options), inputs)
    return np.asarray(layer(inputs)[0])[0]


def test_word_dropout_makes_its_share_of_tokens_unknown_in_training_alone():
    ids = np.tile(np.array([[3, 4, 5, 0]], np.int32), (1000, 1))
    dropped = np.asarray(_initialised(WordDropout(0.25), ids)(ids, rng=KEY))
    assert np.mean(dropped[:, :3] == Vocabulary.UNKNOWN) == pytest.approx(0.25, abs=0.03)
    assert not dropped[:, 3].any(), "padding stays"
    np.testing.assert_array_equal(_initialised(WordDropout(0.25, mode="eval"), ids)(ids, rng=KEY), ids)


def test_ids_that_are_not_learned_share_the_unknown_tokens_vector_and_keep_their_own_features():
    known = np.arange(16, dtype=np.float32).reshape(8, 2)
    layer = _initialised(KnownAndLearned(known, n_learned=5, d_learned=3), IDS)
    assert layer.weights.shape == (5, 3)
    layer.weights = np.arange(15, dtype=np.float32).reshape(5, 3)
    vectors, mask = map(np.asarray, layer(IDS))
    np.testing.assert_array_equal(mask, IDS != 0)
    np.testing.assert_array_equal(vectors[0, 0], [6, 7, 9, 10, 11])
    np.testing.assert_array_equal(vectors[0, 1], [10, 11, 6, 7, 8])
    np.testing.assert_array_equal(vectors[1, 0], [14, 15, 6, 7, 8])


def test_what_is_known_is_not_trained():
    layer = _initialised(KnownAndLearned(np.ones((8, 2)), 5, 3), IDS)
    gradient = jax.grad(lambda w: layer.pure_fn(IDS, w, layer.state, KEY)[0][0].sum())(layer.weights)
    assert gradient.shape == (5, 3)
    assert np.asarray(gradient[3]).all()
    assert layer.state.dtype == np.float16


def test_a_negation_turns_valences_round_as_far_as_it_reaches():
    vectors = _negated(GOOD, NOT, GOOD, BAD, PLAIN, PLAIN, GOOD)
    np.testing.assert_allclose(
        vectors[:, 1:4],
        [[1, 1, 0], [0, 0, 0], [-0.74, 0, 0.74], [1.48, 1.48, 0], [0, 0, 0], [0, 0, 0], [1, 1, 0]],
        atol=1e-6,
    )
    np.testing.assert_array_equal(vectors[:, 5], [0, 0, 1, 1, 1, 1, 0])
    np.testing.assert_array_equal(vectors[:, 0], [2, 4, 2, 3, 1, 1, 2])


def test_a_negation_ends_with_its_clause_where_clauses_have_ends():
    def in_reach(*tokens):
        return _negated(*tokens, clauses=True)[:, 5].tolist()

    assert in_reach(GOOD, NOT, GOOD, COMMA, GOOD, PLAIN) == [0, 0, 1, 0, 0, 0]
    assert in_reach(NOT, COMMA, NOT, BAD, PLAIN, PLAIN, PLAIN, GOOD) == [0, 0, 0, 1, 1, 1, 1, 0]
    assert in_reach(COMMA, NOT, PLAIN, NOT, COMMA, COMMA, GOOD) == [0, 0, 1, 1, 0, 0, 0]
    assert in_reach(NOT, GOOD, BAD) == [0, 1, 1]


def test_learned_scores_change_their_sign_in_reach_of_a_negation():
    without, with_it = _negated(PLAIN, PLAIN, n_scores=3), _negated(NOT, PLAIN, n_scores=3)
    assert without.shape == (2, 9)
    assert (with_it[1, 6:] * without[1, 6:] <= 0).sum() >= 2  # that it is in reach is itself a part of the score
    np.testing.assert_array_equal(_negated(NOT, PLAIN, reach=1)[:, 5], [0, 1])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: WordDropout(1.0), "rate 1.0: must be 0 or more"),
        (lambda: KnownAndLearned(np.ones((8, 2)), 2, 3), "n_learned 2 must be 3 or more"),
        (lambda: KnownAndLearned(np.ones((8, 2)), 4, 0), "d_learned 0 1 or more"),
        (lambda: Negation(0, n_scores=0), "n_scores 0"),
        (lambda: Negation(0, reach=0), "reach 0"),
    ],
)
def test_impossible_settings_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
