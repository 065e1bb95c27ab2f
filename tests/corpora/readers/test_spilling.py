"""Texts that hold the delimiter without quotes are read whole, and never at the cost of other columns."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment.corpora.readers import Reader, ReadOptions, read_table
from sentiment.corpora.readers.spilling import find_spilling
from sentiment.corpora.readers.table_file import TableFile

TEXTS = [
    f"{n} times I went, and it was {'good' if n % 2 else 'bad'} for {n + 3} of us" + ", honestly" * (n % 3 == 0)
    for n in range(40)
]
TEXTS[4:8] = ["what a day four", "no comma five", "what a day six", "no comma seven"]
LABELS = ["positive" if n % 2 else "negative" for n in range(40)]
IDS = [f"t{n}" for n in range(40)]


QUOTED = [f'"{text}"' if n > 30 else text for n, text in enumerate(TEXTS)]


def lines(*columns, between=","):
    return "".join(between.join(cells) + "\n" for cells in zip(*columns, strict=True))


FILES = {
    "the label last": ("own.csv", "text,label\n" + lines(TEXTS, LABELS)),
    "the label first": ("own.csv", "label,text\n" + lines(LABELS, TEXTS)),
    "the label last, no header": ("own.csv", lines(TEXTS, LABELS)),
    "the label first, no header": ("own.csv", lines(LABELS, TEXTS)),
    "the label first in a file of any kind": ("own.txt", lines(LABELS, TEXTS)),
    "between an id and the label": ("own.csv", "id,text,label\n" + lines(IDS, TEXTS, LABELS)),
    "semicolons": ("own.txt", "text;label\n" + lines([text.replace(",", ";") for text in TEXTS], LABELS, between=";")),
    "some in quotes": ("own.csv", "text,label\n" + lines(QUOTED, LABELS)),
}  # fmt: skip


@pytest.mark.parametrize("case", FILES)
def test_texts_with_delimiters_are_whole(tmp_path, case):
    name, content = FILES[case]
    (tmp_path / name).write_text(content, "utf-8")
    table = read_table(tmp_path / name)
    assert [text.replace(";", ",") for text in table.texts] == TEXTS
    assert (table.labels, table.left_out) == (LABELS, ())
    assert "are text" in table.said()
    with Reader(tmp_path / name) as reader:
        rows = list(reader.rows())
        assert [row.text.replace(";", ",") for row in rows] == TEXTS
        assert [row.text for row in reader.rows(rows[9].end)] == [row.text for row in rows[10:]]


@pytest.mark.parametrize("header", ["text\n", ""])
def test_a_table_of_one_column_holds_its_lines(tmp_path, header):
    (tmp_path / "own.csv").write_text(header + lines(TEXTS), "utf-8")
    table = read_table(tmp_path / "own.csv")
    assert (table.texts, table.labels, table.left_out) == (TEXTS, [None] * 40, ())


RAGGED = {
    "several labels in a row": "text,label\n" + lines(["oh my"] * 18, ["joy,love"] * 9 + ["love"] * 9),
    "several labels before": "label,text\n" + lines(["joy,love"] * 9 + ["joy"] * 9, ["oh my"] * 18),
    "one row": "text,label\n" + lines(TEXTS[4:8], LABELS[4:8]) + "too,many,positive\n",
    "rows with too few cells": "text,label\n" + lines(TEXTS, LABELS) + "x\n" * 9,
    "two columns of texts": "text,label\n" + lines(TEXTS, TEXTS),
}  # fmt: skip


@pytest.mark.parametrize("case", RAGGED)
def test_rows_that_may_mean_something_else_are_broken(tmp_path, case):
    (tmp_path / "own.csv").write_text(RAGGED[case], "utf-8")
    table = read_table(tmp_path / "own.csv")
    assert {flaw.reason for flaw in table.left_out} == {"broken line"}


def test_a_few_rows_with_too_many_cells_are_broken():
    rows = [["so good", "positive"], ["so bad", "negative"]] * 500
    longer = [[f"a day {n}", f" or {n}", "positive"] for n in range(11)]
    assert find_spilling([*rows, *longer[:9]], ",", set()) is None
    assert find_spilling([*rows, *longer], ",", set()) == (2, 0)


WORDS = st.lists(st.sampled_from(["so", "it", "was,", "good", "bad,", "day", "oh, well"]), min_size=2, max_size=9)


@given(st.lists(WORDS, min_size=20, max_size=60), st.booleans())
def test_what_is_read_is_what_was_written(tmp_path_factory, texts, first):
    written = [" ".join([str(n), *words]).strip(",") for n, words in enumerate(texts)]  # no two alike
    labels = [str(n % 3) for n in range(len(written))]
    if sum("," in text for text in written) < 3:
        return
    header, columns = ("label,text\n", (labels, written)) if first else ("text,label\n", (written, labels))
    path = tmp_path_factory.mktemp("spilling") / "own.csv"
    path.write_text(header + lines(*columns), "utf-8")
    table = read_table(path)
    assert (table.texts, table.labels) == (written, labels)


@given(st.lists(st.tuples(st.text('ab, "\n', min_size=1), st.sampled_from("xy")), min_size=4, max_size=40))
def test_a_table_in_quotes_never_spills(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("quoted") / "own.csv"
    content = io.StringIO()
    csv.writer(content, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *rows])
    path.write_text(content.getvalue(), "utf-8")
    with Reader(path, ReadOptions(quoting="double")) as reader:
        assert isinstance(reader.first.format, TableFile)
        assert reader.first.format.delimiting.spills is None
