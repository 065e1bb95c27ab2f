"""Cells between delimiters, as a stream of records with the place of each in its file."""

import collections
import csv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.lines import Line
from sentiment.corpora.readers.table import BROKEN_LINE, Flaw
from sentiment.errors import InputError

if TYPE_CHECKING:
    import _csv

MOST_LINES = 5000  # of one record
MOST_GIVEN_UP = 1000  # open quotes, each of which costs a second reading of what follows it
_LONE_RETURN = "\ud800"  # stands for a carriage return inside a line, which csv takes only inside quotes


@dataclass(frozen=True)
class Dialect:
    """The delimiter and quoting that separate cells.

    Attributes:
        delimiter: one character; several where `quoting` is "none".
        quoting: "double", "single", "backslash" or "none", as in `ReadOptions`.
        width: how many cells a record has; 0: any number.
        doubtful: whether a quote that spans lines may be a stray one: such a record is then a flaw.
        spills: the column that holds the delimiter without quotes, as a place: what a record has too much is part of
            it. None: such a record is a flaw.
    """

    delimiter: str
    quoting: str = "double"
    width: int = 0
    doubtful: bool = False
    spills: int | None = None

    def plain_width(self, line: str) -> int:
        """Returns how many cells a line has where quotes are text."""
        return line.count(self.delimiter) + 1

    def parse(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Yields the cells of lines, each of which has its end. Raises csv.Error as csv does in strict mode."""
        if self.quoting == "none":
            return (_without_end(line).split(self.delimiter) for line in lines)
        return self.reader(lines)

    def reader(self, lines: Iterable[str]) -> "_csv.Reader":
        """Returns what parses lines where quotes are more than text."""
        quote = "'" if self.quoting == "single" else '"'
        escape = "\\" if self.quoting == "backslash" else None
        return csv.reader(lines, delimiter=self.delimiter, quotechar=quote, escapechar=escape, strict=True)

    def fitted(self, cells: list[str], lines: Callable[[], str]) -> list[str] | Flaw:
        """Returns a record of `width` cells, or what is wrong with one that can't be; `lines` gives its lines."""
        if not self.width or len(cells) == self.width:
            return cells
        if self.spills is not None and len(cells) > self.width:
            return joined(cells, self.width, self.spills, self.delimiter)
        return of_other_width(cells, self.width, lines())

    @property
    def marks(self) -> tuple[str, ...]:
        """The characters, besides the delimiter, that are more than text."""
        return {"none": (), "single": ("'",), "backslash": ('"', "\\")}.get(self.quoting, ('"',))


@dataclass
class OpenQuotes:
    """How many quotes of a file were opened and not closed so far."""

    n: int = 0


def records(
    lines: Iterable[Line], dialect: Dialect, name: str, line: int = 0, open_quotes: OpenQuotes | None = None
) -> Iterator[Record]:
    """Yields the records of lines; empty lines are passed over.

    A quote that is never closed costs one line, not the rest. `line` is how many lines come before; `name` is what
    messages call the file. `open_quotes` is shared by those who read one file in several calls.

    Raises:
        InputError: so many open quotes that they must be text.
    """
    return _Records(iter(lines), dialect, name, line, open_quotes or OpenQuotes()).all()


class _Records:
    def __init__(self, lines: Iterator[Line], dialect: Dialect, name: str, line: int, open_quotes: OpenQuotes):
        self._lines = lines
        self._dialect = dialect
        self._name = name
        self._line = line
        self._again: collections.deque[Line] = collections.deque()  # taken by a record that they aren't part of
        self._taken: list[Line] = []  # by the present record
        self._open_quotes = open_quotes
        self._hidden = False
        self._passed = 0  # bytes and lines of empty lines before the present record
        self._passed_lines = 0

    def all(self) -> Iterator[Record]:
        while True:
            parser = self._dialect.parse(self._feed())
            for cells in self._cells(parser):
                if isinstance(cells, Flaw):
                    yield self._first_line_alone(cells)
                    break  # the lines that it took are parsed anew
                if (record := self._whole(cells)) is not None:
                    yield record
            else:
                return

    def _cells(self, parser: Iterator[list[str]]) -> Iterator[list[str] | Flaw]:
        while True:
            self._taken.clear()
            self._hidden = False
            try:
                cells = next(parser, None)
            except csv.Error as error:
                first = self._taken[0]
                told = str(error) if first.cut else f"{error}: is a quote left open?"
                yield Flaw(BROKEN_LINE, told, first.text)
                return
            if cells is None:
                return
            if len(self._taken) > 1 and self._dialect.doubtful and self._is_stray(cells):
                yield Flaw(BROKEN_LINE, "a quote opens here and closes on a line below", self._taken[0].text)
                return
            yield cells

    def _is_stray(self, cells: list[str]) -> bool:
        return is_stray([line.text for line in self._taken], cells, self._dialect)

    def _feed(self) -> Iterator[str]:
        while line := self._again.popleft() if self._again else next(self._lines, None):
            self._taken.append(line)
            if line.cut:
                raise csv.Error(line.flaw.error)
            if len(self._taken) > MOST_LINES:
                raise csv.Error(f"over {MOST_LINES:,} lines")
            text = line.text
            if "\r" in text:
                body = _without_end(text)
                if "\r" in body:
                    self._hidden = True
                    text = body.replace("\r", _LONE_RETURN) + text[len(body) :]
            yield text

    def _whole(self, cells: list[str]) -> Record | None:
        size, lines = sum(line.size for line in self._taken), len(self._taken)
        if not cells or (cells == [""] and self._dialect.quoting == "none"):
            self._passed += size
            self._passed_lines += lines
            return None
        fitted = self._dialect.fitted(cells, lambda: "".join(line.text for line in self._taken))
        if self._hidden and not isinstance(fitted, Flaw):
            fitted = [cell.replace(_LONE_RETURN, "\r") for cell in fitted]
        return self._record(fitted, size, lines)

    def _record(self, cells: list[str] | Flaw, size: int, lines: int) -> Record:
        record = Record(self._line + self._passed_lines + 1, cells, size + self._passed, lines + self._passed_lines)
        self._line += record.lines
        self._passed = self._passed_lines = 0
        return record

    def _first_line_alone(self, flaw: Flaw) -> Record:
        first, *rest = self._taken
        self._open_quotes.n += bool(rest)
        if self._open_quotes.n > MOST_GIVEN_UP:
            raise InputError(
                f"{self._name}: line {self._line + 1:,}: over {MOST_GIVEN_UP:,} quotes are opened and not closed: "
                "they are text; say so: --quoting none"
            )
        self._again.extendleft(reversed(rest))
        return self._record(flaw, first.size, 1)


def joined(cells: list[str], width: int, column: int, delimiter: str) -> list[str]:
    """Returns a record of `width` cells or fewer: what one of more has too much is part of a column."""
    end = column + max(1, len(cells) - width + 1)
    return [*cells[:column], delimiter.join(cells[column:end]), *cells[end:]]


def of_other_width(cells: list[str], width: int, text: str) -> Flaw:
    """Returns what is wrong with a record that hasn't `width` cells; `text` are its lines."""
    return Flaw(BROKEN_LINE, f"{len(cells):,} cells, and the header has {width:,}", text)


def is_stray(lines: list[str], cells: list[str], dialect: Dialect) -> bool:
    """Whether a record of several lines would also be as many whole records, were its quotes text."""
    width = dialect.width or len(cells)
    spans = any(dialect.delimiter in cell and ("\n" in cell or "\r" in cell) for cell in cells)
    return spans and all(dialect.plain_width(line) == width for line in lines)


def _without_end(line: str) -> str:
    return line.removesuffix("\n").removesuffix("\r")
