"""One function over many batches, in child processes on all cores.

That is for texts by the million, whose words Python looks at one by one. The processes are children of their own, not
of `multiprocessing`: whoever trains from a script without an `if __name__ == "__main__"` would find it run again in
each of them.
"""

import collections
import contextlib
import gc
import importlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextvars import ContextVar
from multiprocessing.connection import Connection, Pipe
from multiprocessing.reduction import ForkingPickler
from typing import Any

from sentiment.errors import InputError
from sentiment.execution.child_environment import python_environment
from sentiment.execution.compute import Batch, Result, one_by_one
from sentiment.execution.long_work import LongWork

ONE_PROCESS_BYTES = 1 << 18  # of a file of texts: others would take longer to start

_CHILD = "import sys; from sentiment.execution.worker_processes import serve; serve(int(sys.argv[1]), sys.argv[2:])"
_PATIENCE = 5.0  # seconds for a child to end by itself
_TEXTS_AT_ONCE = 8192
_FEW_TEXTS = 30_000  # are done sooner than other processes begin
_kept: ContextVar["list[_Worker] | None"] = ContextVar("kept", default=None)  # idle ones


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def map_batches(
    function: Callable[[Batch], Result], batches: Iterable[Batch], processes: int
) -> Generator[Result, None, None]:
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
        yield from one_by_one(function, batches)
        return
    with _workers(function, processes) as workers:
        idle = collections.deque(workers)
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
    function: Callable[[Sequence[str]], Result], texts: Sequence[str], what: str, processes: int | None = None
) -> Iterator[Result]:
    """Yields `function(some texts)` for the texts, some thousands at a time, in order; raises as `map_batches` does.

    `what` is found is shown where it takes long. `processes` by default: one a core, or this one alone where the texts
    are few.
    """
    if processes is None:
        processes = available_cores() if len(texts) >= _FEW_TEXTS else 1
    starts = range(0, len(texts), _TEXTS_AT_ONCE)
    batches = (texts[start : start + _TEXTS_AT_ONCE] for start in starts)
    work = LongWork(what, "texts", len(texts))
    for start, result in zip(starts, map_batches(function, batches, processes), strict=True):
        work.advance(min(_TEXTS_AT_ONCE, len(texts) - start))
        yield result


@contextlib.contextmanager
def kept_workers(ahead: int = 0, modules: Sequence[str] = ()) -> Iterator[None]:
    """Lets processes that have found all results wait for more work of this thread, until the block ends.

    Args:
        ahead: how many begin now, while this process still prepares the work.
        modules: what these import meanwhile.
    """
    kept: list[_Worker] = []
    token = _kept.set(kept)
    try:
        for _ in range(ahead):
            kept.append(_Worker(modules).__enter__())
        yield
    finally:
        _kept.reset(token)
        with contextlib.ExitStack() as stack:
            for worker in kept:
                stack.push(worker)


@contextlib.contextmanager
def _workers(function: Callable[[Any], Any], count: int) -> Iterator[list["_Worker"]]:
    """Yields processes that compute a function; after an error they end, for some may not have answered yet."""
    kept = _kept.get()
    with contextlib.ExitStack() as stack:
        workers: list[_Worker] = []
        for _ in range(count):
            if kept:
                workers.append(kept.pop())
                stack.push(workers[-1])
            else:
                workers.append(stack.enter_context(_Worker()))
        for worker in workers:
            worker.take(function)
        yield workers
        if kept is not None:
            stack.pop_all()
            kept += workers


class _Worker:
    """A child and the pipe to it; a context manager."""

    def __init__(self, modules: Sequence[str] = ()) -> None:
        self._modules = modules  # that it imports before it is asked for anything
        self._function = b""  # that it has, pickled

    def __enter__(self) -> "_Worker":
        self._pipe, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _CHILD, str(theirs.fileno()), *self._modules],
            env=python_environment(),
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
        )
        theirs.close()
        return self

    def __exit__(self, *error: object) -> None:
        self._pipe.close()  # the child ends at the end of its input
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def take(self, function: Callable[[Any], Any]) -> None:
        """Gives it the function to compute; one that it has already keeps what it remembers."""
        pickled = bytes(ForkingPickler.dumps(function))
        if pickled != self._function:
            with _alive():
                self._pipe.send((True, function))
            self._function = pickled

    def send(self, batch: object) -> None:
        with _alive():
            self._pipe.send((False, batch))

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
            "a worker process was killed, by the system's lack of memory or by hand: free some memory, or use fewer "
            "processes, and give the same command again"
        ) from error


def serve(descriptor: int, modules: Sequence[str] = ()) -> None:
    """Imports modules, and computes what the parent asks for through a pipe, until it is closed; of children alone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business, which closes the pipe
    pipe, first = Connection(descriptor), True
    for module in modules:
        importlib.import_module(module)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            is_function, value = pipe.recv()
            if is_function:
                function = value
                continue
            try:
                answer = True, function(value)
            except Exception as error:  # noqa: BLE001 - it is raised in the parent
                answer = False, error
            pipe.send(answer)
            if first:  # what is loaded by now stays: the collector of cycles needn't look through it again and again
                gc.freeze()
                first = False
