"""What is rated and negated is its opposite; nothing else of a negation's reach changes its sign but scores."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.errors import InputError
from sentiment.layers import Opposites
from sentiment.layers.reach import ahead, in_reach, in_reach_of_any
from sentiment.trax_runtime import fastmath, shapes

FLAG = 4  # of vectors of a word's own value, rating, its two sides, and whether it is a negation
PLAIN, GOOD, BAD, NOT = [1, 0, 0, 0, 0], [2, 1, 1, 0, 0], [3, -1, 0, 1, 0], [4, -0.5, 0, 0.5, 1]
COMMA = [5, 0, 0, 0, -1]
IN_REACH = 5
FLAGS = st.lists(st.sampled_from([0, 0, 1, -1]), min_size=1, max_size=12)


def _read(*tokens, n_scores=3, **options):
    inputs = (np.array([tokens], np.float32), np.ones((1, len(tokens)), bool))
    layer = Opposites(FLAG, valence=1, n_scores=n_scores, **options)
    layer.init(shapes.signature(inputs), rng=fastmath.random.get_prng(0))
    return np.asarray(layer(inputs)[0])[0]


def test_a_negated_bad_word_is_a_good_one_without_a_vector_and_its_negation_is_spent():
    found = _read(NOT, PLAIN, BAD)
    np.testing.assert_array_equal(found[2, : IN_REACH + 1], [0, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(found[2, IN_REACH + 1 :], -_read(BAD)[0, IN_REACH + 1 :])
    np.testing.assert_array_equal(found[0], np.zeros(9))
    np.testing.assert_array_equal(found[1, : IN_REACH + 1], [*PLAIN, 1])


def test_a_negation_of_nothing_rated_stays_without_its_rating():
    found = _read(NOT, PLAIN, COMMA, BAD)
    np.testing.assert_array_equal(found[:, : IN_REACH + 1], [[4, 0, 0, 0, 1, 0], [*PLAIN, 1], [*COMMA, 0], [*BAD, 0]])


def test_without_a_negation_all_stays():
    tokens = PLAIN, GOOD, COMMA, BAD
    np.testing.assert_array_equal(_read(*tokens)[:, :IN_REACH], tokens)


def test_padding_is_zero_and_changes_nothing():
    inputs = (np.array([[NOT, BAD, NOT, BAD]], np.float32), np.array([[True, True, False, False]]))
    layer = Opposites(FLAG, valence=1, n_scores=2)
    layer.init(shapes.signature(inputs), rng=fastmath.random.get_prng(0))
    found = np.asarray(layer(inputs)[0])[0]
    np.testing.assert_array_equal(found[:2], _read(NOT, BAD, n_scores=2))
    assert not found[2:, :IN_REACH].any()


@given(FLAGS, st.integers(1, 5), st.data())
def test_reach_and_what_is_ahead_are_those_of_a_loop_over_tokens(flags, reach, data):
    marks = data.draw(st.lists(st.sampled_from([0, 1]), min_size=len(flags), max_size=len(flags)))
    reached, any_reached, seen = [], [], []
    for place, flag in enumerate(flags):
        before, after = flags[max(0, place - reach) : place], list(range(place + 1, min(len(flags), place + reach + 1)))
        clause = before[len(before) - before[::-1].index(-1) :] if -1 in before else before
        reached.append(int(flag != -1 and 1 in clause))
        any_reached.append(int(1 in before))
        ends = next((other for other in after if flags[other] == -1), len(flags))
        seen.append(int(any(marks[other] for other in after if other < ends)))
    row = lambda values: np.array([values], np.float32)  # noqa: E731
    np.testing.assert_array_equal(in_reach(row(flags), reach), row(reached))
    np.testing.assert_array_equal(ahead(row(marks), row(flags), reach), row(seen))
    positive = [max(flag, 0) for flag in flags]
    np.testing.assert_array_equal(in_reach_of_any(row(positive), reach), row(any_reached))


@pytest.mark.parametrize("options", [{"n_scores": 0}, {"reach": 0}])
def test_impossible_settings_are_refused(options):
    with pytest.raises(InputError, match="must be 1 or more"):
        Opposites(4, 1, **options)
