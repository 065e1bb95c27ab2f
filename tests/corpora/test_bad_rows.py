"""Rows that can't be used are counted by reason, all at once, and left out, refused or skipped as the user says."""

import csv
import io

import pytest

from sentiment.corpora import CorpusOptions, load_corpus
from sentiment.corpora.bad_rows import CONTRADICTION, as_csv
from sentiment.errors import InputError

ROWS = [f"text number {row},{'good' if row % 2 else 'bad'}" for row in range(400)]


@pytest.fixture
def file(tmp_path):
    def write(*rows: str):
        path = tmp_path / "my.csv"
        path.write_text("\n".join(["text,label", *rows]) + "\n")
        return str(path)

    return write


def test_a_few_bad_rows_are_left_out_counted_and_listed_by_line(file):
    corpus = load_corpus(file(*ROWS[:100], ",good", *ROWS[100:], "one more,"))
    assert len(corpus.texts) == 400
    (note,) = [note for note in corpus.notes if "can't be used" in note]
    assert note == (
        "2 of 402 rows can't be used: 1 empty text (line 102); 1 missing label (line 403); they are left out"
    )
    assert [(row.line, row.reason) for row in corpus.bad_rows] == [(102, "empty text"), (403, "missing label")]
    assert note in corpus.provenance.note


def test_one_in_a_hundred_stops_with_all_counts_and_a_flag_that_works(file):
    path = file(*ROWS[:100], ",good", ",bad", "x,", ",good")
    with pytest.raises(InputError) as raised:
        load_corpus(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: 4 of 104 rows can't be used: 3 empty text (lines 102, 103, 105); 1 missing")
    assert message.endswith("--bad-rows skip")
    assert len(load_corpus(path, options=CorpusOptions(bad_rows="skip")).texts) == 100


def test_exactly_one_in_a_hundred_stops_and_one_in_a_hundred_and_one_does_not(file):
    with pytest.raises(InputError, match="1 of 100 rows"):
        load_corpus(file(*ROWS[:99], ",good"))
    assert len(load_corpus(file(*ROWS[:100], ",good")).texts) == 100


def test_stop_stops_at_any_bad_row_and_names_the_way_out(file):
    path = file(*ROWS, ",good")
    with pytest.raises(InputError, match=r"1 of 401 rows can't be used: .*--bad-rows report"):
        load_corpus(path, options=CorpusOptions(bad_rows="stop"))
    assert len(load_corpus(file(*ROWS), options=CorpusOptions(bad_rows="stop")).texts) == 400


def test_the_same_text_with_two_labels_is_said_listed_and_used(file):
    corpus = load_corpus(file(*ROWS, "text number 3,bad"))
    assert len(corpus.texts) == 401
    assert "2 rows have the text of another row and another label; they are used all the same" in corpus.notes
    assert [(row.line, row.reason, row.error) for row in corpus.bad_rows] == [
        (5, CONTRADICTION, "labelled good; used"),
        (402, CONTRADICTION, "labelled bad; used"),
    ]


def test_the_list_names_file_line_and_reason_but_holds_no_text(file):
    path = file(*ROWS, ",good", "text number 3,bad")
    listed = list(csv.reader(io.StringIO(as_csv(load_corpus(path).bad_rows).decode())))
    assert listed[0] == ["file", "line", "reason", "detail"]
    assert [row[:3] for row in listed[1:]] == [
        [path, "402", "empty text"],
        [path, "5", CONTRADICTION],
        [path, "403", CONTRADICTION],
    ]
    assert "text number" not in str(listed)


def test_training_leaves_the_list_in_the_run(file, script, tmp_path):
    path = file(*ROWS, ",good")
    answer = script("train", "--corpus", path, "--steps", 1, "--run", tmp_path / "run")
    assert answer.code == 0, answer.err
    assert f"note        1 rows are listed in {tmp_path / 'run' / 'bad_rows.csv'}" in answer.out.splitlines()
    assert "402,empty text" in (tmp_path / "run" / "bad_rows.csv").read_text()
    assert script("train", "--corpus", file(*ROWS), "--steps", 1, "--run", tmp_path / "clean").code == 0
    assert not (tmp_path / "clean" / "bad_rows.csv").exists()
