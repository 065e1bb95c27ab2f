"""Files each of which is one text: the documents of a class."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from sentiment.corpora.readers.encodings import encoding_of
from sentiment.corpora.readers.formats import Record
from sentiment.corpora.readers.table import LONGEST_LINE, TOO_LONG, Flaw
from sentiment.corpora.readers.unpacked import PlainFile

_HEAD = 100


class DocumentFiles:
    """The documents of a class; offsets are files."""

    named = True
    columns = ("text",)
    class_names: dict[str, tuple[str, ...]] = {}  # noqa: RUF012 - files have none

    def __init__(self, files: Sequence[PlainFile], encoding: str):
        self._files = files
        self._encoding = encoding
        self.size = len(files)
        self.dialect: dict[str, object] = {"kind": "a folder a class", "encoding": encoding or "utf-8"}
        found = (record.cells for record in islice(self.records(), _HEAD))
        self.head: Sequence[Sequence[object]] = [cells for cells in found if not isinstance(cells, Flaw)]

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields a record for each file, as `Format.records` does."""
        for number, file in enumerate(self._files[offset:], start=offset + 1):
            yield Record(number, self._cells(file.local, file.name), 1, 1)

    def name_of(self, record: int) -> str:
        """Returns the file of a record; the first is 1."""
        return self._files[record - 1].name

    def _cells(self, path: Path, name: str) -> list[str] | Flaw:
        if (size := path.stat().st_size) > LONGEST_LINE:
            return Flaw(TOO_LONG, f"the file has {size:,} bytes, over {LONGEST_LINE:,}", name)
        found = encoding_of(path, name, self._encoding)
        return [path.read_bytes()[found.skipped :].decode(found.name, "surrogateescape").strip("\r\n")]
