"""Micro-batching: requests that wait while the model is busy are predicted together, each getting its share."""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Sequence, Sized
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

Q = TypeVar("Q", bound=Sized)  # what is asked: a text, with or without more about it
T = TypeVar("T")  # what is answered


class Overloaded(Exception):  # noqa: N818
    """More texts wait than can be answered soon."""


@dataclass(eq=False)
class _Waiting(Generic[Q, T]):
    texts: Sequence[Q]
    answer: asyncio.Future[list[T]]
    taken: int = 0  # so many of the texts are in a batch or answered
    results: list[T] = field(default_factory=list)


class _Piece(NamedTuple, Generic[Q, T]):
    waiting: _Waiting[Q, T]
    texts: Sequence[Q]


class MicroBatches(Generic[Q, T]):
    """Answers `await batches(texts)` through a function of many texts, one batch at a time.

    Nothing waits for a batch to fill: an idle model takes what is there, and a busy one finds, when it is done, all
    that has come meanwhile. So a lone request is answered at once, and under load the batches grow by themselves
    (the "continuous batching" of model servers). The waiting requests take turns, a share of characters each
    (deficit round robin, Shreedhar and Varghese 1995): a large request goes in pieces and delays a small one little.

    The function is called in a thread, so that the event loop goes on meanwhile. But two threads of Python wait for
    the lock between them longer than a small model takes for a sentence: what will take no longer than QUICK, by the
    time of the batch before it, is computed where it is.

    A text may be anything that has its number of characters for a `len`.

    Attributes:
        max_batch: the most texts in a batch.
        max_characters: no text is added to a batch of as many characters.
        max_waiting: the most texts that may wait; more raise Overloaded. A lone request is taken at any size.
        timeout: seconds after which a request is given up, with TimeoutError.
    """

    SHARE = 16_384  # characters of a request in its turn; at least one text
    QUICK = 0.001  # seconds that the event loop may stand still

    def __init__(
        self,
        function: Callable[[Sequence[Q]], Sequence[T]],
        max_batch: int = 256,
        max_characters: int = 1 << 15,
        max_waiting: int = 8192,
        timeout: float = 10.0,
    ):
        self.max_batch, self.max_characters, self.max_waiting = max_batch, max_characters, max_waiting
        self.timeout = timeout
        self._function = function
        self._queue: deque[_Waiting[Q, T]] = deque()
        self._n_waiting = 0
        self._pace = math.inf  # seconds a character
        self._running: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="predict")

    @property
    def busy(self) -> bool:
        """Whether half of the texts that may wait do."""
        return 2 * self._n_waiting > self.max_waiting

    async def __call__(self, texts: Sequence[Q]) -> Sequence[T]:
        """Returns what the function gives for each of the texts.

        Raises:
            Overloaded: too many texts wait already.
            TimeoutError: no answer in time.
        """
        if self._n_waiting and self._n_waiting + len(texts) > self.max_waiting:
            raise Overloaded
        waiting: _Waiting[Q, T] = _Waiting(texts, asyncio.get_running_loop().create_future())
        self._queue.append(waiting)
        self._n_waiting += len(texts)
        if self._running is None:
            self._running = asyncio.create_task(self._run())
        async with asyncio.timeout(self.timeout):
            return await waiting.answer

    async def _run(self) -> None:
        while batch := self._take():
            try:
                results = await self._results([text for piece in batch for text in piece.texts])
            except Exception as error:  # noqa: BLE001 (a bug: each request of the batch tells it)
                _fail(batch, error)
            else:
                _answer(batch, results)
            await asyncio.sleep(0)  # the answers go out, and what has come meanwhile is the next batch
        self._running = None

    async def _results(self, texts: Sequence[Q]) -> Sequence[T]:
        characters = max(sum(map(len, texts)), 1)
        if characters * self._pace > self.QUICK:
            return await asyncio.get_running_loop().run_in_executor(self._thread, self._timed, texts, characters)
        return self._timed(texts, characters)

    def _timed(self, texts: Sequence[Q], characters: int) -> Sequence[T]:
        began = time.thread_time()  # not the clock's: what other threads did meanwhile says nothing about the function
        results = self._function(texts)
        self._pace = (time.thread_time() - began) / characters
        return results

    def _take(self) -> list[_Piece[Q, T]]:
        """Returns the next batch: the requests in turn, a share of each, until it is full or nothing waits."""
        batch: list[_Piece[Q, T]] = []
        n_texts = n_characters = 0
        while self._queue and n_texts < self.max_batch and n_characters < self.max_characters:
            waiting = self._queue.popleft()
            if waiting.answer.done():  # given up or failed meanwhile: nobody would read the answer
                self._n_waiting -= len(waiting.texts) - waiting.taken
                continue
            piece = self._piece(waiting, self.max_batch - n_texts)
            batch.append(piece)
            n_texts += len(piece.texts)
            n_characters += sum(map(len, piece.texts))
            if waiting.taken < len(waiting.texts):
                self._queue.append(waiting)
        return batch

    def _piece(self, waiting: _Waiting[Q, T], most: int) -> _Piece[Q, T]:
        start, characters = waiting.taken, 0
        while waiting.taken < min(len(waiting.texts), start + most) and characters < self.SHARE:
            characters += len(waiting.texts[waiting.taken])
            waiting.taken += 1
        self._n_waiting -= waiting.taken - start
        return _Piece(waiting, waiting.texts[start : waiting.taken])


def _fail(batch: Sequence[_Piece[Q, T]], error: Exception) -> None:
    for piece in batch:
        if not piece.waiting.answer.done():
            piece.waiting.answer.set_exception(error)


def _answer(batch: Sequence[_Piece[Q, T]], results: Sequence[T]) -> None:
    start = 0
    for waiting, texts in batch:
        waiting.results += results[start : start + len(texts)]
        start += len(texts)
        if len(waiting.results) == len(waiting.texts) and not waiting.answer.done():
            waiting.answer.set_result(waiting.results)
