"""The columns of texts, labels and splits: named by the user, or found; else an error that names the likely ones."""

import re
import shlex
from collections.abc import Collection, Sequence
from typing import NamedTuple

from sentiment.corpora.readers.indicators import ENOUGH, find_indicators, is_on
from sentiment.corpora.readers.options import ReadOptions, columns_in
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
    """The columns that are read, as places in a record; `label` and `split` are None where there is none.

    `indicators` are columns of 0 and 1, one for each label, which stand in place of `label`.
    """

    text: tuple[int, ...]
    label: int | None
    split: int | None
    indicators: tuple[int, ...] = ()

    @property
    def labelled(self) -> bool:
        """Whether there is a column of labels, or several."""
        return self.label is not None or bool(self.indicators)


def wanted_names(options: ReadOptions) -> set[str]:
    """Returns the names of columns that the user gave, less those that are numbers."""
    named = {*options.text, options.label, *columns_in(options.label), options.split} - {None}
    return {name.strip().casefold() for name in named if name and not name.isdigit()}


def find_roles(
    name: str,
    columns: Sequence[str],
    named: bool,
    rows: Sequence[Sequence[object]],
    options: ReadOptions,
    in_python: bool = False,
    indicators: Sequence[str] = (),
) -> Roles:
    """Finds the columns that are read.

    Args:
        name: what messages call the file.
        columns: all columns' names; their numbers where `named` is false.
        named: whether the file names its columns.
        rows: the cells of its first records.
        options: the columns that the user named.
        in_python: whether messages show a call of `load_corpus` instead of a command; there must then be labels.
        indicators: names of columns of 0 and 1 that another file of the source has: they are not looked for.

    Raises:
        InputError: one isn't there or is there twice, or none was named and none found; with the flags to give.
            Or one of several columns of labels holds other values than 0 and 1.
    """
    if not columns:
        raise InputError(f"{name}: the file is empty: give it a header and rows")
    look = _Look(name, columns, named, rows, in_python)
    text = tuple(look.place(each, "text") for each in options.text) or (look.unasked("text"),)
    split = look.place(options.split, "split-column") if options.split else look.default_split()
    label, found = look.labels(options.label, {*text, split}, indicators)
    for place in text:
        if place == label or place in found:
            raise InputError(
                f"{name}: {columns[place]!r} can't be both text and label: name two columns, --text and --label"
            )
    if in_python and label is None and not found:
        look.place("label", "label")  # raises
    return Roles(text, label, split, found)


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

    def labels(
        self, asked: str | None, taken: Collection[int | None], known: Sequence[str]
    ) -> tuple[int | None, tuple[int, ...]]:
        """Returns the column of labels, or None, and the columns of 0 and 1 where these say which labels a text has."""
        if asked:
            several = () if asked in self._columns else columns_in(asked)
            if len(several) > 1:
                return None, self._named_indicators(several)
            return self._check_labels(self.place(asked, "label")), ()
        if (label := self._default_label()) is not None or not self._named:
            return label, ()
        if known and set(known) <= set(self._columns):
            return None, tuple(self.place(name, "label") for name in known)
        found = likely_indicators(self._rows, self._columns, taken)
        return None, tuple(found) if len(found) >= ENOUGH else ()

    def _check_labels(self, place: int) -> int:
        """Returns a column that the user named. Raises InputError where it holds objects, as JSON can."""
        if (cell := self._object_in(place)) is not None:
            raise InputError(
                f"{self._name}: column {self._columns[place]!r} holds objects, such as {str(cell)[:60]}: name one that "
                "holds the labels with --label"
            )
        return place

    def _object_in(self, place: int) -> object | None:
        cells = (row[place] for row in self._rows if place < len(row))
        with_object = (cell for cell in cells if any(map(_is_object, cell if isinstance(cell, list) else [cell])))
        return next(with_object, None)

    def _named_indicators(self, names: Sequence[str]) -> tuple[int, ...]:
        places = tuple(dict.fromkeys(self.place(name, "label") for name in names))
        for place in places:
            cells = [row[place] for row in self._rows if place < len(row) and not is_missing(row[place])]
            other = next((str(cell) for cell in cells if is_on(cell) is None and str(cell) != "-1"), None)
            if other is not None:  # -1 says in Jigsaw's test labels that a text has none
                raise InputError(
                    f"{self._name}: column {self._columns[place]!r} holds {other[:40]!r}: several columns of labels "
                    "hold 0 and 1, one column for each label; name one that holds the labels with --label"
                )
        return places

    def _default_label(self) -> int | None:
        """Returns the column that holds the labels where none was named, or None."""
        if not self._named:
            return guess_roles(self._rows, len(self._columns))[1] if len(self._columns) == 2 else None
        found = [place for place, column in enumerate(self._columns) if column.casefold() == "label"]
        exact = [place for place in found if self._columns[place] == "label"]
        if len(exact or found) > 1:
            raise self._missing("label", "label", doubled=True)
        place = next(iter(exact or found), None)
        return None if place is None or self._object_in(place) is not None else place

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
        places = {"text": [text], "label": [] if label is None else [label]}
        found = likely_indicators(self._rows, self._columns, {text}) if self._named else []
        if label in found:
            places["label"] = found if len(found) < ENOUGH else []
        flags = {flag: call_all(self._columns, self._named, each) for flag, each in places.items() if each}
        if self._in_python:
            return f"load_corpus(frame, {', '.join(f'{flag}={name!r}' for flag, name in flags.items())})"
        words = [word for flag, name in flags.items() for word in (f"--{flag}", name)]
        return f"sentiment corpus {shlex.join([self._name, *words])}"


def called(columns: Sequence[str], named: bool, place: int) -> str:
    """Returns what a flag may call a column: its name where that can be typed and is given once, else its number."""
    name = columns[place]
    usable = named and columns.count(name) == 1 and "," not in name and 0 < len(name) <= 40
    return name if usable else str(place + 1)


def call_all(columns: Sequence[str], named: bool, places: Sequence[int]) -> str:
    """Returns what a flag may call some columns, as `called` does, with commas between them."""
    return ",".join(called(columns, named, place) for place in places)


def likely_indicators(
    rows: Sequence[Sequence[object]], names: Sequence[str], taken: Collection[int | None]
) -> list[int]:
    """Returns the columns that `find_indicators` finds; none where another is called as columns of labels are."""
    found = find_indicators(rows, len(names), taken)
    cells = [[row[place] for row in rows if place < len(row)] for place in range(len(names))]
    others = likely_labels(cells, names, {*taken, *found}) if found else []
    return [] if any(_called_as_labels(names[place]) and _differ(cells[place]) for place in others) else found


def _is_object(value: object) -> bool:
    return isinstance(value, dict) and len(value) > 0


def _called_as_labels(name: str) -> bool:
    return bool(set(re.findall(r"[a-z]+", name.casefold())) & _NAMES_OF_LABELS)


def _differ(cells: Sequence[object]) -> bool:
    return len({str(cell) for cell in cells if not is_missing(cell)}) > 1


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
        given = [cell for cell in cells[place] if not is_missing(cell)]
        called_so = bool(names) and _called_as_labels(names[place])
        return not _differ(given), not called_so, len(given) < len(cells[place]) / 2, place

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
