"""Files whose lines are texts: bare, with a label in front (fastText), or beside a file of labels."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from sentiment.corpora.readers.formats import Record, RecordBatch, first_records, in_batches
from sentiment.corpora.readers.lines import Line, Piece, TextFile
from sentiment.corpora.readers.table import Flaw

_HEAD = 5000
_FASTTEXT = re.compile(r"\s*((?:__label__\S+\s+)*__label__\S+)(?:\s+|$)")
# A class and its subclass (TREC's "DESC:manner How ..."), or a class's number (SST's "1 a fine film").
_PREFIX = re.compile(r"([A-Za-z_]+:[\w-]+|[0-9]{1,2})[ \t]+(?=\S)")


class LineFile:
    """A file of lines.

    Args:
        text: the file.
        kind: "lines", "fastText" or "label text".
        labels: the file of its labels, line by line.
    """

    named = True
    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - lines have none

    def __init__(self, text: TextFile, kind: str = "lines", labels: TextFile | None = None):
        self._text = text
        self._kind = kind
        self._labels = labels
        self.columns = ("text",) if kind == "lines" and labels is None else ("text", "label")
        self.size = text.size
        self.dialect: dict[str, object] = {
            "kind": "lines beside lines of labels" if labels else kind,
            "encoding": text.original,
            "compression": text.compression,
        }
        found = (record.cells for record in islice(self.records(), _HEAD))
        self.head: Sequence[Sequence[object]] = [cells for cells in found if not isinstance(cells, Flaw)]

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields a record for each line, an empty one too, as `Format.records` does."""
        labels = self._labels.lines() if self._labels else None
        for _ in islice(labels or (), line):
            pass
        before = self._text.encoding.skipped if offset == 0 else 0
        bare = labels is None and self._kind == "lines"
        for number, found in enumerate(self._text.lines(offset), start=line + 1):
            raw, size, text = found
            if bare and len(raw) == size:
                cells: Sequence[Any] | Flaw = [text.removesuffix("\n").removesuffix("\r")]
            else:
                cells = self._cells(found, next(labels, None) if labels else None)
            yield Record(number, cells, size + before, 1)
            before = 0

    def batches(self, offset: int = 0, line: int = 0) -> Iterator[RecordBatch]:
        """Yields a record for each line, as `BatchFormat.batches` does."""
        if self._labels or self._kind != "lines":
            yield from in_batches(self.records(offset, line))
            return
        if offset == 0:
            offset = self._text.encoding.skipped
            yield RecordBatch((), (), offset, 0)
        while piece := self._text.piece(offset):
            for batch in self._of_piece(piece, offset, line):
                yield batch
                offset, line = offset + batch.size, line + batch.n_lines

    def _of_piece(self, piece: Piece, offset: int, line: int) -> Iterator[RecordBatch]:
        if piece.text is None:
            yield from in_batches(first_records(self.records(offset, line), piece.size))
            return
        lines = piece.text.removesuffix("\n").split("\n")
        cells = [[each.removesuffix("\r")] for each in lines]
        yield RecordBatch(range(line + 1, line + len(lines) + 1), cells, piece.size, len(lines))

    def _cells(self, line: Line, label: Line | None) -> list[str | list[str] | None] | Flaw:
        if line.cut:
            return line.flaw
        text = line.text.removesuffix("\n").removesuffix("\r")
        if self._labels:
            return [text, label.text.strip() if label else None]
        if self._kind == "lines":
            return [text]
        found = (_FASTTEXT if self._kind == "fastText" else _PREFIX).match(text)
        if found is None:
            return [text, None]
        if self._kind == "label text":
            return [text[found.end() :], found[1]]
        labels = [each.removeprefix("__label__") for each in found[1].split()]
        return [text[found.end() :], labels if len(labels) > 1 else labels[0]]


def kind_of_lines(sample: Sequence[Line]) -> str:
    """Returns "fastText", "label text" or "lines", by what nearly all lines begin with."""
    filled = [line.text for line in sample if line.text.strip()]
    if sum(_FASTTEXT.match(text) is not None for text in filled) >= max(1, 0.9 * len(filled)):
        return "fastText"
    prefixes = [found[1] for text in filled if (found := _PREFIX.match(text))]
    if len(prefixes) == len(filled) > 3 and 1 < len(set(prefixes)) <= max(2, len(filled) / 4):
        return "label text"
    return "lines"
