"""Parquet, Arrow and Feather files, a batch of rows at a time, through arro3 (34 MB installed, pyarrow 170 MB)."""

import contextlib
import functools
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sentiment.corpora.readers.formats import Record, RecordBatch
from sentiment.corpora.readers.unpacked import PlainFile
from sentiment.errors import InputError
from sentiment.execution.child_environment import python_environment

if TYPE_CHECKING:
    import arro3.core as ac

BATCH_SIZE = 8192  # rows
_HEAD = 1000
AT_ONCE = 1024  # rows that are handed on
_LONGEST_MESSAGE = 200
_TRIAL = """
import resource, sys
from arro3.io import read_parquet
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for batch in read_parquet(sys.argv[1]):
    pass
"""


class ArrowFile:
    """A file of Arrow's columns; offsets are rows."""

    named = True

    def __init__(self, plain: PlainFile):
        self._plain = plain
        if _is_parquet(plain.local):
            _refuse_aborting(plain)
        reader = open_arrow(plain.local, Path(plain.name))
        self.columns = tuple(reader.schema.names)
        self.class_names = class_names(dict(reader.schema.metadata or {}))
        self.dialect: dict[str, object] = {
            "kind": "Parquet" if _is_parquet(plain.local) else "Arrow",
            "compression": plain.compression,
        }
        fields = [reader.schema.field(place) for place in range(len(self.columns))]
        self._no_strings = {place: kind_of(field) for place, field in enumerate(fields) if not holds_strings(field)}
        self.head: Sequence[Sequence[object]] = self._first(reader)

    @functools.cached_property
    def size(self) -> int:
        """How many rows it has."""
        reader = open_arrow(self._plain.local, Path(self._plain.name))
        return sum(batch.num_rows for batch in batches(reader, Path(self._plain.name)))

    def check_strings(self, places: Sequence[int]) -> None:
        """Raises InputError where one of some columns holds no strings."""
        for place in places:
            if place in self._no_strings:
                raise InputError(
                    f"{self._plain.name}: column {self.columns[place]!r} holds {self._no_strings[place]}, not strings: "
                    "name the text's column with --text"
                )

    def records(self, offset: int = 0, line: int = 0) -> Iterator[Record]:
        """Yields the rows from an offset on, as `Format.records` does."""
        for batch in self.batches(offset, line):
            for number, cells in zip(batch.lines, batch.cells, strict=True):
                yield Record(number, list(cells), 1, 1)

    def batches(self, offset: int = 0, line: int = 0) -> Iterator[RecordBatch]:
        """Yields the rows from an offset on, as `BatchFormat.batches` does."""
        row = 0
        for batch in batches(open_arrow(self._plain.local, Path(self._plain.name)), Path(self._plain.name)):
            begin, row = row, row + batch.num_rows
            if row <= offset:
                continue
            columns = [batch.column(place).to_pylist() for place in range(len(self.columns))]
            cells = list(zip(*columns, strict=True))[max(0, offset - begin) :]
            for start in range(0, len(cells), AT_ONCE):
                some = cells[start : start + AT_ONCE]
                first = row - len(cells) + start
                yield RecordBatch(range(first + 1, first + len(some) + 1), some, len(some), len(some))

    def _first(self, reader: "ac.RecordBatchReader") -> list[list[object]]:
        batch = next(batches(reader, Path(self._plain.name)), None)
        if batch is None or not self.columns:
            return []
        columns = [batch.column(place).to_pylist()[:_HEAD] for place in range(len(self.columns))]
        return [list(cells) for cells in zip(*columns, strict=True)]


def is_arrow(plain: PlainFile) -> bool:
    """Whether a file is, by its first bytes or its name, one of Arrow's."""
    with plain.local.open("rb") as file:
        start = file.read(8)
    return start[:4] == b"PAR1" or start[:6] == b"ARROW1" or plain.suffix in (".parquet", ".arrow", ".feather")


def open_arrow(source: Path | bytes, name: Path) -> "ac.RecordBatchReader":
    """Opens a file, given by its path or its bytes; `name` is what an error calls it.

    Returns:
        A reader; its `schema` is known, its batches (of `BATCH_SIZE` rows in Parquet) come from `batches`.

    Raises:
        InputError: not such a file, or a damaged one; or arro3 isn't installed.
    """
    try:
        from arro3.io import read_ipc, read_ipc_stream, read_parquet
    except ModuleNotFoundError as error:  # requirements-predict.txt leaves it out
        raise InputError(
            f"{name}: Parquet takes two packages more: pip install arro3-core arro3-io, or save it as CSV"
        ) from error
    with _readable(name), _without_panic_messages():
        file = io.BytesIO(source) if isinstance(source, bytes) else source
        if _is_parquet(source) or name.suffix.lower() not in (".arrow", ".feather"):
            return read_parquet(file, batch_size=BATCH_SIZE)
        start = source[:8] if isinstance(source, bytes) else _start(source)
        if start[:6] == b"ARROW1":
            return read_ipc(file)
        size = len(source) if isinstance(source, bytes) else source.stat().st_size
        # arro3 would take any other first bytes for a length, and allocate it.
        if start[:4] != b"\xff\xff\xff\xff" or int.from_bytes(start[4:8], "little") > size:
            raise ValueError("it doesn't begin as one")
        return read_ipc_stream(file)


def batches(reader: "ac.RecordBatchReader", name: Path) -> Iterator["ac.RecordBatch"]:
    """Yields a reader's batches. Raises InputError where the file is damaged."""
    while True:
        with _readable(name), _without_panic_messages():
            batch = next(reader, None)
        if batch is None:
            return
        yield batch


def kind_of(field: "ac.Field") -> str:
    """Returns a column's type in Arrow's words, such as "Utf8" or "Int64"."""
    return repr(field.type).partition("<")[2].rpartition(">")[0]


def holds_strings(field: "ac.Field") -> bool:
    """Whether a column holds strings, in any of Arrow's encodings."""
    kind = kind_of(field)
    if kind.startswith("Dictionary("):
        kind = kind.partition(", ")[2].removesuffix(")")
    return kind in ("Utf8", "LargeUtf8", "Utf8View")


def class_names(metadata: dict[Any, Any]) -> dict[str, tuple[str, ...]]:
    """Returns the names of each ClassLabel column, from the metadata that Hugging Face's `datasets` writes."""
    found = next((value for key, value in metadata.items() if key in (b"huggingface", "huggingface")), None)
    if found is None:
        return {}
    try:
        features = json.loads(found)["info"]["features"]
    except (ValueError, KeyError, TypeError):
        return {}
    return names_of_features(features)


def names_of_features(features: object) -> dict[str, tuple[str, ...]]:
    """Returns the names of each ClassLabel among a dataset's features, those of lists of ClassLabels too."""
    named = {}
    for column, feature in features.items() if isinstance(features, dict) else ():
        while (isinstance(feature, list) and feature) or (isinstance(feature, dict) and "feature" in feature):
            feature = feature[0] if isinstance(feature, list) else feature["feature"]
        if isinstance(feature, dict) and isinstance(feature.get("names"), list):
            named[column] = tuple(map(str, feature["names"]))
    return named


def _refuse_aborting(plain: PlainFile) -> None:
    """Lets another process read a file first: over some damages arro3 ends its process, which nothing here can catch.

    That costs 0.05 s and reading the file once more. What is raised in that process will be raised in this one too.
    """
    command, environment = [sys.executable, "-c", _TRIAL, str(plain.local)], python_environment()
    quiet = subprocess.DEVNULL
    tried = subprocess.run(command, env=environment, stdin=quiet, stdout=quiet, stderr=quiet, check=False)
    if tried.returncode < 0:
        raise InputError(f"{plain.name}: no readable Parquet file (its reader died of it): write it again")


def _is_parquet(source: Path | bytes) -> bool:
    return (source[:4] if isinstance(source, bytes) else _start(source)[:4]) == b"PAR1"


def _start(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(8)


@contextlib.contextmanager
def _readable(name: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except BaseException as error:  # a panic of arro3, over a damaged footer, is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        kind = "Arrow" if name.suffix.lower() in (".arrow", ".feather") else "Parquet"
        reason = str(error)[:_LONGEST_MESSAGE]
        raise InputError(f"{name}: no readable {kind} file ({reason}): write it again") from error


@contextlib.contextmanager
def _without_panic_messages() -> Iterator[None]:
    # A panic also prints itself, with its place in Rust's source: nothing for the user, who gets one line.
    sys.stderr.flush()
    errors = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(errors, 2)
        os.close(errors)
        os.close(nowhere)
