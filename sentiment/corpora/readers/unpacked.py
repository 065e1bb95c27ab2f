"""Compressed files, members of zip and tar files, and standard input as plain files that can be read from any place.

What is no plain file is unpacked beside, into a temporary folder: memory stays bounded, and a reading that goes on
later finds its place again.
"""

import atexit
import bz2
import errno
import gzip
import lzma
import shutil
import sys
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Protocol

from sentiment.errors import InputError
from sentiment.storage.files import naming

STDIN = "-"
LARGEST_UNPACKED = 200 << 30  # bytes
_LEAST_SUSPECTED = 1 << 30  # bytes: below it a file may be packed as densely as it likes
_DENSEST = 500  # times: text packs 3 to 20 times, a made trap 1,000 and more
_PIECE = 1 << 20
_OF_DOCUMENTS = frozenset(("[Content_Types].xml", "content.xml", "Index/Document.iwa"))  # members of theirs
_SPREADSHEET = b"application/vnd.oasis.opendocument.spreadsheet"
_PACKED = (".zip", ".tar", ".tgz", ".gz", ".bz2", ".xz", ".zst")  # endings of members that are unpacked once more
_INNER = "inner"  # the folder of what was packed in an archive's member
_NO_DATA = ("readme", "license", "licence", "copying", "citation", "changelog")


@dataclass(frozen=True)
class PlainFile:
    """A file whose bytes can be read as they are.

    Attributes:
        name: what messages call it.
        local: where its bytes are.
        suffix: its ending in lower case, less that of its compression.
        compression: "gzip", "bzip2", "xz", "zstd", "zip", "tar" or "".
    """

    name: str
    local: Path
    suffix: str
    compression: str = ""


class _Readable(Protocol):
    """What the decompressors have in common."""

    def read(self, size: int, /) -> bytes: ...

    def __enter__(self) -> "_Readable": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> object: ...


def unpack(path: Path, folder: Path) -> list[PlainFile]:
    """Returns a file as plain files: itself, what is packed in it, or the data files of a zip or tar file.

    Args:
        path: a file, "-" for standard input, or ARCHIVE/MEMBER.
        folder: an empty folder, for what must be unpacked.

    Raises:
        InputError: no such file, a damaged or absurdly dense one, or a package for its compression isn't installed.
        OSError: it can't be read, or the disk is full.
    """
    if str(path) == STDIN:
        return unpack_named(_standard_input(), "standard input", folder)
    archive = path if path.is_file() else next((above for above in path.parents if above.is_file()), None)
    if archive is None:
        raise _no_such_file(path)
    wanted = path.relative_to(archive).as_posix() if archive != path else ""
    with archive.open("rb") as file:
        magic = file.read(8)
    if magic.startswith(b"PK\3\4") and (wanted or not _is_excel(archive)):
        return _zip_members(archive, wanted, folder)
    plain = _decompressed(archive, magic, folder)
    if _is_tar(plain.local):
        return _tar_members(archive, plain.local, wanted, folder)
    if wanted:
        raise _no_such_file(path)
    return [plain]


def unpack_named(path: Path, name: str, folder: Path) -> list[PlainFile]:
    """Returns a file's plain files, as `unpack` does, where messages call the file by another name."""
    try:
        return [replace(each, name=each.name.replace(str(path), name)) for each in unpack(path, folder)]
    except InputError as error:
        raise InputError(str(error).replace(str(path), name)) from error


def _no_such_file(path: Path) -> InputError:
    return InputError(f"{path}: no such file: check the name and the folder")


def _decompressed(path: Path, magic: bytes, folder: Path) -> PlainFile:
    for compression, (start, opened) in _OPENERS.items():
        if magic.startswith(start):
            with _intact(path), opened(path) as unpacked:
                return _spooled(str(path), unpacked, folder, compression, path)
    return PlainFile(str(path), path, path.suffix.lower())


_copy: tuple[object, Path] | None = None  # of standard input, which can be read once, and a corpus is read twice


def _standard_input() -> Path:
    """Returns a copy of standard input, which is removed when the program ends."""
    global _copy
    if _copy is None or _copy[0] is not sys.stdin:
        folder = Path(tempfile.mkdtemp(prefix="sentiment-"))
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        _copy = sys.stdin, _spooled("standard input", sys.stdin.buffer, folder, "").local
    return _copy[1]


def _is_excel(path: Path) -> bool:
    with _intact(path), zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "mimetype" in names:  # OpenDocument's
            with archive.open("mimetype") as kind:
                return kind.read(len(_SPREADSHEET)) == _SPREADSHEET
        return "xl/workbook.xml" in names or "xl/workbook.bin" in names


def _zip_members(path: Path, wanted: str, folder: Path) -> list[PlainFile]:
    with _intact(path), zipfile.ZipFile(path) as archive:
        if not wanted and _OF_DOCUMENTS.intersection(archive.namelist()):
            raise InputError(f"{path}: an office program's document: save it as plain text, or its table as CSV")
        members = {each.filename: each for each in archive.infolist() if not each.is_dir()}
        plain: list[PlainFile] = []
        for number, name in enumerate(_chosen(path, list(members), wanted)):
            member = members[name]
            if member.flag_bits & 1:
                raise InputError(f"{path}: {name} is encrypted: unpack it first")
            with archive.open(member) as unpacked:
                plain += _member(path, name, unpacked, folder / str(number), "zip", member.compress_size)
        return plain


def _is_tar(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(262)[257:] == b"ustar"


def _tar_members(path: Path, tar: Path, wanted: str, folder: Path) -> list[PlainFile]:
    """Returns the members of `tar`, which is `path` or was packed in it. Links and devices are no data."""
    with _intact(path), tarfile.open(tar) as archive:
        members = {each.name: each for each in archive if each.isfile()}
        plain: list[PlainFile] = []
        for number, name in enumerate(_chosen(path, list(members), wanted)):
            unpacked = archive.extractfile(members[name])
            assert unpacked is not None, "it is a file"
            with unpacked:
                plain += _member(path, name, unpacked, folder / str(number), "tar", members[name].size)
    if tar != path:
        tar.unlink()  # its bytes lie there twice
    return plain


def _chosen(path: Path, members: Sequence[str], wanted: str) -> list[str]:
    chosen = [each for each in members if (each.removeprefix("./") == wanted if wanted else _holds_data(each))]
    if not chosen:
        there = ", ".join(members[:12]) or "nothing"
        sought = f"file {wanted!r}" if wanted else "data file"
        raise InputError(f"{path}: no {sought} in it; there is {there}: name one as {path}/MEMBER")
    return chosen


def _member(
    path: Path, name: str, unpacked: "_Readable", place: Path, compression: str, packed: int
) -> list[PlainFile]:
    """Returns a member as plain files: one, or more where it is packed itself, as a competition's train.csv.zip is."""
    place.mkdir()
    plain = _spooled(f"{path}/{PurePosixPath(name)}", unpacked, place, compression, Path(PurePosixPath(name)), packed)
    if PurePosixPath(name).suffix.lower() not in _PACKED:
        return [plain]
    if place.parent.name == _INNER:
        raise InputError(f"{plain.name}: packed in what is packed itself: unpack it first")
    inner = place / _INNER
    inner.mkdir()
    return unpack_named(plain.local, plain.name, inner)


def _holds_data(member: str) -> bool:
    name = PurePosixPath(member)
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.parts)
    return not hidden and not name.name.lower().startswith(_NO_DATA)


def _spooled(
    name: str, unpacked: "_Readable", folder: Path, compression: str, path: Path | None = None, packed: int = 0
) -> PlainFile:
    # The packed name without its last ending tells the kind: tweets.csv.gz is a CSV file.
    inner = Path(path.stem) if path and compression not in ("", "zip", "tar") else path or Path("input")
    packed = packed or (path.stat().st_size if path else 0)
    local = folder / ("unpacked" + "".join((path or inner).suffixes[-2:])[-32:])
    size = 0
    with naming(local), local.open("wb") as file:
        while piece := unpacked.read(_PIECE):
            file.write(piece)
            size += len(piece)
            if compression and (size > LARGEST_UNPACKED or size > max(_LEAST_SUSPECTED, _DENSEST * packed)):
                raise InputError(f"{name}: over {size:,} bytes unpacked from {packed:,}: unpack it yourself first")
    return PlainFile(name, local, inner.suffix.lower(), compression)


def _open_zstd(path: Path) -> _Readable:
    try:
        if sys.version_info >= (3, 14):
            from compression import zstd
        else:
            from backports import zstd
    except ModuleNotFoundError as error:
        raise InputError(
            f"{path}: zstd takes a package more: pip install backports.zstd, or unpack it first"
        ) from error
    return zstd.ZstdFile(path)


_OPENERS: dict[str, tuple[bytes, Callable[[Path], _Readable]]] = {
    "gzip": (b"\x1f\x8b", gzip.GzipFile),
    "bzip2": (b"BZh", bz2.BZ2File),
    "xz": (b"\xfd7zXZ\0", lzma.LZMAFile),
    "zstd": (b"\x28\xb5\x2f\xfd", _open_zstd),
}


class _intact:  # noqa: N801 - a context manager, used as a function
    """Turns what the decompressors raise over damaged bytes into one line."""

    def __init__(self, path: Path):
        self._path = path

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        archives = (zipfile.BadZipFile, tarfile.TarError)
        damages = (*archives, zlib.error, lzma.LZMAError, EOFError, gzip.BadGzipFile, NotImplementedError)
        # bz2 and gzip say so of damaged bytes, and a zip file's damaged offsets lead before its beginning.
        ours = isinstance(error, OSError) and error.errno in (None, errno.EINVAL)
        if error is not None and (isinstance(error, damages) or ours or type(error).__name__ == "ZstdError"):
            raise InputError(f"{self._path}: damaged ({error}): fetch or pack it again") from error
