"""A file -> a `Table`."""

import csv
import hashlib
import io
import json
from collections.abc import Iterator
from pathlib import Path

from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.table import (
    BROKEN_LINE,
    EMPTY_TEXT,
    MISSING_LABEL,
    LeftOut,
    Table,
)
from sentiment.errors import InputError


def read_table(source: str | Path, options: ReadOptions = ReadOptions()) -> Table:  # noqa: B008 - it is frozen
    """Reads a file whole.

    Labels are stripped; numbers become strings. A source without a column of labels gives labels of None.

    Raises:
        InputError: in one line with a remedy: no such file, no such column, a dialect that the sniffer can't tell.
        OSError: it can't be read.
    """
    path = Path(source)
    if not path.is_file():
        raise InputError(f"{path}: no such file: check the name and the folder")
    data = path.read_bytes()
    named = {"text": (options.text or ("text",))[0], "label": options.label or "label", "split": options.split}
    texts, labels, splits, lines, left_out = [], [], [], [], []
    row = 0
    for row, (line, record) in enumerate(_records(path, data), start=1):
        text = record.get(named["text"])
        label = record.get(named["label"])
        reason = BROKEN_LINE if text is None else "" if text.strip() else EMPTY_TEXT
        if not reason and named["label"] in record and (label is None or not str(label).strip()):
            reason = MISSING_LABEL
        if reason:
            left_out.append(LeftOut(line, reason, str(record)[:200], reason, str(path), row))
            continue
        texts.append(text)
        labels.append(None if label is None else str(label).strip())
        splits.append(record.get(named["split"]))
        lines.append(line)
    digest = hashlib.sha256(data).hexdigest()
    return Table(path.name, texts, labels, splits, lines, [str(path)] * len(texts), tuple(left_out), sha256=digest)


def _records(path: Path, data: bytes) -> Iterator[tuple[int, dict]]:
    if path.suffix == ".parquet":
        from sentiment.corpora.parquet import batches, open_parquet

        reader = open_parquet(data, path)
        yield from enumerate((row for batch in batches(reader, path) for row in batch.to_struct_array().to_pylist()), 1)
        return
    text = data.decode("utf-8-sig")
    if path.suffix == ".jsonl":
        yield from ((line, json.loads(each)) for line, each in enumerate(text.split("\n"), 1) if each.strip())
        return
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="\t" if path.suffix == ".tsv" else ",")
    yield from ((reader.line_num, record) for record in reader)
