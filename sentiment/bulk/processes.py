"""Processes that predict batches; or this one, where one is enough."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor

from sentiment.bulk.results import OutputForm, predicted
from sentiment.corpora.readers import RowBatch
from sentiment.prediction.predictor import Predictor

Results = tuple[bytes, bytes, int]
Submit = Callable[[RowBatch], "Future[Results]"]

_predictor: Predictor | None = None  # of a process of the pool


@contextlib.contextmanager
def predicting(load: Callable[[], Predictor], form: OutputForm, processes: int) -> Iterator[Submit]:
    """Yields a function from a batch to the future of its results (`predicted`), for an output of some form.

    Each process loads a predictor of its own: `load` goes to them by pickle.

    Raises:
        InputError: the run can't be loaded (where one process is enough; else the futures raise BrokenProcessPool).
    """
    if processes == 1:
        predictor = load()
        yield lambda batch: _done(predicted(predictor, batch, form))
        return
    spawn = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks of whatever is loaded here
    pool = ProcessPoolExecutor(processes, spawn, initializer=_begin, initargs=(load,))
    try:
        yield lambda batch: pool.submit(_predict, batch, form)
    finally:
        pool.shutdown(cancel_futures=True)


def _begin(load: Callable[[], Predictor]) -> None:
    global _predictor
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the first process's business, which ends this one
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _predictor = load()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None, "a process of the pool has one"
    multiprocessing.connection.wait([parent.sentinel])
    os._exit(1)


def _predict(batch: RowBatch, form: OutputForm) -> Results:
    assert _predictor is not None, "_begin comes first"
    return predicted(_predictor, batch, form)


def _done(result: Results) -> "Future[Results]":
    future: Future[Results] = Future()
    future.set_result(result)
    return future
