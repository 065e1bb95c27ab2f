"""Which column holds the texts, which the labels, which the splits; and what to say where that can't be told."""

import re
import shlex
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.values import is_missing, split_name
from sentiment.errors import InputError

_SHOWN = 12
_NAMES_OF_LABELS = frozenset(
    {"label", "labels", "class", "category", "target", "sentiment", "polarity", "emotion", "intent", "rating", "stars"}
    | {"score"}
)
_NAMES_OF_SPLITS = frozenset({"split", "splits", "partition", "fold", "subset", "set"})
# Names that a header is known by. None of them is read as texts or labels unasked but "text" and "label".
KNOWN_NAMES = _NAMES_OF_LABELS.union(
    ("text", "split", "fold", "subset", "id", "idx", "index", "tweet", "tweets", "sentence", "sentences", "review"),
    ("reviews", "comment", "comments", "message", "body", "content", "title", "headline", "description", "document"),
    ("date", "user", "username", "author", "topic", "source", "lang", "language", "url"),
)


class Roles(NamedTuple):
    """The columns that are read, as places in a record; `label` and `split` are None where there is none."""

    text: tuple[int, ...]
    label: int | None
    split: int | None


def wanted_names(options: ReadOptions) -> set[str]:
    """Returns the names of columns that the user gave, less those that are numbers."""
    named = {*options.text, options.label, options.split} - {None}
    return {name.strip().casefold() for name in named if name and not name.isdigit()}


def find_roles(
    name: str,
    columns: Sequence[str],
    named: bool,
    rows: Sequence[Sequence[object]],
    options: ReadOptions,
    in_python: bool = False,
) -> Roles:
    """Finds the columns that are read.

    Args:
        name: what messages call the file.
        columns: all columns' names; their numbers where `named` is false.
        named: whether the file names its columns.
        rows: the cells of its first records.
        options: the columns that the user named.
        in_python: whether messages show a call of `load_corpus` instead of a command.

    Raises:
        InputError: one isn't there or is there twice, or none was named and it can't be told; with the flags to give.
    """
    if not columns:
        raise InputError(f"{name}: the file is empty: give it a header and rows")
    look = _Look(name, columns, named, rows, in_python)
    text = tuple(look.place(each, "text") for each in options.text) or (look.unasked("text"),)
    label = look.place(options.label, "label") if options.label else look.default_label(text)
    split = look.place(options.split, "split-column") if options.split else look.default_split()
    if label is not None and label in text:
        raise InputError(
            f"{name}: {columns[label]!r} can't be both text and label: name two columns, --text and --label"
        )
    return Roles(text, label, split)


class _Look:
    def __init__(
        self, name: str, columns: Sequence[str], named: bool, rows: Sequence[Sequence[object]], in_python: bool
    ):
        self._in_python = in_python
        self._name = name
        self._columns = columns
        self._named = named
        self._rows = rows

    def place(self, asked: str, flag: str) -> int:
        """Returns the column that is called so, or has this number. Raises InputError where there is none, or two."""
        found = [place for place, column in enumerate(self._columns) if column == asked] if self._named else []
        if not found and self._named:
            folded = asked.strip().casefold()
            found = [place for place, column in enumerate(self._columns) if column.casefold() == folded]
        if len(found) == 1:
            return found[0]
        if not found and asked.isdigit() and 1 <= int(asked) <= len(self._columns):
            return int(asked) - 1
        raise self._missing(asked, flag, doubled=len(found) > 1)

    def unasked(self, role: str) -> int:
        """Returns the column called `role`; without names, the one that looks like it, of two at most."""
        if self._named:
            return self.place(role, role)
        if len(self._columns) <= 2:
            text, label = guess_roles(self._rows, len(self._columns))
            return text if role == "text" or label is None else label
        raise InputError(
            f"{self._name}: no header, so the {len(self._columns)} columns have numbers: name the texts' and the "
            f"labels', as in: {self._command()}"
        )

    def default_label(self, text: tuple[int, ...]) -> int | None:
        """Returns the column that holds the labels where none was named, or None."""
        if not self._named:
            return guess_roles(self._rows, len(self._columns))[1] if len(self._columns) == 2 and text else None
        found = [place for place, column in enumerate(self._columns) if column.casefold() == "label"]
        exact = [place for place in found if self._columns[place] == "label"]
        if len(exact or found) > 1:
            raise self._missing("label", "label", doubled=True)
        return next(iter(exact or found), None)

    def default_split(self) -> int | None:
        """Returns a column that is called as splits are, if all its cells name splits, or None."""
        for place, column in enumerate(self._columns if self._named else ()):
            if column.casefold() in _NAMES_OF_SPLITS:
                cells = [row[place] for row in self._rows if place < len(row)]
                if cells and all(isinstance(cell, str) and split_name(cell) for cell in cells):
                    return place
        return None

    def _missing(self, asked: str, flag: str, doubled: bool) -> InputError:
        role = {"text": " for the texts", "label": " for the labels"}.get(flag, "")
        fault = "more than one column" if doubled else "no column"
        if not self._named:
            there = f"it has no header, and {len(self._columns)} columns, which have numbers"
        else:
            there = f"its columns are {listed(self._columns)}"
        return InputError(
            f"{self._name}: {fault} {asked!r}{role}; {there}: name the right one, as in: {self._command()}"
        )

    def _command(self) -> str:
        text, label = guess_roles(self._rows, len(self._columns), self._columns if self._named else ())
        places = {"text": text, "label": label}
        flags = {flag: called(self._columns, self._named, place) for flag, place in places.items() if place is not None}
        if self._in_python:
            return f"load_corpus(frame, {', '.join(f'{flag}={name!r}' for flag, name in flags.items())})"
        words = [word for flag, name in flags.items() for word in (f"--{flag}", name)]
        return f"sentiment corpus {shlex.join([self._name, *words])}"


def called(columns: Sequence[str], named: bool, place: int) -> str:
    """Returns what a flag may call a column: its name where that can be typed and is given once, else its number."""
    name = columns[place]
    usable = named and columns.count(name) == 1 and "," not in name and 0 < len(name) <= 40
    return name if usable else str(place + 1)


def guess_roles(rows: Sequence[Sequence[object]], width: int, names: Sequence[str] = ()) -> tuple[int, int | None]:
    """Returns the column that looks most like texts, and the one that looks most like labels, if any does."""
    cells = [[row[place] for row in rows if place < len(row)] for place in range(width)]
    text = max(range(width), key=lambda place: (_wordiness(cells[place]), -place), default=0)
    label = next(iter(likely_labels(cells, names, {text})), None)
    if label is None and width == 2:
        label = 1 - text
    return text, label


def likely_labels(
    cells: Sequence[Sequence[object]], names: Sequence[str], taken: Collection[int | None] = ()
) -> list[int]:
    """Returns the columns that look like labels, the likeliest first.

    Args:
        cells: of each column its first cells.
        names: of the columns; () where they have none.
        taken: columns that are something else.
    """
    others = [place for place in range(len(cells)) if place not in taken]
    fitting = [
        place
        for place in others
        if looks_like_labels(cells[place]) and not all(split_name(str(cell)) for cell in cells[place])
    ]

    def rank(place: int) -> tuple[bool, bool, bool, int]:
        given = [str(cell) for cell in cells[place] if not is_missing(cell)]
        parts = set(re.findall(r"[a-z]+", names[place].casefold())) if names else set()
        return len(set(given)) < 2, not parts & _NAMES_OF_LABELS, len(given) < len(cells[place]) / 2, place

    return sorted(fitting, key=rank)


def looks_like_labels(cells: Sequence[object]) -> bool:
    """Whether cells are short and few of them differ, as labels do."""
    given = [str(cell).strip() for cell in cells if not is_missing(cell)]
    if not given or max(map(len, given)) > 60:
        return False
    return len(set(given)) <= max(2, len(given) / 4) and sum(map(len, given)) <= 30 * len(given)


def _wordiness(cells: Sequence[object]) -> float:
    texts = [cell for cell in cells if isinstance(cell, str)]
    if not texts:
        return 0.0
    words = sum(len(re.findall(r"[^\W\d_]+", text)) for text in texts) / len(texts)
    return words * len(set(texts)) / len(texts)


def listed(names: Sequence[str]) -> str:
    """Returns names in quotes, the first dozen and how many more there are."""
    shown = [repr(name if len(name) <= 40 else name[:40] + "...") for name in names[:_SHOWN]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more:,} more" if more else "")
