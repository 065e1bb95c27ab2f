"""Predictions of a block as bytes: of the output file, and of the file for rows that have none."""

import csv
import io
import json

from sentiment.bulk.rows import Flaw
from sentiment.bulk.sources import Block
from sentiment.prediction.predictor import Outcomes, Predictor

KINDS = (".csv", ".tsv", ".jsonl")
_COLUMNS = ("row", "label", "probability", "abstained", "text")


def header(kind: str) -> bytes:
    """Returns the first line of an output file."""
    return b"" if kind == ".jsonl" else _table([_COLUMNS], kind)


def predicted(predictor: Predictor, block: Block, kind: str) -> tuple[bytes, bytes, int]:
    """Returns a block's output, its flawed rows as JSON lines, and how many these are."""
    good, bad = [], []
    for row, line, text in block.rows():
        if isinstance(text, Flaw):
            bad.append({"row": row, "line": line, "error": text.error, "raw": text.raw})
        else:
            good.append((row, text))
    outcomes = predictor.outcomes([text for _, text in good])
    make = _json_lines if kind == ".jsonl" else _table_rows
    return make(good, outcomes, predictor.label_names, kind), _as_lines(bad), len(bad)


def _table_rows(good: list[tuple[int, str]], outcomes: Outcomes, names: tuple[str, ...], kind: str) -> bytes:
    labels = [names[best] for best in outcomes.best.tolist()]
    probabilities = [f"{probability:.6f}" for probability in outcomes.probability.tolist()]
    abstained = ["yes" if each else "" for each in outcomes.abstained.tolist()]
    rows, texts = zip(*good, strict=True) if good else ((), ())
    return _table(zip(rows, labels, probabilities, abstained, texts, strict=True), kind)


def _table(rows, kind: str) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter="," if kind == ".csv" else "\t", lineterminator="\n").writerows(rows)
    return written.getvalue().encode("utf-8", "backslashreplace")


def _json_lines(good: list[tuple[int, str]], outcomes: Outcomes, names: tuple[str, ...], kind: str) -> bytes:
    rounded = outcomes.probabilities.round(6).tolist()
    best, abstained = outcomes.best.tolist(), outcomes.abstained.tolist()
    return _as_lines(
        {
            "row": row,
            "label": names[best[place]],
            "probability": rounded[place][best[place]],
            "probabilities": dict(zip(names, rounded[place], strict=True)),
            "abstained": abstained[place],
            "text": text,
        }
        for place, (row, text) in enumerate(good)
    )


def _as_lines(records) -> bytes:
    lines = "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)
    return lines.encode("utf-8", "backslashreplace")
