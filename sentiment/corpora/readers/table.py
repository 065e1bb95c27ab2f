"""What a file means: texts, labels and splits row by row, and what was left out."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sentiment.corpora.readers.coded import distinct

EMPTY_TEXT = "empty text"
MISSING_LABEL = "missing label"
BROKEN_LINE = "broken line"
NOT_TEXT = "bytes that are no text"
TOO_LONG = "text too long"
NO_STRING = "text is no string"
REASONS = (EMPTY_TEXT, MISSING_LABEL, BROKEN_LINE, NOT_TEXT, TOO_LONG, NO_STRING)

LONGEST_TEXT = 100_000  # characters
LONGEST_LINE = 1_000_000  # bytes
LONGEST_SHOWN = 10_000  # characters of what a flawed row held; the rest can be found by its line


class Flaw(NamedTuple):
    """Why a row can't be used: one of `REASONS`, the same in detail, and what the row held."""

    reason: str
    error: str
    raw: str


class LeftOut(NamedTuple):
    """A row that was left out.

    Attributes:
        line: where it begins: its line, or its record where the file has no lines; the first is 1.
        reason: one of `REASONS`.
        shown: what it held, cut short.
        error: the reason in detail, such as "3 cells, and the header has 2".
        file: the path of its file.
        row: its number among all rows, used or not; the first is 1.
    """

    line: int
    reason: str
    shown: str
    error: str = ""
    file: str = ""
    row: int = 0


class Position(NamedTuple):
    """How far a source was read.

    Attributes:
        offset: bytes of the present file, or records where those can't be found by a byte.
        row: rows of all files so far, used or not.
        line: lines of the present file so far.
        part: which of the source's files is the present one.
    """

    offset: int = 0
    row: int = 0
    line: int = 0
    part: int = 0


@dataclass(frozen=True)
class Table:
    """The rows of a source that can be used, as columns of equal length, in the source's order.

    The columns are lists; of a corpus that is prepared they are `Coded`, or lie in mapped files.

    Attributes:
        name: the file's or folder's name.
        texts: N texts, as the source has them.
        labels: of each text its label, its labels where it may have several, or None where the source has none.
        splits: of each text "train", "validation" or "test", or None where the source has no splits.
        lines: of each text the line (or record) of its file where it begins.
        files: of each text the path of its file.
        left_out: the rows that can't be used.
        dialect: what was sniffed or said: kind, encoding, compression, delimiter, quoting, header, columns; JSON.
        label_names: the classes in their order, where the source gives them (ClassLabel, mapping files).
        sha256: of the files' bytes.
        columns: the names of all columns of the (first) file.
    """

    name: str
    texts: Sequence[str]
    labels: Sequence[str | list[str] | None]
    splits: Sequence[str | None]
    lines: Sequence[int]
    files: Sequence[str]
    left_out: tuple[LeftOut, ...] = ()
    dialect: dict[str, Any] = field(default_factory=dict)
    label_names: tuple[str, ...] | None = None
    sha256: str = ""
    columns: tuple[str, ...] = ()

    @property
    def labelled(self) -> bool:
        """Whether the source has labels at all."""
        return any(label is not None for label in distinct(self.labels))

    @property
    def has_splits(self) -> bool:
        """Whether the source says which split its rows belong to."""
        return any(split is not None for split in distinct(self.splits))

    @property
    def several(self) -> bool:
        """Whether a text may have several labels."""
        sets = (each for each in distinct(self.labels) if isinstance(each, list))
        return "labels_between" in self.dialect or any(len(each) != 1 for each in sets)

    @property
    def indicators(self) -> tuple[str, ...]:
        """The names of the columns of 0 and 1 that say which labels a text has."""
        named = self.dialect.get("columns", {}).get("label")
        return tuple(named) if isinstance(named, list) else ()

    @property
    def labels_between(self) -> str:
        """What stands between the labels of a text; of lists a sign that is in none of them."""
        if "labels_between" in self.dialect:
            return str(self.dialect["labels_between"])
        names = {name for each in distinct(self.labels) if isinstance(each, list) for name in each}
        return next((sign for sign in (",", ";", "|") if not any(sign in name for name in names)), ",")

    def said(self) -> str:
        """Returns in one line what was sniffed or said of the source."""
        return say_dialect(self.name, self.dialect)


def say_dialect(name: str, dialect: dict[str, Any]) -> str:
    """Returns in one line what was sniffed or said of a source."""
    parts = [str(dialect.get("kind", "")), str(dialect.get("encoding", "")), str(dialect.get("compression", ""))]
    if "delimiter" in dialect:
        parts.append(f"cells between {dialect['delimiter']!r}")
        if "unquoted" in dialect:
            parts.append(f"those in {dialect['unquoted']!r} are text")
        parts.append("quotes are text" if dialect["quoting"] == "none" else f"quoting {dialect['quoting']}")
    if "header" in dialect:
        above = f" below {dialect['above']:,} row(s) of something else" if "above" in dialect else ""
        parts.append(f"a header{above}" if dialect["header"] else "no header")
    for role, columns in dialect.get("columns", {}).items():
        parts.append(f"{role}: {columns if isinstance(columns, str) else ' + '.join(columns)}")
    if "label_names" in dialect:
        parts.append(dialect["label_names"])
    if "files" in dialect:
        parts.append(f"{dialect['files']:,} files")
    return f"{name}: {', '.join(part for part in parts if part)}"
