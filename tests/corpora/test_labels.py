"""Labels of files become classes: mapped, folded, merged, ordered, and each change is said."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.labels import NO_CLASS, OTHER, make_classes, order_labels
from sentiment.corpora.options import CorpusOptions
from sentiment.errors import InputError


def _classes(labels, given_names=None, **options):
    return make_classes("my.csv", labels, given_names, CorpusOptions(**options))


def test_labels_without_a_peculiarity_are_classes_without_a_word():
    found = _classes(["positive", "negative", "positive"])
    assert found.names == ("negative", "positive")
    assert found.of_row.tolist() == [1, 0, 1]
    assert found.notes == ()


def test_case_and_space_are_folded_to_the_most_frequent_spelling_and_said():
    found = _classes(["Negative", "negative", "negative", "NEGATIVE", "so  so", "So so"])
    assert found.names == ("negative", "so  so")
    assert found.of_row.tolist() == [0, 0, 0, 0, 1, 1]
    assert found.notes == (
        "label 'negative' is also spelt 'NEGATIVE' (1 rows), 'Negative' (1 rows): taken for one class",
        "label 'so  so' is also spelt 'So so' (1 rows): taken for one class",
    )


def test_labels_are_renamed_and_left_out_as_the_map_says():
    found = _classes(["0", "4", "2", "4"], label_map={"0": "negative", "4": "positive", "2": ""})
    assert found.names == ("negative", "positive")
    assert found.of_row.tolist() == [0, 1, NO_CLASS, 1]
    assert "label 2 left out: 1 rows" in found.notes
    assert "label 4 taken for positive" in found.notes


def test_two_labels_may_be_mapped_to_one():
    found = _classes(["1", "2", "5"], label_map={"1": "bad", "2": "bad", "5": "good"})
    assert found.of_row.tolist() == [0, 0, 1]


def test_a_map_of_a_label_that_is_not_there_is_refused_with_those_there_are():
    with pytest.raises(InputError, match=r"--map 3: my\.csv has no such label; it has 1, 2$"):
        _classes(["1", "2"], label_map={"3": "x"})


def test_rare_classes_are_left_out_or_merged_on_request():
    labels = ["a"] * 5 + ["b"] * 5 + ["c", "d", "d"]
    dropped = _classes(labels, min_per_class=3)
    assert dropped.names == ("a", "b")
    assert (dropped.of_row == NO_CLASS).sum() == 3
    assert dropped.notes == ("2 labels with fewer than 3 rows left out: 3 rows, c, d",)
    merged = _classes(labels, min_per_class=3, rare="merge")
    assert merged.names == ("a", "b", OTHER)
    assert (merged.of_row == 2).sum() == 3


def test_nothing_left_is_refused():
    with pytest.raises(InputError, match="no row is left"):
        _classes(["a", "b"], min_per_class=3)


@given(st.lists(st.sampled_from(["Good", "good", "GOOD ", "bad", "Bad", "meh"]), min_size=1, max_size=30))
def test_folding_loses_no_row_and_keeps_equal_labels_together(labels):
    found = _classes(labels)
    assert Counter(found.names[place].strip().casefold() for place in found.of_row) == Counter(
        label.strip().casefold() for label in labels
    )
    assert set(found.names) <= set(labels)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({"0", "1"}, ("0", "1")),
        ({"-1", "10", "2"}, ("-1", "2", "10")),
        ({"5 stars", "1 star", "10 stars", "2 stars"}, ("1 star", "2 stars", "5 stars", "10 stars")),
        ({"0.5", "1.0"}, ("0.5", "1.0")),
        ({"pos", "neg"}, ("neg", "pos")),
        ({"Positive", "Negative", "Neutral"}, ("Negative", "Neutral", "Positive")),
        ({"joy", "anger", "positive"}, ("anger", "joy", "positive")),
        ({"😂", "😭"}, ("😂", "😭")),
    ],
)
def test_labels_come_in_a_sensible_order(labels, expected):
    assert order_labels(labels) == expected


def test_the_order_that_the_data_gives_comes_first():
    assert order_labels({"joy", "anger"}, ("sadness", "joy", "anger")) == ("joy", "anger")
    assert _classes(["b", "a"], given_names=("b", "a")).names == ("b", "a")
    assert _classes(["b", "a"], given_names=("b", "c")).names == ("a", "b"), "names of other labels are no order"
