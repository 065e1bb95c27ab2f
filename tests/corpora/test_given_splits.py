"""Splits that the authors made stay as they are; a missing one is cut; near-duplicates across them are counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.given_splits import keep_splits, rows_by_split
from sentiment.corpora.near_duplicates import normalise
from sentiment.corpora.options import CorpusOptions
from sentiment.corpora.splits import split_rows
from sentiment.errors import InputError

SHARES = CorpusOptions().portions()


def _texts(n: int) -> list[str]:
    return [f"text number {chr(97 + row % 26)}{row}" for row in range(n)]


def test_given_splits_are_kept_as_they_are():
    given_names = ["train"] * 6 + ["test"] * 2 + ["validation"] * 2
    splits, notes = keep_splits(_texts(10), np.arange(10) % 2, given_names, 0, SHARES)
    assert {name: rows.tolist() for name, rows in splits.items()} == {
        "train": [0, 1, 2, 3, 4, 5],
        "validation": [8, 9],
        "test": [6, 7],
    }
    assert notes == ("splits as given: train 6, validation 2, test 2",)


def test_a_missing_validation_split_is_cut_from_train_and_test_stays():
    labels = np.tile([0, 1], 26)
    splits, notes = keep_splits(_texts(52), labels, ["train"] * 40 + ["test"] * 12, 0, SHARES)
    assert {name: len(rows) for name, rows in splits.items()} == {"train": 36, "validation": 4, "test": 12}
    assert splits["test"].tolist() == list(range(40, 52))
    assert np.bincount(labels[splits["validation"]]).tolist() == [2, 2]
    assert "validation: 4 texts cut from train" in notes


def test_rows_of_no_split_are_not_used_and_counted():
    splits, notes = keep_splits(_texts(4), np.array([0, 1, 0, 1]), ["train", "train", None, "validation"], 0, SHARES)
    assert "1 rows belong to no split: not used" in notes
    assert 2 not in np.concatenate(list(splits.values()))


def test_near_duplicates_across_given_splits_are_counted():
    texts = ["So good!", "bad", "so GOOD", "fresh", "Bad!!", "fresh"]
    given_names = ["train", "train", "validation", "validation", "test", "test"]
    _, notes = keep_splits(texts, np.array([1, 0, 1, 1, 0, 1]), given_names, 0, SHARES)
    assert [note for note in notes if "near-duplicate" in note] == [
        "1 of 2 texts of validation have a near-duplicate in train: kept, as given, and scores on them may be too high",
        "2 of 2 texts of test have a near-duplicate in train or validation: kept, as given, and scores on them may be "
        "too high",
    ]


@given(st.lists(st.sampled_from(["train", "validation", "test", None]), max_size=40))
def test_every_row_is_in_the_split_that_it_names(given_names):
    for name, rows in rows_by_split(given_names).items():
        assert rows.tolist() == [row for row, of in enumerate(given_names) if of == name]
        assert len(rows)


@given(
    st.lists(st.tuples(st.sampled_from("abcdefghij"), st.integers(0, 2)), min_size=1, max_size=60),
    st.sampled_from(["80/10/10", "90/5/5", "70/30", "90/10", "34/33/33"]),
)
def test_shares_cut_every_row_once_and_no_near_duplicate_crosses(rows, shares):
    texts = [letter * 3 for letter, _ in rows]
    portions = CorpusOptions(shares=shares).portions()
    splits = split_rows(texts, np.array([label for _, label in rows]), 0, portions)
    assert list(splits) == list(portions)
    assert sorted(np.concatenate(list(splits.values())).tolist()) == list(range(len(rows)))
    forms = [{normalise(texts[row]) for row in part} for part in splits.values()]
    assert sum(map(len, forms)) == len(set().union(*forms))


def test_shares_are_met_to_the_row():
    texts, labels = _texts(1000), np.repeat([0, 1], 500)
    for shares, expected in {"90/5/5": [900, 50, 50], "90/10": [900, 100], "80/10/10": [800, 100, 100]}.items():
        splits = split_rows(texts, labels, 0, CorpusOptions(shares=shares).portions())
        assert [len(rows) for rows in splits.values()] == expected


@pytest.mark.parametrize("shares", ["90", "90/20", "a/b", "100/0/0", "0/50/50", "80/10/10/0", "", "80/10/-10"])
def test_shares_that_make_no_splits_are_refused(shares):
    with pytest.raises(InputError, match="--shares"):
        CorpusOptions(shares=shares)
