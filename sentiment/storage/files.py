"""Files that appear whole or not at all: written beside their place, flushed to disk, then renamed into it."""

import contextlib
import fcntl
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from sentiment.errors import InputError


@contextlib.contextmanager
def open_whole(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """Opens `path` for binary writing; it takes its name only when the block ends without an error.

    A reader sees the old file or the new one, never a part. On any error, and on Ctrl-C, what was written so far is
    deleted and the error goes on; after `kill -9` at most a hidden `.NAME.*.part` stays beside the old file.
    A full disk raises an OSError that, unlike the system's own, names the file.

    Raises:
        OSError: the folder can't be written, the disk is full.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(beside).chmod(0o666 & ~_umask())
        Path(beside).replace(path)
    except BaseException as error:
        Path(beside).unlink(missing_ok=True)  # Ctrl-C may come just after the renaming
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)
        raise
    sync_folder(path.parent)


def write_whole(path: str | os.PathLike[str], data: bytes | str) -> None:
    """Writes `data` (text as UTF-8) to `path`, whole or not at all. Raises OSError as `open_whole` does."""
    with open_whole(path) as file:
        file.write(data.encode("utf-8") if isinstance(data, str) else data)


def append(file: io.FileIO, data: bytes) -> None:
    """Writes all of `data` where a file, opened without a buffer, stands: closing it can't fail of a full disk then.

    Raises:
        OSError: naming the file, some of the data may be in it.
    """
    left = memoryview(data)
    with naming(file.name):
        while left:
            left = left[file.write(left) :]


@contextlib.contextmanager
def naming(path: str | os.PathLike[str]) -> Iterator[None]:
    """Gives an OSError of the block the name of the file, if it has none: the system tells of a write no name."""
    try:
        yield
    except OSError as error:
        if error.filename is None:
            error.filename = str(path)
        raise


@contextlib.contextmanager
def locked(path: str | os.PathLike[str], wait: bool = True) -> Iterator[None]:
    """Holds a lock, which the system takes back when the process dies; its empty file, `path`, stays.

    Raises:
        BlockingIOError: another holds it, and `wait` is false.
        OSError: the folder can't be written.
    """
    with Path(path).open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        yield


class InUseError(InputError):
    """Another program is at work in the folder."""


@contextlib.contextmanager
def locked_folder(folder: Path, taken: str) -> Iterator[None]:
    """Makes a folder, where there is none, and holds its lock for as long as the block runs.

    Raises:
        InUseError: another holds it; `taken` says who that is, and what to do.
        OSError: the folder can't be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.ExitStack() as held:
        try:
            held.enter_context(locked(folder / ".lock", wait=False))
        except BlockingIOError as error:
            raise InUseError(f"{folder}: {taken}") from error
        yield


def sha256_of(path: str | os.PathLike[str]) -> str:
    """Returns the hexadecimal SHA-256 of a file's bytes."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sync_folder(folder: Path) -> None:
    """Flushes a folder's own entry to disk, so that a renaming in it lasts. Raises OSError."""
    # The rename itself lives in the folder: without this a power cut could undo it.
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
