"""Tables of text: CSV, TSV and whatever else stands between delimiters, with or without a header."""

import dataclasses
from collections.abc import Iterator, Sequence

from sentiment.corpora.readers.columns import wanted_names
from sentiment.corpora.readers.delimited import Dialect, records
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.headers import has_header
from sentiment.corpora.readers.lines import TextFile
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.sniffing import sniff
from sentiment.corpora.readers.table import Flaw
from sentiment.errors import InputError

_HEAD = 5000  # records


class TableFile:
    """A file of cells between delimiters."""

    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - a table of text has none

    def __init__(self, text: TextFile, dialect: Dialect, header: bool, head: Sequence[Sequence[str]]):
        self._text = text
        self._dialect = dialect
        self._header = header
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
        }

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the records below the header, as `Format.records` does."""
        skipped = 1 if self._text.separator and offset == 0 else 0
        found = records(self._text.lines(offset), self._dialect, self._text.name, line + skipped)
        header = next(found, None) if self._header and offset == 0 else None
        # What comes before the first record counts as its own, so that the next one is found.
        before = (self._text.encoding.skipped if offset == 0 else 0) + (header.size if header else 0)
        lines = skipped + (header.lines if header else 0)
        for record in found:
            yield record._replace(size=record.size + before, lines=record.lines + lines)
            before = lines = 0


def open_table(text: TextFile, options: ReadOptions) -> TableFile | None:
    """Opens a file as a table; None where it is none.

    Raises:
        InputError: it is a table, but the dialect can't be told, or its header is broken; with the flag that helps.
    """
    sample, whole = text.sample()
    wanted = wanted_names(options)
    delimiter = options.delimiter or text.separator
    reading = sniff(text.name, text.suffix, sample, wanted, delimiter, options.quoting)
    if reading is None:
        return None
    if isinstance(reading.first, Flaw):
        raise InputError(f"{text.name}: the first line: {reading.first.error}")
    rows = reading.rows
    if reading.first is not None and reading.first != (rows[0] if rows else None):
        rows = [reading.first, *rows]
    header = has_header(text.name, rows, wanted, options.header)
    width = len(rows[0]) if header else reading.dialect.width
    # Quotes that the whole file, or lines that are broken without them, prove to be no text are beyond doubt.
    proven = whole or options.quoting != "auto" or reading.dialect.quoting != "double" or reading.proven
    dialect = dataclasses.replace(reading.dialect, width=width, doubtful=not proven)
    return TableFile(text, dialect, header, [row for row in rows[:_HEAD] if len(row) == width])
