"""What to say where a source's labels can't be found, or can hardly be labels."""

import shlex
from dataclasses import replace

from sentiment.corpora.labels import listed
from sentiment.corpora.readers import ReadOptions, Table
from sentiment.corpora.readers.coded import counted, kept, where
from sentiment.corpora.readers.proposals import command_with_labels
from sentiment.errors import InputError

_ENOUGH = 20  # labels, to tell that they are none
_MOST = 0.5  # of them may differ
_MOST_NUMBERS = 0.25  # of them may, where they are long numbers, as ids are
_LONG = 4  # digits


def refuse_unlabelled(source: str, table: Table, reading: ReadOptions) -> None:
    """Raises InputError if no row has a label: with the command that names the labels, or that predicts them."""
    if table.labelled:
        return
    fault = f"{source}: no labels; its columns are {listed(table.columns)}"
    raise InputError(f"{fault}: {_remedy(source, table, reading)}")


def refuse_unlikely(source: str, table: Table, reading: ReadOptions) -> None:
    """Raises InputError if the labels of a column nearly all differ, or are long numbers of which few are equal."""
    column = table.dialect.get("columns", {}).get("label")
    single = where(table.labels, lambda label: isinstance(label, str))  # and not several of them
    counts = counted(kept(table.labels, single))
    given, distinct = counts.total(), list(counts)
    numbers = all(label.isdigit() and len(label) >= _LONG for label in distinct)
    if column is None or given < _ENOUGH or len(distinct) <= (_MOST_NUMBERS if numbers else _MOST) * given:
        return
    kind = "ids" if all(label.isdigit() for label in distinct) else "names, measures or texts"
    fault = f"{len(distinct):,} of {given:,} labels in column {column!r} differ, as {kind} do"
    few = "keep those of several rows with --min-per-class 3"
    raise InputError(f"{source}: {fault} ({listed(distinct[:3])}): {few}; or {_remedy(source, table, reading)}")


def _remedy(source: str, table: Table, reading: ReadOptions) -> str:
    """Returns what to do, with a command: that names other labels, where something looks like them, or predicts."""
    if table.dialect.get("kind") == "in memory":
        return "name the column of labels, as in: load_corpus(frame, label='mood')"
    if command := command_with_labels(source, reading):
        return f"let `sentiment predict --input` label its texts, or name the labels that it has, as in: {command}"
    flags = replace(reading, label=None, split=None).flags()
    command = shlex.join(["sentiment", "predict", "--input", source, *flags, "--output", "labelled.csv"])
    return f"name the labels' column with --label, or let a run label its texts, as in: {command}"
