"""What is said of a file's rows, whatever its kind."""

from typing import NamedTuple

LONGEST_LINE = 1_000_000  # bytes


class Flaw(NamedTuple):
    """A row that can't be predicted: why, and what it held."""

    error: str
    raw: str


class Position(NamedTuple):
    """How far a source was read: bytes (rows of a Parquet file), rows, and lines, where there are lines."""

    offset: int = 0
    row: int = 0
    line: int = 0
