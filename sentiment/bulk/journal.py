"""Where a bulk prediction stands, so that one that was killed goes on and ends with the same bytes.

Beside OUTPUT, until it is whole: OUTPUT.part, OUTPUT.bad.jsonl.part, and OUTPUT.journal, which says how much of both
belongs to finished blocks and where in the input the next one begins. OUTPUT.part is locked as long as it is written.
"""

import contextlib
import fcntl
import io
import json
import os
import time
from pathlib import Path
from typing import cast

from sentiment.corpora.readers import Position
from sentiment.errors import InputError
from sentiment.storage.files import append, naming, sync_folder, write_whole

EVERY = 1.0  # seconds between two entries


class Journal:
    """The files of one bulk prediction; a context manager, which leaves them where they are on an error.

    Raises InputError on entering where another prediction is writing the same output, or an unfinished one of
    something else lies beside it.
    """

    def __init__(self, output: Path, fingerprint: list[object]):
        self._output = output
        self._bad = output.with_name(output.name + ".bad.jsonl")
        self._journal = output.with_name(output.name + ".journal")
        self._fingerprint = json.loads(json.dumps(fingerprint))
        self._files: tuple[io.FileIO, ...] = ()
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
        lock = self._locked()
        try:
            lengths = self._restored()  # only now: before, another process may still have been writing it
            bad = _opened(self._parts[1], "r+b" if self._parts[1].exists() else "w+b")
            self._files = (lock, bad)
            for part, file, length in zip(self._parts, self._files, lengths, strict=True):
                self._cut(part, file, length)
        except BaseException:
            for file in self._files or (lock,):
                file.close()
            if not self._journal.is_file():
                self._parts[0].unlink(missing_ok=True)
            raise
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._files:
            file.close()

    def _locked(self) -> io.FileIO:
        """Opens OUTPUT.part and locks it: the file itself, so that no lock file stays in the user's folder."""
        part = self._parts[0]
        while True:
            file = _opened(part, "a+b")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                file.close()
                raise InputError(f"{self._output}: another prediction is writing it: name another --output") from error
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(file.fileno()), part.stat()):
                    return file
            file.close()  # another finished between the two, and what we opened is its output by now

    def add(self, output: bytes, bad: bytes, n_bad: int, position: Position) -> None:
        """Appends a block's results; `position` is its end. Raises OSError."""
        for file, data in zip(self._files, (output, bad), strict=True):
            append(file, data)
        self.n_bad += n_bad
        self.position = position
        if time.monotonic() - self._entered > EVERY:
            self._enter()

    def finish(self, listed: bool = True) -> None:
        """Gives the files their names; that of bad rows only if they are to be listed. Raises OSError."""
        self._sync()
        self._journal.unlink(missing_ok=True)  # first: killed from here on, it is all done again, to the same bytes
        if self.n_bad and listed:
            self._parts[1].replace(self._bad)
        else:
            self._parts[1].unlink()
            self._bad.unlink(missing_ok=True)  # of an earlier prediction
        self._parts[0].replace(self._output)  # last: where it stands, all is whole
        sync_folder(self._output.parent)

    @property
    def _parts(self) -> tuple[Path, Path]:
        return self._output.with_name(self._output.name + ".part"), self._bad.with_name(self._bad.name + ".part")

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
            first, second = entry["lengths"]
            return int(first), int(second)
        except (ValueError, KeyError, TypeError) as error:
            raise InputError(f"{self._journal}: damaged ({error}); delete it to predict anew") from error

    def _cut(self, part: Path, file: io.FileIO, length: int) -> None:
        """Leaves of a file what belongs to finished blocks."""
        if file.seek(0, os.SEEK_END) < length:
            raise InputError(f"{part}: shorter than {self._journal} says; delete both to predict anew")
        file.truncate(length)
        file.seek(length)

    def _sync(self) -> None:
        for part, file in zip(self._parts, self._files, strict=True):
            with naming(part):
                os.fsync(file.fileno())

    def _enter(self) -> None:
        self._sync()
        lengths = [file.tell() for file in self._files]
        entry = {"fingerprint": self._fingerprint, "position": self.position, "n_bad": self.n_bad, "lengths": lengths}
        write_whole(self._journal, json.dumps(entry))
        self._entered = time.monotonic()


def _opened(path: Path, mode: str) -> io.FileIO:
    # Without a buffer: what a full disk refuses is said by the write, and not once more when the file is closed.
    return cast(io.FileIO, path.open(mode, buffering=0))
