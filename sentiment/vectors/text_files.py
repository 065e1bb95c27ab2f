"""Word vectors as text, streamed: GloVe's (a word and its values a line), word2vec's and fastText's (with a header)."""

import codecs
import contextlib
import gzip
import io
import itertools
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from sentiment.errors import InputError
from sentiment.storage.files import sha256_of
from sentiment.vectors.limits import CHECKED_EVERY, MOST_LINES, Sizes, Watch, check_values, too_many

SUFFIXES = (".txt", ".vec", ".gz", ".zip")

_LONGEST_LINE = 1 << 20  # bytes; 2,000 values take 20 kB
_BLOCK = 1 << 20
_HEADER = re.compile(rb"(\d+) (\d+)")
_NUMBER = re.compile(rb"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_LETTERS_OF_NUMBERS = b"0123456789+-.eE "
_ANEW = "download or copy it anew, or repair the line"


@dataclass(frozen=True)
class TextVectors:
    """A text file of vectors, which each use reads from its beginning; memory holds one line of it.

    Each line's width, word and letters are checked; whether values are numbers within float32, where they are used.

    Attributes:
        path: the file.
        member: the text file in it, if it is a .zip.
        d: how many values a vector has.
        stated: how many words its header states; None if it has no header.
    """

    path: Path
    member: str | None
    d: int
    stated: int | None

    def words(self) -> Iterator[str]:
        """Yields the words in the file's order. Raises InputError as `fill` does."""
        for _, word, _ in self._entries():
            yield word

    def fill(self, rows: Mapping[str, int], matrix: np.ndarray) -> np.ndarray:
        """Writes the vectors of known words to their rows of `matrix`; of a repeated word the first counts.

        Raises:
            InputError: with the number of the line: another number of values, a value that is no finite float32, a
                word that is missing or not UTF-8, two spaces in a row; a header that contradicts the file; a broken
                or truncated .gz or .zip; more than what `limits` allow.
        """
        found = np.zeros(len(matrix), bool)
        for number, word, values in self._entries():
            row = rows.get(word)
            if row is None or found[row]:
                continue
            matrix[row] = self._parse(number, values)
            found[row] = True
        return found

    def fingerprint(self) -> str:
        """Returns the file's SHA-256, and which member of it holds the vectors."""
        return f"{sha256_of(self.path)} {self.member or ''}"

    def check_first(self) -> None:
        """Reads the first vector. Raises InputError when it, or the header, is flawed."""
        for number, _, values in self._entries():
            self._parse(number, values)
            return

    def _entries(self) -> Iterator[tuple[int, str, bytes]]:
        """Yields each line's number, word and values (separated by spaces)."""
        read = 0
        with _opened(self.path, self.member) as (file, sizes):
            for number, line in _lines(self._place, file, sizes):
                if number == 1 and self.stated is not None:
                    continue
                yield number, *self._split(number, line)
                read += 1
        if self.stated is not None and read != self.stated:
            raise InputError(
                f"{self._place}: its header (line 1) says {self.stated:,} words, but {read:,} follow: "
                "download or copy it anew, or correct the header"
            )

    def _split(self, number: int, line: bytes) -> tuple[str, bytes]:
        word, _, values = line.partition(b" ")
        if not values or values.count(b" ") != self.d - 1:
            word, values = self._split_longer(number, line)
        if values.translate(None, _LETTERS_OF_NUMBERS):
            raise self._not_finite(number, values)
        if not word:
            raise self._flaw(number, "no word before the values")
        try:
            return word.decode("utf-8"), values
        except UnicodeDecodeError as error:
            raise self._flaw(number, f"the word is not UTF-8 ({error.reason} at byte {error.start + 1})") from error

    def _split_longer(self, number: int, line: bytes) -> tuple[bytes, bytes]:
        """Splits a line whose word holds spaces, as some of GloVe's 840B do (". . .")."""
        pieces = line.split(b" ")
        extra = len(pieces) - 1 - self.d
        if extra < 0 or (_NUMBER.fullmatch(pieces[extra]) and extra > 0):
            says = "its first line has" if self.stated is None else "its header says"
            raise self._flaw(number, f"{len(pieces) - 1} values, but {says} {self.d}")
        if b"" in pieces[: extra + 1]:
            raise self._flaw(number, "two spaces in a row")
        return b" ".join(pieces[: extra + 1]), b" ".join(pieces[extra + 1 :])

    def _parse(self, number: int, values: bytes) -> np.ndarray:
        try:
            vector = np.array([float(piece) for piece in values.split(b" ")])
        except ValueError as error:
            raise self._not_finite(number, values) from error
        with np.errstate(over="ignore"):
            vector = vector.astype(np.float32)
        if not np.isfinite(vector).all():
            raise self._not_finite(number, values)
        return vector

    def _not_finite(self, number: int, values: bytes) -> InputError:
        largest = float(np.finfo(np.float32).max)
        pieces = enumerate(values.split(b" "), start=1)
        place, piece = next(
            (place, piece) for place, piece in pieces if not (_NUMBER.fullmatch(piece) and abs(float(piece)) <= largest)
        )
        return self._flaw(number, f"value {place}, {_shown(piece)}, is no finite float32")

    def _flaw(self, number: int, what: str) -> InputError:
        return InputError(f"{self._place}: line {number}: {what}: {_ANEW}")

    @property
    def _place(self) -> str:
        return _named(self.path, self.member)


def open_text(path: Path, member: str | None) -> TextVectors:
    """Opens a .txt, .vec, .gz or .zip file of vectors and reads its header, if it has one, and its first vector.

    A first line of exactly two whole numbers is a header; a byte order mark is skipped.

    Raises:
        InputError: no such file, another kind, no text, or several, in the .zip; vectors too long, or too many by the
            header; and as `TextVectors.fill`.
    """
    if path.is_dir():
        raise InputError(f"{path}: a folder: name a file in it")
    if not path.exists():
        raise InputError(f"{path}: no such file: check the name and the folder")
    if path.suffix.lower() not in SUFFIXES:
        raise InputError(f"{path}: unknown kind of file: give vectors as text, in a {', '.join(SUFFIXES)} file")
    if path.suffix.lower() == ".zip":
        member = _choose_member(path, member)
    elif member is not None:
        raise InputError(f"{path}: no .zip file, so it has no member {member!r}: leave the member out")
    place = _named(path, member)
    with _opened(path, member) as (file, sizes):
        number, line = next(_lines(place, file, sizes), (0, b""))
    if not line:
        raise InputError(f"{place}: the file is empty: download or copy it anew")
    vectors = TextVectors(path, member, d=line.count(b" "), stated=None)
    if number == 1 and (header := _HEADER.fullmatch(line)):
        vectors = replace(vectors, stated=int(header[1]), d=int(header[2]))
    if not vectors.d or vectors.stated == 0:
        raise InputError(f"{place}: line {number}: no values, only {_shown(line)}: {_ANEW}")
    vectors.check_first()
    check_values(place, vectors.d)
    if vectors.stated is not None and vectors.stated > MOST_LINES:
        raise too_many(place, f"its header (line {number}) says")
    return vectors


def _named(path: Path, member: str | None) -> str:
    return str(path) if member is None else f"{path}, {member}"


def _shown(data: bytes) -> str:
    return repr(data[:30].decode("utf-8", "backslashreplace"))


def _lines(place: str, file: BinaryIO, sizes: Sizes) -> Iterator[tuple[int, bytes]]:
    """Yields the lines that aren't blank, numbered from 1, without their end (fastText ends each with a space too)."""
    watch, size = Watch(place, sizes), 0
    for number in itertools.count(1):
        # Cut at "\n" alone: words may hold any other line separator that Unicode has.
        line = file.readline(_LONGEST_LINE)
        if len(line) == _LONGEST_LINE:
            raise InputError(f"{place}: line {number} is longer than {_LONGEST_LINE:,} bytes: is it text? {_ANEW}")
        if not line:
            return
        size += len(line)
        if not number % CHECKED_EVERY:
            watch.check(number, size)
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        if line := line.rstrip(b" \r\n"):
            yield number, line


@contextlib.contextmanager
def _opened(path: Path, member: str | None) -> Iterator[tuple[BinaryIO, Sizes]]:
    """Gives a file to read, and its sizes."""
    try:
        if member is not None:
            with zipfile.ZipFile(path) as archive, archive.open(member) as packed:
                entry = archive.getinfo(member)
                sizes = Sizes(entry.compress_size, entry.file_size)
                yield io.BufferedReader(cast(io.RawIOBase, packed), _BLOCK), sizes  # a ZipExtFile, which reads as one
        elif path.suffix.lower() == ".gz":
            with gzip.open(path) as packed:
                yield io.BufferedReader(packed, _BLOCK), Sizes(path.stat().st_size, None)
        else:
            with path.open("rb", buffering=_BLOCK) as file:
                yield file, Sizes(None, path.stat().st_size)
    except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise InputError(f"{_named(path, member)}: broken or cut short ({error}): download or copy it anew") from error


def _choose_member(path: Path, member: str | None) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
    except zipfile.BadZipFile as error:
        raise InputError(f"{path}: broken or cut short ({error}): download or copy it anew") from error
    # macOS adds files of its own, with the same endings.
    texts = [name for name in entries if name.lower().endswith((".txt", ".vec")) and not name.startswith("__MACOSX/")]
    if member is None:
        if len(texts) != 1:
            fault = f"several files, {', '.join(texts)}: name one as member" if texts else "no .txt or .vec file"
            raise InputError(f"{path}: it holds {fault}")
        member = texts[0]
    if member not in entries:
        raise InputError(f"{path}: it has no {member!r}: name one of {', '.join(texts)}")
    entry = entries[member]
    if entry.flag_bits & 1 or entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise InputError(f"{path}, {member}: encrypted, or compressed in an unusual way: unpack it and name the file")
    return member
