"""Processes that predict blocks; or this one, where one is enough."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from sentiment.bulk.results import predicted
from sentiment.bulk.sources import Block
from sentiment.prediction.predictor import Predictor

Submit = Callable[[Block], Future]

_predictor: Predictor | None = None  # of a process of the pool


def available_cores() -> int:
    """Returns how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextlib.contextmanager
def predicting(load: Callable[[], Predictor], kind: str, processes: int) -> Iterator[Submit]:
    """Yields a function from a block to the future of its results (`predicted`), for an output of a kind.

    Each process loads a predictor of its own: `load` goes to them by pickle.

    Raises:
        InputError: the run can't be loaded (where one process is enough; else the futures raise BrokenProcessPool).
    """
    if processes == 1:
        predictor = load()
        yield lambda block: _done(predicted(predictor, block, kind))
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks of whatever is loaded here
    pool = ProcessPoolExecutor(processes, spawn, initializer=_begin, initargs=(load,))
    try:
        yield lambda block: pool.submit(_predict, block, kind)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(load: Callable[[], Predictor]) -> None:
    global _predictor
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's business, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _predictor = load()


def _end_with_parent() -> None:
    multiprocessing.connection.wait([multiprocessing.parent_process().sentinel])
    os._exit(1)


def _predict(block: Block, kind: str) -> tuple[bytes, bytes, int]:
    return predicted(_predictor, block, kind)


def _done(result: tuple[bytes, bytes, int]) -> Future:
    future: Future = Future()
    future.set_result(result)
    return future
