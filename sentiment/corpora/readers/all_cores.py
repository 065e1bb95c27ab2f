"""Large tables of text, read by several processes: the rows that one reads, in order."""

import collections
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from sentiment.corpora.readers.delimited import Dialect
from sentiment.corpora.readers.lines import TextFile
from sentiment.corpora.readers.pieces import parse_piece
from sentiment.corpora.readers.reader import OpenPart, Reader
from sentiment.corpora.readers.row_batch import Label, Meaning, RowBatch
from sentiment.corpora.readers.table import Flaw, Position
from sentiment.corpora.readers.table_file import TableFile
from sentiment.execution.worker_processes import available_cores, map_batches

_LARGE = 1 << 24  # bytes: a smaller file is read sooner than other processes begin


def all_rows(reader: Reader, processes: int | None = None) -> Iterator[RowBatch]:
    """Yields all rows of a source in batches, as `Reader.batches` does; those of large tables may be `ReadRows`.

    `processes` by default: one a core for a large file, else this one alone. Raises as `map_batches` does.
    """
    row = 0
    for number in range(len(reader.layout.parts)):
        part = reader.part(number)
        table = part.format
        batches = part.batches(0, row, 0)
        if isinstance(table, TableFile) and (processes or table.size >= _LARGE):
            batches = _dealt_out(part, table, row, processes or available_cores())
        for batch in batches:
            yield batch
            row = batch.end.row


def _dealt_out(part: OpenPart, table: TableFile, row: int, processes: int) -> Iterator[RowBatch]:
    """Yields the rows of a table, which has `row` rows before it; several processes read its pieces.

    A piece begins where a line ends, which may be inside a record: so what was read of it counts where all pieces
    before were whole records. From the first that isn't on, this process reads.
    """
    offset, line = table.beginning()
    ends: collections.deque[int] = collections.deque()

    def starts(start: int) -> Iterator[int]:
        while end := table.text.end_of_piece(start):
            ends.append(end)
            yield start
            start = end

    read = PieceReader(table.text, table.delimiting, part.meaning, part.part.file.name)
    for found in map_batches(read, starts(offset), processes):
        if found is None:
            yield from part.batches(offset, row, line)
            return
        lines = [line + each for each in found.lines]
        end = Position(ends.popleft(), row + len(found), line + found.end.line, part.number)
        if len(found):
            yield replace(found, first=row + 1, lines=lines, end=end)
        offset, row, line, _ = end


@dataclass(frozen=True)
class PieceReader:
    """Reads pieces of a table; it goes to other processes by pickle.

    Attributes:
        text: its lines.
        dialect: what stands between its cells.
        meaning: of the cells.
        file: the path of the file, as rows name it.
    """

    text: TextFile
    dialect: Dialect
    meaning: Meaning
    file: str

    def __call__(self, offset: int) -> RowBatch | None:
        """Returns the rows of the piece at an offset, counted from there; None if it isn't whole records."""
        piece = self.text.piece(offset)
        if piece is None or piece.text is None:
            return None
        parsed = parse_piece(piece.text, self.dialect)
        if not parsed.is_all_of(piece.text):
            return None
        n = len(parsed.cells)
        end = Position(piece.size, n, parsed.n_lines)
        return as_read(RowBatch(1, parsed.lines(0), [self.file] * n, parsed.cells, self.meaning, end))


@dataclass(frozen=True)
class ReadRows(RowBatch):
    """Rows that all have a text and one label each, both known; their cells are gone.

    Attributes:
        read: the texts, labels and splits.
    """

    read: tuple[Sequence[str], list[Label], list[str | None]] = ((), [], [])

    def __len__(self) -> int:
        return len(self.read[0])

    def __reduce__(self) -> tuple[Callable[..., RowBatch], tuple[object, ...]]:
        texts, labels, splits = self.read  # no text holds a NUL
        return _unpickled, (
            self.first,
            self.lines,
            self.files,
            self.meaning,
            self.end,
            "\0".join(texts),
            labels,
            splits,
        )

    def texts(self) -> list[str | Flaw]:
        """Returns the text of each row."""
        return list(self.read[0])

    def labels(self) -> list[Label]:
        """Returns the label of each row."""
        return self.read[1]

    def splits(self) -> list[str | None]:
        """Returns "train", "validation", "test" or None for each row."""
        return self.read[2]


def as_read(batch: RowBatch) -> RowBatch:
    """Returns a batch as `ReadRows`; as it is if a row is flawed or has no label, for then its cells are needed."""
    labels = batch.labels()
    texts = [text for text in batch.texts() if isinstance(text, str)]
    if not labels or len(texts) < len(batch) or not all(labels):
        return batch
    read = texts, labels, batch.splits()
    return ReadRows(batch.first, batch.lines, batch.files, (), batch.meaning, batch.end, read)


def _unpickled(
    first: int,
    lines: Sequence[int],
    files: Sequence[str],
    meaning: Meaning,
    end: Position,
    joined: str,
    labels: list[Label],
    splits: list[str | None],
) -> ReadRows:
    return ReadRows(first, lines, files, (), meaning, end, (joined.split("\0"), labels, splits))
