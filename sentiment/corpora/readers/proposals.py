"""Flags that may give a source labels, or other ones, as messages show them."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from sentiment.corpora.readers.columns import call_all, likely_indicators, likely_labels, looks_like_labels
from sentiment.corpora.readers.options import ReadOptions
from sentiment.corpora.readers.reader import OpenPart, Reader
from sentiment.corpora.readers.values import is_missing

# What may stand between a text and its label, besides what is looked for in any file; the longer of two comes first.
_BEFORE_LABELS = (" => ", " -> ", " - ", "::", *"@#:/~^")
_MOST_SAMPLED = 1000  # lines
_CONSISTENT = 0.95  # of them must have it


def command_with_labels(source: str, options: ReadOptions) -> str:
    """Returns a command that reads the labels which a source seems to have besides those that it was read with.

    That is "sentiment corpus SOURCE --label mood", with the flags that were given; "" where nothing looks like labels.
    Raises InputError and OSError as `Reader` does.
    """
    with Reader(source, options) as reader:
        flags = _flags_of_labels(reader.first)
    given = replace(options, label=None).flags()
    return shlex.join(["sentiment", "corpus", source, *given, *flags]) if flags else ""


def _flags_of_labels(opened: OpenPart) -> list[str]:
    form, roles = opened.format, opened.roles
    if form.columns == ("text",):
        delimiter = _delimiter_before_labels([str(row[0]) for row in form.head[:_MOST_SAMPLED]])
        return ["--delimiter", delimiter] if delimiter else []
    taken = {*roles.text, roles.label, roles.split, *roles.indicators}
    cells = [[row[place] for row in form.head if place < len(row)] for place in range(len(form.columns))]
    found = likely_labels(cells, form.columns if form.named else (), taken)
    best = next((place for place in found if _repeat(cells[place])), None)
    if best is None:
        return []
    several = likely_indicators(form.head, form.columns, taken) if form.named else []
    return ["--label", call_all(form.columns, form.named, several if best in several else [best])]


def _repeat(cells: Sequence[object]) -> bool:
    """Whether there are several values, and some of them twice."""
    given = [str(cell) for cell in cells if not is_missing(cell)]
    return 1 < len(set(given)) < len(given)


def _delimiter_before_labels(lines: Sequence[str]) -> str:
    filled = [line for line in lines if line.strip()]
    for each in _BEFORE_LABELS:
        parted = [line for line in filled if each in line]
        if len(parted) < max(4, _CONSISTENT * len(filled)):
            continue
        fronts, ends = [line.partition(each)[0] for line in parted], [line.rpartition(each)[2] for line in parted]
        if looks_like_labels(fronts) or looks_like_labels(ends):
            return each
    return ""
