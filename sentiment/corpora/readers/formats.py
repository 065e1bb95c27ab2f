"""What every kind of file is read as: columns, and records that can be gone on with from any place."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from sentiment.corpora.readers.table import Flaw

_BATCH_SIZE = 1 << 18  # characters
_PER_CELL = 8  # characters that a cell counts as, besides its own


class Record(NamedTuple):
    """One record of a file.

    Attributes:
        line: the line where it begins, or its number in a file without lines; the first is 1.
        cells: one for each column, or what is wrong with it.
        size: how far the offset advances: bytes, or 1 in a file whose records can't be found by a byte.
        lines: how many lines it takes, with empty ones before it.
    """

    line: int
    cells: Sequence[Any] | Flaw
    size: int
    lines: int


class RecordBatch(NamedTuple):
    """Records that follow each other; or none, only a stretch of the file without any.

    Attributes:
        lines, cells: of each, as in `Record`.
        size, n_lines: how far the offset and the lines advance over all of them.
    """

    lines: Sequence[int]
    cells: Sequence[Sequence[Any] | Flaw]
    size: int
    n_lines: int


class Format(Protocol):
    """One file of one kind, opened."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The names of the columns; their numbers where the file doesn't name them."""

    @property
    def named(self) -> bool:
        """Whether the file names its columns."""

    @property
    def head(self) -> Sequence[Sequence[object]]:
        """The cells of the first records that are whole, to tell columns by."""

    @property
    def dialect(self) -> dict[str, object]:
        """What was sniffed or said of it, in JSON's types."""

    @property
    def size(self) -> int:
        """The offset at its end."""

    @property
    def class_names(self) -> dict[str, tuple[str, ...]]:
        """By column, the names that a ClassLabel's numbers stand for."""

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the records from an offset on, before which there are `line` lines; 0 is the beginning.

        Raises:
            InputError: the file is damaged.
        """


@runtime_checkable
class BatchFormat(Protocol):
    """A format that has a quicker way to many records than one by one."""

    def batches(self, offset: int = 0, line: int = 0) -> Iterator[RecordBatch]:
        """Yields what `Format.records` does, in batches."""


def batches_of(format: Format, offset: int = 0, line: int = 0) -> Iterator[RecordBatch]:
    """Yields a format's records in batches."""
    if isinstance(format, BatchFormat):
        return format.batches(offset, line)
    return in_batches(format.records(offset, line))


def in_batches(records: Iterable[Record]) -> Iterator[RecordBatch]:
    """Yields records in batches of about `_BATCH_SIZE`."""
    batch: list[Record] = []
    n_characters = 0
    for record in records:
        batch.append(record)
        n_characters += _PER_CELL * len(record.cells) + sum(len(cell) for cell in record.cells if isinstance(cell, str))
        if n_characters >= _BATCH_SIZE:
            yield _batch(batch)
            batch, n_characters = [], 0
    if batch:
        yield _batch(batch)


def _batch(records: Sequence[Record]) -> RecordBatch:
    lines, cells, sizes, n_lines = zip(*records, strict=True)
    return RecordBatch(lines, cells, sum(sizes), sum(n_lines))


def first_records(records: Iterator[Record], size: int) -> Iterator[Record]:
    """Yields records until they have a size."""
    while size > 0 and (record := next(records, None)):
        yield record
        size -= record.size
