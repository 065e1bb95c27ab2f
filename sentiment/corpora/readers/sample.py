"""The first lines of a file, read in one dialect: what of them it explains."""

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sentiment.corpora.readers.delimited import Dialect, is_stray, records
from sentiment.corpora.readers.headers import MOST_ABOVE
from sentiment.corpora.readers.lines import Line
from sentiment.corpora.readers.pieces import Cells, parse_piece
from sentiment.corpora.readers.spilling import find_spilling
from sentiment.corpora.readers.table import Flaw


@dataclass(frozen=True)
class Reading:
    """A sample as one dialect reads it.

    Attributes:
        dialect: with the width that most records have.
        top: the first records' cells, of any width, or what is wrong with them.
        rows: the cells of the records of that width.
        broken: how many lines belong to no such record.
        stray: the lines of records that quotes may have merged out of several.
        lines: how many lines there are.
        proven: whether some lines are broken unless quotes are more than text.
        doubt: what else the quotes or backslashes may mean, with the flags that decide; "" where it is clear.
    """

    dialect: Dialect
    top: list[list[str] | Flaw]
    rows: list[list[str]]
    broken: int
    stray: list[list[Line]]
    lines: int
    proven: bool = False
    doubt: str = ""

    @property
    def first(self) -> list[str] | Flaw | None:
        """The first record's cells, or what is wrong with it; None where there is none."""
        return self.top[0] if self.top else None

    @property
    def consistency(self) -> float:
        """The share of lines that it explains."""
        return 1 - self.broken / max(1, self.lines)

    @property
    def cells(self) -> list[str]:
        """The cells of all records of its width."""
        return [cell for row in self.rows for cell in row]

    @property
    def names(self) -> set[str]:
        """The first record's cells, as names of columns are compared."""
        return {cell.strip().casefold() for cell in self.first} if isinstance(self.first, list) else set()


def read_sample(sample: Sequence[Line], dialect: Dialect) -> Reading:
    """Reads the lines of a sample in a dialect, whose width counts where a column spills."""
    found = list(_found(sample, dialect))
    if dialect.spills is None:
        widths = Counter(len(cells) for cells, _ in found if not isinstance(cells, Flaw))
        dialect = dataclasses.replace(dialect, width=max(widths, key=lambda each: (widths[each], each), default=0))
    fitted = dataclasses.replace(dialect, doubtful=False)
    rows, stray, broken = [], [], 0
    for cells, lines in found:
        if isinstance(cells, Flaw) or len(cells) != fitted.width:
            broken += sum(bool(line.text.strip()) for line in lines)
            continue
        rows.append(cells)
        if len(lines) > 1:
            filled = [line for line in lines if line.text.strip("\r\n")]
            if len(filled) > 1 and is_stray([line.text for line in filled], cells, fitted):
                stray.append(filled)
    top = [cells if isinstance(cells, Flaw) else list(cells) for cells, _ in found[: MOST_ABOVE + 1]]
    return Reading(fitted, top, rows, broken, stray, sum(not line.text.isspace() for line in sample))


def spilled(sample: Sequence[Line], dialect: Dialect, wanted: set[str]) -> Reading | None:
    """Returns the reading in which a column's cells may hold the delimiter; None if that doesn't explain the rows."""
    rows = [list(cells) for cells, _ in _found(sample, dialect) if not isinstance(cells, Flaw)]
    if (found := find_spilling(rows, dialect.delimiter, wanted)) is None:
        return None
    width, column = found
    return read_sample(sample, dataclasses.replace(dialect, width=width, spills=column))


def _found(sample: Sequence[Line], dialect: Dialect) -> Iterator[tuple[Cells, Sequence[Line]]]:
    """Yields each record's cells, or what is wrong with it, and its lines; of any width, if no column spills."""
    if dialect.spills is None:
        dialect = dataclasses.replace(dialect, width=0)
    dialect = dataclasses.replace(dialect, doubtful=False)
    done = 0
    if not any(line.cut for line in sample):
        parsed = parse_piece("".join(line.text for line in sample), dialect)
        for cells, start, end in zip(parsed.cells, parsed.starts, [*parsed.starts[1:], parsed.n_lines], strict=False):
            yield cells, sample[start:end]
        done = parsed.n_lines
    for record in records(sample[done:], dialect, "", 0):
        cells = record.cells if isinstance(record.cells, Flaw) else list(record.cells)
        yield cells, sample[done : done + record.lines]
        done += record.lines
