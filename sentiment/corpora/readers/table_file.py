"""Tables of text: cells between delimiters (CSV, TSV and others), with or without a header."""

import dataclasses
from collections.abc import Iterator, Sequence
from itertools import islice

from sentiment.corpora.readers.columns import wanted_names
from sentiment.corpora.readers.delimited import Dialect, OpenQuotes, records
from sentiment.corpora.readers.formats import Record, RecordBatch, first_records, in_batches
from sentiment.corpora.readers.headers import has_header, rows_above, with_unnamed
from sentiment.corpora.readers.lines import Piece, TextFile
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.pieces import parse_piece
from sentiment.corpora.readers.sniffing import sniff
from sentiment.corpora.readers.table import Flaw
from sentiment.errors import InputError

_HEAD = 5000  # records


class TableFile:
    """A file of cells between delimiters.

    Attributes:
        text: its lines.
        delimiting: what stands between its cells.

    `above` is how many records stand above the header and belong to no column.
    """

    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - a table of text has none

    def __init__(self, text: TextFile, dialect: Dialect, header: bool, head: Sequence[Sequence[str]], above: int = 0):
        self.text = text
        self.delimiting = dialect
        self._beginning = above + header  # records
        self.named = header
        self.head = head[1:] if header else head
        names = [name.strip() for name in head[0]] if header else map(str, range(1, dialect.width + 1))
        self.columns = tuple(names)
        self.size = text.size
        self.dialect: dict[str, object] = {
            "kind": {",": "CSV", "\t": "TSV"}.get(dialect.delimiter, "table"),
            "encoding": text.original,
            "compression": text.compression,
            "delimiter": dialect.delimiter,
            "quoting": dialect.quoting,
            "header": header,
        } | ({"above": above} if above else {})
        if dialect.spills is not None:
            self.dialect["unquoted"] = self.columns[dialect.spills]

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the records below the header, as `Format.records` does."""
        # What comes before the first record counts as its own, so that the next one is found.
        before, lines = self.beginning() if offset == 0 else (0, 0)
        for record in records(self.text.lines(offset + before), self.delimiting, self.text.name, line + lines):
            yield record._replace(size=record.size + before, lines=record.lines + lines)
            before = lines = 0

    def beginning(self) -> tuple[int, int]:
        """Returns the bytes and lines before the first record."""
        skipped = 1 if self.text.separator else 0
        above = list(islice(records(self.text.lines(), self.delimiting, self.text.name), self._beginning))
        size = self.text.encoding.skipped + sum(record.size for record in above)
        return size, skipped + sum(record.lines for record in above)

    def batches(self, offset: int = 0, line: int = 0) -> Iterator[RecordBatch]:
        """Yields the records below the header, as `BatchFormat.batches` does."""
        if offset == 0:
            offset, line = self.beginning()
            yield RecordBatch((), (), offset, line)
        open_quotes = OpenQuotes()
        while piece := self.text.piece(offset):
            end = offset + piece.size
            for batch in self._of_piece(piece, offset, line, open_quotes):
                yield batch
                offset, line = offset + batch.size, line + batch.n_lines
            if offset < end:  # only empty lines are left
                return

    def _of_piece(self, piece: Piece, offset: int, line: int, open_quotes: OpenQuotes) -> Iterator[RecordBatch]:
        size = 0
        if piece.text is not None:
            parsed = parse_piece(piece.text, self.delimiting)
            size = piece.size if parsed.is_all_of(piece.text) else self.text.size_of(offset, parsed.n_lines)
            yield RecordBatch(parsed.lines(line), parsed.cells, size, parsed.n_lines)
            line += parsed.n_lines
        if size < piece.size:
            rest = records(self.text.lines(offset + size), self.delimiting, self.text.name, line, open_quotes)
            yield from in_batches(first_records(rest, piece.size - size))


def open_table(text: TextFile, options: ReadOptions) -> TableFile | None:
    """Opens a file as a table; None where it is none.

    Raises:
        InputError: it is a table, but its dialect is uncertain, or its header is broken; with the flag that helps.
    """
    sample, whole = text.sample()
    wanted = wanted_names(options)
    delimiter = options.delimiter or text.separator
    reading = sniff(text.name, text.suffix, sample, wanted, delimiter, options.quoting)
    if reading is None:
        return None
    first = [[] if isinstance(cells, Flaw) else cells for cells in reading.top]
    above = rows_above(first, wanted, options.header)
    if above and len(first[above]) != reading.dialect.width:
        above = 0
    if isinstance(reading.first, Flaw) and not above:
        raise InputError(f"{text.name}: the first line: {reading.first.error}")
    rows = reading.rows
    if above:
        rows = rows[rows.index(first[above]) :]
    elif isinstance(reading.first, list) and reading.first != (rows[0] if rows else None):
        rows = [reading.first, *rows]
    if not rows:
        raise InputError(f"{text.name}: the file is empty: give it a header and rows")
    if options.header != "none" and (longer := with_unnamed(rows[0], rows[1:])):
        rows = [longer, *rows[1:]]
    header = has_header(text.name, rows, wanted, options.header)
    width = len(rows[0]) if header else reading.dialect.width
    # Quotes that the whole file, or lines that are broken without them, prove to be no text are beyond doubt.
    proven = whole or options.quoting != "auto" or reading.dialect.quoting != "double" or reading.proven
    dialect = dataclasses.replace(reading.dialect, width=width, doubtful=not proven)
    return TableFile(text, dialect, header, [row for row in rows[:_HEAD] if len(row) == width], above)
