"""A table in memory means what a file of the same rows means."""

import json

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from any_text import ANY_TEXT
from hypothesis import given
from hypothesis import strategies as st

from sentiment import InputError, load_corpus
from sentiment.corpora import CorpusOptions

MAKERS = [pd.DataFrame, pl.DataFrame, pa.table, lambda columns: pa.table(columns).to_reader()]
NAMES = ["pandas", "polars", "pyarrow", "a stream of Arrow's"]
frames = pytest.mark.parametrize("frame", MAKERS, ids=NAMES)

ROWS = {
    "id": list(range(20)),
    "title": ["Again", None, "Ø", ""] * 5,
    "body": [f"{text} {row}" for row, text in enumerate(['so "happy"', "sad,\nvery", "fine 🙂", "it rains"] * 5)],
    "mood": ["happy", "sad"] * 10,
    "part": ["train", "train", "dev", "test"] * 5,
}


def one_by_one(error, *arguments, **settings) -> str:
    with pytest.raises(error) as raised:
        load_corpus(*arguments, **settings)
    message = str(raised.value)
    assert "\n" not in message
    return message


@frames
def test_a_table_gives_the_corpus_that_its_file_gives(frame, tmp_path):
    pd.DataFrame(ROWS).to_parquet(tmp_path / "rows.parquet")
    for settings in ({"text": "body"}, {"text": ["title", "body"]}, {"text": "title,body", "seed": 3}):
        of_file = load_corpus(tmp_path / "rows.parquet", label="mood", **settings)
        of_table = load_corpus(frame(ROWS), label="mood", **settings)
        assert of_table.fingerprint() == of_file.fingerprint()
        assert of_table.name == "in_memory"
        assert of_table.provenance.source == "a program's memory"


@frames
def test_a_column_of_splits_is_kept(frame):
    options = CorpusOptions(split_column="part")
    corpus = load_corpus(frame(ROWS), "body", "mood", options=options)
    assert {name: len(rows) for name, rows in corpus.splits.items()} == {"train": 10, "validation": 5, "test": 5}
    named = {**ROWS, "split": ROWS["part"]}
    assert load_corpus(frame(named), "body", "mood").splits["test"].tolist() == corpus.splits["test"].tolist()


@frames
def test_the_options_of_files_are_those_of_tables(frame):
    mapped = load_corpus(frame(ROWS), "body", "mood", options=CorpusOptions(label_map={"sad": "low", "happy": "high"}))
    assert mapped.label_names == ("high", "low")


@frames
def test_a_wrong_column_is_one_line_with_the_call_that_names_another(frame):
    rows = {"body": [f"such a lovely day {n}" for n in range(20)], "mood": ["good", "bad"] * 10}
    for settings in ({}, {"text": "tweet"}, {"text": "body"}, {"text": "body", "label": "class"}):
        message = one_by_one(InputError, frame(rows), **settings)
        assert "as in: load_corpus(frame, text='body', label='mood')" in message
        assert "--" not in message


@pytest.mark.parametrize(
    "no_table",
    [
        ["a", "b"],
        {"text": ["a"]},
        pd.Series(["a"]),
        pl.Series(["a"]),
        np.array(["a"]),
        pa.chunked_array([["a"]]),
        5,
        None,
    ],
    ids=lambda each: type(each).__module__ + type(each).__name__,
)
def test_what_is_no_table_is_one_line(no_table):
    assert "no table with named columns: give a DataFrame" in one_by_one(InputError, no_table)


@frames
def test_missing_texts_and_labels_are_left_out_and_counted(frame):
    n = 400
    rows = {"text": [f"text {row}" for row in range(n)], "label": ["yes", "no"] * (n // 2)}
    rows["text"][7], rows["label"][8] = None, None
    corpus = load_corpus(frame(rows))
    assert len(corpus.texts) == n - 2
    assert [(row.row, row.reason) for row in corpus.bad_rows] == [(8, "empty text"), (9, "missing label")]


@pytest.mark.parametrize("missing", [None, float("nan"), pd.NA, pd.NaT], ids=repr)
def test_every_way_in_which_pandas_lacks_a_value_is_a_missing_one(missing):
    n = 400
    frame = pd.DataFrame({"text": [f"text {row}" for row in range(n)], "label": ["yes", "no"] * (n // 2)}, dtype=object)
    frame.loc[3, "text"], frame.loc[5, "label"] = missing, missing
    assert [row.reason for row in load_corpus(frame).bad_rows] == ["empty text", "missing label"]


@pytest.mark.parametrize(
    "labels",
    [
        pd.Series([3, 20] * 10),
        pd.Series([3, 20] * 10, dtype="Int64"),
        pd.Series([3, 20] * 10, dtype="category"),
        pl.Series([3, 20] * 10),
        pl.Series(["3", "20"] * 10, dtype=pl.Categorical),
        pa.array(["3", "20"] * 10).dictionary_encode(),
    ],
    ids=["int64", "Int64", "category", "polars", "Categorical", "dictionary"],
)
def test_labels_of_any_column_are_named_as_they_are_written(labels):
    texts = [f"text {row}" for row in range(20)]
    kind = pa.table if isinstance(labels, pa.Array) else pl.DataFrame if isinstance(labels, pl.Series) else pd.DataFrame
    assert load_corpus(kind({"text": texts, "label": labels})).label_names == ("3", "20")


def _encodable(text: str) -> str:
    return text.encode("utf-8", "ignore").decode()  # Arrow's strings hold no half surrogate pair


@given(st.lists(ANY_TEXT.map(_encodable), min_size=8, max_size=40))
def test_any_texts_come_through_every_kind_of_table_alike(texts):
    rows = {"text": texts, "label": ["a", "b"] * (len(texts) // 2) + ["a"] * (len(texts) % 2)}
    options = CorpusOptions(bad_rows="skip")
    answers = set()
    for make in (pd.DataFrame, pl.DataFrame, pa.table):
        try:
            answers.add(load_corpus(make(rows), options=options).fingerprint())
        except InputError as error:
            answers.add(str(error).partition(": ")[2])
    assert len(answers) == 1


@frames
def test_tables_by_their_splits_give_the_corpus_of_files_by_their_splits(frame, tmp_path):
    parts = {"train": slice(0, 10), "dev": slice(10, 15), "test": slice(15, 20)}
    rows = {split: {name: column[part] for name, column in ROWS.items()} for split, part in parts.items()}
    for split, columns in rows.items():
        pd.DataFrame(columns).to_parquet(tmp_path / f"{split}.parquet")
    of_files = load_corpus(tmp_path, "body", "mood")
    of_tables = load_corpus({split: frame(columns) for split, columns in rows.items()}, "body", "mood")
    for split in ("train", "validation", "test"):
        assert of_tables.split(split)[0] == of_files.split(split)[0]
        assert len(of_tables.split(split)[0]) == {"train": 10}.get(split, 5)
    assert of_tables.label_names == of_files.label_names


@frames
def test_a_dictionary_of_anything_else_is_refused_in_one_line(frame):
    assert "'unsupervised' is no split as in" in one_by_one(
        InputError, {"train": frame(ROWS), "unsupervised": frame(ROWS)}
    )
    assert "dict: no table in it" in one_by_one(InputError, {})
    assert "'text' is no split as in {'train': frame," in one_by_one(InputError, {"text": ["a"], "label": [1]})
    assert "of 'test': no column 'body'" in one_by_one(
        InputError, {"train": frame(ROWS), "test": frame({"words": ["a"]})}, "body", "mood"
    )


class Dataset:
    """As Hugging Face's `datasets.Dataset` (5.2.0): a table behind a format, whose ClassLabels have names."""

    features = column_names = ("text", "label")

    def __init__(self, table):
        self._table = table

    def __len__(self):
        return len(self._table)

    def with_format(self, kind):
        assert kind == "arrow"
        return self._table


def test_a_hugging_face_dataset_keeps_the_names_of_its_labels():
    names = {"info": {"features": {"label": {"names": ["no", "yes"], "_type": "ClassLabel"}}}}
    table = pa.table({"text": [f"film {n}" for n in range(12)], "label": [0, 1] * 6})
    table = table.replace_schema_metadata({"huggingface": json.dumps(names)})
    corpus = load_corpus(Dataset(table))
    assert corpus.label_names == ("no", "yes")
    by_split = load_corpus({"train": Dataset(table.slice(0, 8)), "test": Dataset(table.slice(8))})
    assert (by_split.label_names, len(by_split.splits["test"])) == (("no", "yes"), 4)
