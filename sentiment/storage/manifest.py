"""A folder's manifest: the SHA-256 of each of its files, and JSON files altogether."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sentiment.errors import InputError
from sentiment.storage.files import sha256_of, write_whole


@dataclass(frozen=True)
class Manifest:
    """Vouches for the files that lie beside it.

    Attributes:
        path: of the manifest itself.
        sha256: file name -> hexadecimal SHA-256.
    """

    path: Path
    sha256: dict[str, str]

    @classmethod
    def of(cls, path: Path, files: Iterable[Path]) -> "Manifest":
        """Returns the manifest of files as they are now. Raises OSError."""
        return cls(path, {file.name: sha256_of(file) for file in files})

    @classmethod
    def load(cls, path: Path, version: int) -> "Manifest":
        """Reads a manifest. Raises InputError where it is none, or of another format version."""
        facts = read_json(path)
        if facts.get("format") != version:
            raise InputError(f"{path}: format {facts.get('format')}, this program reads {version}; train again")
        known = facts.get("sha256")
        if not isinstance(known, dict):
            raise InputError(f"{path}: altered, it lists no files; restore it or train again")
        return cls(path, known)

    def save(self, version: int) -> None:
        """Writes the manifest with its format version. Raises OSError."""
        write_whole(self.path, to_json({"format": version, "sha256": self.sha256}))

    def verify(self, needed: Iterable[str]) -> None:
        """Checks every file that is listed, and those named. Raises InputError for one that is missing or altered."""
        for name in sorted(self.sha256.keys() | set(needed)):
            self._compare(name, sha256_of(self._found(name)))

    def read(self, name: str) -> bytes:
        """Returns a file's bytes, which are checked. Raises InputError where it is missing or altered."""
        data = self._found(name).read_bytes()
        self._compare(name, hashlib.sha256(data).hexdigest())
        return data

    def _found(self, name: str) -> Path:
        file = self.path.parent / name
        if not file.is_file():
            raise InputError(f"{file}: missing; restore it or train again")
        return file

    def _compare(self, name: str, found: str) -> None:
        if found != self.sha256.get(name):
            file = self.path.parent / name
            raise InputError(f"{file}: altered or cut short since training (its SHA-256 differs); train again")


def to_json(value: dict) -> str:
    """Returns `value` as JSON for people to read, with a final newline."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def read_json(path: Path) -> dict:
    """Reads a JSON object. Raises InputError where the file isn't one."""
    return as_json(path.read_bytes(), path)


def as_json(data: bytes, path: Path) -> dict:
    """Returns the JSON object that was read from `path`. Raises InputError where it is something else."""
    try:
        value = json.loads(data)
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise InputError(f"{path}: not JSON ({error}); restore it or train again") from error
    if not isinstance(value, dict):
        raise InputError(f"{path}: not a JSON object; restore it or train again")
    return value
