"""What is wrong with a file is said in one line, with file, line and a remedy that works."""

import json
import os
import subprocess
import sys
import time

import pytest
from paths import ROOT
from table_files import LABELS, ROWS, TEXTS, csv_bytes, jsonl_bytes, parquet_bytes

from sentiment.corpora import load_corpus
from sentiment.errors import InputError


def with_row(text, label="positive") -> bytes:
    return csv_bytes([*ROWS[:2], (text, label), *ROWS[2:]])


def with_json(line: str) -> bytes:
    return b"\n".join([*jsonl_bytes(ROWS[:2]).splitlines(), line.encode(), *jsonl_bytes(ROWS[2:]).splitlines()])


def with_value(values: list, value: object) -> list:
    return [*values[:2], value, *values[3:]]


LONG = "a" * 100_001
BAD_FILES = {
    "empty file": ("bad.csv", b"", "the file is empty: give it a header and rows"),
    "white space only": ("bad.jsonl", b" \n\n", "the file is empty"),
    "byte order mark only": ("bad.csv", b"\xef\xbb\xbf", "the file is empty"),
    "header only": ("bad.csv", b"text,label\r\n", "no row below the header: add rows"),
    "no such column": ("bad.csv", csv_bytes(header=("tweet", "mood")), "no column 'text' for the texts; its columns "
                       "are 'tweet', 'mood': name the right one, as in: sentiment corpus "),
    "no label column": ("bad.jsonl", jsonl_bytes(names=("text", "mood")), "no labels; its columns are text, mood: "
                        "let `sentiment predict --input` label its texts, or name the labels that it has, as in: "),
    "no label in parquet": ("bad.parquet", parquet_bytes(label=None), "no labels; its columns are text"),
    "doubled column": ("bad.csv", csv_bytes(header=("text", "text")), "more than one column 'text'"),
    "many columns": ("bad.csv", ",".join(f"c{n}" for n in range(99)).encode(), "'c11' and 87 more"),
    "NUL byte": ("bad.csv", with_row("a\0b"), "1 of 13 rows can't be used: 1 bytes that are no text (line 4)"),
    "NUL escape": ("bad.jsonl", with_json('{"text": "a\\u0000b", "label": "x"}'),
                   "bytes that are no text (line 3)"),
    "half a surrogate": ("bad.jsonl", with_json('{"text": "a\\ud83d", "label": "x"}'),
                         "bytes that are no text (line 3)"),
    "empty text": ("bad.csv", with_row(""),
                   "1 of 13 rows can't be used: 1 empty text (line 4), 7.7% and not less than 1%; mend"),
    "blank text": ("bad.csv", with_row(" \n "), "1 of 13 rows can't be used: 1 empty text (line 4)"),
    "empty text below a cell of two lines": ("bad.csv", csv_bytes([("a\nb", "x"), ("", "y")]),
                                             "1 of 2 rows can't be used: 1 empty text (line 4)"),
    "missing label": ("bad.csv", with_row("a", ""), "1 of 13 rows can't be used: 1 missing label (line 4)"),
    "label nan": ("bad.csv", with_row("a", "NaN"), "1 of 13 rows can't be used: 1 missing label (line 4)"),
    "JSON label null": ("bad.jsonl", with_json('{"text": "a", "label": null}'), "1 missing label (line 3)"),
    "JSON label NaN": ("bad.jsonl", with_json('{"text": "a", "label": NaN}'), "1 missing label (line 3)"),
    "JSON text number": ("bad.jsonl", with_json('{"text": 7, "label": "b"}'),
                         "text is no string (line 3: the text is of type int"),
    "JSON without a key": ("bad.jsonl", with_json('{"text": "a"}'), "1 missing label (line 3)"),
    "JSON array": ("bad.jsonl", with_json('["a", "b"]'), "1 broken line (line 3: "),
    "malformed JSON": ("bad.jsonl", with_json('{"text": "a", '), "1 broken line (line 3: not JSON ("),
    "JSON too deep": ("bad.jsonl", with_json("[" * 100_000), "1 broken line (line 3: not JSON"),
    "JSON number too long": ("bad.jsonl", with_json("9" * 10_000), "1 broken line (line 3: not JSON"),
    "one class only": ("bad.csv", csv_bytes([(text, "x") for text in TEXTS]),
                       "all 12 rows are labelled 'x': add rows of another class"),
    "a rare class": ("bad.csv", csv_bytes([*ROWS, ("one", "joy"), ("two", "joy")]),
                     "label 'joy' has 2 row(s), and not one for each of train, validation, test: give every"),
    "a class of one text": ("bad.csv", csv_bytes([*ROWS, *[("Same!", "joy"), ("same", "joy")] * 3]),
                            "label 'joy' has 6 row(s), and not one for each of"),
    "text as label": ("bad.csv", csv_bytes([(text, text * 5) for text in TEXTS]),
                      "...' (and 11 more) has 1 row(s), and not one"),
    "ragged row": ("bad.csv", with_row("a").replace(b"a,positive", b"a, b,positive"),
                   "1 broken line (line 4: 3 cells, and the header has 2)"),
    "short row": ("bad.csv", with_row("a").replace(b"a,positive", b"a"),
                  "1 broken line (line 4: 1 cells, and the header has 2)"),
    "long text": ("bad.csv", with_row(LONG), "1 of 13 rows can't be used: 1 text too long (line 4)"),
    "10 MB cell": ("bad.csv", with_row("a" * 10_000_000), "1 broken line (line 4: "),
    "10 MB of cells": ("bad.csv", with_row("a").replace(b"a,pos", b"a," * 5_000_000 + b"pos"),
                       "1 broken line (line 4: "),
    "10 MB header": ("bad.csv", b"a," * 5_000_000, "the first line: the line has 10,000,000 bytes"),
    "10 MB line of JSON": ("bad.jsonl", with_json(json.dumps({"text": "a" * 10_000_000, "label": "x"})),
                           "1 broken line (line 3: the line has 10,000,027 bytes, over 1,000,000"),
    "text with a zip's name": ("bad.parquet", b"PK\3\4 no parquet", "bad.parquet: "),
    "truncated parquet": ("bad.parquet", parquet_bytes()[:-20], "no readable Parquet file"),
    "damaged parquet": ("bad.parquet", parquet_bytes()[:4] + b"\xff" * 200 + parquet_bytes()[204:], "bad.parquet: "),
    "parquet text is a number": ("bad.parquet", parquet_bytes(list(range(12))),
                                 "column 'text' holds Int64, not strings: name the text's column with --text"),
    "parquet text is null": ("bad.parquet", parquet_bytes(with_value(TEXTS, None)), "1 empty text (line 3)"),
    "parquet label is null": ("bad.parquet", parquet_bytes(label=with_value(LABELS, None)), "1 missing label (line 3)"),
    "parquet label is NaN": ("bad.parquet", parquet_bytes(label=[0.0, 1.0, float("nan")] * 4),
                             "4 missing label (lines 3, 6, 9, 12)"),
    "unknown kind": ("bad.xlsx", b"PK", "no readable Excel file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_flaw_is_answered_with_file_place_and_remedy_in_one_line(write, case):
    name, data, expected = BAD_FILES[case]
    path = write(name, data)
    started = time.monotonic()
    with pytest.raises(InputError) as raised:
        load_corpus(path)
    message = str(raised.value)
    assert message.startswith(f"{path}: ")
    assert expected in message
    assert "\n" not in message
    assert len(message) < len(path) + 600
    assert time.monotonic() - started < 5


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path):
    with pytest.raises(InputError, match=r"gone\.csv: no such file: check the name"):
        load_corpus(str(tmp_path / "gone.csv"))
    with pytest.raises(InputError, match="no data file in it: name a file, or a folder of files"):
        load_corpus(str(tmp_path))


def test_one_column_cannot_be_both(write):
    with pytest.raises(InputError, match="'text' can't be both text and label"):
        load_corpus(write("own.csv", csv_bytes()), "text", "text")


def describe_file(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, ROOT / "scripts" / "corpus.py", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )


def test_the_script_describes_a_file(write):
    answer = describe_file(write("own.csv", csv_bytes(header=("tweet", "mood"))), "--text", "tweet", "--label", "mood")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "train: 6 rows: 2 negative, 2 neutral, 2 positive" in answer.stdout.splitlines()


def test_the_script_answers_bad_input_with_one_line_and_exit_code_2(write):
    path = write("bad.csv", with_row(""))
    answer = describe_file(path)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith(f"error: {path}: 1 of 13 rows can't be used: 1 empty text (line 4)")
    assert len(answer.stderr.splitlines()) == 1
