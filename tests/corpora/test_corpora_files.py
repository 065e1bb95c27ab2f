import contextlib
import csv
import io
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from paths import ROOT

from sentiment.corpora import load_corpus
from sentiment.corpora.tables import order_labels
from sentiment.errors import InputError

TEXTS = [f"this is text number {place}" for place in range(12)]
LABELS = ["positive", "negative", "neutral"] * 4
ROWS = list(zip(TEXTS, LABELS, strict=True))


def csv_bytes(rows=ROWS, header=("text", "label"), delimiter=",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return file.getvalue().encode()


def jsonl_bytes(rows=ROWS, names=("text", "label")) -> bytes:
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def parquet_bytes(text=TEXTS, label=LABELS) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"text": text, "label": label}), file)
    return file.getvalue()


@pytest.fixture
def write(tmp_path):
    def write_file(name: str, data: bytes) -> str:
        path = tmp_path / name
        path.write_bytes(data)
        return str(path)

    return write_file


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("own.csv", csv_bytes()),
        ("own.TSV", csv_bytes(delimiter="\t")),
        ("own.jsonl", jsonl_bytes()),
        ("own.parquet", parquet_bytes()),
        ("bom.csv", b"\xef\xbb\xbf" + csv_bytes()),
        ("bom.jsonl", b"\xef\xbb\xbf" + jsonl_bytes()),
        ("unix.csv", csv_bytes().replace(b"\r\n", b"\n")),
        ("mac.csv", csv_bytes().replace(b"\r\n", b"\r")),
        ("blank_lines.csv", csv_bytes().replace(b"\r\n", b"\r\n\r\n")),
        ("blank_lines.jsonl", jsonl_bytes().replace(b"\n", b"\n\n")),
        ("spaces.csv", csv_bytes([(text, f" {label} ") for text, label in ROWS], header=(" text", "label "))),
        ("wide.csv", csv_bytes([(1, text, "x", label) for text, label in ROWS], header=("id", "text", "by", "label"))),
    ],
)
def test_each_kind_of_file_gives_the_same_corpus(write, name, data):
    corpus = load_corpus(write(name, data))
    assert corpus.name == name
    assert corpus.texts == tuple(TEXTS)
    assert corpus.label_names == ("negative", "neutral", "positive")
    assert [corpus.label_names[label] for label in corpus.labels] == LABELS
    assert sorted(np.concatenate(list(corpus.splits.values())).tolist()) == list(range(12))
    assert corpus.provenance.licence == "the user's own"
    assert len(corpus.provenance.sha256) == 64


def test_the_columns_are_named_by_the_caller(write):
    path = write("own.csv", csv_bytes(header=("Tweet", "mood")))
    assert load_corpus(path, "Tweet", "mood").texts == tuple(TEXTS)


def test_quotes_newlines_and_emoji_in_cells_arrive_as_they_are(write):
    odd = ['she said "yes", twice', "two\nlines", "two\r\nlines", "😂👏🏽", "tab\there", " spaces ", "é", "=1+1", "''"]
    rows = [(text, "ab"[place % 2]) for place, text in enumerate(odd)]
    assert load_corpus(write("odd.csv", csv_bytes(rows))).texts == tuple(odd)
    assert load_corpus(write("odd.tsv", csv_bytes(rows, delimiter="\t"))).texts == tuple(odd)
    assert load_corpus(write("odd.jsonl", jsonl_bytes(rows))).texts == tuple(odd)
    separators = ["a\u2028b", "c\x85d", "e\x0bf", "g\x1ch"] * 2
    rows = [(f"{text}{place}", "ab"[place % 2]) for place, text in enumerate(separators)]
    raw = "".join(json.dumps({"text": text, "label": label}, ensure_ascii=False) + "\n" for text, label in rows)
    assert load_corpus(write("separators.jsonl", raw.encode())).texts == tuple(text for text, _ in rows)


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1).filter(str.strip),
        min_size=1,
        max_size=8,
    )
)
def test_any_text_survives_a_csv_and_a_jsonl_file(tmp_path_factory, texts):
    rows = [(text, "a") for text in texts] + [(f"other {place}", "ab"[place % 2]) for place in range(6)]
    folder = tmp_path_factory.mktemp("any")
    for name, data in {"any.csv": csv_bytes(rows), "any.jsonl": jsonl_bytes(rows)}.items():
        (folder / name).write_bytes(data)
        assert load_corpus(str(folder / name)).texts == tuple(text for text, _ in rows)


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ([0, 1], ("0", "1")),
        ([True, False], ("false", "true")),
        ([-1, 10, 2], ("-1", "2", "10")),
        ([0.5, 1.0], ("0.5", "1.0")),
        (["pos", "neg"], ("neg", "pos")),
        (["Positive", "Negative", "Neutral"], ("Negative", "Neutral", "Positive")),
        (["joy", "anger", "positive"], ("anger", "joy", "positive")),
        (["😂", "😭"], ("😂", "😭")),
    ],
)
def test_labels_become_strings_in_a_sensible_order(write, labels, expected):
    rows = [(f"text {place}", labels[place % len(labels)]) for place in range(12)]
    for name, data in {
        "own.jsonl": jsonl_bytes(rows),
        "own.parquet": parquet_bytes([text for text, _ in rows], [label for _, label in rows]),
    }.items():
        assert load_corpus(write(name, data)).label_names == expected


def test_a_dictionary_encoded_text_column_is_text(write):
    import pyarrow as pa

    encoded = pa.array(TEXTS).dictionary_encode()
    assert load_corpus(write("own.parquet", parquet_bytes(encoded))).texts == tuple(TEXTS)


@given(st.integers(0, 10**6), st.binary(max_size=40), st.booleans())
def test_a_parquet_file_damaged_anywhere_is_refused_in_one_line_or_read(tmp_path_factory, place, damage, cut):
    data = parquet_bytes()
    place %= len(data)
    path = tmp_path_factory.mktemp("damaged") / "own.parquet"
    path.write_bytes(data[:place] + damage + (b"" if cut else data[place + len(damage) :]))
    with contextlib.suppress(InputError):  # no other error, and no panic, which isn't even an Exception
        load_corpus(str(path))


def test_what_arro3_itself_would_say_of_a_damaged_footer_is_not_printed(write, capfd):
    data = parquet_bytes()
    with pytest.raises(InputError, match=r"own\.parquet: no readable Parquet file"):
        load_corpus(write("own.parquet", data[:-200] + b"\xff" * 192 + data[-8:]))
    assert capfd.readouterr().err == ""


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
    "byte order mark only": ("bad.csv", b"\xef\xbb\xbf", "no row below the header"),
    "header only": ("bad.csv", b"text,label\r\n", "no row below the header: add rows"),
    "no such column": ("bad.csv", csv_bytes(header=("tweet", "mood")), "no column 'text' for the texts; its columns "
                       "are 'tweet', 'mood': name the right one with --text COLUMN (TEXT=COLUMN with make)"),
    "no label column": ("bad.jsonl", jsonl_bytes(names=("text", "mood")), "'text', 'mood': name the right one with "
                        "--label COLUMN"),
    "no label in parquet": ("bad.parquet", None, "no column 'label'"),
    "doubled column": ("bad.csv", csv_bytes(header=("text", "text")), "more than one column 'text'"),
    "many columns": ("bad.csv", ",".join(f"c{n}" for n in range(99)).encode(), "'c11' and 87 more"),
    "broken UTF-8": ("bad.csv", with_row("caf\xe9").replace("é".encode(), b"\xe9"),
                     "line 4, byte 80: no UTF-8: save the file as UTF-8"),
    "UTF-16": ("bad.csv", csv_bytes().decode().encode("utf-16"), "line 1, byte 1: no UTF-8: save the file as UTF-8"),
    "NUL byte": ("bad.csv", with_row("a\0b"), "line 4 holds a NUL byte: save the file as UTF-8 text"),
    "NUL escape": ("bad.jsonl", with_json('{"text": "a\\u0000b", "label": "x"}'), "row 3 (line 3): the text holds a"),
    "half a surrogate": ("bad.jsonl", with_json('{"text": "a\\ud83d", "label": "x"}'), "half a surrogate pair"),
    "empty text": ("bad.csv", with_row(""), "row 3 (line 4): the text is empty: fill it in or remove the row"),
    "blank text": ("bad.csv", with_row(" \n "), "row 3 (line 4): the text is empty"),
    "empty text below a cell of two lines": ("bad.csv", csv_bytes([("a\nb", "x"), ("", "y")]),
                                             "row 2 (line 4): the text is empty"),
    "missing label": ("bad.csv", with_row("a", ""), "row 3 (line 4): the label is missing: fill it in or remove"),
    "label nan": ("bad.csv", with_row("a", "NaN"), "row 3 (line 4): the label is missing"),
    "JSON label null": ("bad.jsonl", with_json('{"text": "a", "label": null}'), "row 3 (line 3): the label is missing"),
    "JSON label NaN": ("bad.jsonl", with_json('{"text": "a", "label": NaN}'), "row 3 (line 3): the label is missing"),
    "JSON label list": ("bad.jsonl", with_json('{"text": "a", "label": ["b"]}'), "the label is of type list: give"),
    "JSON text number": ("bad.jsonl", with_json('{"text": 7, "label": "b"}'), "row 3 (line 3): the text is of type"),
    "JSON without a key": ("bad.jsonl", with_json('{"text": "a"}'), "row 3 (line 3) has no 'label': add it or remove"),
    "JSON array": ("bad.jsonl", with_json('["a", "b"]'), "row 3 (line 3) is no JSON object"),
    "malformed JSON": ("bad.jsonl", with_json('{"text": "a", '), "row 3 (line 3) is no JSON ("),
    "JSON too deep": ("bad.jsonl", with_json("[" * 100_000), "row 3 (line 3) is no JSON"),
    "JSON number too long": ("bad.jsonl", with_json("9" * 10_000), "row 3 (line 3) is no JSON"),
    "one class only": ("bad.csv", csv_bytes([(text, "x") for text in TEXTS]),
                       "all 12 rows are labelled 'x': add rows of another class"),
    "a rare class": ("bad.csv", csv_bytes([*ROWS, ("one", "joy"), ("two", "joy")]),
                     "label 'joy' has 2 row(s), and not one for each of train, validation, test: give every"),
    "a class of one text": ("bad.csv", csv_bytes([*ROWS, *[("Same!", "joy"), ("same", "joy")] * 3]),
                            "label 'joy' has 6 row(s), and not one for each of"),
    "text as label": ("bad.csv", csv_bytes([(text, text * 5) for text in TEXTS]), "...' has 1 row(s), and not one"),
    "ragged row": ("bad.csv", with_row("a").replace(b"a,positive", b"a, b,positive"),
                   "row 3 (line 4) has 3 cells and the header 2: quote the cells that hold a delimiter"),
    "short row": ("bad.csv", with_row("a").replace(b"a,positive", b"a"), "row 3 (line 4) has 1 cells and the header 2"),
    "open quote at the end": ("bad.csv", csv_bytes() + b'"never closed,positive\r\n',
                              "row 13 (line 14): unexpected end of data: is a quote left open?"),
    "open quote before others": ("bad.csv", with_row("a").replace(b"a,positive", b'"a,positive') + b'"b",x\r\n',
                                 "row 3 (line 4): ',' expected after '\"': is a quote left open?"),
    "open quote in a long file": ("bad.csv", with_row("a").replace(b"a,", b'"a,') + csv_bytes(ROWS * 400),
                                  "row 3 (line 4): field larger than field limit (131072): is a quote left open?"),
    "open quote in the header": ("bad.csv", b'"text,label\r\na,b\r\n', "the header: unexpected end of data"),
    "long text": ("bad.csv", with_row(LONG), "row 3 (line 4): the text has 100,001 characters, over 100,000: shorten"),
    "10 MB cell": ("bad.csv", with_row("a" * 10_000_000), "row 3 (line 4): field larger than field limit"),
    "10 MB of cells": ("bad.csv", with_row("a").replace(b"a,pos", b"a," * 5_000_000 + b"pos"),
                       "row 3 (line 4) has 5000001 cells"),
    "10 MB header": ("bad.csv", b"a," * 5_000_000, "'a', 'a' and 4,999,989 more"),
    "10 MB line of JSON": ("bad.jsonl", with_json(json.dumps({"text": "a" * 10_000_000, "label": "x"})),
                           "row 3 (line 3) has 10,000,026 characters, over 1,000,000: shorten or remove it"),
    "text with a zip's name": ("bad.parquet", b"PK\3\4 no parquet", "no readable Parquet file"),
    "truncated parquet": ("bad.parquet", parquet_bytes()[:-20], "no readable Parquet file"),
    "damaged parquet": ("bad.parquet", parquet_bytes()[:4] + b"\xff" * 200 + parquet_bytes()[204:], "bad.parquet: "),
    "parquet text is a number": ("bad.parquet", parquet_bytes(list(range(12))),
                                 "column 'text' holds Int64, not strings: name the text's column with --text"),
    "parquet text is null": ("bad.parquet", parquet_bytes(with_value(TEXTS, None)), "row 3: the text is empty"),
    "parquet label is null": ("bad.parquet", parquet_bytes(label=with_value(LABELS, None)), "row 3: the label is"),
    "parquet label is NaN": ("bad.parquet", parquet_bytes(label=[0.0, 1.0, float("nan")] * 4), "row 3: the label is"),
    "unknown kind": ("bad.xlsx", b"PK", "unknown kind of file: give a .csv, .tsv, .jsonl, .parquet file"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD_FILES)
def test_a_flaw_is_answered_with_file_place_and_remedy_in_one_line(write, case):
    name, data, expected = BAD_FILES[case]
    if data is None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        file = io.BytesIO()
        pq.write_table(pa.table({"text": TEXTS}), file)
        data = file.getvalue()
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
    with pytest.raises(InputError, match="a folder: name a file in it"):
        load_corpus(str(tmp_path))


def test_one_column_cannot_be_both(write):
    with pytest.raises(InputError, match="'text' can't be both text and label"):
        load_corpus(write("own.csv", csv_bytes()), "text", "text")


def test_labels_of_one_spelling_but_two_cases_stay_two_classes():
    assert order_labels({"Positive", "positive", "negative"}) == ("negative", "Positive", "positive")


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
    assert answer.stderr == f"error: {path}: row 3 (line 4): the text is empty: fill it in or remove the row\n"
