"""What a stranger's file of vectors may cost: lines, values of a vector, bytes unpacked; and how far a reading is."""

import time
from typing import NamedTuple

from sentiment.errors import InputError
from sentiment.terminal import tell

MOST_LINES = 10_000_000  # public files have up to some millions
MOST_VALUES = 4_096  # of a vector; public ones have some hundreds
LEAST_SUSPECTED = 1 << 30  # bytes: below it a file may be packed as densely as it likes
DENSEST = 100  # times: numbers as text pack 2 to 4 times, a made trap 1,000 and more
FORESEEN_AFTER = 1 << 16  # lines, whose mean length says how many there will be
FAR_ABOVE = 1.5  # times the limit: later words are longer than the first ones
CHECKED_EVERY = 256  # lines, of a megabyte at most
TOLD_EVERY = 5.0  # seconds


class Sizes(NamedTuple):
    """Bytes of a file.

    Attributes:
        packed: as it lies there, if it is compressed.
        unpacked: without compression, as far as that is known before it is read.
    """

    packed: int | None
    unpacked: int | None


class Watch:
    """Follows one reading of a file; `place` is what messages call it."""

    def __init__(self, place: str, sizes: Sizes):
        self._place, self._sizes = place, sizes
        self._next = time.monotonic() + TOLD_EVERY

    def check(self, lines: int, size: int) -> None:
        """Says how far the reading is, now and then; `size` is in bytes, unpacked.

        Raises:
            InputError: too many lines, or clearly too many to come; or too many bytes from a compressed file.
        """
        packed, unpacked = self._sizes
        if lines > MOST_LINES:
            raise too_many(self._place, "it has")
        if unpacked is not None and lines >= FORESEEN_AFTER and lines * unpacked > FAR_ABOVE * MOST_LINES * size:
            raise too_many(self._place, "it has far")
        if packed is not None and size > max(LEAST_SUSPECTED, DENSEST * packed):
            raise InputError(f"{self._place}: over {size:,} bytes unpacked from {packed:,}: unpack it yourself")
        if time.monotonic() > self._next:
            self._next = time.monotonic() + TOLD_EVERY
            tell(f"{self._place}: {lines:,} lines read")


def too_many(place: str, who: str) -> InputError:
    """Returns the refusal of a file with too many lines; `who` says so: "it has"."""
    return InputError(
        f"{place}: {who} more than {MOST_LINES:,} lines: keep the first, which most files give to the most frequent "
        "words, as with head -n 1000000"
    )


def check_values(place: str, d: int) -> None:
    """Raises InputError for vectors of too many values."""
    if d > MOST_VALUES:
        raise InputError(f"{place}: its vectors have {d:,} values, more than {MOST_VALUES:,}: give shorter ones")
