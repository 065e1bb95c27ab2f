"""The rows of a file, in blocks that can be found again: which texts they hold, where the next block begins.

A flaw of a row never ends the reading: the row is given as a `Flaw`, with what it held.
"""

import csv
import io
import itertools
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sentiment.bulk.rows import LONGEST_LINE, Flaw, Position
from sentiment.bulk.table import Table
from sentiment.corpora.readers.arrow_file import batches, holds_strings, kind_of, open_arrow
from sentiment.errors import InputError

BLOCK_BYTES = 1 << 18
LONGEST_TEXT = 100_000  # characters
_SHOWN_OF_A_FLAW = 10_000  # characters; the rest can be found by its row

STDIN = "-"
KINDS = (".csv", ".tsv", ".jsonl", ".parquet", ".txt")


@dataclass(frozen=True)
class Block:
    """Rows that follow each other, not yet read any further than needed to tell them apart.

    Attributes:
        start: where it begins.
        end: where the next one begins.
        kind: the file's, one of `KINDS`.
        column: the one with the texts, of a JSONL file.
        contents: of each row: its line as bytes, its text, or what is wrong with it.
        lines: of each row the number of its line; None where rows are lines or there are none.
    """

    start: Position
    end: Position
    kind: str
    column: str
    contents: list[bytes | str | Flaw]
    lines: list[int] | None = None

    def rows(self) -> Iterator[tuple[int, int | None, str | Flaw]]:
        """Yields (row, line, text or flaw); the first row of a file is 1."""
        number = itertools.count(self.start.row + 1)
        for place, content in enumerate(self.contents):
            if self.kind == ".parquet":
                line = None
            else:
                line = self.lines[place] if self.lines else self.start.line + place + 1
            if self.kind == ".jsonl" and isinstance(content, bytes) and not content.strip():
                continue
            yield next(number), line, _text(content, self.kind, self.column)


@dataclass(frozen=True)
class Source:
    """A file with texts, or standard input, whose lines are texts.

    Attributes:
        path: the file's, or "-".
        column: the one with the texts.
    """

    path: str
    column: str = "text"

    @property
    def kind(self) -> str:
        """The kind of the file, one of `KINDS`."""
        return ".txt" if self.path == STDIN else Path(self.path).suffix.lower()

    def check(self) -> None:
        """Raises InputError where there is no such file, or it is of no kind that can be read."""
        if self.path == STDIN:
            return
        path = Path(self.path)
        if not path.is_file():
            raise InputError(f"{path}: no such file: check the name and the folder")
        if self.kind not in KINDS:
            raise InputError(f"{path}: unknown kind of file: give a {', '.join(KINDS)} file")

    @property
    def size(self) -> int | None:
        """The offset at the end: bytes, or rows of a Parquet file; None for standard input."""
        if self.path == STDIN:
            return None
        if self.kind == ".parquet":
            path = Path(self.path)
            return sum(batch.num_rows for batch in batches(open_arrow(path, path), path))
        return Path(self.path).stat().st_size

    def fingerprint(self) -> list:
        """Returns what changes when another file takes the place of this one."""
        if self.path == STDIN:
            return [STDIN, self.column]
        status = Path(self.path).stat()
        return [str(Path(self.path).resolve()), status.st_size, status.st_mtime_ns, self.column]

    def blocks(self, start: Position) -> Iterator[Block]:
        """Yields the blocks from a position on, which is a former block's `end`, or the beginning.

        Raises:
            InputError: no such column, or a Parquet file that can't be read.
        """
        if self.kind == ".parquet":
            yield from _parquet_blocks(Path(self.path), self.column, start)
            return
        with sys.stdin.buffer if self.path == STDIN else Path(self.path).open("rb") as file:
            if self.kind in (".csv", ".tsv"):
                yield from _table_blocks(file, self, start)
            else:
                _skip(file, start.offset)
                yield from _line_blocks(file, self.kind, self.column, start)


def _text(content: bytes | str | Flaw, kind: str, column: str) -> str | Flaw:
    if isinstance(content, Flaw):
        return content
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            return Flaw(f"not UTF-8 at byte {error.start + 1}", _shown(content))
    if kind == ".jsonl":
        return _text_of_json(content, column)
    return _checked(content, content)


def _text_of_json(line: str, column: str) -> str | Flaw:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError) as error:
        return Flaw(f"not JSON ({error})", _shown(line))
    if not isinstance(record, dict) or column not in record:
        return Flaw(f"no JSON object with {column!r}", _shown(line))
    return _checked(record[column], line)


def _checked(text: object, raw: str) -> str | Flaw:
    if not isinstance(text, str):
        return Flaw(f"the text is of type {type(text).__name__}, not a string", _shown(raw))
    if len(text) > LONGEST_TEXT:
        return Flaw(f"the text has {len(text):,} characters, over {LONGEST_TEXT:,}", _shown(raw))
    return text


def _shown(raw: str | bytes) -> str:
    return (raw.decode("utf-8", "backslashreplace") if isinstance(raw, bytes) else raw)[:_SHOWN_OF_A_FLAW]


def _line_blocks(file: BinaryIO, kind: str, column: str, start: Position) -> Iterator[Block]:
    while True:
        contents, size = [], 0
        while size < BLOCK_BYTES and (line := file.readline(LONGEST_LINE)):
            size += len(line)
            content = line
            if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
                rest = _rest_of_line(file)
                size += rest
                content = Flaw(f"the line has {len(line) + rest:,} bytes, over {LONGEST_LINE:,}", _shown(line))
            contents.append(content)
        if not contents:
            return
        filled = len(contents) if kind == ".txt" else sum(isinstance(c, Flaw) or bool(c.strip()) for c in contents)
        end = Position(start.offset + size, start.row + filled, start.line + len(contents))
        yield Block(start, end, kind, column, contents)
        start = end


def _rest_of_line(file: BinaryIO) -> int:
    size = 0
    while piece := file.readline(LONGEST_LINE):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size


def _skip(file: BinaryIO, offset: int) -> None:
    if file.seekable():
        file.seek(offset)
        return
    while offset and (piece := file.read(min(offset, 1 << 20))):
        offset -= len(piece)


def _table_blocks(file: BinaryIO, source: Source, start: Position) -> Iterator[Block]:
    table = Table(file, "," if source.kind == ".csv" else "\t")
    header = [name.strip() for name in table.header()]
    if header.count(source.column) != 1:
        fault = "more than one column" if source.column in header else "no column"
        raise InputError(f"{source.path}: {fault} {source.column!r}; there are {header[:12]}: name one with --text")
    place = header.index(source.column)
    if start.offset:
        table.go_to(start)
    while True:
        first = Position(table.offset, start.row, table.line)
        contents, lines = [], []
        while table.offset - first.offset < BLOCK_BYTES and (found := table.next()) is not None:
            line, cells = found
            if isinstance(cells, list):
                cells = cells[place] if len(cells) == len(header) else _wrong_length(cells, header)
            contents.append(_unbroken(cells))
            lines.append(line)
        if not contents:
            return
        end = Position(table.offset, first.row + len(contents), table.line)
        yield Block(first, end, source.kind, source.column, contents, lines)
        start = end


def _wrong_length(cells: list[str], header: list[str]) -> Flaw:
    raw = io.StringIO(newline="")
    csv.writer(raw).writerow([cell[:_SHOWN_OF_A_FLAW] for cell in cells[:1000]])
    return Flaw(f"{len(cells)} cells, and the header has {len(header)}", raw.getvalue()[:_SHOWN_OF_A_FLAW])


def _unbroken(content: str | Flaw) -> str | Flaw:
    # Bytes that aren't UTF-8 were read as lone surrogates.
    raw = content if isinstance(content, str) else content.raw
    if raw.isascii() or not any("\udc80" <= character <= "\udcff" for character in raw):
        return content
    shown = _shown(raw.encode("utf-8", "surrogateescape"))
    return Flaw("not UTF-8", shown) if isinstance(content, str) else content._replace(raw=shown)


def _parquet_blocks(path: Path, column: str, start: Position) -> Iterator[Block]:
    reader = open_arrow(path, path)
    names = reader.schema.names
    if names.count(column) != 1:
        raise InputError(f"{path}: no column {column!r}; there are {names[:12]}: name one with --text")
    if not holds_strings(reader.schema.field(column)):
        kind = kind_of(reader.schema.field(column))
        raise InputError(f"{path}: column {column!r} holds {kind}, not strings: name the texts' with --text")
    row = 0
    for batch in batches(reader, path):
        first, row = row, row + batch.num_rows
        if row > start.row:
            missing = Flaw("the text is missing", "")
            texts = [missing if text is None else text for text in batch.column(column).to_pylist()]
            yield Block(Position(first, first), Position(row, row), ".parquet", column, texts)
