"""The small files in the forms of public data sets (../shared/data/files), by what facts.json says of them."""

import json
from collections import Counter
from pathlib import Path

import pytest
from paths import ROOT

from sentiment.corpora.readers import ReadOptions, read_table

FILES = ROOT.parent / "shared" / "data" / "files"
FACTS = json.loads((FILES / "facts.json").read_text("utf-8")) if FILES.is_dir() else [{"file": "absent"}]
FLAGS = {
    "sentiment140_shape.csv": ReadOptions(text=("6",), label="1"),
    "entity_no_header.csv": ReadOptions(text=("4",), label="3"),
    "lines.json": ReadOptions(text=("headline",), label="is_good"),
    "array.json": ReadOptions(text=("body.text",)),
    "side_by_side": ReadOptions(text=("sentence",)),
    "split_column.csv": ReadOptions(split="split"),
    "two_texts.csv": ReadOptions(text=("title", "description"), label="class"),
}
CUT_LATER = {"class_folders"}  # its validation split is cut from train when a corpus is made of it


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")
@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts["file"])
def test_a_file_means_what_its_facts_say(facts):
    name = facts["file"]
    table = read_table(FILES / name, FLAGS.get(name, ReadOptions()))
    labels = Counter(each for label in table.labels for each in (label if isinstance(label, list) else [label]))
    assert len(table.texts) == facts["rows"]
    assert Counter(each.reason for each in table.left_out) == facts.get("left_out", {})
    if "labels" in facts:
        assert labels == facts["labels"]
    if "splits" in facts and name not in CUT_LATER:
        assert Counter(table.splits) == facts["splits"]


TWEETEVAL = Path(FILES).parent / "tweeteval"
SIZES = {"emoji": (50_000, 20, 0), "emotion": (3631, 4, 0), "hate": (9992, 2, 8), "irony": (3817, 2, 0),
         "offensive": (13_240, 2, 0)}  # fmt: skip


@pytest.mark.skipif(not TWEETEVAL.is_dir(), reason=f"{TWEETEVAL} is not there")
@pytest.mark.parametrize("task", SIZES)
def test_tweetevals_folders_are_read_as_their_authors_split_them(task):
    table = read_table(TWEETEVAL / task)
    rows, classes, empty = SIZES[task]
    assert (len(table.texts), len(table.label_names), len(table.left_out)) == (rows, classes, empty)
    assert set(table.splits) == {"train", "validation"}
    assert {each.reason for each in table.left_out} <= {"empty text"}
    assert set(table.labels) == set(table.label_names)
