"""CRC-32 of two strings of bytes, of which only that of the first is known; many at a time."""

import functools
import zlib
from collections.abc import Sequence

import numpy as np

_LONGEST = 64  # bytes of a second string; a longer one, which is rare, is computed by itself


def joined_crc32(firsts: np.ndarray, seconds: Sequence[bytes], which: np.ndarray) -> np.ndarray:
    """Returns <uint32>[n], the CRC-32 of each first string and of its second, put together.

    What the second adds to the first is linear: zeros in its place move the first's bits, its own CRC-32 is added to
    that (zlib's crc32_combine).

    Args:
        firsts: <uint32>[n] the CRC-32 of the first strings.
        seconds: distinct second strings.
        which: <int>[n] the place of each one's second in `seconds`.
    """
    sizes = np.fromiter(map(len, seconds), np.int64, len(seconds))
    own = np.fromiter(map(zlib.crc32, seconds), np.uint32, len(seconds))
    tables, at = _after_zeros().reshape(-1), np.minimum(sizes, _LONGEST)[which] << 10
    found = own[which]
    for byte in range(4):
        found ^= tables[at + (firsts >> (8 * byte) & 255) + (byte << 8)]
    for place in np.flatnonzero((sizes > _LONGEST)[which]).tolist():
        found[place] = zlib.crc32(seconds[which[place]], int(firsts[place]))
    return found


@functools.cache
def _after_zeros() -> np.ndarray:
    """Returns <uint32>[_LONGEST + 1, 4, 256]: what so many zero bytes make of a CRC whose nth byte is so, others 0."""
    moved = np.arange(256, dtype=np.uint32) << (8 * np.arange(4, dtype=np.uint32)[:, None])
    # The remainder of one byte: zlib inverts all bits before and after.
    by_byte = np.array([zlib.crc32(bytes([byte])) ^ zlib.crc32(b"\0") for byte in range(256)], np.uint32)
    tables = [moved]
    for _ in range(_LONGEST):
        moved = (moved >> 8) ^ by_byte[moved & 255]
        tables.append(moved)
    return np.stack(tables)
