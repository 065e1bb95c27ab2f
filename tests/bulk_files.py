"""What tests of bulk prediction share: writers of each kind of file, and reading the answers back."""

import csv
import io
import json
from pathlib import Path

from sentiment.bulk import BulkOptions, Done, predict_file
from sentiment.corpora.readers import Reader, ReadOptions

TEXTS = ["so happy today 😀", "crying, all night", 'she said "yes"', "a quiet\nevening", "a\rb", "qwrk zzyx"]


def as_csv(texts, delimiter=",") -> bytes:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([("id", "text"), *enumerate(texts)])
    return file.getvalue().encode()


def as_parquet(texts) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table({"id": list(range(len(texts))), "text": texts}), file)
    return file.getvalue()


def lines_of(texts) -> bytes:
    return "".join(text.replace("\n", " ") + "\n" for text in texts).encode()


WRITERS = {
    "in.csv": as_csv,
    "in.tsv": lambda texts: as_csv(texts, "\t"),
    "in.jsonl": lambda texts: "".join(json.dumps({"text": text}) + "\n" for text in texts).encode(),
    "in.parquet": as_parquet,
    "in.txt": lines_of,
}


def bulk(run: Path, source: Path, output: Path, progress=lambda position, size: None, reading=None, **options) -> Done:
    """Predicts a file with one process unless told otherwise."""
    with Reader(source, reading or ReadOptions()) as reader:
        return predict_file(run, reader, output, BulkOptions(**({"processes": 1} | options)), progress)


def answers(path: Path) -> list[dict]:
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in path.read_text("utf-8").split("\n") if line]
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter="," if path.suffix == ".csv" else "\t"))


def left_beside(output: Path) -> list[str]:
    return sorted(path.name for path in output.parent.iterdir() if path.name.startswith(output.name))
