"""Rows as CSV that `csv`, pandas and DuckDB read back equal."""

import csv
import io
from collections.abc import Sequence


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


def _with_quoted_returns(rows: Sequence[Sequence[object]], delimiter: str) -> str:
    lines: list[str] = []
    # Python quotes what stands in the line end: it is "\r\n" here, and cut to "\n" below.
    csv.writer(_Lines(lines), delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(f"{line[:-2]}\n" for line in lines)


class _Lines:
    def __init__(self, lines: list[str]):
        self.write = lines.append
