"""`predict --input` as a command: what it prints, its exit codes, and flags that don't apply."""

import json

import pytest


def test_lines_of_standard_input_are_texts(small_run, script, elsewhere):
    answer = script("predict", "--run", small_run, "--input", "-", "--output", "out.jsonl", stdin=b"so happy\n")
    assert (answer.code, answer.out) == (0, "1 rows, predictions in out.jsonl\n")
    assert json.loads((elsewhere / "out.jsonl").read_text())["text"] == "so happy"


def test_what_was_sniffed_is_said_and_flags_overrule_it(small_run, script, elsewhere):
    (elsewhere / "in.csv").write_bytes("id;words\n1;so happy\n2;café\n".encode("latin-1"))
    answer = script("predict", "--run", small_run, "--input", "in.csv", "--output", "out.jsonl", "--text", "words")
    assert answer.code == 0, answer.err
    assert "in.csv: table, cp1252, cells between ';'" in answer.err
    flags = ["--text", "1", "--header", "none", "--delimiter", "|", "--encoding", "utf-8"]
    answer = script("predict", "--run", small_run, "--input", "in.csv", "--output", "out.jsonl", *flags)
    assert "2 rows" not in answer.out
    assert "utf-8, cells between '|'" in answer.err


def test_it_fails_where_no_row_could_be_predicted(small_run, script, elsewhere):
    (elsewhere / "in.csv").write_text("text,id\n ,1\n ,2\n")
    answer = script("predict", "--run", small_run, "--input", "in.csv", "--output", "out.csv")
    assert answer.code == 2
    assert "none of its 2 rows could be predicted: out.csv.bad.jsonl says why" in answer.err
    assert len((elsewhere / "out.csv.bad.jsonl").read_text().splitlines()) == 2


@pytest.mark.parametrize("flags", [[], ["hello", "--input", "a.csv"], ["--input", "a.csv"], ["--output", "a.csv"]])
def test_sentences_or_a_file_and_not_both(small_run, script, elsewhere, flags):
    answer = script("predict", "--run", small_run, *flags)
    assert answer.code == 2
    assert "give sentences, or --input FILE with --output FILE" in answer.err


@pytest.mark.parametrize("flag", ["--json", "--explain"])
def test_flags_of_sentences_are_refused_with_a_file(small_run, script, elsewhere, flag):
    answer = script("predict", "--run", small_run, "--input", "in.csv", "--output", "out.csv", flag)
    assert answer.code == 2
    assert f"{flag}: of sentences, not of --input" in answer.err
