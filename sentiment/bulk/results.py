"""Predictions of a batch as bytes: of the output file, and of the file for rows that have none."""

import functools
import itertools
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeGuard

import numpy as np

from sentiment.corpora.readers import Flaw, RowBatch
from sentiment.prediction.answers import Outcomes
from sentiment.prediction.predictor import Predictor
from sentiment.storage.csv_bytes import csv_of_columns

KINDS = (".csv", ".tsv", ".jsonl")
_ADDED = ("row", "label", "probability", "abstained")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet takes for the beginning of one


@dataclass(frozen=True)
class OutputForm:
    """How predictions are written.

    Attributes:
        kind: one of `KINDS`.
        columns: of the source, which come back; one that is called as what we add gets "given_" in front.
        probabilities: whether each class's probability stands in a column of its own (in .jsonl it always comes).
        no_formulas: whether cells that a spreadsheet would take for formulas get an apostrophe in front.
        several: whether a text may have several labels.
    """

    kind: str
    columns: tuple[str, ...]
    probabilities: bool = False
    no_formulas: bool = False
    several: bool = False

    def header(self, names: Sequence[str]) -> bytes:
        """Returns the first line of an output file; `names` are the classes."""
        if self.kind == ".jsonl":
            return b""
        classes = [f"probability_{name}" for name in names] if self.probabilities else []
        return self.table([[name] for name in (*self.kept(), *_ADDED, *classes)])

    def kept(self) -> list[str]:
        """Returns what the source's columns are called in the output."""
        taken = {*_ADDED, "probabilities", *(["labels"] if self.several else [])}
        return [f"given_{name}" if name in taken or name.startswith("probability_") else name for name in self.columns]

    def table(self, columns: Iterable[Sequence[object]]) -> bytes:
        """Returns two columns or more as CSV that `csv`, pandas and DuckDB read back equal."""
        written = csv_of_columns(map(self._as_strings, columns), "\t" if self.kind == ".tsv" else ",")
        return written.replace(b"\0", b"\\x00") if b"\0" in written else written

    def _as_strings(self, column: Sequence[object]) -> Sequence[str]:
        if not self.no_formulas and _are_strings(column):
            return column
        return list(map(self._cell, column))

    def _cell(self, value: object) -> str:
        if value is None:
            return ""
        text = value if isinstance(value, str) else _written(value)
        return f"'{text}" if self.no_formulas and text.startswith(_FORMULA) else text


class _Answered(NamedTuple):
    """The rows of a batch that have an answer: their numbers, their texts, and the cells that come back."""

    numbers: Sequence[int]
    texts: Sequence[str]
    cells: Sequence[Sequence[object]]

    def columns(self, width: int) -> list[Sequence[object]]:
        return [[row[place] for row in self.cells] for place in range(width)]


@dataclass
class BatchPredictor:
    """Predicts batches for an output of some form; it goes to other processes by pickle, before it has loaded a run.

    Attributes:
        load: loads the predictor, when there is a first batch. Raises InputError where the run can't be used.
        form: of the output.
    """

    load: Callable[[], Predictor]
    form: OutputForm

    @functools.cached_property
    def _predictor(self) -> Predictor:
        return self.load()

    def __call__(self, batch: RowBatch) -> tuple[bytes, bytes, int]:
        """Returns what `predicted` returns."""
        return predicted(self._predictor, batch, self.form)


def predicted(predictor: Predictor, batch: RowBatch, form: OutputForm) -> tuple[bytes, bytes, int]:
    """Returns a batch's output, its flawed rows as JSON lines, and how many these are."""
    found = batch.texts()
    bad = [_flawed(batch, place, text) for place, text in enumerate(found) if isinstance(text, Flaw)]
    rows = _answered(batch, found, len(form.columns))
    make = _json_lines if form.kind == ".jsonl" else _table_rows
    return make(rows, predictor.outcomes(rows.texts), predictor, form), _as_lines(bad), len(bad)


def _answered(batch: RowBatch, found: Sequence[str | Flaw], width: int) -> _Answered:
    numbers: Sequence[int] = range(batch.first, batch.first + len(batch))
    texts: Sequence[str] = [text for text in found if isinstance(text, str)]
    cells: Sequence[Sequence[object]] = batch.cells
    if len(texts) < len(found):
        good = [isinstance(text, str) for text in found]
        numbers, cells = list(itertools.compress(numbers, good)), list(itertools.compress(cells, good))
    if set(map(len, cells)) - {width}:
        cells = [row if len(row) == width else [text] for row, text in zip(cells, texts, strict=True)]
    return _Answered(numbers, texts, cells)


def _flawed(batch: RowBatch, place: int, flaw: Flaw) -> dict[str, object]:
    where = {"row": batch.first + place, "file": batch.files[place], "line": batch.lines[place]}
    return where | {"reason": flaw.reason, "error": flaw.error, "raw": flaw.raw}


def _table_rows(rows: _Answered, outcomes: Outcomes, predictor: Predictor, form: OutputForm) -> bytes:
    labels, probabilities = _answers(outcomes, predictor)
    abstained = ["yes" if each else "" for each in outcomes.abstained.tolist()]
    columns = [*rows.columns(len(form.columns)), list(map(str, rows.numbers)), labels, probabilities, abstained]
    if form.probabilities:
        columns += map(_six_decimals, outcomes.probabilities.T)
    return form.table(columns)


def _answers(outcomes: Outcomes, predictor: Predictor) -> tuple[list[str], list[str]]:
    """Returns each row's label and its probability; of several labels both joined as the training file had them."""
    if outcomes.given is None:
        return [predictor.label_names[best] for best in outcomes.best.tolist()], _six_decimals(outcomes.probability)
    between, sets = predictor.labels_between or ",", _sets(outcomes, predictor)
    return list(map(between.join, sets)), [between.join(map("{:.6f}".format, each.values())) for each in sets]


def _six_decimals(column: np.ndarray) -> list[str]:
    return list(map("{:.6f}".format, column.tolist()))


def _sets(outcomes: Outcomes, predictor: Predictor) -> list[dict[str, float]]:
    """Returns the labels that each text gets, the most probable first, with their probabilities."""
    assert outcomes.given is not None, "the model gives several"
    found = []
    for row, given in zip(outcomes.probabilities, outcomes.given, strict=True):
        places = np.flatnonzero(given)
        places = places[np.argsort(-row[places], kind="stable")]
        found.append({predictor.label_names[place]: float(row[place]) for place in places})
    return found


def _json_lines(rows: _Answered, outcomes: Outcomes, predictor: Predictor, form: OutputForm) -> bytes:
    rounded = outcomes.probabilities.round(6).tolist()
    names = predictor.label_names
    sets: Iterable[dict[str, float] | None] = itertools.repeat(None, len(rounded))
    if outcomes.given is not None:
        sets = _sets(outcomes, predictor)
    kept = form.kept()
    return _as_lines(
        dict(zip(kept, cells, strict=True))
        | {
            "row": number,
            "label": names[best],
            "probability": probabilities[best],
            "probabilities": dict(zip(names, probabilities, strict=True)),
            "abstained": abstained,
            **({} if given is None else {"labels": list(given)}),
        }
        for number, cells, best, probabilities, abstained, given in zip(
            rows.numbers, rows.cells, outcomes.best.tolist(), rounded, outcomes.abstained.tolist(), sets, strict=True
        )
    )


def _as_lines(records: Iterable[dict[str, object]]) -> bytes:
    lines = "".join(json.dumps(record, ensure_ascii=False, default=str) + "\n" for record in records)
    return lines.encode("utf-8", "backslashreplace")


def _are_strings(column: Sequence[object]) -> TypeGuard[Sequence[str]]:
    return set(map(type, column)) <= {str}


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, default=str) if isinstance(value, bool | dict | list) else str(value)
