"""Public data sets' shapes, made small: each is read with the flags that docs/data.md names, every row of it."""

import json
import re
from collections import Counter

import pytest
from paths import ROOT

from benchmarks.shapes import SHAPES

_NAMED = {shape.name: shape for shape in SHAPES}


def test_there_are_31_and_the_table_has_them_all():
    table = (ROOT / "docs" / "data.md").read_text("utf-8").partition("front_door: begin")[2]
    assert len(_NAMED) == len(SHAPES) == 31
    assert re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)[2:] == list(_NAMED)


@pytest.mark.parametrize("name", _NAMED)
def test_every_row_of_a_shape_is_read_with_its_label(name, script, tmp_path, monkeypatch):
    shape = _NAMED[name]
    written = shape.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = script("corpus", shape.source, "--json", *shape.flags)
    assert answer.code == 0, answer.err
    facts = json.loads(answer.out)
    assert facts["rows"] == len(written)
    assert sum(facts["left_out"].values()) == shape.left_out
    assert facts["labels"] == shape.counted(written)


@pytest.mark.parametrize("name", [shape.name for shape in SHAPES])
def test_the_texts_of_a_shape_come_as_they_were_written(name, tmp_path, monkeypatch):
    from sentiment.commands.file_flags import FileFlags
    from sentiment.corpora import load_corpus

    shape = _NAMED[name]
    written = shape.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    pairs = zip(shape.flags[::2], shape.flags[1::2], strict=True)
    files = FileFlags({flag.removeprefix("--"): value for flag, value in pairs})
    corpus = load_corpus(shape.source, files.text, files.label, options=files.options())
    read = [(text.strip(), corpus.label_of(row)) for row, text in enumerate(corpus.texts)]
    assert Counter(read) == Counter(written)


def test_a_test_split_without_labels_is_told_and_not_counted_as_broken(script, tmp_path, monkeypatch):
    _NAMED["SST-2 (GLUE)"].write(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = script("corpus", "SST-2", "--text", "sentence")
    assert answer.code == 0, answer.err
    assert "30 rows of test have no label: not used" in answer.out
    (tmp_path / "SST-2" / "dev.tsv").write_text("sentence\tlabel\nours\t1\ntheirs\t\n", "utf-8")
    facts = json.loads(script("corpus", "SST-2", "--text", "sentence", "--json", "--bad-rows", "skip").out)
    assert facts["left_out"] == {"missing label": 1}


def test_a_column_of_splits_is_not_proposed_as_labels(script, tmp_path, monkeypatch):
    _NAMED["MASSIVE"].write(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = script("corpus", "en-US.jsonl")
    assert answer.code == 2
    assert "--label intent" in answer.err


def test_lines_without_labels_name_the_flag_that_cuts_them(script, tmp_path, monkeypatch):
    _NAMED["Financial PhraseBank"].write(tmp_path)
    monkeypatch.chdir(tmp_path)
    answer = script("train", "--corpus", "Sentences_AllAgree.txt")
    assert answer.code == 2
    assert "--delimiter" in answer.err
