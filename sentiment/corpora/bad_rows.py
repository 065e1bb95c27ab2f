"""Rows that can't be used: counted by reason, listed by line, and left out or refused."""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from sentiment.corpora.mapped_texts import MappedTexts, taken
from sentiment.corpora.options import BadRows
from sentiment.corpora.ranks import Ranks, order_by_head
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


def contradictions(table: Table, labels: np.ndarray, name: Callable[[int], str]) -> tuple[LeftOut, ...]:
    """Returns the rows whose text another row has with another label; they are listed, and used all the same.

    Args:
        table: of n rows.
        labels: <int>[n] a number for each row, alike where the labels are; negative for a row that isn't used.
        name: gives a row's label.
    """
    texts: Sequence[str] = table.texts
    near = _of_several_labels(_keys(texts), labels)
    alike = np.fromiter(map(hash, taken(texts, near)), np.int64, len(near))  # few of those that are nearly so
    candidates = near[_of_several_labels(alike.view(np.uint64), labels[near])].tolist()
    first: dict[str, int] = {}
    several: set[str] = set()
    for row in candidates:
        if first.setdefault(texts[row], labels[row]) != labels[row]:
            several.add(texts[row])
    return tuple(
        LeftOut(int(table.lines[row]), CONTRADICTION, "", f"labelled {name(row)}; used", table.files[row])
        for row in candidates
        if texts[row] in several
    )


def _keys(texts: Sequence[str]) -> np.ndarray:
    """Returns <uint64>[n], alike where texts are, and by chance, or as texts are nearly alike, for some others too."""
    if isinstance(texts, MappedTexts) and texts.ranks is not None:
        return Ranks(texts.ranks, texts.rows).heads()
    return np.fromiter(map(hash, texts), np.int64, len(texts)).view(np.uint64)


def _of_several_labels(keys: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Returns <int>[k] rows, ascending: all whose key another row has too, which has another label; hardly any more.

    The keys, <uint64>[n] spread evenly, are overwritten.
    """
    places, begins = order_by_head(keys)
    repeated = ~begins
    repeated[:-1] |= ~begins[1:]
    rows, group = places[repeated], np.cumsum(begins[repeated]) - 1
    used = labels[rows] >= 0
    rows, group = rows[used], group[used]
    own, n = labels[rows], int(group.max(initial=-1)) + 1
    lowest, highest = np.full(n, np.iinfo(own.dtype).max, own.dtype), np.zeros(n, own.dtype)
    np.minimum.at(lowest, group, own)
    np.maximum.at(highest, group, own)
    return np.sort(rows[(lowest < highest)[group]]).astype(np.int64, copy=False)


def as_csv(rows: Iterable[LeftOut]) -> bytes:
    """Returns bad rows as CSV: file, line, reason and detail; not what they hold."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["file", "line", "reason", "detail"])
    writer.writerows([each.file, each.line, each.reason, each.error] for each in rows)
    return file.getvalue().encode("utf-8", "backslashreplace")
