"""Rows that follow each other, from the cells to what they mean: texts, labels and splits."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from sentiment.corpora.readers.columns import Roles
from sentiment.corpora.readers.indicators import labels_on
from sentiment.corpora.readers.table import LONGEST_TEXT, Flaw, Position
from sentiment.corpora.readers.values import as_label, as_text, is_whole, shown, split_name

Label = str | list[str] | None
Value = TypeVar("Value")


class Meaning(NamedTuple):
    """What the cells of a part of a source mean.

    Attributes:
        roles: the columns that are read.
        label, split: of all rows, where no column has them.
        class_names: what the numbers in the column of labels stand for, or what labels the columns of 0 and 1; None:
            neither a ClassLabel nor such columns.
    """

    roles: Roles
    label: str | None = None
    split: str | None = None
    class_names: tuple[str, ...] | None = None


@dataclass(frozen=True)
class RowBatch:
    """Rows that follow each other; it goes between processes by pickle.

    Attributes:
        first: the number in the source of the first one; that of the source's first is 1.
        lines: the line (or record) of its file where each begins.
        files: the path of each one's file.
        cells: all cells of each, in the order of the part's columns, or what is wrong with it.
        meaning: of the cells.
        end: the position after the last one.
    """

    first: int
    lines: Sequence[int]
    files: Sequence[str]
    cells: Sequence[Sequence[Any] | Flaw]
    meaning: Meaning
    end: Position

    def __len__(self) -> int:
        return len(self.cells)

    def __reduce__(self) -> tuple[Callable[..., "RowBatch"], tuple[object, ...]]:
        # Cells of text go to another process as one string, in a fifth of the time.
        parts = self.first, self.lines, self.files, _packed(self.cells), self.meaning, self.end
        return _unpickled, parts

    def texts(self) -> list[str | Flaw]:
        """Returns the text of each row, or what is wrong with it."""
        places = self.meaning.roles.text
        if len(places) == 1 and _are_plain(texts := self._strings(places[0])):
            return list(texts)
        return [text_of(cells, places) for cells in self.cells]

    def labels(self) -> list[Label]:
        """Returns the label or labels of each row; None where there is none."""
        place, names = self.meaning.roles.label, self.meaning.class_names
        if self.meaning.roles.indicators:
            return self._of_indicators(self.meaning.roles.indicators, names or ())
        if place is None:
            return [None if isinstance(cells, Flaw) else self.meaning.label for cells in self.cells]
        return self._each(place, lambda cell: as_label(named(cell, names) if names else cell), None)

    def _of_indicators(self, places: Sequence[int], names: Sequence[str]) -> list[Label]:
        # Few of the combinations differ, where they are strings; a cell of JSON may be a list.
        known: dict[tuple[Any, ...], list[str] | None] = {}
        found: list[Label] = []
        for cells in self.cells:
            if isinstance(cells, Flaw):
                found.append(None)
                continue
            own = tuple([cells[place] for place in places])
            if not all(isinstance(cell, str | int) for cell in own):
                found.append(labels_on(own, names))
                continue
            if own not in known:
                known[own] = labels_on(own, names)
            found.append(known[own])
        return found

    def splits(self) -> list[str | None]:
        """Returns "train", "validation", "test" or None for each row."""
        place = self.meaning.roles.split
        if place is None:
            return [self.meaning.split] * len(self.cells)
        return self._each(place, lambda cell: split_name(str(cell)), self.meaning.split)

    def _each(self, place: int, what: Callable[[Any], Value], otherwise: Value) -> list[Value]:
        # Few cells of such a column differ.
        if strings := self._strings(place):
            meant = {cell: what(cell) for cell in set(strings)}
            return list(map(meant.__getitem__, strings))
        known: dict[str, Value] = {}
        found = []
        for cells in self.cells:
            if isinstance(cells, Flaw):
                found.append(otherwise)
                continue
            cell = cells[place]
            if not isinstance(cell, str):
                found.append(what(cell))
                continue
            if cell not in known:
                known[cell] = what(cell)
            found.append(known[cell])
        return found

    def _strings(self, place: int) -> list[str]:
        """Returns the cells of a column where all are strings, seen at once, for files have millions; else []."""
        if Flaw in set(map(type, self.cells)):
            return []
        column = [cells[place] for cells in self.cells]
        return column if set(map(type, column)) == {str} else []


class _Packed(NamedTuple):
    joined: str
    width: int


def _packed(cells: Sequence[Sequence[Any] | Flaw]) -> Sequence[Sequence[Any] | Flaw] | _Packed:
    widths = set(map(len, cells))
    if set(map(type, cells)) != {list} or len(widths) > 1 or widths == {0}:
        return cells
    (width,) = widths
    try:
        joined = "\0".join(itertools.chain.from_iterable(cells))
    except TypeError:  # other cells than text
        return cells
    return _Packed(joined, width) if joined.count("\0") == len(cells) * width - 1 else cells


def _unpickled(
    first: int,
    lines: Sequence[int],
    files: Sequence[str],
    cells: Sequence[Sequence[Any] | Flaw] | _Packed,
    meaning: Meaning,
    end: Position,
) -> RowBatch:
    if isinstance(cells, _Packed):
        cells = list(zip(*[iter(cells.joined.split("\0"))] * cells.width, strict=True))
    return RowBatch(first, lines, files, cells, meaning, end)


def text_of(cells: Sequence[Any] | Flaw, places: Sequence[int]) -> str | Flaw:
    """Returns the text in some columns of a record, or what is wrong with it, with what the record held."""
    if isinstance(cells, Flaw):
        return cells._replace(raw=shown(cells.raw))
    text = as_text([cells[place] for place in places])
    return text._replace(raw=shown(cells)) if isinstance(text, Flaw) else text


def named(value: object, names: tuple[str, ...]) -> object:
    """Returns a ClassLabel's name, or the names of a list of them; -1 stands for no label."""
    if isinstance(value, list | tuple):
        return [named(each, names) for each in value]
    if isinstance(value, int) and not isinstance(value, bool):
        return names[value] if 0 <= value < len(names) else None
    return value


def _are_plain(texts: Sequence[str]) -> bool:
    """Whether there are texts, and `as_text` would return all of them as they are; seen at once."""
    return (
        bool(texts)
        and all(map(str.strip, texts))
        and max(map(len, texts)) <= LONGEST_TEXT
        and is_whole("\n".join(texts))
    )
