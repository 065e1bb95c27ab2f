"""Rows of the user's CSV, TSV, JSONL and Parquet files, with an error that names file, row and remedy for each flaw."""

import csv
import io
import itertools
import json
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from sentiment.corpora.readers.arrow_file import batches, holds_strings, kind_of, open_arrow
from sentiment.errors import InputError

_LONGEST_LINE = 1_000_000
_SHOWN_COLUMNS = 12


class Row(NamedTuple):
    """One row as the file has it: its number (the first below the header is 1), its line where there are lines."""

    number: int
    line: int | None
    text: object
    label: object

    @property
    def place(self) -> str:
        """The row in words, for messages."""
        return f"row {self.number}" + (f" (line {self.line})" if self.line is not None else "")


class Columns(NamedTuple):
    """The names of the two columns that are read; None stands for the default, "text" and "label"."""

    text: str | None
    label: str | None

    def among(self, path: Path, available: list[str]) -> tuple[str, str]:
        """Returns the two names. Raises InputError, with the columns that there are, when one is missing or doubled."""
        found = []
        for role, named in (("text", self.text), ("label", self.label)):
            name = named or role
            if available.count(name) != 1:
                fault = "more than one column" if name in available else "no column"
                raise InputError(
                    f"{path}: {fault} {name!r} for the {role}s; its columns are {_listed(available)}: "
                    f"name the right one with --{role} COLUMN ({role.upper()}=COLUMN with make)"
                )
            found.append(name)
        if found[0] == found[1]:
            raise InputError(f"{path}: {found[0]!r} can't be both text and label: name two columns, --text and --label")
        return found[0], found[1]


def read_csv(path: Path, data: bytes, columns: Columns) -> Iterator[Row]:
    """Reads comma-separated values as RFC 4180 has them: quoted cells may hold commas, newlines and doubled quotes."""
    return _read_delimited(path, data, columns, ",")


def read_tsv(path: Path, data: bytes, columns: Columns) -> Iterator[Row]:
    """Reads tab-separated values, quoted as in CSV."""
    return _read_delimited(path, data, columns, "\t")


def read_jsonl(path: Path, data: bytes, columns: Columns) -> Iterator[Row]:
    """Reads one JSON object a line; the keys of the first one are the columns."""
    # Not splitlines(): that also cuts at characters which are legal inside a JSON string.
    lines = enumerate(_decode(path, data).split("\n"), start=1)
    filled = ((line, content) for line, content in lines if content.strip())
    names = None
    for number, (line, content) in enumerate(filled, start=1):
        record = _parse_object(path, number, line, content)
        names = names or columns.among(path, list(record))
        missing = [name for name in names if name not in record]
        if missing:
            raise InputError(f"{path}: row {number} (line {line}) has no {missing[0]!r}: add it or remove the row")
        yield Row(number, line, record[names[0]], record[names[1]])


def read_parquet(path: Path, data: bytes, columns: Columns) -> Iterator[Row]:
    """Reads two columns of a Parquet file; the text's must hold strings."""
    reader = open_arrow(data, path)
    text, label = columns.among(path, reader.schema.names)
    if not holds_strings(reader.schema.field(text)):
        kind = kind_of(reader.schema.field(text))
        raise InputError(f"{path}: column {text!r} holds {kind}, not strings: name the text's column with --text")
    number = 0
    for batch in batches(reader, path):
        for values in zip(batch.column(text).to_pylist(), batch.column(label).to_pylist(), strict=True):
            number += 1
            yield Row(number, None, *values)


READERS: dict[str, Callable[[Path, bytes, Columns], Iterator[Row]]] = {
    ".csv": read_csv,
    ".tsv": read_tsv,
    ".jsonl": read_jsonl,
    ".parquet": read_parquet,
}


def _read_delimited(path: Path, data: bytes, columns: Columns, delimiter: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(_decode(path, data), newline=""), delimiter=delimiter, strict=True)
    header = None
    for number in itertools.count():
        # An empty line is no row, but it is a line.
        while True:
            line = reader.line_num + 1
            cells = _next_cells(path, reader, number, line)
            if cells != []:
                break
        if cells is None:
            return
        if header is None:
            header = [name.strip() for name in cells]
            text, label = map(header.index, columns.among(path, header))
            continue
        if len(cells) != len(header):
            raise InputError(
                f"{path}: row {number} (line {line}) has {len(cells)} cells and the header {len(header)}: "
                "quote the cells that hold a delimiter, or complete the row"
            )
        yield Row(number, line, cells[text], cells[label])


def _next_cells(path: Path, reader: Iterator[list[str]], number: int, line: int) -> list[str] | None:
    try:
        return next(reader, None)
    except csv.Error as error:
        place = f"row {number} (line {line})" if number else "the header"
        raise InputError(
            f"{path}: {place}: {error}: is a quote left open? Close it, and double the quotes inside a quoted cell"
        ) from error


def _parse_object(path: Path, number: int, line: int, content: str) -> dict:
    place = f"{path}: row {number} (line {line})"
    if len(content) > _LONGEST_LINE:
        raise InputError(f"{place} has {len(content):,} characters, over {_LONGEST_LINE:,}: shorten or remove it")
    try:
        record = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{place} is no JSON ({error}): write one object a line") from error
    if not isinstance(record, dict):
        raise InputError(f'{place} is no JSON object: write {{"text": "...", "label": "..."}} on each line')
    return record


def _decode(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}: line {line}, byte {error.start + 1:,}: no UTF-8: save the file as UTF-8") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise InputError(f"{path}: line {line} holds a NUL byte: save the file as UTF-8 text")
    return text


def _listed(names: list[str]) -> str:
    shown = [repr(name if len(name) <= 40 else name[:40] + "...") for name in names[:_SHOWN_COLUMNS]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, white space, or the word "nan" that pandas writes for it."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and value.strip().casefold() in ("", "nan"))
