"""The same rows in files of any kind, and in folders of any layout."""

import json
import zipfile

import pytest

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
