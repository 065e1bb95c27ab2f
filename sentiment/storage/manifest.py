"""A folder's manifest: the SHA-256 of each of its files, and JSON files altogether."""

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment.errors import InputError
from sentiment.storage.files import sha256_of, write_whole

_MOST_BYTES = {".json": 1 << 24, ".gin": 1 << 20, ".txt": 1 << 28}  # of a file that is read whole; of any other:
_MOST_BYTES_OF_OTHERS = (1 << 31) - 1  # what a protobuf, an ONNX model, may have
_MOST_FILES = 100_000


@dataclass(frozen=True)
class Manifest:
    """Vouches for the files that lie beside it.

    Attributes:
        path: of the manifest itself.
        sha256: file name -> hexadecimal SHA-256.
        remedy: what to do about a file that is missing or altered, besides to restore it.
    """

    path: Path
    sha256: dict[str, str]
    remedy: str = "train again"

    @classmethod
    def of(cls, path: Path, files: Iterable[Path]) -> "Manifest":
        """Returns the manifest of files as they are now. Raises OSError."""
        return cls(path, {file.name: sha256_of(file) for file in files})

    @classmethod
    def load(cls, path: Path, version: int, remedy: str = "train again") -> "Manifest":
        """Reads a manifest. Raises InputError where it is none, or of another format version."""
        facts = read_json(path)
        if facts.get("format") != version:
            raise InputError(f"{path}: format {facts.get('format')!r:.20}, this program reads {version}; {remedy}")
        known = facts.get("sha256")
        if not isinstance(known, dict) or len(known) > _MOST_FILES:
            raise InputError(f"{path}: altered, it lists no files; restore it or {remedy}")
        for name, digest in known.items():
            if not _is_plain(name) or not isinstance(digest, str) or not re.fullmatch("[0-9a-f]{64}", digest):
                raise InputError(
                    f"{path}: lists {name!r:.60}, which is no file of its own folder with its SHA-256; restore it or "
                    f"{remedy}"
                )
        return cls(path, known, remedy)

    def save(self, version: int) -> None:
        """Writes the manifest with its format version. Raises OSError."""
        write_whole(self.path, to_json({"format": version, "sha256": self.sha256}))

    def verify(self, needed: Iterable[str]) -> None:
        """Checks every file that is listed, and those named. Raises InputError for one that is missing or altered."""
        for name in sorted(self.sha256.keys() | set(needed)):
            self._compare(name, sha256_of(self._found(name)))

    def read(self, name: str) -> bytes:
        """Returns a file's bytes, which are checked. Raises InputError where it is missing or altered."""
        data = read_whole(self._found(name))
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def _found(self, name: str) -> Path:
        file = self.path.parent / name
        if not file.is_file():
            raise InputError(f"{file}: missing; restore it or {self.remedy}")
        if file.is_symlink() and file.resolve().parent != file.parent.resolve():
            raise InputError(f"{file}: a link that leads out of its folder; put the file itself there")
        return file

    def _compare(self, name: str, found: str) -> None:
        if found != self.sha256.get(name):
            file = self.path.parent / name
            raise InputError(f"{file}: altered or cut short since it was written (its SHA-256 differs); {self.remedy}")


def _is_plain(name: str) -> bool:
    return bool(name) and name not in (".", "..") and not set(name) & set("/\\\0") and name.isprintable()


def to_json(value: dict[str, Any]) -> str:
    """Returns `value` as JSON for people to read, with a final newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def read_whole(path: Path) -> bytes:
    """Returns a file's bytes. Raises InputError where it is larger than any such file of ours, OSError."""
    most = _MOST_BYTES.get(path.suffix, _MOST_BYTES_OF_OTHERS)
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size  # Python sets aside what it is asked to read: not 2 GiB for a small file
        data = file.read(min(size, most) + 1)
    if len(data) > most:
        raise InputError(f"{path}: larger than {most:,} bytes; restore it or train again")
    return data


def read_json(path: Path) -> dict[str, Any]:
    """Reads a JSON object. Raises InputError where the file isn't one, OSError."""
    return as_json(read_whole(path), path)


def as_json(data: bytes, path: Path) -> dict[str, Any]:
    """Returns the JSON object that was read from `path`. Raises InputError where it is something else."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, a number of 5,000 digits, brackets without end
        raise InputError(f"{path}: not JSON ({error}); restore it or train again") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: not a JSON object; restore it or train again")
    return value
