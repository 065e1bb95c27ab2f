"""Every kind of file and folder: the rows that it holds, where it begins again, and what is said of it."""

import gzip
import io
import json
import pickle
import zipfile

import pytest
from paths import FIXTURES
from row_batches import rows_in_batches, rows_one_by_one

from sentiment.corpora.readers import Position, Reader, ReadOptions, read_table
from sentiment.errors import InputError

ROWS = [(f"the {'good' if n % 2 else 'bad'} film number {n}", "positive" if n % 2 else "negative") for n in range(12)]
TEXTS, LABELS = map(list, zip(*ROWS, strict=True))
CSV = "text,label\n" + "".join(f"{text},{label}\n" for text, label in ROWS)
BARE = "".join(f"{text}\t{label}\n" for text, label in ROWS)


def parquet(folder, names=None):
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.table({"text": TEXTS, "label": [names.index(label) if names else label for label in LABELS]})
    if names:
        features = {"info": {"features": {"label": {"names": names, "_type": "ClassLabel"}}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    pq.write_table(table, folder / "own.parquet")
    return folder / "own.parquet"


def saved_dataset(folder):
    import pyarrow as pa

    (folder / "dataset_dict.json").write_text('{"splits": ["train", "test"]}')
    for split, rows in (("train", ROWS[:8]), ("test", ROWS[8:])):
        place = folder / split
        place.mkdir()
        (place / "state.json").write_text("{}")
        (place / "dataset_info.json").write_text("{}")
        features = {"info": {"features": {"label": {"names": ["negative", "positive"], "_type": "ClassLabel"}}}}
        table = pa.table(
            {"text": [text for text, _ in rows], "label": [int(label == "positive") for _, label in rows]}
        ).replace_schema_metadata({"huggingface": json.dumps(features)})
        with pa.ipc.new_stream(place / "data-00000-of-00001.arrow", table.schema) as writer:
            writer.write_table(table)
    return folder


def excel(folder):
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, which writes the file, is not installed")
    book = openpyxl.Workbook()
    book.active.append(["notes"])
    sheet = book.create_sheet("data")
    for row in [("id", "text", "label"), *((n, *row) for n, row in enumerate(ROWS))]:
        sheet.append(row)
    book.save(folder / "own.xlsx")
    return folder / "own.xlsx"


def open_document(folder):
    """As LibreOffice saves a sheet, no more than what a reader needs."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    rows = "".join(
        "<table:table-row>" + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        ) + "</table:table-row>"
        for row in [("text", "label"), *ROWS]
    )  # fmt: skip
    sheet = f'<table:table table:name="Sheet1">{rows}</table:table>'
    body = f"<office:body><office:spreadsheet>{sheet}</office:spreadsheet></office:body>"
    with zipfile.ZipFile(folder / "own.ods", "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml", '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
        )
        archive.writestr("content.xml", f"<office:document-content{names}>{body}</office:document-content>")
    return folder / "own.ods"


def written(folder, name, content, encoding="utf-8"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode(encoding))
    return path


def of_files(folder, files):
    for name, content in files.items():
        written(folder, name, content)
    return folder


def lines(values):
    return "".join(f"{value}\n" for value in values)


JSON_LINES = lines(json.dumps({"text": text, "label": label}) for text, label in ROWS)


BARE_WIDE = lines(line + ",,," for line in CSV.splitlines()[1:])


def as_tasks():
    return json.dumps([labelled_task(text, label) for text, label in ROWS])


def labelled_task(text, label):
    """As Label Studio exports a task that one annotator judged."""
    chosen = {"value": {"choices": [label]}, "from_name": "label", "to_name": "text", "type": "choices"}
    annotation = {"id": 7, "completed_by": 1, "result": [chosen], "was_cancelled": False, "ground_truth": False}
    return {"id": 1, "data": {"text": text, "url": "x"}, "annotations": [annotation], "predictions": [], "project": 2}


def as_json(indent=None):
    return json.dumps([{"id": n, "text": text, "label": label} for n, (text, label) in enumerate(ROWS)], indent=indent)


def as_grid(rule="=", below_rows=True):
    """As reStructuredText draws a table, and MySQL's client without a line below each row."""
    between = f"+{'-' * 40}+{'-' * 10}+"
    body = [f"| {text:38} | {label:8} |" for text, label in ROWS]
    rows = [line for row in body for line in (row, between)] if below_rows else [*body, between]
    return lines([between, f"| {'text':38} | {'label':8} |", between.replace("-", rule), *rows, "12 rows in set"])


def as_psql():
    return lines([" text | label ", "------+-------", *(f" {text} | {label}" for text, label in ROWS), "(12 rows)"])


def as_r_table(between):
    """As R's write.table does: numbered rows below a header that doesn't name them, quotes around strings."""
    rows = [[f'"{cell}"' for cell in row] for row in [("text", "label"), *((n, *row) for n, row in enumerate(ROWS, 1))]]
    return lines(between.join(row) for row in rows)


def with_commas(rows):
    return [(text.replace(" film ", ", film, "), label) for text, label in rows]


def as_markdown(rows=tuple(ROWS), bar="|"):
    """As a chat assistant answers: prose around a table."""
    cells = [("text", "label"), ("---", ":-:"), *((text.replace("|", "\\|"), label) for text, label in rows)]
    return "# Tweets | labelled\n\n" + lines(f"{bar} {' | '.join(row)} {bar}" for row in cells) + "\nThat's all!\n"


ONE_FILE = {
    "csv": lambda d: written(d, "own.csv", CSV),
    "tsv without a header": lambda d: written(d, "own.tsv", BARE),
    "no suffix": lambda d: written(d, "SMSCollection", "".join(f"{label}\t{text}\n" for text, label in ROWS)),
    "semicolons without a header": lambda d: written(d, "own.txt", BARE.replace("\t", ";")),
    "pipes": lambda d: written(d, "own.csv", CSV.replace(",", "|")),
    "Excel's line of the delimiter": lambda d: written(d, "own.csv", "sep=;\r\n" + CSV.replace(",", ";"), "utf-8-sig"),
    "old Mac": lambda d: written(d, "own.csv", CSV.replace("\n", "\r")),
    "UTF-16 without a mark": lambda d: written(d, "own.csv", CSV, "utf-16-le"),
    "UTF-32": lambda d: written(d, "own.csv", CSV, "utf-32"),
    "JSON lines": lambda d: written(d, "own.jsonl", JSON_LINES),
    "JSON lines without a suffix": lambda d: written(d, "own", JSON_LINES),
    "an array": lambda d: written(d, "own.json", as_json()),
    "an array over many lines": lambda d: written(d, "own.json", as_json(indent=2)),
    "an array of pairs": lambda d: written(d, "own.json", json.dumps(ROWS)),
    "an object of columns": lambda d: written(d, "own.json", json.dumps({"text": TEXTS, "label": LABELS})),
    "pandas' object of columns": lambda d: written(
        d, "own.json", json.dumps({"text": dict(enumerate(TEXTS)), "label": dict(enumerate(LABELS))})
    ),
    "an object of records by their ids": lambda d: written(
        d, "own.json",
        json.dumps({f"t{n}": {"text": text, "label": label} for n, (text, label) in enumerate(ROWS)}, indent=1),
    ),
    "an object text -> label": lambda d: written(d, "own.json", json.dumps(dict(ROWS))),
    "Markdown": lambda d: written(d, "own.md", as_markdown()),
    "OpenDocument": open_document,
    "a grid": lambda d: written(d, "own.rst", as_grid()),
    "MySQL's output": lambda d: written(d, "own.txt", as_grid("-", below_rows=False)),
    "psql's output": lambda d: written(d, "own.txt", as_psql()),
    "R's table": lambda d: written(d, "own.txt", as_r_table(" ")),
    "R's table of tabs": lambda d: written(d, "own.tsv", as_r_table("\t").replace('"', "")),
    "a delimiter at the end": lambda d: written(d, "own.csv", CSV.replace("tive\n", "tive,\n")),
    "an X archive's JavaScript": lambda d: written(d, "own.js", f"window.YTD.tweets.part0 = {as_json(1)};\n"),
    "Markdown without outer bars, in two tables": lambda d: written(
        d, "own.txt", as_markdown(ROWS[:5], "") + as_markdown(ROWS[5:], "")
    ),
    "records below a key": lambda d: written(d, "own.json", json.dumps({"version": 1, "data": json.loads(as_json())})),
    "objects one after another": lambda d: written(d, "own.json", JSON_LINES.replace("\n", " ")),
    "objects over many lines": lambda d: written(
        d, "own.json", lines(json.dumps(record, indent=2) for record in json.loads(as_json()))
    ),
    "a header of which cells are empty": lambda d: written(d, "own.csv", "text,label,,,\n" + BARE_WIDE),
    "a title above": lambda d: written(d, "own.csv", "Survey 2024\n" + CSV),
    "notes above": lambda d: written(d, "own.csv", '# from "x\n# y\n\n' + CSV),
    "a title above, as spreadsheets save it": lambda d: written(
        d, "own.csv", "Survey,,,,\n,,,,\ntext,label,,,\n" + BARE_WIDE
    ),
    "Label Studio": lambda d: written(d, "own.json", as_tasks()),
    "Prodigy": lambda d: written(
        d, "own.jsonl",
        lines(json.dumps({"text": text, "_task_hash": 1, "label": label, "answer": "accept"}) for text, label in ROWS),
    ),
    "Prodigy's options": lambda d: written(
        d, "own.jsonl",
        lines(
            json.dumps({"text": text, "_input_hash": 1, "options": [{"id": 1}], "accept": [label], "answer": "accept"})
            for text, label in ROWS
        ),
    ),
    "fastText": lambda d: written(d, "own.txt", "".join(f"__label__{label} {text}\n" for text, label in ROWS)),
    "Parquet": parquet,
    "Parquet with names": lambda d: parquet(d, ["negative", "positive"]),
}  # fmt: skip


@pytest.mark.parametrize("kind", ONE_FILE)
def test_a_file_of_any_kind_holds_the_same_rows(tmp_path, kind):
    table = read_table(ONE_FILE[kind](tmp_path))
    assert list(zip(table.texts, table.labels, strict=True)) == ROWS
    assert table.left_out == ()
    assert table.said().startswith(table.name)


FOLDERS = {
    "side by side": lambda d: of_files(
        d, {"train.csv": "text,label\n" + CSV[11:], "dev.csv": "text,label\ndev,positive\n", "README.md": "x"}
    ),
    "parallel files": lambda d: of_files(
        d,
        {"train_text.txt": lines(TEXTS), "train_labels.txt": lines(int(label == "positive") for label in LABELS),
         "val_text.txt": "dev\n", "val_labels.txt": "1\n", "mapping.txt": "0\tnegative\n1\tpositive"},
    ),
    "a folder a class": lambda d: of_files(
        d,
        {f"train/{'pos' if label == 'positive' else 'neg'}/{n}.txt": text for n, (text, label) in enumerate(ROWS)}
        | {"test/pos/1.txt": "dev", "test/pos/2.txt": "dev 2", "test/neg/1.txt": "x", "test/neg/2.txt": "y",
           "train/unsup/1.txt": "no label"},
    ),
    "a file a class": lambda d: of_files(
        d, {"rt.positive": lines(TEXTS[1::2]), "rt.negative": lines(TEXTS[0::2])}
    ),
    "positive.txt, negative.txt": lambda d: of_files(
        d, {"positive.txt": lines(TEXTS[1::2]), "negative.txt": lines(TEXTS[0::2])}
    ),
    "a saved dataset": saved_dataset,
    "shards": lambda d: of_files(d, {"part-1.csv": CSV, "part-2.csv": "text,label\nlast,positive\n"}),
}  # fmt: skip


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
