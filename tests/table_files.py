"""Small tables as the bytes of files, for tests of corpora."""

import csv
import io
import json
from collections.abc import Iterable, Sequence

TEXTS = [f"this is text number {place}" for place in range(12)]
LABELS = ["positive", "negative", "neutral"] * 4
ROWS = list(zip(TEXTS, LABELS, strict=True))


def csv_bytes(rows: Iterable = ROWS, header: Sequence[str] = ("text", "label"), delimiter: str = ",") -> bytes:
    """Returns rows below a header as Python's csv writes them."""
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return file.getvalue().encode()


def jsonl_bytes(rows: Iterable = ROWS, names: Sequence[str] = ("text", "label")) -> bytes:
    """Returns one object a line."""
    return "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows).encode()


def parquet_bytes(text: object = TEXTS, label: object = LABELS) -> bytes:
    """Returns a Parquet file of two columns; of one, where `label` is None."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"text": text} | ({} if label is None else {"label": label})), file)
    return file.getvalue()
