"""One function over many batches, on all cores: for texts by the million, whose words Python looks at one by one.

The processes are children of their own, not of `multiprocessing`: whoever trains from a script without an
`if __name__ == "__main__"` would find it run again in each of them.
"""

import collections
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, Pipe
from typing import Any, TypeVar

from sentiment.errors import InputError

Batch = TypeVar("Batch")
Result = TypeVar("Result")

_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); from sentiment.worker_processes import serve; "
    "serve(int(sys.argv[1]))"
)
_PATIENCE = 5.0  # seconds for a child to end by itself


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


class _Worker:
    """A child and the pipe to it; a context manager."""

    def __init__(self, function: Callable[[Any], Any]):
        self._function = function

    def __enter__(self) -> "_Worker":
        self._pipe, theirs = Pipe()
        command = [sys.executable, "-c", _CHILD, str(theirs.fileno()), json.dumps(sys.path)]
        self._process = subprocess.Popen(command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL)
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
