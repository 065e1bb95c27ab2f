"""Tables drawn in text: Markdown's, as chat assistants write them, psql's and MySQL's output, reStructuredText's grids.

Their rows have bars between cells, and a line of dashes below the header (GitHub Flavored Markdown, 4.10).
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from sentiment.corpora.readers.delimited import of_other_width
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.lines import Line, TextFile
from sentiment.corpora.readers.table import Flaw
from sentiment.errors import InputError

_HEAD = 1000  # records
_SUFFIXES = ("", ".txt", ".md", ".markdown", ".rst", ".org")
_RULE = re.compile(r"[-=:|+ ]+")
_DASHES = re.compile(r" *:?[-=]+:? *")
_BAR = re.compile(r"(?<!\\)\|")


class DrawnTable:
    """The rows of a file's table, or of its tables with one header; what stands around them isn't read.

    Raises:
        InputError: its tables have different headers.
    """

    named = True
    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - a drawing has none

    def __init__(self, text: TextFile):
        self.columns, self._rows = _rows(text)
        self.size = len(self._rows)
        self.dialect: dict[str, object] = {
            "kind": "a drawn table",
            "encoding": text.original,
            "compression": text.compression,
        }
        self.head: Sequence[Sequence[object]] = [row for _, row in self._rows[:_HEAD] if not isinstance(row, Flaw)]

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the rows from an offset on, as `Format.records` does; offsets are rows."""
        for number, row in self._rows[offset:]:
            yield Record(number, row, 1, number - line)
            line = number


def is_drawn_table(text: TextFile, sample: Sequence[Line]) -> bool:
    """Whether a file holds a drawn table: a row of cells, and a line of dashes below with as many."""
    lines = [line.text for line in sample] if text.suffix in _SUFFIXES else []
    return any(_begins(above, below) for above, below in pairwise(lines))


def _begins(above: str, below: str) -> bool:
    if "|" not in above or not ("|" in below or "+" in below) or not _is_rule(below):
        return False
    rules = _cells(below.replace("+", "|"))
    return all(map(_DASHES.fullmatch, rules)) and len(_cells(above)) == len(rules)


def _is_rule(line: str) -> bool:
    return _RULE.fullmatch(line.strip()) is not None and ("-" in line or "=" in line)


def _rows(text: TextFile) -> tuple[tuple[str, ...], list[tuple[int, list[str] | Flaw]]]:
    """Returns the header, and each row's line and cells."""
    header: tuple[str, ...] = ()
    found: list[tuple[int, list[str] | Flaw]] = []
    above, inside = "", False
    for number, line in enumerate(text.lines(), start=1):
        if not inside and _begins(above, line.text):
            names = tuple(_cells(above))
            if header and names != header:
                raise InputError(
                    f"{text.name}: line {number - 1:,}: another table, with other columns: keep one table a file"
                )
            header, inside = names, True
        elif inside and _BAR.search(line.text):
            found.append((number, _row(line, len(header))))
        else:
            inside = inside and _is_rule(line.text)  # grids have one below each row
        above = line.text
    return header, found


def _row(line: Line, width: int) -> list[str] | Flaw:
    if line.cut:
        return line.flaw
    cells = _cells(line.text)
    return cells if len(cells) == width else of_other_width(cells, width, line.text)


def _cells(line: str) -> list[str]:
    inner = re.sub(r"(?<!\\)\|$", "", line.strip().removeprefix("|"))
    return [cell.strip().replace("\\|", "|") for cell in _BAR.split(inner)]
