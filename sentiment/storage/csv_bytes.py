"""Rows as CSV that `csv`, pandas and DuckDB read back equal."""

import csv
from collections.abc import Iterable, Sequence


def csv_bytes(rows: Iterable[Sequence[str]], delimiter: str = ",") -> bytes:
    """Returns rows as CSV in UTF-8, with line feeds; cells with carriage returns alone are quoted too.

    Half surrogate pairs become their escapes, for no encoding has them.
    """
    lines: list[str] = []
    # Python quotes what stands in the line end: it is "\r\n" here, and cut to "\n" below.
    csv.writer(_Lines(lines), delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return "".join(f"{line[:-2]}\n" for line in lines).encode("utf-8", "backslashreplace")


class _Lines:
    def __init__(self, lines: list[str]):
        self.write = lines.append
