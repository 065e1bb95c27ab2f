"""NLTK's data folders and its downloader, without importing NLTK: that takes over a second, for one list of folders."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from sentiment.download.cache import cache_folder
from sentiment.errors import InputError, UnavailableError
from sentiment.execution.child_environment import python_environment
from sentiment.storage.files import write_whole
from sentiment.terminal import tell

_QUIET_SECONDS = 15.0


def data_folders() -> list[Path]:
    """Returns the folders that `nltk.data.path` lists, in its order, and last our own cache.

    They are: those of the environment variable NLTK_DATA, `~/nltk_data`, three below Python's own prefix and the
    system's (NLTK 3.9.4, `nltk/data.py`; a test compares the two lists).
    """
    named = [Path(folder) for folder in os.environ.get("NLTK_DATA", "").split(os.pathsep) if folder]
    prefix = Path(sys.prefix)
    below_prefix = [prefix / "nltk_data", prefix / "share" / "nltk_data", prefix / "lib" / "nltk_data"]
    system = [Path(root) / "nltk_data" for root in ("/usr/share", "/usr/local/share", "/usr/lib", "/usr/local/lib")]
    return [*named, Path("~/nltk_data").expanduser(), *below_prefix, *system, _own_folder()]


def find(package: str, members: tuple[str, ...]) -> Path | None:
    """Looks for a corpus in NLTK's folders, unpacked or as `<package>.zip`.

    Returns:
        The folder or the zip file that holds all `members`, or None.

    Raises:
        InputError: a zip file that is broken.
    """
    for folder in data_folders():
        unpacked = folder / "corpora" / package
        if all((unpacked / member).is_file() for member in members):
            return unpacked
        archive = unpacked.with_name(f"{package}.zip")
        if archive.is_file():
            with _opened(archive) as zipped:
                if set(zipped.namelist()) >= {f"{package}/{member}" for member in members}:
                    return archive
    return None


def read(place: Path, member: str) -> bytes:
    """Returns the bytes of one member of what `find` found. Raises InputError when the zip file is broken."""
    if place.is_dir():
        return (place / member).read_bytes()
    with _opened(place) as archive:
        # Nothing is unpacked to disk, so that no name inside the archive can lead anywhere.
        return archive.read(f"{place.stem}/{member}")


def download(package: str, what: str, members: tuple[str, ...]) -> Path:
    """Runs NLTK's own downloader and keeps the package's zip file in our cache, whole or not at all.

    It runs in a process of its own, because it has no timeout: it is ended when no byte has arrived for some seconds.
    NLTK_DOWNLOAD_URL and the proxies of the environment are honoured. It does not check what it fetched either; the
    archive's own checksums are checked here.

    Args:
        package: NLTK's name of it.
        what: what is fetched, its size and licence, for the line that tells the user.
        members: the files that the archive must hold.

    Raises:
        UnavailableError: the downloader failed; the message holds its reason.
        OSError: the cache can't be written.
    """
    cache = _own_folder()
    cache.mkdir(parents=True, exist_ok=True)
    tell(f"Fetching {what} with NLTK's downloader")
    with tempfile.TemporaryDirectory(prefix=".download-", dir=cache) as scratch:
        reason = _run_downloader(package, Path(scratch))
        archive = Path(scratch, "corpora", f"{package}.zip")
        if reason is None:
            reason = _fault(archive, package, members)
        if reason is not None:
            raise UnavailableError(
                f"{package} is in none of NLTK's data folders and can't be downloaded ({reason}): "
                "set NLTK_DATA to a folder that holds it, or connect to the network"
            )
        kept = cache / "corpora" / archive.name
        write_whole(kept, archive.read_bytes())
    return kept


def _own_folder() -> Path:
    return cache_folder() / "nltk_data"


def _run_downloader(package: str, folder: Path) -> str | None:
    """Returns None when the downloader came to its end without complaint, else its reason in one line."""
    command = [sys.executable, "-W", "ignore", "-m", "sentiment.download.nltk_download", package, str(folder)]
    complaint = None
    with subprocess.Popen(
        command,
        env=python_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    ) as process:
        arrived = 0
        try:
            while complaint is None:
                try:
                    _, complaint = process.communicate(timeout=_QUIET_SECONDS)
                except subprocess.TimeoutExpired:
                    before, arrived = arrived, _bytes_below(folder)
                    if arrived == before:
                        return f"no answer for {_QUIET_SECONDS:g} seconds"
        finally:
            process.kill()
    lines = [re.sub(r"^\[nltk_data\]\s*", "", line) for line in complaint.splitlines()]
    return " ".join(lines[-3:]) or None


def _bytes_below(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _fault(archive: Path, package: str, members: tuple[str, ...]) -> str | None:
    if not archive.is_file():
        return f"the downloader left no {archive.name}"
    try:
        with _opened(archive) as zipped:
            for member in members:
                zipped.read(f"{package}/{member}")
    except (InputError, KeyError) as error:
        return f"what it fetched is not the package: {error}"
    return None


@contextlib.contextmanager
def _opened(archive: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with zipfile.ZipFile(archive) as zipped:
            yield zipped
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(f"{archive}: a broken zip file ({error}): delete it, and it is fetched again") from error
