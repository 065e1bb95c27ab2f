"""A source read whole, as a `Table`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from sentiment.corpora.readers.frame import Frame, FrameReader
from sentiment.corpora.readers.layouts import Layout
from sentiment.corpora.readers.line_file import LineFile
from sentiment.corpora.readers.options import ONE_LABEL, ReadOptions
from sentiment.corpora.readers.reader import OpenPart, Reader, Row
from sentiment.corpora.readers.table import MISSING_LABEL, Flaw, LeftOut, Table, say_dialect
from sentiment.corpora.readers.values import parted, several_labels, shown

Label = str | list[str] | None


class _Opened(Protocol):
    """A `Reader` or a `FrameReader`."""

    source: str
    layout: Layout
    first: OpenPart

    def rows(self) -> Iterator[Row]: ...

    def sha256(self) -> str: ...


def read_table(source: str | Path, options: ReadOptions = ReadOptions()) -> Table:  # noqa: B008 - it is frozen
    """Reads a file, a folder, an archive, a pattern or standard input ("-") whole.

    Labels are stripped; numbers become strings, and names where the source names them. A source without a column of
    labels, or with an empty one, gives labels of None; so does a split without any, beside others that have them.

    Raises:
        InputError: in one line with a remedy: no such file, no such column, a dialect that can't be told.
        OSError: it can't be read.
    """
    with Reader(source, options) as reader:
        return _read(reader, options)


def read_frame(frame: Frame, options: ReadOptions = ReadOptions()) -> Table:  # noqa: B008 - it is frozen
    """Reads a table that a program holds as `read_table` reads a file of the same rows. Raises as `FrameReader`."""
    return _read(FrameReader(frame, options), options)


def _read(reader: _Opened, options: ReadOptions) -> Table:
    used: list[Row] = []
    left_out: list[LeftOut] = []
    for row in reader.rows():
        if isinstance(row.text, Flaw):
            left_out.append(_left_out(row, row.text))
        else:
            used.append(row)
    used = _sets_or_gaps(used, options)
    mapping, dialect = _mapping(reader), dialect_of(reader)
    names, sha256 = _names(reader), reader.sha256()
    labelled = {row.split for row in used if row.label is not None}
    if labelled:  # a split without any label is one whose labels its authors keep to themselves
        gaps = [row for row in used if row.label is None and row.split in labelled]
        left_out += [_left_out(row, Flaw(MISSING_LABEL, "", shown(row.cells))) for row in gaps]
        left_out.sort(key=lambda each: each.row)
        used = [row for row in used if row.label is not None or row.split not in labelled]
    return Table(
        name=Path(reader.source).name or reader.source,
        texts=[row.text for row in used if isinstance(row.text, str)],
        labels=[_mapped(label, mapping) for label in _several([row.label for row in used], dialect, options)],
        splits=[row.split for row in used],
        lines=[row.line for row in used],
        files=[row.file for row in used],
        left_out=tuple(left_out),
        dialect=dialect,
        label_names=tuple(mapping.values()) if mapping else names,
        sha256=sha256,
        columns=reader.first.format.columns,
    )


def _left_out(row: Row, flaw: Flaw) -> LeftOut:
    return LeftOut(row.line, flaw.reason, flaw.raw, flaw.error, row.file, row.number)


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
        return None
    return opened.format.class_names.get(opened.format.columns[opened.roles.label])


def _mapping(reader: _Opened) -> dict[str, str]:
    """Returns the names of labels by their numbers, from mapping.txt: number, tab, name."""
    if reader.layout.mapping is None:
        return {}
    lines = reader.layout.mapping.local.read_text("utf-8", "replace").splitlines()
    cells = [[cell.strip() for cell in line.split("\t") if cell.strip()] for line in lines]
    return {each[0]: each[-1] for each in cells if len(each) > 1}


def _mapped(label: Label, mapping: dict[str, str]) -> Label:
    if isinstance(label, list):
        return [mapping.get(each, each) for each in label]
    return label if label is None else mapping.get(label, label)


def _sets_or_gaps(rows: list[Row], options: ReadOptions) -> list[Row]:
    """Returns the rows; an empty list of labels is none of them where texts have several, else a missing label."""
    if all(row.label != [] for row in rows) or any(isinstance(row.label, list) and len(row.label) > 1 for row in rows):
        return rows
    return rows if options.labels_between else [row._replace(label=row.label or None) for row in rows]


def _several(labels: list[Label], dialect: dict[str, object], options: ReadOptions) -> list[Label]:
    if options.labels_between == ONE_LABEL:
        return [", ".join(label) if isinstance(label, list) else label for label in labels]
    separator = options.labels_between or several_labels(labels)
    if not separator:
        return labels
    dialect["labels_between"] = separator
    return [parted(label, separator) if isinstance(label, str) else label for label in labels]
