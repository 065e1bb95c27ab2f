"""Disks that fill up: a real one of some megabytes, and one of the test's own making that refuses the Nth write."""

import builtins
import contextlib
import errno
import io
import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def mounted(folder: Path, megabytes: int) -> Iterator[Path]:
    """Gives a file system in memory of so many megabytes, at a new folder; skips where none may be mounted."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False, timeout=30)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True, timeout=30)


def free(disk: Path) -> int:
    """Returns how many bytes may still be written."""
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def fill(disk: Path, but: int) -> Path:
    """Fills a disk up but for so many bytes; returns the file that does it."""
    filler = disk / "filler"
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(free(disk) - but, 1))
    return filler


class _RawFile(io.FileIO):
    def __init__(self, disk: "FullDisk", *arguments: object):
        super().__init__(*arguments)
        self._disk = disk

    def write(self, data: bytes) -> int:
        self._disk.use(getattr(self, "name", ""))
        return super().write(data)


class FullDisk:
    """Stands for a disk that is full from the Nth use on: a file's or folder's making, or the writing of bytes.

    Only what Python itself writes is seen, to files: not what a library's own machine code writes.

    Attributes:
        uses: how many there were.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, full_at: int | None = None):
        self.uses, self._full_at = 0, full_at
        self._open, self._make_folder, self._os_open = io.open, os.mkdir, os.open
        monkeypatch.setattr(io, "open", self._opened)
        monkeypatch.setattr(builtins, "open", self._opened)
        monkeypatch.setattr(os, "mkdir", self._made)
        monkeypatch.setattr(os, "open", self._opened_by_number)

    def use(self, name: object) -> None:
        """Counts a use. Raises OSError where the disk is full."""
        self.uses += 1
        if self._full_at is not None and self.uses >= self._full_at:
            # A write doesn't know its file's name, in Python as in the system.
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _made(self, path, *arguments, **named):
        self.use(path)
        return self._make_folder(path, *arguments, **named)

    def _opened_by_number(self, path, flags, *arguments, **named):
        if flags & os.O_CREAT and path != os.devnull:
            self.use(path)
        return self._os_open(path, flags, *arguments, **named)

    def _opened(
        self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None
    ):
        if not set(mode) & set("wax+") or not _is_regular(file):
            return self._open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if not isinstance(file, int) and not Path(file).exists():
            self.use(file)
        raw = _RawFile(self, file, mode.replace("b", "").replace("t", ""), closefd, opener)
        if buffering == 0:
            return raw
        buffered = io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)
        return buffered if "b" in mode else io.TextIOWrapper(buffered, encoding, errors, newline)


def _is_regular(file: int | str | os.PathLike[str]) -> bool:
    if isinstance(file, int):
        return stat.S_ISREG(os.fstat(file).st_mode)
    return not Path(file).exists() or Path(file).is_file()
