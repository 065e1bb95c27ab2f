"""Python's child processes: what they find, and one function over many batches, on all cores.

That is for texts by the million, whose words Python looks at one by one. The processes are children of their own, not
of `multiprocessing`: whoever trains from a script without an `if __name__ == "__main__"` would find it run again in
each of them.
"""

import collections
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeVar

from sentiment.errors import InputError

Batch = TypeVar("Batch")
Result = TypeVar("Result")

_CHILD = "import sys; from sentiment.worker_processes import serve; serve(int(sys.argv[1]))"
_PATIENCE = 5.0  # seconds for a child to end by itself
_TEXTS_AT_ONCE = 4096
_FEW_TEXTS = 30_000  # are done sooner than other processes begin


def python_environment() -> dict[str, str]:
    """Returns the environment in which a child Python finds the modules that this process finds, and no others.

    The current folder, which may hold anybody's data, is none of its places unless it is one of this process's.
    """
    return os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"}


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_batches(function: Callable[[Batch], Result], batches: Iterable[Batch], processes: int) -> Iterator[Result]:
    """Yields `function(batch)` for each batch, in order.

    Args:
        function: goes to each process by pickle, once; what it remembers, each process remembers for itself.
        batches: of about the same size: they are dealt out in turn.
        processes: 1 computes here.

    Raises:
        InputError: a process was killed.
        BaseException: what the function raised.
    """
    if processes == 1:
        yield from map(function, batches)
        return
    with contextlib.ExitStack() as stack:
        idle = collections.deque(stack.enter_context(_Worker(function)) for _ in range(processes))
        busy: collections.deque[_Worker] = collections.deque()
        for batch in batches:
            if idle:
                busy.append(idle.popleft())
                busy[-1].send(batch)
                continue
            worker = busy.popleft()
            result = worker.receive()
            worker.send(batch)
            busy.append(worker)
            yield result
        for worker in busy:
            yield worker.receive()


def map_texts(
    function: Callable[[Sequence[str]], Result], texts: Sequence[str], processes: int | None = None
) -> Iterator[Result]:
    """Yields `function(some texts)` for the texts, some thousands at a time, in order; raises as `map_batches` does.

    `processes` by default: one a core, or this one alone where the texts are few.
    """
    if processes is None:
        processes = available_cores() if len(texts) >= _FEW_TEXTS else 1
    starts = range(0, len(texts), _TEXTS_AT_ONCE)
    yield from map_batches(function, (texts[start : start + _TEXTS_AT_ONCE] for start in starts), processes)


class _Worker:
    """A child and the pipe to it; a context manager."""

    def __init__(self, function: Callable[[Any], Any]):
        self._function = function

    def __enter__(self) -> "_Worker":
        self._pipe, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(theirs.fileno())],
            env=python_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        self.send(self._function)
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe.close()  # the child ends at the end of its input
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def send(self, value: object) -> None:
        with _alive():
            self._pipe.send(value)

    def receive(self) -> Any:
        with _alive():
            good, value = self._pipe.recv()
        if not good:
            raise value
        return value


@contextlib.contextmanager
def _alive() -> Iterator[None]:
    try:
        yield
    except (EOFError, BrokenPipeError, ConnectionResetError) as error:
        raise InputError(
            "a process that prepared the texts was killed, by the system's lack of memory or by hand: free some "
            "memory, and give the same command again"
        ) from error


def serve(descriptor: int) -> None:
    """Computes what the parent asks for through a pipe, until it is closed; of children alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, which closes the pipe
    pipe = Connection(descriptor)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        function = pipe.recv()
        while True:
            batch = pipe.recv()
            try:
                answer = True, function(batch)
            except Exception as error:  # noqa: BLE001 - it is raised in the parent
                answer = False, error
            pipe.send(answer)
