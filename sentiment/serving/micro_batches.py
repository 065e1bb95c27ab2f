"""Micro-batching: requests that wait while the model is busy are predicted together, at once."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")


class Overloaded(Exception):  # noqa: N818
    """More texts wait than can be answered soon."""


class _Waiting(NamedTuple):
    texts: Sequence[str]
    answer: asyncio.Future


class MicroBatches(Generic[T]):
    """Answers `await batches(texts)` through a function of many texts, called in a thread, one batch at a time.

    Nothing waits for a batch to fill: an idle model takes what is there, and a busy one finds, when it is done, all
    that has come meanwhile. So a lone request is answered at once, and under load the batches grow by themselves
    (the "continuous batching" of model servers).

    Attributes:
        max_batch: the most texts in a batch; a request with more is a batch of its own.
        max_waiting: the most texts that may wait; more raise Overloaded.
        timeout: seconds after which a request is given up, with TimeoutError.
    """

    def __init__(self, function: Callable[[Sequence[str]], Sequence[T]], max_batch=256, max_waiting=8192, timeout=10.0):
        self.max_batch, self.max_waiting, self.timeout = max_batch, max_waiting, timeout
        self._function = function
        self._queue: deque[_Waiting] = deque()
        self._n_waiting = 0
        self._running: asyncio.Task | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    @property
    def busy(self) -> bool:
        """Whether half of the texts that may wait do."""
        return 2 * self._n_waiting > self.max_waiting

    async def __call__(self, texts: Sequence[str]) -> Sequence[T]:
        """Returns what the function gives for each of the texts.

        Raises:
            Overloaded: too many texts wait already.
            TimeoutError: no answer in time.
        """
        if self._n_waiting + len(texts) > self.max_waiting:
            raise Overloaded
        answer = asyncio.get_running_loop().create_future()
        self._queue.append(_Waiting(texts, answer))
        self._n_waiting += len(texts)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        async with asyncio.timeout(self.timeout):
            return await answer

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while batch := self._take():
            texts = [text for waiting in batch for text in waiting.texts]
            try:
                results = await loop.run_in_executor(self._thread, self._function, texts)
            except Exception as error:  # noqa: BLE001 (a bug: each request of the batch tells it)
                _fail(batch, error)
            else:
                _answer(batch, results)
        self._running = None

    def _take(self) -> list[_Waiting]:
        batch, n = [], 0
        while self._queue and (not batch or n + len(self._queue[0].texts) <= self.max_batch):
            waiting = self._queue.popleft()
            self._n_waiting -= len(waiting.texts)
            if not waiting.answer.done():  # given up meanwhile: nobody would read the answer
                batch.append(waiting)
                n += len(waiting.texts)
        return batch


def _fail(batch: Sequence[_Waiting], error: Exception) -> None:
    for waiting in batch:
        if not waiting.answer.done():
            waiting.answer.set_exception(error)


def _answer(batch: Sequence[_Waiting], results: Sequence) -> None:
    start = 0
    for waiting in batch:
        end = start + len(waiting.texts)
        if not waiting.answer.done():
            waiting.answer.set_result(results[start:end])
        start = end
