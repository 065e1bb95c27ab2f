"""What can't be read, whole or in part, is answered in one line with what would do."""

import pickle

import pytest
from kinds_of_files import CSV, ROWS, written
from paths import FIXTURES

from sentiment.corpora.readers import ReadOptions, read_table
from sentiment.errors import InputError

REFUSED = {
    "no such file": ("gone.csv", None, {}, r"gone\.csv: no such file: check the name"),
    "no header": ("own.csv", "1,a,so good a film\n2,b,so bad a film\n3,a,so so\n4,b,no\n", {},
                  r"no header, so the 3 columns have numbers: .* --text 3 --label 2"),
    "an unknown column": ("own.csv", CSV, {"text": ("tweet",)}, r"no column 'tweet' for the texts; .* --text text"),
    "other names": ("own.csv", CSV.replace("text,label", "tweet,mood"), {}, r"--text tweet --label mood"),
    "Cyrillic": ("own.csv", "text,label\nочень хороший фильм,1\nплохой фильм,0\n", {}, r"--encoding cp1251"),
    "an unknown encoding": ("own.csv", CSV, {"encoding": "utf-9"}, r"--encoding utf-9: unknown"),
    "an unknown quoting": ("own.csv", CSV, {"quoting": "odd"}, r"--quoting odd: give one of"),
    "an unsure header": ("own.csv", "a,b\nc,d\n", {}, r"--header first or --header none"),
    "a wrong path": ("own.json", '{"data": [{"text": "a"}]}', {"path": "x"}, r"nothing at 'x'; there is data"),
    "a list as Python prints it": ("own.json", str([{"text": "a", "label": "b"}]), {}, r"no JSON array .*json\.dump"),
    "an object as Python prints it": ("own.json", str({"data": [{"text": "a"}]}), {}, r"no JSON .*json\.dump"),
    "two lists": ("own.json", '{"a": [{"text": "a"}], "b": [{"text": "b"}, {"text": "c"}]}', {}, r"--path a"),
    "a cut gzip": ("own.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0", {}, r"own\.csv\.gz: damaged"),
    "a pickle": ("own.pkl", pickle.dumps(ROWS), {}, r"own\.pkl: a Python pickle.*never read: write its rows as CSV"),
    "SQLite": ("own.db", b"SQLite format 3\0" + b"\x10" * 90, {}, r"own\.db: an SQLite database: sqlite3 -header -csv"),
    "Stata": ("own.dta", b"<stata_dta><header>" + b"\x01\0" * 90, {}, r"own\.dta: a Stata file: .* export delimited"),
    "TFRecord": (
        "own", b"\x2a\0\0\0\0\0\0\0\x01\x02" + b"\n\x08text" * 9, {}, r"own: a binary file of an unknown kind"),
    "XML": ("own.csv", '\ufeff<?xml version="1.0"?>\n<rows><row><text>a</text></row></rows>', {}, r"read_xml"),
    "XML by name": ("own.xml", "<rows><row><text>a</text></row></rows>", {}, r"XML: write its records as CSV"),
    "a web page": ("own.csv", "\n<!DOCTYPE html>\n<html>", {}, r"own\.csv: a web page.*: download"),
    "ARFF": ("own.arff", "% x\n@RELATION a\n@ATTRIBUTE t STRING\n@DATA\n'a'", {}, r"ARFF file: .* below @data"),
    "YAML": ("own.yml", "- text: a\n  label: b\n", {}, r"own\.yml: YAML: write its records as JSON"),
    "two Markdown tables": ("own.md", "text|label\n-|-\na|b\n\nword|n\n-|-\na|1\n", {}, r"line 5: another table"),
    "no Excel": ("own.xlsx", "text", {}, r"no readable Excel file"),
    "an empty folder": ("empty/README.md", "x", {}, r"empty: no data file in it"),
    "lines that don't match": ("two/x_text.txt", "a\nb\n", {}, r"2 lines, and .*x_labels\.txt has 1"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_read_is_answered_with_what_would_do(tmp_path, case):
    name, content, options, message = REFUSED[case]
    path = tmp_path / name
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        written(tmp_path, name, content, "cp1251" if case == "Cyrillic" else "utf-8")
    if case == "lines that don't match":
        written(tmp_path, "two/x_labels.txt", "1\n")
    with pytest.raises(InputError, match=message) as raised:
        read_table(path.parent if "/" in name else path, ReadOptions(**options))
    assert "\n" not in str(raised.value)


def test_flaws_are_left_out_one_by_one_with_line_and_reason(tmp_path):
    rows = [b"text,label", b"fine,1", b"caf\xc3\xa9,1", b"bad \xff byte,0", b"a\0b,0", b" ,1", b"x,y,z", b"no label,",
            b"x" * 100_001 + b",1", b"y" * 1_200_000 + b",1", b'"open,0', b"last,0"]  # fmt: skip
    path = tmp_path / "own.csv"
    path.write_bytes(b"\n".join(rows) + b"\n")
    table = read_table(path)
    assert table.texts == ["fine", "café", "last"]
    assert [(each.line, each.reason) for each in table.left_out] == [
        (4, "bytes that are no text"), (5, "bytes that are no text"), (6, "empty text"), (7, "broken line"),
        (8, "missing label"), (9, "text too long"), (10, "broken line"), (11, "broken line"),
    ]  # fmt: skip


@pytest.mark.parametrize("above", ["", "Survey 2024\n", "# from 'x\n#\n\n", 'he said "hi\n\n', ",\n,\n"])
def test_lines_are_counted_from_the_files_first(tmp_path, above):
    path = written(tmp_path, "own.csv", above + CSV + "a,b,c\n\n,positive\n")
    table = read_table(path)
    assert list(zip(table.texts, table.labels, strict=True)) == ROWS
    n = above.count("\n") + 1 + len(ROWS)
    assert [(each.line, each.reason) for each in table.left_out] == [(n + 1, "broken line"), (n + 3, "empty text")]


DAMAGED = {
    "own.arrow": b"no Arrow's bytes, whose first four would be a length of a gigabyte or two",
    "own.zip": b"PK\3\4" + b"\0" * 40,
    "own.xlsx": b"PK\3\4",
    "own.csv.bz2": b"BZh9" + b"\0" * 40,
    "own.csv.zst": b"\x28\xb5\x2f\xfd" + b"\0" * 40,
    "own.json": b'[{"text": "a"}, {"text": ',
}


def test_a_parquet_file_over_which_its_reader_aborts_is_one_line(capfd):
    with pytest.raises(InputError, match=r"aborting\.parquet: no readable Parquet file .*: write it again"):
        read_table(FIXTURES / "aborting.parquet")  # mutated bytes of a made table: a column's place is negative
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_line_soon(tmp_path, name):
    (tmp_path / name).write_bytes(DAMAGED[name])
    with pytest.raises(InputError, match=name.replace(".", r"\.")) as raised:
        read_table(tmp_path / name)
    assert len(str(raised.value)) < 400
