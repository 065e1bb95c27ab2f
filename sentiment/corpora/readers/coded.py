"""Columns that take little memory where rows are many: few distinct values, and numbers for the rows."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, Protocol, TypeVar, overload, runtime_checkable

import numpy as np

Value = TypeVar("Value")
Other = TypeVar("Other")
_AT_ONCE = 1 << 17  # rows


class Coded(Sequence[Value], Generic[Value]):
    """A column whose rows share few values.

    Attributes:
        values: the distinct ones.
        codes: <int>[n_rows] the place of each row's value.
    """

    def __init__(self, values: Sequence[Value], codes: np.ndarray):
        self.values = list(values)
        self.codes = codes

    @classmethod
    def joined(cls, parts: Sequence["Coded[Value]"]) -> "Coded[Value]":
        """Returns several columns, one below the other, their values in the order in which they come first."""
        places: dict[Any, int] = {}
        values: list[Value] = []
        places_of = []
        for part in parts:
            own = np.zeros(len(part.values), np.int64)
            for place, value in enumerate(part.values):
                key = tuple(value) if isinstance(value, list) else value
                if places.setdefault(key, len(values)) == len(values):
                    values.append(value)
                own[place] = places[key]
            places_of.append(own)
        small = np.min_scalar_type(len(values))
        renamed = [own.astype(small)[part.codes] for own, part in zip(places_of, parts, strict=True)]
        return cls(values, np.concatenate([np.empty(0, small), *renamed]))

    def __len__(self) -> int:
        return len(self.codes)

    @overload
    def __getitem__(self, row: int) -> Value: ...

    @overload
    def __getitem__(self, row: slice) -> "Coded[Value]": ...

    def __getitem__(self, row: int | slice) -> "Value | Coded[Value]":
        """Returns the value of a row, or the column of some."""
        return Coded(self.values, self.codes[row]) if isinstance(row, slice) else self.values[self.codes[row]]

    def __iter__(self):
        return map(self.values.__getitem__, self.codes.tolist())

    def counts(self) -> list[tuple[Value, int]]:
        """Returns the values that rows have, in the order in which they come first, and how many rows have each."""
        numbers = np.zeros(len(self.values), np.int64)
        order: list[int] = []
        at_once = max(_AT_ONCE, len(self.values))
        for start in range(0, len(self.codes), at_once):
            some = self.codes[start : start + at_once]
            own = np.bincount(some, minlength=len(numbers))
            if np.any(own[numbers == 0]):
                codes, first = np.unique(some, return_index=True)
                order += [code for code in codes[np.argsort(first)].tolist() if not numbers[code]]
            numbers += own
        return [(self.values[code], int(numbers[code])) for code in order]

    def kept(self, mask: np.ndarray) -> "Coded[Value]":
        """Returns the rows where `mask`, <bool>[n_rows], is true."""
        return Coded(self.values, self.codes[mask])

    def followed_by(self, others: "Coded[Value]") -> "Coded[Value]":
        """Returns these rows and then the others'."""
        return Coded.joined([self, others])

    def changed(self, function: Callable[[Value], Other]) -> "Coded[Other]":
        """Returns the column with `function(value)` in place of each value."""
        return Coded(list(map(function, self.values)), self.codes)


@runtime_checkable
class Maskable(Protocol):
    """A column that knows its own way to some of its rows, and to more of them."""

    def kept(self, mask: np.ndarray) -> Any:
        """Returns the rows where `mask`, <bool>[n_rows], is true."""

    def followed_by(self, others: Any) -> Any:
        """Returns these rows and then those of another column of this kind."""


def kept(column: Any, mask: Sequence[bool] | np.ndarray) -> Any:
    """Returns the rows of a column where a mask is true: of a list a list, of an array an array."""
    if isinstance(column, Maskable):
        return column.kept(np.asarray(mask, bool))
    if isinstance(column, np.ndarray):
        return column[np.asarray(mask, bool)]
    return list(itertools.compress(column, mask))


def changed(column: Sequence[Value], function: Callable[[Value], Other]) -> Sequence[Other]:
    """Returns `function(value)` for each row of a column."""
    return column.changed(function) if isinstance(column, Coded) else list(map(function, column))


def joined(column: Any, added: Any) -> Any:
    """Returns the rows of a column and then those of another of its kind."""
    if isinstance(column, np.ndarray):
        return np.concatenate([column, added])
    return column.followed_by(added) if isinstance(column, Maskable) else [*column, *added]


def where(column: Sequence[Value], test: Callable[[Value], bool]) -> np.ndarray:
    """Returns <bool>[n_rows]: of which rows the value passes a test."""
    return as_array(column, test, bool)


def as_array(column: Sequence[Value], function: Callable[[Value], Any], dtype: type) -> np.ndarray:
    """Returns `function(value)` for each row of a column, <dtype>[n_rows]; it takes values that no row has, too."""
    if isinstance(column, Coded):
        return np.array(list(map(function, column.values)), dtype)[column.codes]
    return np.fromiter(map(function, column), dtype, len(column))


def distinct(column: Sequence[Value]) -> Iterable[Value]:
    """Returns the values that rows of a column have, each at least once: of `Coded` ones just once, however long."""
    return [value for value, _ in column.counts()] if isinstance(column, Coded) else column


def counted(column: Sequence[Value]) -> Counter[Value]:
    """Returns how many rows of a column have each value, in the order in which they come first."""
    if not isinstance(column, Coded):
        return Counter(column)
    found: Counter[Value] = Counter()
    for value, count in column.counts():  # `changed` can have made several alike
        found[value] += count
    return found


def repeated(value: Value, column: Sequence[Other]) -> Any:
    """Returns a column that has one value for each row of another, and is of its kind."""
    if isinstance(column, Coded):
        return Coded([value], np.zeros(len(column), np.int8))
    return [value] * len(column)
