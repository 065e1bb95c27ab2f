"""`corpus FILE --json`, `--save`, and one meaning of a file for every command."""

import csv
import json
import shlex
from pathlib import Path

import pytest
from paths import ROOT

from sentiment.bulk import BulkOptions, predict_file
from sentiment.corpora import load_corpus
from sentiment.corpora.readers import Reader

FILES = ROOT.parent / "shared" / "data" / "files"
FACTS = json.loads((FILES / "facts.json").read_text("utf-8")) if FILES.is_dir() else [{"file": "absent"}]
FLAGS = {
    "sentiment140_shape.csv": ["--text", "6", "--label", "1"],
    "entity_no_header.csv": ["--text", "4", "--label", "3"],
    "many_empty.csv": ["--bad-rows", "skip"],
    "lines.json": ["--text", "headline", "--label", "is_good"],
    "array.json": ["--text", "body.text"],
    "side_by_side": ["--text", "sentence"],
    "split_column.csv": ["--split-column", "split"],
    "two_texts.csv": ["--text", "title,description", "--label", "class"],
}


@pytest.mark.skipif(not FILES.is_dir(), reason=f"{FILES} is not there")
@pytest.mark.parametrize("facts", FACTS, ids=lambda facts: facts["file"])
def test_corpus_prints_what_the_facts_say(facts, script):
    name = facts["file"]
    answer = script("corpus", FILES / name, "--json", *FLAGS.get(name, []))
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert set(found) == {"rows", "left_out", "labels", "splits", "dialect"}
    for key in ("rows", "labels", "splits", "left_out"):
        if key in facts:
            assert found[key] == facts[key]
    if name == "label_case.csv":
        assert sorted(found["labels"].values()) == [30, 30]
    assert name in answer.err, "what was sniffed is said in a line"


ROWS = [(f"the {'good' if n % 2 else 'bad'}, bad film\nnumber {n}" if n % 7 == 0 else f"film {n} \u00e9", "ab"[n % 2])
        for n in range(300)]  # fmt: skip
ROWS[50] = (" ", "a")
ROWS[120] = ("a\0b", "b")


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_means_the_same_rows_to_every_command(small_run, tmp_path, delimiter, encoding):
    path = tmp_path / "own.csv"
    with path.open("w", newline="", encoding=encoding) as file:
        csv.writer(file, delimiter=delimiter).writerows([("text", "label"), *ROWS])
    corpus = load_corpus(str(path))  # as `corpus`, `train` and `evaluate` load it
    with Reader(path) as reader:
        done = predict_file(small_run, reader, tmp_path / "out.jsonl", BulkOptions(processes=1))
    predicted = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text("utf-8").split("\n") if line]
    bad = [json.loads(line) for line in done.bad.read_text("utf-8").splitlines()]
    used = [text for text, _ in ROWS if text.strip() and "\0" not in text]
    assert list(corpus.texts) == [each["text"] for each in predicted] == used
    assert [(each.line, each.reason) for each in corpus.bad_rows] == [(each["line"], each["reason"]) for each in bad]
    assert [each["reason"] for each in bad] == ["empty text", "bytes that are no text"]


def test_texts_without_any_label_are_saved_as_columns_of_0_and_1_that_mean_the_same(script, elsewhere):
    sets = [{"joy"}, set(), {"joy", "fear"}, {"anger"}] * 10
    lines = [{"text": f"text number {n}", "label": sorted(labels)} for n, labels in enumerate(sets)]
    (elsewhere / "own.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    answer = script("corpus", "own.jsonl", "--save", "copy.csv")
    assert answer.code == 0, answer.err
    saved, own = load_corpus("copy.csv"), load_corpus("own.jsonl")
    assert (saved.texts, saved.label_names) == (own.texts, own.label_names)
    assert saved.labels.tolist() == own.labels.tolist()
    assert {name: rows.tolist() for name, rows in saved.splits.items()} == {
        name: rows.tolist() for name, rows in own.splits.items()
    }


def test_a_known_corpus_is_saved_as_csv_that_means_the_same(script, elsewhere):
    answer = script("corpus", "emoji", "--save", "emoji.csv")
    assert (answer.code, answer.err) == (0, "")
    saved, known = load_corpus("emoji.csv"), load_corpus("emoji")
    assert saved.texts == known.texts
    assert [saved.label_names[label] for label in saved.labels] == [known.label_names[label] for label in known.labels]
    assert {name: rows.tolist() for name, rows in saved.splits.items()} == {
        name: rows.tolist() for name, rows in known.splits.items()
    }
    counts = json.loads(script("corpus", "emoji", "--json").out)
    assert counts["rows"] == len(known.texts)
    assert counts["splits"] == {name: len(rows) for name, rows in known.splits.items()}


def test_standard_input_is_described_too(script):
    rows = "text,label\n" + "".join(f"film {n},{'ab'[n % 2]}\n" for n in range(20))
    answer = script("corpus", "-", "--json", stdin=rows.encode())
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["rows"] == 20


def test_a_file_is_read_once_to_be_described(script, tmp_path, monkeypatch):
    path, reads = tmp_path / "own.csv", []
    path.write_text("text,label\n" + "".join(f"film {n},{'ab'[n % 2]}\n" for n in range(40)), "utf-8")
    opened = Path.open

    def noted(self, *arguments, **named):
        reads.extend([self] * (self == path))
        return opened(self, *arguments, **named)

    monkeypatch.setattr(Path, "open", noted)
    load_corpus(str(path))
    once = len(reads)
    assert script("corpus", path).code == 0
    assert len(reads) == 2 * once, "the command's own reading is one more"


def test_labels_of_one_class_are_counted_under_the_names_that_map_gives(script, tmp_path):
    path = tmp_path / "own.csv"
    path.write_text("text,label\n" + "".join(f"film {n},4\n" for n in range(5)), "utf-8")
    answer = script("corpus", path, "--json", "--map", "4=positive")
    assert json.loads(answer.out)["labels"] == {"positive": 5}
    refused = script("corpus", path, "--json", "--map", "0=negative")
    assert refused.code == 2
    assert "has no such label; it has 4" in refused.err


@pytest.mark.parametrize("source", ["own.csv", "-"])
def test_columns_that_may_be_labels_are_shown_with_the_command(script, elsewhere, source):
    rows = b"text,mood\n" + b"".join(b"film %d,%s\n" % (n, b"ab"[n % 2 : n % 2 + 1]) for n in range(20))
    (elsewhere / "own.csv").write_bytes(rows)
    answer = script("corpus", source, stdin=rows)
    assert answer.code == 0, answer.err
    assert f"labels may be there: sentiment corpus {source} --label mood" in answer.err
    assert "labels: none" in answer.out


@pytest.mark.parametrize(("between", "first"), [(": ", True), (" - ", False), (" => ", True)])
def test_the_command_for_labels_beside_texts_reads_them(script, elsewhere, between, first):
    texts = [f"film {n}{between if n % 3 else ', '}it's {'so' if n % 2 else 'not'} number {n}" for n in range(20)]
    labels = ["good" if n % 2 else "bad" for n in range(20)]
    columns = (labels, texts) if first else (texts, labels)
    (elsewhere / "own.txt").write_text("".join(between.join(row) + "\n" for row in zip(*columns, strict=True)), "utf-8")
    (shown,) = [line for line in script("corpus", "own.txt").err.splitlines() if line.startswith("labels may be there")]
    command = shlex.split(shown.partition("there: sentiment ")[2])
    assert json.loads(script(*command, "--json").out)["labels"] == {"bad": 10, "good": 10}
