import dataclasses
import os
import subprocess
import sys

import numpy as np
import pytest
from paths import ROOT

from sentiment.corpora import Corpus, Provenance, load_corpus
from sentiment.corpora.describe import describe, plain_lines, print_tables
from sentiment.errors import InputError

HERE = Provenance("written for this test", "1", "0" * 64, "none", "a note")


def small_corpus(**changes) -> Corpus:
    fields = {
        "name": "small",
        "texts": ("good", "bad", "Good!", "so so", "fine", "poor"),
        "labels": [1, 0, 0, 1, 1, 0],
        "label_names": ("negative", "positive"),
        "splits": {"train": [0, 1, 3], "validation": [2, 4], "test": [5]},
        "provenance": HERE,
    }
    return Corpus(**{**fields, **changes})


def test_a_corpus_has_the_promised_types_and_cannot_be_changed():
    corpus = small_corpus()
    assert (corpus.labels.dtype, corpus.splits["test"].dtype) == (np.int32, np.int64)
    with pytest.raises(ValueError, match="read-only"):
        corpus.labels[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        corpus.splits["train"][0] = 5
    with pytest.raises(dataclasses.FrozenInstanceError):
        corpus.name = "other"


def test_an_array_that_can_be_written_is_copied_and_a_read_only_one_is_taken_as_it_is():
    labels = np.array([0, 1, 0, 1, 0, 1], np.int32)
    assert not np.shares_memory(small_corpus(labels=labels).labels, labels)
    labels.setflags(write=False)
    assert small_corpus(labels=labels).labels is labels


def test_a_split_gives_its_texts_and_labels():
    texts, labels = small_corpus().split("validation")
    assert texts == ["Good!", "fine"]
    assert labels.tolist() == [0, 1]
    with pytest.raises(KeyError):
        small_corpus().split("holdout")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"labels": [1, 0]}, r"6 texts, but labels of shape \(2,\)"),
        ({"labels": [[1, 0, 0, 1, 1, 0]]}, "but labels of shape"),
        ({"labels": [1, 0, 0, 1, 1, 2]}, "a label lies outside the 2 label names"),
        ({"labels": [1, 0, 0, 1, 1, -1]}, "a label lies outside"),
        ({"label_names": ("same", "same")}, "a label name stands twice"),
        ({"splits": {"train": [0, 1], "validation": [1, 2]}}, "a row stands in two splits"),
        ({"splits": {"train": [0, 0]}}, "or twice in one"),
        ({"splits": {"train": [6]}}, "a split names a row outside the 6 texts"),
        ({"splits": {"train": [-1]}}, "a row outside"),
        ({"splits": {"dev": [0]}}, r"not \['dev'\]"),
    ],
)
def test_a_corpus_that_contradicts_itself_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        small_corpus(**changes)


@pytest.mark.parametrize(
    ("source", "hint"),
    [("vadr", "did you mean vader?"), ("twitter-samples", "did you mean twitter_samples?"), ("zzz", "'zzz': Known: ")],
)
def test_an_unknown_corpus_is_answered_with_the_known_ones(source, hint):
    with pytest.raises(InputError) as raised:
        load_corpus(source)
    message = str(raised.value)
    assert hint in message
    known = "twitter_samples, vader, crowdflower, emoji, auto, or a path to a file or folder"
    assert f"Known: {known}" in message


def test_a_named_corpus_has_no_columns_to_choose():
    with pytest.raises(InputError, match="vader: its columns, splits and labels are known"):
        load_corpus("vader", text="text")


def test_the_package_imports_nothing_heavy():
    heavy = {"nltk", "arro3", "pip", "rich", "platformdirs", "jax", "trax", "urllib.request", "ssl"}
    program = f"import sentiment.corpora, sys; print(sorted({heavy!r} & set(sys.modules)))"
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert answer.stdout == "[]\n"


def test_a_description_counts_what_is_there():
    facts = describe(small_corpus(texts=("good", "bad", "Good!", " ", "bad", "a b  c")), examples=1)
    assert (facts.rows, facts.empty) == (6, 1)
    assert facts.rows_by_split == {"train": (1, 2), "validation": (1, 1), "test": (1, 0)}
    assert (facts.exact_duplicates, facts.near_duplicates) == (1, 2)
    assert (facts.conflicting, facts.crossing) == (2, 2)
    assert dataclasses.astuple(facts.characters) == (3.5, 6, 6)
    assert dataclasses.astuple(facts.words) == (1.0, 3, 3)
    assert facts.examples == {"negative": ("bad",), "positive": ("good",)}


def test_an_empty_split_or_corpus_can_be_described():
    nothing = Corpus("none", (), [], ("a", "b"), {"train": []}, HERE)
    facts = describe(nothing)
    assert facts.rows_by_split == {"train": (0, 0)}
    assert facts.characters.longest == 0


def test_the_plain_description_has_one_line_for_each_fact():
    corpus = small_corpus(texts=("good [bold]\x1b[31m", "bad", "Good!", "two\nlines", "fine", "x" * 200))
    lines = plain_lines(describe(corpus))
    assert "validation: 2 rows: 1 negative, 1 positive" in lines
    assert "example of positive: good [bold] [31m" in lines
    assert "example of positive: two lines" in lines
    assert f"example of negative: {'x' * 117}..." in lines
    assert "licence: none" in lines
    assert not any("\n" in line or "\x1b" in line for line in lines)


def test_the_tables_hold_the_same_facts(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    print_tables(describe(small_corpus(texts=("good [bold]", "bad", "Good!", "so so", "fine", "poor"))))
    printed = capsys.readouterr().out
    for piece in ("crossing splits", "validation", "good [bold]", HERE.licence, HERE.sha256, "a note"):
        assert piece in printed


def test_the_script_answers_an_unknown_corpus_in_one_line_with_exit_code_2():
    answer = subprocess.run(
        [sys.executable, ROOT / "scripts" / "corpus.py", "nonsense"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert (answer.returncode, answer.stdout) == (2, "")
    assert answer.stderr.startswith("error: unknown corpus 'nonsense': Known: twitter_samples")
    assert answer.stderr.count("\n") == 1
