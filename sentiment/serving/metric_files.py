"""The files over which workers add up their metrics, with their room on the disk taken in advance.

prometheus_client maps them into memory and lets them be sparse: a worker that counted something new on a full disk
would be ended by the system (SIGBUS), and so would the one that takes its place.
"""

import contextlib
import os
from pathlib import Path

from sentiment.storage.files import append, naming

_KINDS = ("counter", "histogram")  # of what metrics.py has
_BYTES = 1 << 20  # of a file; routes, statuses and classes are few, so that it never has to grow
_SPARE = ".spare"


def reserve(folder: Path, workers: int) -> None:
    """Makes the files of so many workers. Raises OSError where the disk has no room for them."""
    for number in range(workers):
        for kind in _KINDS:
            _make(folder / f"{kind}-{number}{_SPARE}")


def take(folder: Path) -> None:
    """Gives this process files that are nobody's, under the names that prometheus_client looks for; or makes them.

    Call it before the first metric is made. Raises OSError where there is none and no room for another.
    """
    for kind in _KINDS:
        own = folder / f"{kind}_{os.getpid()}.db"
        for spare in sorted(folder.glob(f"{kind}-*{_SPARE}")):
            with contextlib.suppress(FileNotFoundError):  # another worker was quicker
                spare.rename(own)
                break
        else:
            _make(own)


def _make(path: Path) -> None:
    with naming(path), path.open("xb", buffering=0) as file:
        append(file, bytes(_BYTES))
