"""How far long work is: a line every few seconds to whoever asked for them; quick work has none."""

import contextlib
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar

_EVERY = 5.0  # seconds
_show: ContextVar[Callable[[str], None] | None] = ContextVar("show", default=None)


@contextlib.contextmanager
def shown_by(show: Callable[[str], None]) -> Iterator[None]:
    """Shows with `show` how far the long work is that this thread does within the block."""
    token = _show.set(show)
    try:
        yield
    finally:
        _show.reset(token)


class LongWork:
    """Work that may take long, counted as it goes on."""

    def __init__(self, name: str, unit: str, total: int | None = None):
        """Begins: `name` is what is done, `unit` what is counted, `total` how many there are, if that is known."""
        self._name, self._unit, self._total = name, unit, total
        self._done = 0
        self._last = time.monotonic()

    def advance(self, n: int) -> None:
        """Counts `n` more."""
        self._done += n
        show, now = _show.get(), time.monotonic()
        if show is not None and now - self._last >= _EVERY:
            self._last = now
            of = "" if self._total is None else f" of {self._total:,}"
            show(f"{self._name:11} {self._done:,}{of} {self._unit}")
