"""Every kind of file and folder: the rows that it holds, where it begins again, and what is said of it."""

import gzip
import io
import json

import pytest
from kinds_of_files import CSV, FOLDERS, JSON_LINES, LABELS, ONE_FILE, ROWS, TEXTS, excel, lines, of_files, written
from row_batches import rows_in_batches, rows_one_by_one

from sentiment.corpora.readers import Position, Reader, ReadOptions, read_table
from sentiment.errors import InputError


@pytest.mark.parametrize("kind", ONE_FILE)
def test_a_file_of_any_kind_holds_the_same_rows(tmp_path, kind):
    table = read_table(ONE_FILE[kind](tmp_path))
    assert list(zip(table.texts, table.labels, strict=True)) == ROWS
    assert table.left_out == ()
    assert table.said().startswith(table.name)


@pytest.mark.parametrize("kind", FOLDERS)
def test_a_folder_of_any_layout_holds_the_same_rows(tmp_path, kind):
    table = read_table(FOLDERS[kind](tmp_path))
    found = dict(zip(table.texts, table.labels, strict=True))
    short = {"pos": "positive", "neg": "negative"}
    assert {text: short.get(label, label) for text, label in found.items() if text in TEXTS} == dict(ROWS)
    if kind not in ("a file a class", "positive.txt, negative.txt", "shards"):
        assert set(table.splits) == {
            "train",
            "test" if kind in ("a folder a class", "a saved dataset") else "validation",
        }
    assert "no label" not in table.texts


def test_an_object_by_label_holds_each_label_s_texts(tmp_path):
    for positive, negative in ((["what a day", "so good"], ["so bad", "no, no", "never"]), (["a b"], ["c d"])):
        table = read_table(written(tmp_path, "own.json", json.dumps({"positive": positive, "negative": negative})))
        assert table.texts == [*positive, *negative]
        assert table.labels == ["positive"] * len(positive) + ["negative"] * len(negative)


def test_cyrillic_in_utf_16_is_no_binary_file(tmp_path):
    content = "text,label\nочень хороший фильм,1\nплохой фильм,0\n"
    assert read_table(written(tmp_path, "own.csv", content, "utf-16")).labels == ["1", "0"]
    bare = written(tmp_path, "bare.csv", content, "utf-16-le")
    with pytest.raises(InputError, match=r"binary file of an unknown kind: .* --encoding"):
        read_table(bare)
    assert read_table(bare, ReadOptions(encoding="utf-16-le")).labels == ["1", "0"]


def test_an_object_of_fields_is_one_record(tmp_path):
    record = {"the text": "what a day", "the label": "good"}
    options = ReadOptions(text=("the text",), label="the label")
    table = read_table(written(tmp_path, "own.json", json.dumps(record)), options)
    assert (table.texts, table.labels) == (["what a day"], ["good"])


def test_a_row_of_a_markdown_table_with_other_cells_is_left_out_with_its_line(tmp_path):
    table = read_table(written(tmp_path, "own.md", "| text | label |\n|---|---|\n| a | x |\n| b |\n| c \\| d | y |\n"))
    assert (table.texts, table.labels) == (["a", "c | d"], ["x", "y"])
    assert [(each.line, each.error) for each in table.left_out] == [(4, "1 cells, and the header has 2")]


def test_a_pattern_names_many_files(tmp_path):
    of_files(tmp_path, {"a-train.csv": CSV, "a-test.csv": "text,label\nlast,positive\n", "b.csv": "x,y\n"})
    table = read_table(str(tmp_path / "a-*.csv"))
    assert (len(table.texts), set(table.splits)) == (13, {"train", "test"})


def test_standard_input_is_read_as_a_file_is(monkeypatch):
    for content in (CSV.encode(), JSON_LINES.encode(), gzip.compress(CSV.encode())):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
        assert read_table("-").texts == TEXTS
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content[:50])))
    with pytest.raises(InputError, match=r"^standard input: damaged"):
        read_table("-")


def test_a_sheet_of_an_excel_file_is_chosen_by_name(tmp_path):
    path = excel(tmp_path)
    assert read_table(path, ReadOptions(sheet="data")).labels == LABELS
    with pytest.raises(InputError, match=r"no sheet 'x': name one of Sheet, data with --sheet"):
        read_table(path, ReadOptions(sheet="x"))


@pytest.mark.parametrize("kind", [*ONE_FILE, *FOLDERS])
def test_reading_goes_on_from_the_end_of_any_row(tmp_path, kind):
    with Reader((ONE_FILE | FOLDERS)[kind](tmp_path)) as reader:
        rows = list(reader.rows())
        for place in (0, 5, len(rows) - 2, len(rows) - 1):
            assert list(reader.rows(rows[place].end)) == rows[place + 1 :]
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        assert list(reader.rows(Position())) == rows
        assert rows_in_batches(reader.batches()) == rows_one_by_one(rows)
        for batch in reader.batches():
            assert rows_in_batches(reader.batches(batch.end)) == rows_one_by_one(rows[batch.end.row :])


COLUMNS = {
    "by name": ({"text": ("Title", "Body"), "label": "Class"}, "Class,Title,Body\nx,a b,c d\ny,e,f\n"),
    "by another case": ({"text": ("title", "body"), "label": "class"}, "Class,Title,Body\nx,a b,c d\ny,e,f\n"),
    "by number": ({"text": ("2", "3"), "label": "1"}, "Class,Title,Body\nx,a b,c d\ny,e,f\n"),
    "by number without a header": ({"text": ("2", "3"), "label": "1", "header": "none"}, "x,a b,c d\ny,e,f\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", COLUMNS)
def test_columns_are_named_or_numbered_and_several_texts_are_joined(tmp_path, case):
    options, content = COLUMNS[case]
    table = read_table(written(tmp_path, "own.csv", content), ReadOptions(**options))
    assert (table.texts, table.labels) == (["a b c d", "e f"], ["x", "y"])


def test_several_labels_of_a_text_are_told_apart(tmp_path):
    table = read_table(written(tmp_path, "own.tsv", lines(["text\tlabel", "a\tjoy,fear", "b\tjoy", "c\tfear,anger"])))
    assert table.labels == [["joy", "fear"], ["joy"], ["fear", "anger"]]
    table = read_table(written(tmp_path, "own.txt", lines(["__label__1 __label__2 a", "__label__1 b"])))
    assert table.labels == [["1", "2"], "1"]


def test_a_column_of_splits_is_used_and_named(tmp_path):
    rows = ["text,label,split", "a,x,train", "b,y,dev", "c,x,test"]
    table = read_table(written(tmp_path, "own.csv", lines(rows)))
    assert table.splits == ["train", "validation", "test"]
    assert "split: split" in table.said()
    rows[0] = "text,label,part"
    assert read_table(written(tmp_path, "own.csv", lines(rows))).splits == [None] * 3
    assert read_table(written(tmp_path, "own.csv", lines(rows)), ReadOptions(split="part")).splits[1] == "validation"
