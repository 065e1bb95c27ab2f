"""CSV as a stream of records, each with its place in the file."""

import collections
import csv
from collections.abc import Iterator
from typing import BinaryIO

from sentiment.bulk.rows import LONGEST_LINE, Flaw, Position
from sentiment.errors import InputError


class Table:
    """Records of a CSV file with the place after each; a quote that is never closed costs one line, not the rest."""

    def __init__(self, file: BinaryIO, delimiter: str):
        self._file = file
        self._delimiter = delimiter
        self.offset = self.line = 0
        self._begin([])

    def header(self) -> list[str]:
        """Returns the first record. Raises InputError where there is none."""
        found = self.next()
        if found is None or not isinstance(found[1], list):
            raise InputError(f"{getattr(self._file, 'name', 'the file')}: no header: give it one")
        return [name.removeprefix("\ufeff") for name in found[1]]

    def go_to(self, position: Position) -> None:
        """Goes on at the beginning of a record."""
        self._file.seek(position.offset)
        self.offset, self.line = position.offset, position.line
        self._begin([])

    def next(self) -> tuple[int, list[str] | Flaw] | None:
        """Returns (line, cells or flaw), or None at the end; empty lines are passed over."""
        while True:
            self._taken.clear()
            first = self.line + 1
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                line, *rest = self._taken
                self._count([line])
                self._begin(rest)
                return first, Flaw(f"{error}: is a quote left open?", line.decode("utf-8", "surrogateescape"))
            self._count(self._taken)
            if cells is None:
                return None
            if cells:
                return first, cells

    def _begin(self, again: list[bytes]) -> None:
        # Lines that a record took and that turned out not to be its own are read once more.
        self._again = collections.deque([*again, *getattr(self, "_again", ())])
        self._taken: list[bytes] = []
        self._reader = csv.reader(self._lines(), delimiter=self._delimiter, strict=True)

    def _count(self, taken: list[bytes]) -> None:
        self.offset += sum(map(len, taken))
        self.line += len(taken)

    def _lines(self) -> Iterator[str]:
        while line := (self._again.popleft() if self._again else self._file.readline(LONGEST_LINE)):
            self._taken.append(line)
            yield line.decode("utf-8", "surrogateescape")
