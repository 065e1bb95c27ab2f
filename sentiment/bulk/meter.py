"""How far a long job is: rows, rows a second, share done, time left."""

import time
from typing import TextIO

from sentiment.corpora.readers import Position


class Meter:
    """Writes a line to a terminal, again and again in its place; to a file a line every ten seconds."""

    def __init__(self, stream: TextIO):
        self._stream = stream
        self._every = 0.5 if stream.isatty() else 10.0
        self._first: tuple[float, Position] | None = None
        self._last = time.monotonic()

    def __call__(self, position: Position, size: int | None) -> None:
        """Takes the position, and the offset at the end if it is known."""
        now = time.monotonic()
        self._first = self._first or (now, position)
        if now - self._last < self._every:
            return
        self._last = now
        self._write(describe(position, size, *self._first, now))

    def close(self) -> None:
        """Clears the terminal's line."""
        if self._stream.isatty():
            self._write("")

    def _write(self, line: str) -> None:
        self._stream.write(f"\r\x1b[2K{line}" if self._stream.isatty() else f"{line}\n")
        self._stream.flush()


def describe(position: Position, size: int | None, began: float, first: Position, now: float) -> str:
    """Returns the line: `began` and `now` are seconds, `first` the position at `began`."""
    seconds = max(now - began, 1e-9)
    line = f"{position.row:,} rows, {(position.row - first.row) / seconds:,.0f} a second"
    if size:
        pace = (position.offset - first.offset) / seconds
        left = f"{(size - position.offset) / pace:,.0f} s left" if pace else "time left unknown"
        line += f", {position.offset / size:.0%}, {left}"
    return line
