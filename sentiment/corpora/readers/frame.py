"""A table that a program holds (pandas, polars, pyarrow, duckdb), read as a file of the same rows would be."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from sentiment.corpora.readers.arrow_file import class_names
from sentiment.corpora.readers.columns import find_roles
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.layouts import Layout, Part
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.reader import OpenPart
from sentiment.corpora.readers.row_batch import RowBatch
from sentiment.corpora.readers.unpacked import PlainFile
from sentiment.errors import InputError

_HEAD = 1000  # rows


class Frame(Protocol):
    """A table by Arrow's PyCapsule interface, which the tables of pandas, polars, pyarrow and duckdb have."""

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        """Returns a PyCapsule of an ArrowArrayStream."""


class _Columns(NamedTuple):
    """A table's columns: their names, what gives the cells of some rows of one, and the names of its ClassLabels."""

    names: tuple[str, ...]
    cells: Callable[[int, int | None], list[Any]]  # column, how many rows (None: all)
    class_names: dict[str, tuple[str, ...]]


class FrameReader:
    """Reads a table as `Reader` reads a source.

    Args:
        frame: the table.
        options: its columns; what they say of a dialect plays no part.

    Raises:
        InputError: it is no table, or hasn't such a column; the message names the argument to give.
    """

    def __init__(self, frame: Frame, options: ReadOptions):
        self.source = type(frame).__name__
        columns = _columns_of(frame)
        if not columns.names:
            raise InputError(f"{self.source}: no column: give one of texts and one of labels")
        heads = [columns.cells(place, _HEAD) for place in range(len(columns.names))]
        roles = find_roles(self.source, columns.names, True, list(zip(*heads, strict=True)), options, in_python=True)
        part = Part(PlainFile(self.source, Path(self.source), ""))
        self.layout = Layout((part,))
        used = {*roles.text, roles.label, roles.split, *roles.indicators} - {None}
        self.first = OpenPart(0, part, _FrameFormat(self.source, columns, used), roles)

    def batches(self) -> Iterator[RowBatch]:
        """Yields the rows."""
        yield from self.first.batches(0, 0, 0)

    def sha256(self) -> str:
        """Returns a SHA-256 of the columns that are used."""
        digest = hashlib.sha256()
        for record in self.first.format.records():
            digest.update(repr(record.cells).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


class _FrameFormat:
    """The columns that are used, as a `Format`; the others' cells are None."""

    named = True
    head: Sequence[Sequence[object]] = ()

    def __init__(self, kind: str, columns: _Columns, used: set[int | None]):
        self.columns = columns.names
        self.class_names = columns.class_names
        self.dialect: dict[str, object] = {"kind": "in memory"}
        self._cells = {place: columns.cells(place, None) for place in range(len(columns.names)) if place in used}
        self.size = len(next(iter(self._cells.values())))

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the rows from an offset on, as `Format.records` does."""
        nothing = [None] * self.size
        cells = [self._cells.get(place, nothing) for place in range(len(self.columns))]
        for row, each in enumerate(zip(*cells, strict=True), start=1):
            if row > offset:
                yield Record(row, each, 1, 1)


def _columns_of(frame: Any) -> _Columns:
    if hasattr(frame, "iloc") and getattr(frame, "ndim", 0) == 2:  # pandas: its own way to Arrow needs pyarrow
        names = tuple(map(str, frame.columns))
        return _Columns(names, lambda place, n: _without_na(frame.iloc[:n, place].tolist()), {})
    if not hasattr(frame, "__arrow_c_stream__") or not _named_columns(frame):
        raise InputError(
            f"{type(frame).__name__} is no table with named columns: give a DataFrame of pandas or polars, a Table of "
            "pyarrow, or the path of a file; for lists of texts and labels there is TextClassifier"
        )
    import arro3.core as ac  # not every program that loads a corpus has it

    table = ac.Table.from_arrow(frame)

    def cells(place: int, n: int | None) -> list[Any]:
        return list((table if n is None else table.slice(0, min(n, table.num_rows))).column(place).to_pylist())

    return _Columns(tuple(table.column_names), cells, class_names(dict(table.schema.metadata or {})))


def _named_columns(frame: Any) -> bool:
    return any(hasattr(frame, name) for name in ("columns", "column_names", "schema"))  # a Series is a stream too


def _without_na(cells: list[Any]) -> list[Any]:
    return [None if type(cell).__name__ in ("NAType", "NaTType") or cell != cell else cell for cell in cells]
