"""Rows of a source in blocks, which one process reads and others predict."""

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.corpora.readers import Position, Reader, Row
from sentiment.errors import InputError

BLOCK_SIZE = 1 << 18  # characters
_PER_CELL = 8  # characters that a cell counts as, besides its own


@dataclass(frozen=True)
class Block:
    """Rows that follow each other.

    Attributes:
        rows: at least one.
        end: the position after the last one.
    """

    rows: list[Row]
    end: Position

    def __reduce__(self) -> tuple[object, ...]:
        # Plain tuples go to another process and back in a third of the time that named ones take.
        return _block, ([tuple(row) for row in self.rows], self.end)


def _block(rows: list[tuple[Any, ...]], end: Position) -> Block:
    return Block([Row._make(row) for row in rows], end)


def read_blocks(reader: Reader, start: Position) -> Iterator[Block]:
    """Yields the rows from a position on, which is a former block's `end`, or the beginning."""
    rows: list[Row] = []
    size = 0
    for row in reader.rows(start):
        rows.append(row)
        size += _PER_CELL * len(row.cells) + sum(len(cell) for cell in row.cells if isinstance(cell, str))
        if size >= BLOCK_SIZE:
            yield Block(rows, row.end)
            rows, size = [], 0
    if rows:
        yield Block(rows, rows[-1].end)


def columns_of(reader: Reader) -> tuple[str, ...]:
    """Returns the names of the columns that come back with the predictions.

    They are those of every file, if all have the same; else the texts' alone. Columns without a name are numbered.
    """
    parts = [reader.part(number) for number in range(len(reader.layout.parts))]
    first = parts[0].format
    if any(part.format.columns != first.columns for part in parts):
        return ("text",)
    if first.named:
        return first.columns
    text = parts[0].roles.text
    return tuple("text" if (place,) == text else f"column_{place + 1}" for place in range(len(first.columns)))


def fingerprint(reader: Reader) -> list[object]:
    """Returns what changes when other data takes the place of a source's, or other flags are given."""
    files = [plain for part in reader.layout.parts for plain in (part.documents or (part.file,))]
    if reader.source == "-":
        with files[0].local.open("rb") as file:
            return ["-", hashlib.file_digest(file, "sha256").hexdigest(), repr(reader.options)]
    paths = [path for path in map(Path, [reader.source, *(plain.name for plain in files)]) if path.is_file()]
    statuses = [(str(path.resolve()), path.stat()) for path in paths]
    seen = [[path, status.st_size, status.st_mtime_ns] for path, status in statuses]
    return [os.path.realpath(reader.source), repr(reader.options), seen]


def refuse_overwriting(reader: Reader, *outputs: Path) -> None:
    """Raises InputError where an output is also a file of the source, under another name or by a link too."""
    files = [Path(reader.source), *(p.local for part in reader.layout.parts for p in (part.file, *part.documents))]
    for output in outputs:
        for file in files:
            if output.exists() and file.exists() and os.path.samefile(output, file):  # noqa: PTH121 - both may be links
                raise InputError(f"{output}: is the input itself ({file}): name another --output")
