"""What every kind of file is read as: columns, and records that can be gone on with from any place."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple, Protocol

from sentiment.corpora.readers.table import Flaw


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
