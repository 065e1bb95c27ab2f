"""Rows that can't be used: counted by reason, listed by line, and left out or refused."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from sentiment.corpora.options import BadRows
from sentiment.corpora.readers import LeftOut, Table
from sentiment.corpora.readers.table import BROKEN_LINE, NO_STRING
from sentiment.errors import InputError

MOST = 0.01  # the share of bad rows from which on "report" stops
CONTRADICTION = "same text, another label"
_SHOWN = 5


def left_out(source: str, table: Table, policy: BadRows) -> tuple[str, ...]:
    """Returns what to say of the bad rows of a source's table: a line, or none.

    Raises:
        InputError: the policy doesn't leave them out; with all counts, the first lines and the flag that does.
    """
    bad = table.left_out
    if not bad:
        return ()
    rows = len(table.texts) + len(bad)
    counted = f"{len(bad):,} of {rows:,} rows can't be used: {by_reason(bad)}"
    if policy == "stop" or (policy == "report" and len(bad) >= MOST * rows):
        why = "" if policy == "stop" else f", {len(bad) / rows:.1%} and not less than {MOST:.0%}"
        raise InputError(
            f"{source}: {counted}{why}; mend them, or leave them out with --bad-rows "
            f"{'report' if len(bad) < MOST * rows else 'skip'}"
        )
    return (f"{counted}; they are left out",)


def by_reason(bad: Sequence[LeftOut]) -> str:
    """Returns the counts of each reason with the first lines: "3 empty text (lines 2, 7, 9)"."""
    counted = []
    for reason, count in Counter(each.reason for each in bad).most_common():
        those = [each for each in bad if each.reason == reason]
        lines = ", ".join(str(each.line) for each in those[:_SHOWN]) + (", ..." if count > _SHOWN else "")
        detail = f": {those[0].error}" if reason in (BROKEN_LINE, NO_STRING) and count == 1 else ""
        counted.append(f"{count:,} {reason} (line{'s' if count > 1 else ''} {lines}{detail})")
    return "; ".join(counted)


def contradictions(table: Table, labels: Sequence[str]) -> tuple[LeftOut, ...]:
    """Returns the rows whose text another row has with another label; they are listed, and used all the same.

    Args:
        table: of n rows.
        labels: n labels, "" for a row that isn't used.
    """
    first: dict[str, str] = {}
    several: set[str] = set()
    repeated = [row for row in _rows_of_repeated(table.texts) if labels[row]]
    for row in repeated:
        if first.setdefault(table.texts[row], labels[row]) != labels[row]:
            several.add(table.texts[row])
    return tuple(
        LeftOut(table.lines[row], CONTRADICTION, "", f"labelled {labels[row]}; used", table.files[row])
        for row in repeated
        if table.texts[row] in several
    )


def _rows_of_repeated(texts: Sequence[str]) -> list[int]:
    """Returns the rows, ascending, whose text another row has too; by chance also some of other texts."""
    hashes = np.fromiter(map(hash, texts), np.int64, len(texts))
    order = np.argsort(hashes)
    again = np.flatnonzero(hashes[order[1:]] == hashes[order[:-1]])
    found = np.zeros(len(texts), bool)
    found[order[again]] = found[order[again + 1]] = True
    return np.flatnonzero(found).tolist()


def as_csv(rows: Iterable[LeftOut]) -> bytes:
    """Returns bad rows as CSV: file, line, reason and detail; not what they hold."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["file", "line", "reason", "detail"])
    writer.writerows([each.file, each.line, each.reason, each.error] for each in rows)
    return file.getvalue().encode("utf-8", "backslashreplace")
