"""Tables that a program holds (pandas, polars, pyarrow, duckdb, datasets), read as files of the same rows would be."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
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
from sentiment.corpora.readers.values import split_name
from sentiment.errors import InputError

_HEAD = 1000  # rows
_NO_TABLE = (
    "no table with named columns: give a DataFrame of pandas or polars, a Table of pyarrow, a Hugging Face Dataset, or "
    "a file's path; for lists of texts and labels there is TextClassifier"
)


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
    """Reads a table, or a dictionary of tables by their splits, as `Reader` reads a source.

    Args:
        frame: the table, or tables.
        options: its columns; what they say of a dialect plays no part.

    Raises:
        InputError: it is no table, or hasn't such a column; the message names the argument to give; or a key
            is no split.
    """

    def __init__(self, frame: Frame | Mapping[str, Frame], options: ReadOptions):
        self.source = type(frame).__name__
        tables = _by_split(frame, self.source) if isinstance(frame, Mapping) else {None: frame}
        self._parts: list[OpenPart] = []
        for number, (split, table) in enumerate(tables.items()):
            kind = type(table).__name__
            name = kind if split is None else f"{kind} of {split!r}"
            known = self._parts[0].indicators if self._parts else ()
            self._parts.append(_open(name, table, split and split_name(split), number, options, known))
        self.layout = Layout(tuple(each.part for each in self._parts))
        self.first = self._parts[0]

    def batches(self) -> Iterator[RowBatch]:
        """Yields the rows."""
        row = 0
        for part in self._parts:
            for batch in part.batches(0, row, 0):
                yield batch
                row = batch.end.row

    def sha256(self) -> str:
        """Returns a SHA-256 of the columns that are used."""
        digest = hashlib.sha256()
        for part in self._parts:
            for record in part.format.records():
                digest.update(repr(record.cells).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()


def _by_split(tables: Mapping[str, Any], source: str) -> Mapping[str, Any]:
    other = [name for name in tables if not isinstance(name, str) or split_name(name) is None]
    if other or not tables:
        shown = f"{other[0]!r} is no split" if other else "no table in it"
        raise InputError(f"{source}: {shown} as in {{'train': frame, 'test': frame}}, and it is {_NO_TABLE}")
    return tables


def _open(
    name: str, frame: Any, split: str | None, number: int, options: ReadOptions, indicators: Sequence[str]
) -> OpenPart:
    columns = _columns_of(frame)
    if not columns.names:
        raise InputError(f"{name}: no column: give one of texts and one of labels")
    heads = [columns.cells(place, _HEAD) for place in range(len(columns.names))]
    rows = list(zip(*heads, strict=True))
    roles = find_roles(name, columns.names, True, rows, options, in_python=True, indicators=indicators)
    used = {*roles.text, roles.label, roles.split, *roles.indicators} - {None}
    return OpenPart(number, Part(PlainFile(name, Path(name), ""), split), _FrameFormat(columns, used), roles)


class _FrameFormat:
    """The columns that are used, as a `Format`; the others' cells are None."""

    named = True
    head: Sequence[Sequence[object]] = ()

    def __init__(self, columns: _Columns, used: set[int | None]):
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
    if hasattr(frame, "with_format") and hasattr(frame, "features") and hasattr(frame, "__len__"):
        frame = frame.with_format("arrow")[:]  # a Dataset of Hugging Face's
    if hasattr(frame, "iloc") and getattr(frame, "ndim", 0) == 2:  # pandas: its own way to Arrow needs pyarrow
        names = tuple(map(str, frame.columns))
        return _Columns(names, lambda place, n: _without_na(frame.iloc[:n, place].tolist()), {})
    if not hasattr(frame, "__arrow_c_stream__") or not _named_columns(frame):
        raise InputError(f"{type(frame).__name__} is {_NO_TABLE}")
    import arro3.core as ac  # not every program that loads a corpus has it

    table = ac.Table.from_arrow(frame)

    def cells(place: int, n: int | None) -> list[Any]:
        return list((table if n is None else table.slice(0, min(n, table.num_rows))).column(place).to_pylist())

    return _Columns(tuple(table.column_names), cells, class_names(dict(table.schema.metadata or {})))


def _named_columns(frame: Any) -> bool:
    return any(hasattr(frame, name) for name in ("columns", "column_names", "schema"))  # a Series is a stream too


def _without_na(cells: list[Any]) -> list[Any]:
    return [None if type(cell).__name__ in ("NAType", "NaTType") or cell != cell else cell for cell in cells]
