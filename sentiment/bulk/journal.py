"""Where a bulk prediction stands, so that one that was killed goes on and ends with the same bytes.

Beside OUTPUT, until it is whole: OUTPUT.part, OUTPUT.bad.jsonl.part, and OUTPUT.journal, which says how much of both
belongs to finished blocks and where in the input the next one begins.
"""

import json
import os
import time
from pathlib import Path
from typing import BinaryIO

from sentiment.bulk.rows import Position
from sentiment.errors import InputError
from sentiment.storage.files import sync_folder, write_whole

EVERY = 1.0  # seconds between two entries


class Journal:
    """The files of one bulk prediction; a context manager, which leaves them where they are on an error."""

    def __init__(self, output: Path, fingerprint: list):
        self._output = output
        self._bad = output.with_name(output.name + ".bad.jsonl")
        self._journal = output.with_name(output.name + ".journal")
        self._fingerprint = json.loads(json.dumps(fingerprint))
        self._files: tuple[BinaryIO, ...] = ()
        self._entered = time.monotonic()
        self.position = Position()
        self.n_bad = 0

    @property
    def bad(self) -> Path:
        """The file of the rows that have no prediction; it is there if there are any."""
        return self._bad

    @property
    def begins(self) -> bool:
        """Whether nothing is written yet; else an earlier prediction is continued."""
        return self._files[0].tell() == 0

    def __enter__(self) -> "Journal":
        self._output.parent.mkdir(parents=True, exist_ok=True)
        lengths = self._restored()
        self._files = tuple(self._opened(part, length) for part, length in zip(self._parts, lengths, strict=True))
        return self

    def __exit__(self, *error) -> None:
        for file in self._files:
            file.close()

    def add(self, output: bytes, bad: bytes, n_bad: int, position: Position) -> None:
        """Appends a block's results; `position` is its end. Raises OSError."""
        for file, data in zip(self._files, (output, bad), strict=True):
            file.write(data)
        self.n_bad += n_bad
        self.position = position
        if time.monotonic() - self._entered > EVERY:
            self._enter()

    def finish(self) -> None:
        """Gives the files their names. Raises OSError."""
        self._sync()
        self._parts[0].replace(self._output)
        if self.n_bad:
            self._parts[1].replace(self._bad)
        else:
            self._parts[1].unlink()
            self._bad.unlink(missing_ok=True)  # of an earlier prediction
        self._journal.unlink(missing_ok=True)
        sync_folder(self._output.parent)

    @property
    def _parts(self) -> tuple[Path, Path]:
        return tuple(path.with_name(path.name + ".part") for path in (self._output, self._bad))

    def _restored(self) -> tuple[int, int]:
        if not self._journal.is_file():
            return 0, 0
        try:
            entry = json.loads(self._journal.read_bytes())
            if entry["fingerprint"] != self._fingerprint:
                raise InputError(
                    f"{self._journal}: of another input, model or settings; delete it to predict anew, or name "
                    "another output"
                )
            self.position, self.n_bad = Position(*entry["position"]), entry["n_bad"]
            return tuple(entry["lengths"])
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self._journal}: damaged ({error}); delete it to predict anew") from error

    def _opened(self, part: Path, length: int) -> BinaryIO:
        file = part.open("r+b" if part.exists() else "w+b")
        if file.seek(0, os.SEEK_END) < length:
            raise InputError(f"{part}: shorter than {self._journal} says; delete both to predict anew")
        file.truncate(length)
        file.seek(length)
        return file

    def _sync(self) -> None:
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())

    def _enter(self) -> None:
        self._sync()
        lengths = [file.tell() for file in self._files]
        entry = {"fingerprint": self._fingerprint, "position": self.position, "n_bad": self.n_bad, "lengths": lengths}
        write_whole(self._journal, json.dumps(entry))
        self._entered = time.monotonic()
