"""A source's rows in blocks, each of which can be read again by itself."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sentiment.corpora.readers import Flaw, Position, Reader, RowBatch

BLOCK_ROWS = 1 << 16
_MOST_CHARACTERS = 1 << 25  # of a block's cells: documents can be 100,000 long


class Start(NamedTuple):
    """Where a block begins.

    Attributes:
        source: which of the sources.
        position: from where its reader reads.
        skip: how many of the rows that it then finds belong to the block before.
    """

    source: int
    position: Position
    skip: int

    def to_json(self) -> list[object]:
        """Returns it in JSON's types."""
        return [self.source, list(self.position), self.skip]

    @classmethod
    def from_json(cls, value: Sequence) -> "Start":
        """Returns what `to_json` gave."""
        source, position, skip = value
        return cls(int(source), Position(*map(int, position)), int(skip))


FIRST = Start(0, Position(), 0)


@dataclass(frozen=True)
class Block:
    """Rows of one source that follow each other.

    Attributes:
        number: the block's, from 0.
        source: which of the sources.
        batches: its rows.
        following: where the next block begins; None: this is the last.
    """

    number: int
    source: int
    batches: tuple[RowBatch, ...]
    following: Start | None


def blocks(readers: Sequence[Reader], start: Start, number: int, n_rows: int) -> Iterator[Block]:
    """Yields the blocks from a start on; they are the same wherever one begins.

    Args:
        readers: of each source.
        start: of the first block.
        number: of the first block.
        n_rows: of a block, unless its cells hold very many characters.
    """
    for source in range(start.source, len(readers)):
        own = start if source == start.source else Start(source, Position(), 0)
        for batches, following in _of_source(readers[source], own, n_rows):
            if following is None and source + 1 < len(readers):
                following = Start(source + 1, Position(), 0)
            yield Block(number, source, batches, following)
            number += 1


def _of_source(reader: Reader, start: Start, n_rows: int) -> Iterator[tuple[tuple[RowBatch, ...], Start | None]]:
    gathered: list[RowBatch] = []
    rows = characters = 0
    skip, begins = start.skip, start.position
    for batch in reader.batches(start.position):
        first = min(skip, len(batch))
        skip -= first
        for row in range(first, len(batch)):
            rows, characters = rows + 1, characters + _size(batch.cells[row])
            if rows == n_rows or characters >= _MOST_CHARACTERS:
                gathered.append(_part(batch, first, row + 1))
                whole = row + 1 == len(batch)
                yield (
                    tuple(gathered),
                    start._replace(position=batch.end if whole else begins, skip=0 if whole else row + 1),
                )
                gathered, rows, characters, first = [], 0, 0, row + 1
        if first < len(batch):
            gathered.append(_part(batch, first, len(batch)))
        begins = batch.end
    yield tuple(gathered), None


def _size(cells: Sequence[object] | Flaw) -> int:
    return sum(len(cell) for cell in cells if isinstance(cell, str))


def _part(batch: RowBatch, first: int, end: int) -> RowBatch:
    if (first, end) == (0, len(batch)):
        return batch
    return replace(
        batch,
        first=batch.first + first,
        lines=batch.lines[first:end],
        files=batch.files[first:end],
        cells=batch.cells[first:end],
    )
