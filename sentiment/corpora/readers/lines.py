"""The lines of a file, each with its place, decoded one by one."""

import codecs
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, NamedTuple

from sentiment.corpora.readers.encodings import Encoding, encoding_of
from sentiment.corpora.readers.table import BROKEN_LINE, LONGEST_LINE, Flaw
from sentiment.corpora.readers.unpacked import PlainFile
from sentiment.storage.files import naming

_ASSIGNED = re.compile(rb"\s*(?:(?:var|let|const)\s+)?[\w.$]+\s*=\s*(?=[\[{])")
SAMPLE_BYTES = 1 << 20
PIECE_BYTES = 1 << 18
# Encodings in which lines are decoded together as they are one by one, broken or not.
_LINE_BY_LINE = frozenset({"utf-8", "ascii", "iso8859-1", "iso8859-15", "cp1250", "cp1251", "cp1252", "koi8-r"})


class Line(NamedTuple):
    """A line with its end, cut at `LONGEST_LINE` bytes; how many bytes it has in the file; its characters."""

    raw: bytes
    size: int
    text: str

    @property
    def cut(self) -> bool:
        """Whether it is too long to be read."""
        return self.size > len(self.raw)

    @property
    def flaw(self) -> Flaw:
        """What is wrong with one that is."""
        return Flaw(BROKEN_LINE, f"the line has {self.size:,} bytes, over {LONGEST_LINE:,}", self.text)


class Piece(NamedTuple):
    """Whole lines: their bytes in the file, and their characters; None where each must be decoded alone."""

    size: int
    text: str | None


@dataclass(frozen=True)
class TextFile:
    """A file of lines.

    Attributes:
        name: what messages call it.
        local: where it is; in another encoding than the original's where that has no lines of bytes (UTF-16).
        suffix, compression: as in `PlainFile`.
        original: the encoding that it came in.
        encoding: the encoding at `local`.
        terminator: what ends a line, a line feed or (old Macs) a carriage return.
        separator: the delimiter that a first line "sep=;" names, as Excel writes and reads it; it is skipped.
    """

    name: str
    local: Path
    suffix: str
    compression: str
    original: str
    encoding: Encoding
    terminator: bytes
    separator: str = ""

    @property
    def size(self) -> int:
        """Its bytes at `local`."""
        return self.local.stat().st_size

    def lines(self, offset: int = 0) -> Iterator[Line]:
        """Yields the lines from an offset on; bytes that are no characters become lone surrogates."""
        name = self.encoding.name
        with self.local.open("rb") as file:
            file.seek(max(offset, self.encoding.skipped))
            if self.terminator != b"\n":
                for raw, size in _cut(file, self.terminator):
                    yield Line(raw, size, raw.decode(name, "surrogateescape"))
                return
            while raw := file.readline(LONGEST_LINE):
                size = len(raw)
                if size == LONGEST_LINE and not raw.endswith(b"\n"):
                    size += _rest(file)
                yield Line(raw, size, raw.decode(name, "surrogateescape"))

    def piece(self, offset: int) -> Piece | None:
        """Returns the lines from an offset on, about `PIECE_BYTES`; None at the end."""
        if (end := self.end_of_piece(offset)) is None:
            return None
        with self.local.open("rb") as file:
            file.seek(offset)
            data = file.read(end - offset)
        last = len(data) - (data.rfind(b"\n", 0, -1) + 1)
        too_long = last > LONGEST_LINE or (last == LONGEST_LINE and not data.endswith(b"\n"))
        if too_long or self.terminator != b"\n" or codecs.lookup(self.encoding.name).name not in _LINE_BY_LINE:
            return Piece(len(data), None)
        return Piece(len(data), data.decode(self.encoding.name, "surrogateescape"))

    def end_of_piece(self, offset: int) -> int | None:
        """Returns where the piece at an offset ends; None at the end of the file."""
        size, end = self.size, offset + PIECE_BYTES
        if end >= size:
            return size if offset < size else None
        with self.local.open("rb") as file:
            file.seek(end - 1)
            return end if file.read(1) == b"\n" else end + len(file.readline(LONGEST_LINE))

    def size_of(self, offset: int, n_lines: int) -> int:
        """Returns the bytes of so many lines from an offset on."""
        return sum(line.size for line in itertools.islice(self.lines(offset), n_lines))

    def sample(self) -> tuple[list[Line], bool]:
        """Returns the first lines, about `SAMPLE_BYTES`, and whether they are all."""
        found: list[Line] = []
        size = 0
        for line in self.lines():
            if size >= SAMPLE_BYTES:
                return found, False
            found.append(line)
            size += len(line.raw)
        return found, True


def text_file(plain: PlainFile, folder: Path, encoding: str = "") -> TextFile:
    """Finds a file's encoding and ends of lines; UTF-16 and UTF-32 are rewritten as UTF-8 in `folder`.

    Raises:
        InputError: the encoding is uncertain, or isn't that of the file.
        OSError: the file can't be read, the disk is full.
    """
    found = encoding_of(plain.local, plain.name, encoding)
    local, present = plain.local, found
    if not found.keeps_lines:
        local, present = folder / "utf-8", Encoding("utf-8")
        _rewrite(plain, found, local)
    with local.open("rb") as file:
        file.seek(present.skipped)
        start = file.read(1 << 16)
    separator = re.match(rb'"?sep=([^\w\s"]|\t)"?\r?\n', start)
    above = separator or (_ASSIGNED.match(start) if plain.suffix == ".js" else None)  # an X archive's tweets.js
    if above:
        present = replace(present, skipped=present.skipped + above.end())
    delimiter = separator[1].decode("latin-1") if separator else ""
    end = _terminator(start)
    return TextFile(plain.name, local, plain.suffix, plain.compression, found.name, present, end, delimiter)


def _rewrite(plain: PlainFile, found: Encoding, local: Path) -> None:
    decoder = codecs.getincrementaldecoder(found.name)("replace")
    with naming(local), plain.local.open("rb") as source, local.open("wb") as target:
        source.seek(found.skipped)
        while piece := source.read(SAMPLE_BYTES):
            target.write(decoder.decode(piece).encode("utf-8", "surrogatepass"))
        target.write(decoder.decode(b"", final=True).encode("utf-8", "surrogatepass"))


def _terminator(start: bytes) -> bytes:
    alone = start.replace(b"\r\n", b"")
    first = min((place for place in (start.find(b"\r"), start.find(b"\n")) if place >= 0), default=-1)
    mac = first >= 0 and start[first : first + 1] == b"\r" and start[first + 1 : first + 2] != b"\n"
    return b"\r" if mac and alone.count(b"\r") >= start.count(b"\n") else b"\n"


def _rest(file: BinaryIO) -> int:
    """Passes over the rest of a line; returns its bytes."""
    size = 0
    while piece := file.readline(LONGEST_LINE):
        size += len(piece)
        if piece.endswith(b"\n"):
            break
    return size


def _cut(file: BinaryIO, terminator: bytes) -> Iterator[tuple[bytes, int]]:
    rest, size = b"", 0  # of the line that the next piece may continue
    while piece := file.read(1 << 16):
        first, *others = piece.split(terminator)
        size += len(first)
        rest = (rest + first)[:LONGEST_LINE]
        for other in others:
            yield (rest + terminator, size + 1) if size < LONGEST_LINE else (rest, size + 1)
            rest, size = other, len(other)
    if size:
        yield rest, size
