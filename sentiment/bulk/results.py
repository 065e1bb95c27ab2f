"""Predictions of a block as bytes: of the output file, and of the file for rows that have none."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from sentiment.bulk.blocks import Block
from sentiment.corpora.readers import Flaw, Row
from sentiment.prediction.predictor import Outcomes, Predictor
from sentiment.storage.csv_bytes import csv_bytes

KINDS = (".csv", ".tsv", ".jsonl")
_ADDED = ("row", "label", "probability", "abstained")
_STRINGS = frozenset({str})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of one


@dataclass(frozen=True)
class OutputForm:
    """How predictions are written.

    Attributes:
        kind: one of `KINDS`.
        columns: of the source, which come back; one that is called as what we add gets "given_" in front.
        probabilities: whether each class's probability stands in a column of its own (in .jsonl it always comes).
        no_formulas: whether cells that a spreadsheet would take for formulas get an apostrophe in front.
    """

    kind: str
    columns: tuple[str, ...]
    probabilities: bool = False
    no_formulas: bool = False

    def header(self, names: Sequence[str]) -> bytes:
        """Returns the first line of an output file; `names` are the classes."""
        if self.kind == ".jsonl":
            return b""
        classes = [f"probability_{name}" for name in names] if self.probabilities else []
        return self.table([[*self.kept(), *_ADDED, *classes]])

    def kept(self) -> list[str]:
        """Returns what the source's columns are called in the output."""
        taken = {*_ADDED, "probabilities"}
        return [f"given_{name}" if name in taken or name.startswith("probability_") else name for name in self.columns]

    def table(self, rows: Iterable[Sequence[object]]) -> bytes:
        """Returns rows as CSV that `csv`, pandas and DuckDB read back equal."""
        written = csv_bytes(map(self._row, rows), "\t" if self.kind == ".tsv" else ",")
        return written.replace(b"\0", b"\\x00") if b"\0" in written else written

    def _row(self, row: Sequence[object]) -> Sequence[str]:
        if self.no_formulas or not _STRINGS.issuperset(map(type, row)):
            return [self._cell(value) for value in row]
        return cast("Sequence[str]", row)  # of most files: millions of rows

    def _cell(self, value: object) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else _written(value)
        return f"'{text}" if self.no_formulas and text.startswith(_FORMULA) else text


def predicted(predictor: Predictor, block: Block, form: OutputForm) -> tuple[bytes, bytes, int]:
    """Returns a block's output, its flawed rows as JSON lines, and how many these are."""
    good: list[tuple[Row, str]] = []
    bad = []
    for row in block.rows:
        if isinstance(row.text, Flaw):
            flaw = row.text
            facts = {"row": row.number, "file": row.file, "line": row.line}
            bad.append(facts | {"reason": flaw.reason, "error": flaw.error, "raw": flaw.raw})
        else:
            good.append((row, row.text))
    outcomes = predictor.outcomes([text for _, text in good])
    make = _json_lines if form.kind == ".jsonl" else _table_rows
    return make(good, outcomes, predictor.label_names, form), _as_lines(bad), len(bad)


def _table_rows(good: list[tuple[Row, str]], outcomes: Outcomes, names: tuple[str, ...], form: OutputForm) -> bytes:
    labels = [names[best] for best in outcomes.best.tolist()]
    probabilities = [f"{probability:.6f}" for probability in outcomes.probability.tolist()]
    abstained = ["yes" if each else "" for each in outcomes.abstained.tolist()]
    classes: Iterable[list[str]] = [[] for _ in good]
    if form.probabilities:
        classes = ([f"{each:.6f}" for each in row] for row in outcomes.probabilities.tolist())
    columns = zip(good, labels, probabilities, abstained, classes, strict=True)
    return form.table(
        [*_cells(row, text, form), str(row.number), label, probability, abstains, *each]
        for (row, text), label, probability, abstains, each in columns
    )


def _json_lines(good: list[tuple[Row, str]], outcomes: Outcomes, names: tuple[str, ...], form: OutputForm) -> bytes:
    rounded = outcomes.probabilities.round(6).tolist()
    best, abstained = outcomes.best.tolist(), outcomes.abstained.tolist()
    kept = form.kept()
    return _as_lines(
        dict(zip(kept, _cells(row, text, form), strict=True))
        | {
            "row": row.number,
            "label": names[best[place]],
            "probability": rounded[place][best[place]],
            "probabilities": dict(zip(names, rounded[place], strict=True)),
            "abstained": abstained[place],
        }
        for place, (row, text) in enumerate(good)
    )


def _cells(row: Row, text: str, form: OutputForm) -> Sequence[object]:
    return row.cells if len(row.cells) == len(form.columns) else [text]


def _as_lines(records: Iterable[dict[str, object]]) -> bytes:
    lines = "".join(json.dumps(record, ensure_ascii=False, default=str) + "\n" for record in records)
    return lines.encode("utf-8", "backslashreplace")


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, bool | dict | list) else str(value)
