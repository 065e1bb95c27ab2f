"""Ctrl-C and SIGTERM, noted instead of obeyed, so that long work can stop between two of its steps."""

import signal
import threading
from typing import Any


class Signals:
    """A context manager that notes the first SIGINT or SIGTERM; a second one does what it did before the block.

    Python lets only the main thread handle signals: in another nothing is noted, and nothing is changed.

    Attributes:
        received: the one that came, or None.
    """

    def __init__(self):
        self.received: int | None = None
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "Signals":
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, self._note) for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _frame: object) -> None:
        self.received = number
        self.__exit__()
