"""Rows as CSV that `csv`, pandas and DuckDB read back equal."""

import csv
import io
from collections.abc import Iterable, Sequence


def csv_bytes(rows: Sequence[Sequence[object]], delimiter: str = ",") -> bytes:
    """Returns rows as CSV in UTF-8, with line feeds; cells with carriage returns alone are quoted too.

    Half surrogate pairs become their escapes, for no encoding has them.
    """
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator="\n").writerows(rows)
    written = file.getvalue()
    if "\r" in written:
        written = _with_quoted_returns(rows, delimiter)
    return written.encode("utf-8", "backslashreplace")


def csv_of_columns(columns: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    """Returns what `csv_bytes` gives for the rows of two columns or more, in a quarter of the time."""
    rows = zip(*(_quoted_where_needed(column, delimiter) for column in columns), strict=True)
    lines = "\n".join(map(delimiter.join, rows))
    return f"{lines}\n".encode("utf-8", "backslashreplace") if lines else b""


def _quoted_where_needed(column: Sequence[str], delimiter: str) -> Sequence[str]:
    together = "".join(column)
    special = [sign for sign in (delimiter, '"', "\n", "\r") if sign in together]
    marked = {place for sign in special for place, cell in enumerate(column) if sign in cell}
    if not marked:
        return column
    quoted = list(column)
    for place in marked:
        cell = quoted[place].replace('"', '""')
        quoted[place] = f'"{cell}"'
    return quoted


def _with_quoted_returns(rows: Sequence[Sequence[object]], delimiter: str) -> str:
    lines: list[str] = []
    # Python quotes what stands in the line end: it is "\r\n" here, and cut to "\n" below.
    csv.writer(_Lines(lines), delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(f"{line[:-2]}\n" for line in lines)


class _Lines:
    def __init__(self, lines: list[str]):
        self.write = lines.append
