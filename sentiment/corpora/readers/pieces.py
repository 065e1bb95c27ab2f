"""Pieces of a table, parsed at once: what `delimited.records` gives record by record, in a fraction of the time.

A piece is parsed as far as it is simple; where it isn't, `delimited.records` has the rules.
"""

import csv
import functools
import io
from collections.abc import Sequence
from typing import NamedTuple

from sentiment.corpora.readers.delimited import MOST_LINES, Dialect, is_stray
from sentiment.corpora.readers.table import Flaw

Cells = list[str] | Flaw


class Parsed(NamedTuple):
    """What a piece gave.

    Attributes:
        cells: of each record, or what is wrong with it.
        starts: the line of the piece where each record begins; the first is 0.
        n_lines: how many lines were parsed, with empty ones; those that follow aren't simple.
    """

    cells: list[Cells]
    starts: Sequence[int]
    n_lines: int

    def is_all_of(self, text: str) -> bool:
        """Whether these are all the lines of a piece."""
        return self.n_lines == text.count("\n") + (not text.endswith("\n"))

    def lines(self, before: int) -> Sequence[int]:
        """Returns the line of the file where each record begins, which has `before` lines before the piece."""
        if len(self.starts) == self.n_lines:  # each record has its line
            return range(before + 1, before + self.n_lines + 1)
        return [before + 1 + start for start in self.starts]


def parse_piece(text: str, dialect: Dialect) -> Parsed:
    """Parses whole lines, as far as no quote is left open or may be a stray one.

    Nothing is parsed where carriage returns stand inside of lines.
    """
    if "\r" in text and text.count("\r") != text.count("\r\n"):
        return Parsed([], [], 0)
    if any(mark in text for mark in dialect.marks):
        return _read(text, dialect)
    lines = (text.replace("\r\n", "\n") if "\r" in text else text).removesuffix("\n").split("\n")
    if dialect.marks and max(map(len, lines)) > csv.field_size_limit():
        return Parsed([], [], 0)
    starts = [number for number, line in enumerate(lines) if line] if "" in lines else range(len(lines))
    cells: list[Cells] = [line.split(dialect.delimiter) for line in lines if line]
    return _of_lines(Parsed(cells, starts, len(lines)), text, dialect)


def _read(text: str, dialect: Dialect) -> Parsed:
    lines = io.StringIO(text, newline="\n").readlines()
    try:
        cells: list[Cells] = list(dialect.reader(lines))
    except csv.Error:
        cells = []
    if len(cells) == len(lines) and [] not in cells:
        return _of_lines(Parsed(cells, range(len(lines)), len(lines)), text, dialect)
    return _read_on(lines, dialect)


def _read_on(lines: list[str], dialect: Dialect) -> Parsed:
    """Parses records of several lines."""
    reader = dialect.reader(lines)
    found: list[Cells] = []
    starts: list[int] = []
    done = 0
    while done < len(lines):
        try:
            cells = next(reader)
        except csv.Error:
            break
        taken = lines[done : reader.line_num]
        if len(taken) > MOST_LINES or (len(taken) > 1 and dialect.doubtful and is_stray(taken, cells, dialect)):
            break
        if cells:
            starts.append(done)
            whole = len(cells) == (dialect.width or len(cells))
            found.append(cells if whole else dialect.fitted(cells, functools.partial("".join, taken)))
        done = reader.line_num
    return Parsed(found, starts, done)


def _of_lines(parsed: Parsed, text: str, dialect: Dialect) -> Parsed:
    """Returns records of one line each, fitted to the dialect's width."""
    if dialect.width and set(map(len, parsed.cells)) - {dialect.width}:
        lines = io.StringIO(text, newline="\n").readlines()
        for place, (cells, start) in enumerate(zip(parsed.cells, parsed.starts, strict=True)):
            if not isinstance(cells, Flaw):
                parsed.cells[place] = dialect.fitted(cells, functools.partial(lines.__getitem__, start))
    return parsed
