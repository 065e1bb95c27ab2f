"""A source read whole, as a `Table`."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

from sentiment.corpora.readers.all_cores import all_rows
from sentiment.corpora.readers.coded import changed, distinct, kept
from sentiment.corpora.readers.frame import Frame, FrameReader
from sentiment.corpora.readers.label_names import names_of
from sentiment.corpora.readers.layouts import Layout
from sentiment.corpora.readers.line_file import LineFile
from sentiment.corpora.readers.options import ONE_LABEL, ReadOptions
from sentiment.corpora.readers.reader import OpenPart, Reader
from sentiment.corpora.readers.row_batch import RowBatch
from sentiment.corpora.readers.table import MISSING_LABEL, Flaw, LeftOut, Table, say_dialect
from sentiment.corpora.readers.values import parted, several_labels, shown
from sentiment.execution.long_work import LongWork

Label = str | list[str] | None


class _Opened(Protocol):
    """A `Reader` or a `FrameReader`."""

    source: str
    layout: Layout
    first: OpenPart

    def batches(self) -> Iterator[RowBatch]: ...

    def sha256(self) -> str: ...


def read_table(source: str | Path, options: ReadOptions = ReadOptions()) -> Table:  # noqa: B008 - it is frozen
    """Reads a file, a folder, an archive, a pattern or standard input ("-") whole.

    Labels are stripped; numbers become strings, and names where the source names them. A source without a column of
    labels, or with an empty one, gives labels of None; so does a split without any, beside others that have them.

    Raises:
        InputError: in one line with a remedy: no such file or column, a dialect that fits two ways.
        OSError: it can't be read.
    """
    with Reader(source, options) as reader:
        return _read(reader, options)


def read_frame(frame: Frame | Mapping[str, Frame], options: ReadOptions = ReadOptions()) -> Table:  # noqa: B008
    """Reads what a program holds, as `read_table` reads files of the same rows. Raises as `FrameReader`."""
    return _read(FrameReader(frame, options), options)


@dataclass(frozen=True)
class UsedRows:
    """The rows of a source that can be used, in columns, which may be `Coded` or lie in mapped files.

    Attributes:
        texts, labels, splits, lines, files: as of a `Table`.
        unlabelled: of the rows without a label their place, their number in the source, and their cells.
    """

    texts: Sequence[str]
    labels: Sequence[Label]
    splits: Sequence[str | None]
    lines: Sequence[int]
    files: Sequence[str]
    unlabelled: Sequence[tuple[int, int, object]] = ()

    def gaps(self) -> Iterator[tuple[int, LeftOut]]:
        """Yields the place of each row without a label whose split has labels, and what to say of it.

        A split without any label is one whose labels its authors keep to themselves.
        """
        if not self.unlabelled:
            return
        labelled = {split for split, label in zip(self.splits, self.labels, strict=True) if label is not None}
        for place, number, cells in self.unlabelled:
            if self.labels[place] is None and self.splits[place] in labelled:
                flaw = Flaw(MISSING_LABEL, "", shown(cells))
                yield place, _left_out(flaw, int(self.lines[place]), self.files[place], number)

    def kept(self, mask: np.ndarray) -> "UsedRows":
        """Returns the rows where `mask`, <bool>[n], is true."""
        columns = self.texts, self.labels, self.splits, self.lines, self.files
        return UsedRows(*(kept(column, mask) for column in columns))


@dataclass
class RowLists:
    """What `UsedRows` holds, in lists that grow."""

    texts: list[str] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    splits: list[str | None] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    unlabelled: list[tuple[int, int, object]] = field(default_factory=list)

    def add(self, batch: RowBatch) -> Iterator[LeftOut]:
        """Takes a batch's rows; yields those that can't be used."""
        texts, labels, splits = batch.texts(), batch.labels(), batch.splits()
        lines, files, cells = batch.lines, batch.files, batch.cells
        numbers: Sequence[int] = range(batch.first, batch.first + len(batch))
        good = [isinstance(text, str) for text in texts]
        if not all(good):
            for text, line, file, number in zip(texts, lines, files, numbers, strict=True):
                if isinstance(text, Flaw):
                    yield _left_out(text, line, file, number)
            labels, splits, lines = kept(labels, good), kept(splits, good), kept(lines, good)
            files, cells, numbers = kept(files, good), kept(cells, good), kept(numbers, good)
        if not all(labels):
            place = len(self.texts)
            without = (row for row, label in enumerate(labels) if not label)
            self.unlabelled += [(place + row, numbers[row], cells[row]) for row in without]
        self.texts += [text for text in texts if isinstance(text, str)]
        self.labels += labels
        self.splits += splits
        self.lines += lines
        self.files += files

    def rows(self) -> UsedRows:
        """Returns the rows so far."""
        return UsedRows(self.texts, self.labels, self.splits, self.lines, self.files, self.unlabelled)


def _read(reader: _Opened, options: ReadOptions) -> Table:
    lists = RowLists()
    left_out: list[LeftOut] = []
    work = LongWork("reading", "rows")
    for batch in all_rows(reader) if isinstance(reader, Reader) else reader.batches():
        left_out += lists.add(batch)
        work.advance(len(batch))
    return table_of(reader, options, lists.rows(), left_out)


def table_of(reader: _Opened, options: ReadOptions, used: UsedRows, left_out: Sequence[LeftOut]) -> Table:
    """Returns the table of all rows that a reader gave: those that can be used, and those that can't."""
    used = replace(used, labels=_sets_or_gaps(used.labels, bool(reader.first.indicators), options))
    dialect = dialect_of(reader)
    if gaps := dict(used.gaps()):
        left_out = sorted([*left_out, *gaps.values()], key=lambda each: each.row)
        without = np.ones(len(used.texts), bool)
        without[list(gaps)] = False
        used = used.kept(without)
    labels = _several(used.labels, dialect, options)
    mapping: dict[str, str] = {}
    if reader.layout.mapping:
        mapping, said = names_of(reader.layout.mapping, _distinct(labels))
        dialect |= {"label_names": said} if said else {}
    return Table(
        name=Path(reader.source).name or reader.source,
        texts=used.texts,
        labels=changed(labels, lambda label: _mapped(label, mapping)) if mapping else labels,
        splits=used.splits,
        lines=used.lines,
        files=used.files,
        left_out=tuple(left_out),
        dialect=dialect,
        label_names=tuple(mapping.values()) if mapping else _names(reader),
        sha256=reader.sha256(),
        columns=reader.first.format.columns,
    )


def _left_out(flaw: Flaw, line: int, file: str, number: int) -> LeftOut:
    return LeftOut(line, flaw.reason, flaw.raw, flaw.error, file, number)


def dialect_line(reader: Reader) -> str:
    """Returns in one line what was sniffed or said of a source."""
    return say_dialect(Path(reader.source).name or reader.source, dialect_of(reader))


def dialect_of(reader: _Opened) -> dict[str, object]:
    """Returns what was sniffed or said of a source: of its first file, and how many files there are."""
    opened = reader.first
    columns = opened.format.columns
    roles: dict[str, object] = {"text": [columns[place] for place in opened.roles.text]}
    if opened.roles.label is not None:
        roles["label"] = columns[opened.roles.label]
    if opened.indicators:
        roles["label"] = list(opened.indicators)
    if opened.roles.split is not None:
        roles["split"] = columns[opened.roles.split]
    dialect = opened.format.dialect | {"columns": roles}
    if opened.part.label is not None and isinstance(opened.format, LineFile):
        dialect["kind"] = "a file a class"
    n_files = sum(len(part.documents) or 1 for part in reader.layout.parts)
    if n_files > 1:
        dialect["files"] = n_files
    if reader.layout.passed_over:
        dialect["passed_over"] = list(reader.layout.passed_over[:20])
    return {name: value for name, value in dialect.items() if value != ""}


def _names(reader: _Opened) -> tuple[str, ...] | None:
    opened = reader.first
    if opened.roles.label is None:
        return opened.indicators or None
    return opened.format.class_names.get(opened.format.columns[opened.roles.label])


def _distinct(labels: Sequence[Label]) -> set[str]:
    sets = (label if isinstance(label, list) else [label] for label in distinct(labels) if label is not None)
    return set(itertools.chain.from_iterable(sets))


def _mapped(label: Label, mapping: dict[str, str]) -> Label:
    if isinstance(label, list):
        return [mapping.get(each, each) for each in label]
    return label if label is None else mapping.get(label, label)


def _sets_or_gaps(labels: Sequence[Label], indicators: bool, options: ReadOptions) -> Sequence[Label]:
    """Returns the labels; an empty list of them is none of them where texts may have several, else a missing label.

    Columns of 0 and 1 say by a row of zeros that texts may have any number of labels.
    """
    if [] not in distinct(labels):
        return labels
    if options.labels_between != ONE_LABEL and (
        indicators
        or options.labels_between
        or any(isinstance(label, list) and len(label) > 1 for label in distinct(labels))
    ):
        return labels
    return changed(labels, lambda label: label or None)


def _several(labels: Sequence[Label], dialect: dict[str, object], options: ReadOptions) -> Sequence[Label]:
    if options.labels_between == ONE_LABEL:
        return changed(labels, lambda label: ", ".join(label) if isinstance(label, list) else label)
    separator = options.labels_between or several_labels(labels)
    if not separator:
        return labels
    dialect["labels_between"] = separator
    return changed(labels, lambda label: parted(label, separator) if isinstance(label, str) else label)
