"""Files on storage that fsspec reaches, as s3://bucket/tweets.csv: copied into the cache, and folders put there."""

import contextlib
import functools
import hashlib
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from sentiment.download.cache import cache_folder
from sentiment.errors import InputError
from sentiment.storage.files import locked, sync_folder, write_whole
from sentiment.terminal import tell

Result = TypeVar("Result")

_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)  # of more than one letter: C: is a drive
_WAITS_SECONDS = (0.2, 1.0, 3.0)
_KEPT_SECONDS = 30 * 86_400.0  # of a copy since its last use


def is_address(source: str) -> bool:
    """Whether a source is an address of fsspec's, PROTOCOL://PATH, and no local path."""
    return _ADDRESS.match(source) is not None


class Fetched(NamedTuple):
    """A copy in the cache.

    Attributes:
        path: of the file, the folder or the pattern.
        folder: in which it lies.
        origin: what an address of one of its files begins with, in place of the folder and its slash.
    """

    path: Path
    folder: Path
    origin: str

    def named(self, text: str) -> str:
        """Returns a name or a message with addresses in place of paths."""
        return text.replace(f"{self.folder}/", self.origin)


def fetched(address: str) -> Fetched:
    """Copies a file, folder or pattern at an address into the cache, as far as it isn't there yet.

    Files that have changed are copied anew, into another folder. What fails is tried four times. Copies that nobody
    has asked for in a month are removed.

    Raises:
        InputError: there is no such file, the storage can't be reached, or what fsspec needs for it isn't installed.
        OSError: the cache can't be written, the disk is full.
    """
    storage = _Storage.of(address)
    folder, inside = _parted(storage.path)
    found = storage.tried(lambda: _files(storage, inside))
    if not found:
        raise InputError(f"{address}: no such file: check the address")
    content = repr(sorted((path, str(storage.files.ukey(path))) for path in found))
    place = _cached(address) / hashlib.sha256(content.encode()).hexdigest()[:16]
    place.mkdir(parents=True, exist_ok=True)
    lock = place.with_name(f"{place.name}.lock")
    with locked(lock):
        lock.touch()  # its time is that of the last use
        missing = {path: place / path.removeprefix(folder).lstrip("/") for path in found}
        missing = {path: local for path, local in missing.items() if not local.is_file()}
        if missing:
            tell(
                f"Fetching {len(missing):,} files ({sum(map(found.__getitem__, missing)) / 1e6:.1f} MB) from {address}"
            )
        for path, local in missing.items():
            storage.get(path, local, found[path])
    _remove_unused()
    return Fetched(place / inside, place, address.rstrip("/").removesuffix(inside))


def has_file(address: str, name: str) -> bool:
    """Whether a file lies in the folder at an address, and may be read. Raises InputError as `fetched`."""
    storage = _Storage.of(address)
    return storage.size(f"{storage.path}/{name}") is not None


def put_folder(files: Mapping[str, str], folder: Path, address: str) -> None:
    """Copies some files of a folder to an address, in their order; the last one may vouch for the others.

    After a failure the next call goes on where this one was: files that it put there whole are noted beside the folder.

    Args:
        files: name -> SHA-256 of what is in it.

    Raises:
        InputError, OSError: as `fetched`.
    """
    storage = _Storage.of(address)
    note = folder.with_name(f"{folder.name}.put.json")
    put: dict[str, str] = json.loads(note.read_bytes()) if note.exists() else {}
    for name, sha256 in files.items():
        place, size = f"{storage.path}/{name}", (folder / name).stat().st_size
        if put.get(name) == sha256 and storage.size(place) == size:
            continue
        data = (folder / name).read_bytes()
        storage.tried(functools.partial(storage.files.pipe_file, place, data))
        put[name] = sha256
        write_whole(note, json.dumps(put))
    note.unlink(missing_ok=True)


def read_file(address: str) -> bytes | None:
    """Returns the bytes of a file at an address; None: there is none. Raises InputError as `fetched`."""
    storage = _Storage.of(address)
    return storage.tried(lambda: storage.files.cat_file(storage.path) if storage.files.exists(storage.path) else None)


def work_folder(address: str) -> Path:
    """Returns a folder of the cache in which what goes to an address is made."""
    return _cached(address) / "work"


class _Storage(NamedTuple):
    """A file system of fsspec's, a path on it, and the address that means both."""

    address: str
    files: Any
    path: str

    @classmethod
    def of(cls, address: str) -> "_Storage":
        import fsspec

        try:
            files, path = fsspec.core.url_to_fs(address, use_listings_cache=False)
        except (ImportError, ValueError) as error:
            raise InputError(f"{address}: {error}") from error
        return cls(address, files, path.rstrip("/"))

    def tried(self, function: Callable[[], Result]) -> Result:
        """Returns `function()`, called again where storage fails. Raises InputError: it does so again and again."""
        for wait in (*_WAITS_SECONDS, None):
            try:
                return function()
            except (FileNotFoundError, PermissionError) as error:
                raise InputError(f"{self.address}: {error}: check the address and who may read or write it") from error
            except Exception as error:
                if wait is None:
                    reason = " ".join(str(error).split()) or type(error).__name__
                    raise InputError(
                        f"{self.address}: the storage failed four times, at last by this: {reason}: check the address "
                        "and the network, then give the same command again"
                    ) from error
                time.sleep(wait)
        raise AssertionError("it has returned, or raised")

    def size(self, path: str) -> int | None:
        """Returns the bytes of a file; None: there is none that may be read. Raises InputError as `tried`."""

        def found() -> int | None:
            try:
                facts = self.files.info(path)
            except (FileNotFoundError, NotADirectoryError, PermissionError):  # S3 says so where one mayn't list
                return None
            return int(facts["size"]) if facts["type"] == "file" else None

        return self.tried(found)

    def get(self, path: str, local: Path, size: int) -> None:
        """Copies a file, whole or not at all."""
        beside = local.with_name(f".{local.name}.part")
        local.parent.mkdir(parents=True, exist_ok=True)

        def copy() -> None:
            self.files.get_file(path, str(beside))
            if beside.stat().st_size != size:
                raise OSError(f"{path}: {beside.stat().st_size:,} of {size:,} bytes came")

        self.tried(copy)
        with beside.open("rb") as copied:
            os.fsync(copied.fileno())
        beside.replace(local)
        sync_folder(local.parent)


def _remove_unused() -> None:
    for lock in (cache_folder() / "addresses").glob("*/*.lock"):
        copy = lock.with_suffix("")
        if copy.is_dir() and time.time() - lock.stat().st_mtime > _KEPT_SECONDS:
            with contextlib.suppress(BlockingIOError), locked(lock, wait=False):  # else it is asked for just now
                shutil.rmtree(copy, ignore_errors=True)


def _cached(address: str) -> Path:
    return cache_folder() / "addresses" / hashlib.sha256(address.encode()).hexdigest()[:16]


def _parted(path: str) -> tuple[str, str]:
    """Returns the folder in which a path's file, folder or pattern lies, and the rest."""
    fixed = re.split(r"[*?\[]", path)[0]
    folder = fixed.rpartition("/")[0]
    return folder, path.removeprefix(folder).lstrip("/")


def _files(storage: _Storage, inside: str) -> dict[str, int]:
    """Returns the sizes, in bytes, of the files that a path means."""
    if re.search(r"[*?\[]", inside):
        found = storage.files.glob(storage.path, detail=True)
    else:
        found = storage.files.find(storage.path, detail=True)
    return {path: each["size"] for path, each in found.items() if each["type"] == "file"}
