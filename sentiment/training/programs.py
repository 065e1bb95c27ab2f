"""Compiling ahead: programs for the shapes that are to come, several at a time, while something else goes on."""

import os
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock

import jax

_THREADS = ThreadPoolExecutor(min(os.cpu_count() or 1, 4), "compile")


class Programs:
    """One function, compiled once for each kind of arguments.

    Args:
        function: what `jax.jit` returned.
        arguments: kind -> arguments of that kind, of which only shapes and types matter.
    """

    def __init__(self, function: Callable, arguments: Callable[[Hashable], tuple]):
        self._function = function
        self._arguments = arguments
        self._compiled: dict[Hashable, Future[jax.stages.Compiled]] = {}
        self._lock = Lock()

    def __len__(self) -> int:
        """How many there are."""
        return len(self._compiled)

    def begin(self, kind: Hashable) -> Future[jax.stages.Compiled]:
        """Sees to it that there will be a program of this kind; any thread may call it."""
        with self._lock:
            if kind not in self._compiled:
                self._compiled[kind] = _THREADS.submit(self._compile, kind)
            return self._compiled[kind]

    def __getitem__(self, kind: Hashable) -> jax.stages.Compiled:
        """Returns the program of this kind, as soon as there is one."""
        return self.begin(kind).result()

    def _compile(self, kind: Hashable) -> jax.stages.Compiled:
        return self._function.lower(*self._arguments(kind)).compile()


def in_background(function: Callable, *arguments) -> Future:
    """Calls a function, for the sake of what it compiles, in one of the same threads."""
    return _THREADS.submit(function, *arguments)
