"""Tokens in arrays are the same lists of tokens, and give the same vocabulary and examples."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment.batching.batches import Examples
from sentiment.encoding.vocabulary import Vocabulary
from sentiment.text.tokenised import Tokenised

LISTS = st.lists(st.lists(st.sampled_from(["so", "good", "bad", ":)", "__UNK__", "é"]), max_size=5), max_size=12)


@given(LISTS)
def test_it_is_a_sequence_of_the_lists(lists):
    tokenised = Tokenised.of(lists)
    assert (list(tokenised), len(tokenised)) == (lists, len(lists))
    assert [tokenised[place] for place in range(len(lists))] == lists
    assert tokenised[1:3] == lists[1:3]
    assert [tokenised[-1 - place] for place in range(len(lists))] == lists[::-1]


@given(LISTS, LISTS)
def test_parts_are_joined_to_what_all_of_them_give(first, second):
    joined, whole = Tokenised.joined([Tokenised.of(first), Tokenised.of(second)]), Tokenised.of([*first, *second])
    assert joined.tokens == whole.tokens
    np.testing.assert_array_equal(joined.places, whole.places)
    np.testing.assert_array_equal(joined.starts, whole.starts)


@given(LISTS, st.data())
def test_some_rows_are_what_their_lists_give(lists, data):
    rows = sorted(data.draw(st.sets(st.integers(0, len(lists) - 1)))) if lists else []
    some, wanted = Tokenised.of(lists).of_rows(np.array(rows, np.int64)), Tokenised.of([lists[row] for row in rows])
    assert list(some) == list(wanted)
    assert some.tokens == wanted.tokens
    assert np.array_equal(some.places, wanted.places)
    assert some.places.dtype == wanted.places.dtype


@given(LISTS, st.sampled_from(["first_seen", "count"]), st.integers(1, 3), st.sampled_from([None, 4, 20]))
def test_vocabulary_and_examples_are_those_of_the_lists(lists, order, min_count, max_size):
    tokenised = Tokenised.of(lists)
    vocabulary = Vocabulary.build(lists, order, min_count, max_size)
    assert Vocabulary.build(tokenised, order, min_count, max_size) == vocabulary
    labels = np.zeros(len(lists), np.int32)
    ours, theirs = Examples.encode(tokenised, labels, vocabulary), Examples.encode(lists, labels, vocabulary)
    np.testing.assert_array_equal(ours.ids, theirs.ids)
    np.testing.assert_array_equal(ours.starts, theirs.starts)
    assert (ours.ids.dtype, ours.starts.dtype) == (theirs.ids.dtype, theirs.starts.dtype)
