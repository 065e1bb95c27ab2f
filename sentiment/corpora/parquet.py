"""Parquet files, a batch of rows at a time, through arro3 (34 MB installed, pyarrow 170 MB)."""

import contextlib
import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment.errors import InputError

if TYPE_CHECKING:
    import arro3.core as ac

BATCH_SIZE = 8192  # rows


def open_parquet(source: Path | bytes, name: Path) -> "ac.RecordBatchReader":
    """Opens a Parquet file, given by its path or its bytes; `name` is what an error calls it.

    Returns:
        A reader; its `schema` is known, its batches of `BATCH_SIZE` rows come from `batches`.

    Raises:
        InputError: not a Parquet file, or a damaged one; or arro3 isn't installed.
    """
    try:
        from arro3.io import read_parquet
    except ModuleNotFoundError as error:  # requirements-predict.txt leaves it out
        raise InputError(f"{name}: Parquet takes two packages more: pip install arro3-core arro3-io") from error
    with _readable(name), _without_panic_messages():
        return read_parquet(io.BytesIO(source) if isinstance(source, bytes) else source, batch_size=BATCH_SIZE)


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
    """Whether a column holds strings, whatever way they are encoded."""
    kind = kind_of(field)
    if kind.startswith("Dictionary("):
        kind = kind.partition(", ")[2].removesuffix(")")
    return kind in ("Utf8", "LargeUtf8", "Utf8View")


@contextlib.contextmanager
def _readable(name: Path) -> Iterator[None]:
    try:
        yield
    except OSError:
        raise
    except BaseException as error:  # a panic of arro3, over a damaged footer, is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise InputError(f"{name}: no readable Parquet file ({error}): write it again") from error


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
