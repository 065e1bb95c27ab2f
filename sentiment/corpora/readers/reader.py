"""Any source -> its rows, one by one or as a `Table`: the one reading that every command shares."""

import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from sentiment.corpora.readers.arrow_file import ArrowFile, is_arrow
from sentiment.corpora.readers.columns import Roles, find_roles
from sentiment.corpora.readers.document_files import DocumentFiles
from sentiment.corpora.readers.drawn_table import DrawnTable, is_drawn_table
from sentiment.corpora.readers.excel_file import ExcelFile, is_excel
from sentiment.corpora.readers.foreign import refuse_foreign
from sentiment.corpora.readers.formats import Format, batches_of
from sentiment.corpora.readers.json_file import JsonFile, is_json
from sentiment.corpora.readers.layouts import Layout, Part, find_layout
from sentiment.corpora.readers.line_file import LineFile, kind_of_lines
from sentiment.corpora.readers.lines import text_file
from sentiment.corpora.readers.options import ReadOptions, for_source
from sentiment.corpora.readers.row_batch import Meaning, RowBatch
from sentiment.corpora.readers.table import Flaw, Position
from sentiment.corpora.readers.table_file import open_table
from sentiment.corpora.readers.unpacked import STDIN, PlainFile, unpack_named
from sentiment.errors import InputError


class Row(NamedTuple):
    """One row of a source.

    Attributes:
        number: its number in the source; the first is 1.
        line: the line (or record) of its file where it begins.
        file: the path of its file.
        text: its text, or what is wrong with it.
        label: its label or labels; None where there is none.
        split: "train", "validation", "test" or None.
        cells: all its cells, in the order of the part's columns; () where they are unknown.
        offset, lines, part: of the position after it.
    """

    number: int
    line: int
    file: str
    text: str | Flaw
    label: str | list[str] | None
    split: str | None
    cells: Sequence[object]
    offset: int
    lines: int
    part: int

    @property
    def end(self) -> Position:
        """The position after it."""
        return Position(self.offset, self.number, self.lines, self.part)


@dataclass(frozen=True)
class OpenPart:
    """A part of a source, opened: its number, its format, and the columns that are read."""

    number: int
    part: Part
    format: Format
    roles: Roles

    @property
    def has_labels(self) -> bool:
        """Whether it has a label for each row, or should."""
        return self.roles.labelled or self.part.label is not None

    @property
    def indicators(self) -> tuple[str, ...]:
        """The names of the columns of 0 and 1 that say which labels a text has."""
        return tuple(self.format.columns[place] for place in self.roles.indicators)

    @property
    def meaning(self) -> Meaning:
        """What its cells mean."""
        place = self.roles.label
        names = self.format.class_names.get(self.format.columns[place]) if place is not None else None
        return Meaning(self.roles, self.part.label, self.part.split, names or self.indicators or None)

    def batches(self, offset: int, number: int, lines: int) -> Iterator[RowBatch]:
        """Yields the rows from an offset on, before which there are `number` rows and `lines` lines of the file."""
        meaning = self.meaning
        documents = self.format if isinstance(self.format, DocumentFiles) else None
        for found in batches_of(self.format, offset, lines):
            offset, lines = offset + found.size, lines + found.n_lines
            if not found.cells:
                continue
            n, first = len(found.cells), number + 1
            number += n
            files = [documents.name_of(line) for line in found.lines] if documents else [self.part.file.name] * n
            yield RowBatch(
                first, found.lines, files, found.cells, meaning, Position(offset, number, lines, self.number)
            )

    def rows(self, offset: int, number: int, lines: int) -> Iterator[Row]:
        """Yields the same rows one by one, each with its own end."""
        meaning, file = self.meaning, self.part.file.name
        documents = self.format if isinstance(self.format, DocumentFiles) else None
        for line, cells, size, n_lines in self.format.records(offset, lines):
            offset, number, lines = offset + size, number + 1, lines + n_lines
            file = documents.name_of(line) if documents else file
            end = Position(offset, number, lines, self.number)
            one = RowBatch(number, (line,), (file,), (cells,), meaning, end)
            (text,), (label,), (split,) = one.texts(), one.labels(), one.splits()
            kept = () if isinstance(cells, Flaw) else cells
            yield Row(number, line, file, text, label, split, kept, offset, lines, self.number)


class Reader:
    """An opened source, which can be read from any position, any number of times; a context manager.

    Raises:
        InputError: in one line with a remedy: no such file or column, a dialect that fits two ways.
        OSError: it can't be read, or the disk is full of what was unpacked.
    """

    def __init__(self, source: str | Path, options: ReadOptions = ReadOptions()):  # noqa: B008 - it is frozen
        self.source = str(source)
        self.options = options
        self._folder = tempfile.TemporaryDirectory(prefix="sentiment-")
        self._n_folders = 0
        try:
            self.layout: Layout = find_layout(self.source, self._new_folder())
            self._opened: dict[int, OpenPart] = {}
            self._indicators: tuple[str, ...] = ()  # of the first part
            self.first = self.part(0)
            self._indicators = self.first.indicators
            self._check_empty()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Reader":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Removes what was unpacked."""
        self._folder.cleanup()

    def part(self, number: int) -> OpenPart:
        """Returns a part, opened; the last ones are kept."""
        if number not in self._opened:
            if len(self._opened) > 8:
                self._opened.pop(next(iter(self._opened)))
            self._opened[number] = self._open_of_source(number)
        return self._opened[number]

    def rows(self, start: Position = Position()) -> Iterator[Row]:  # noqa: B008 - it is a tuple
        """Yields the rows from a position on: the `end` of a row, or the beginning."""
        offset, row, lines, first = start
        for number in range(first, len(self.layout.parts)):
            for found in self.part(number).rows(offset, row, lines):
                yield found
                row = found.number
            offset = lines = 0

    def batches(self, start: Position = Position()) -> Iterator[RowBatch]:  # noqa: B008 - it is a tuple
        """Yields the same rows in batches, in a fraction of the time; each is of one part."""
        offset, row, lines, first = start
        for number in range(first, len(self.layout.parts)):
            for batch in self.part(number).batches(offset, row, lines):
                yield batch
                row = batch.end.row
            offset = lines = 0

    def _open_of_source(self, number: int) -> OpenPart:
        part = self.layout.parts[number]
        try:
            return self._open(number)
        except InputError as error:
            files = (part.file, part.labels, *part.documents)
            named = next((each.name for each in files if each and str(error).startswith(f"{each.name}: ")), self.source)
            raise InputError(for_source(str(error), named, self.source)) from error

    def _open(self, number: int) -> OpenPart:
        part = self.layout.parts[number]
        if part.documents:
            return OpenPart(number, part, DocumentFiles(part.documents, self.options.encoding), Roles((0,), None, None))
        (plain,) = self._unpacked(part.file)
        opened: Format
        if part.labels is not None:
            (labels,) = self._unpacked(part.labels)
            opened = self._lines_beside(plain, labels)
        elif part.label is not None:
            opened = LineFile(text_file(plain, self._new_folder(), self.options.encoding))
        else:
            opened = self._format(plain)
            if part.maybe_class and isinstance(opened, LineFile) and len(opened.columns) == 1:
                part = replace(part, label=part.maybe_class)
        columns = plain.name, opened.columns, opened.named, opened.head
        roles = find_roles(*columns, self.options, indicators=self._indicators)
        if isinstance(opened, ArrowFile):
            opened.check_strings(roles.text)
        return OpenPart(number, part, opened, roles)

    def _lines_beside(self, plain: PlainFile, labels: PlainFile) -> LineFile:
        files = [text_file(each, self._new_folder(), self.options.encoding) for each in (plain, labels)]
        counts = [sum(1 for _ in each.lines()) for each in files]
        if counts[0] != counts[1]:
            raise InputError(f"{plain.name}: {counts[0]:,} lines, and {labels.name} has {counts[1]:,}: they must match")
        return LineFile(files[0], labels=files[1])

    def _format(self, plain: PlainFile) -> Format:
        if is_arrow(plain):
            return ArrowFile(plain)
        if is_excel(plain):
            return ExcelFile(plain, self.options)
        refuse_foreign(plain, self.options.encoding)
        text = text_file(plain, self._new_folder(), self.options.encoding)
        first, _ = text.sample()
        if not first:
            raise InputError(f"{plain.name}: the file is empty: give it a header and rows")
        if is_json(text):
            return JsonFile(text, self.options)
        if not self.options.delimiter and is_drawn_table(text, first):
            return DrawnTable(text)
        kind = kind_of_lines(first) if not self.options.delimiter else "lines"
        if kind == "lines" and (table := open_table(text, self.options)) is not None:
            return table
        return LineFile(text, kind)

    def _check_empty(self) -> None:
        if len(self.layout.parts) == 1 and not self.first.format.head and next(self.rows(), None) is None:
            raise InputError(f"{self.source}: no row below the header: add rows")

    def _unpacked(self, plain: PlainFile) -> list[PlainFile]:
        if plain.compression or plain.name == "standard input" or not plain.local.exists():
            return [plain]
        return unpack_named(plain.local, plain.name, self._new_folder())

    def _new_folder(self) -> Path:
        self._n_folders += 1
        folder = Path(self._folder.name) / str(self._n_folders)
        folder.mkdir()
        return folder

    def sha256(self) -> str:
        """Returns the SHA-256 of all files' bytes, one after the other."""
        digest = hashlib.sha256()
        for part in self.layout.parts:
            for plain in part.documents or [each for each in (part.file, part.labels) if each]:
                path = plain.local if self.source == STDIN else Path(plain.name)
                with (path if path.is_file() else plain.local).open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
        return digest.hexdigest()
