"""Batches for the coming steps, prepared in a background thread while the device trains."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np

from sentiment.training.trainer import Prepared, Stack, Trainer

_AHEAD = 4  # stacks that wait to be trained on


class Feed:
    """Stacks of batches of the same shapes, for all of the steps in order; a context manager.

    A stack holds consecutive steps of one *block*: steps 0 to `steps_at_once` - 1, and so on. Room for rows is made
    for the block's batches, also where a run resumes in the middle of it: what a step computes is then a function of
    the step alone, to the bit.

    Args:
        batch: step, counted from 0 -> its batch; called in the thread alone, for ascending steps.
        trainer: whose stacks these are.
        first: the first step.
        end: the step after the last.
        stops_before: step -> whether a stack must end before it, because something is to be done first. It is called
            in the thread.
    """

    def __init__(
        self,
        batch: Callable[[int], Sequence[np.ndarray]],
        trainer: Trainer,
        first: int,
        end: int,
        stops_before: Callable[[int], bool] = lambda step: False,
    ):
        self._batch = batch
        self._trainer = trainer
        self._steps = range(first, end)
        self._stops_before = stops_before
        self._queue: queue.Queue[Stack | BaseException | None] = queue.Queue(_AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        while self._thread.is_alive():  # it may be waiting for room in the queue
            self._drain()
            self._thread.join(0.01)

    def __iter__(self) -> Iterator[Stack]:
        """Yields the stacks. Raises, where it would come to them, what the preparation of batches raised."""
        while (item := self._queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def _work(self) -> None:
        try:
            for stack in self._stacks():
                if self._closed.is_set():
                    return
                self._queue.put(stack)
            self._queue.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the batches are used
            self._queue.put(error)

    def _drain(self) -> None:
        while not self._queue.empty():
            self._queue.get()

    def _stacks(self) -> Iterator[Stack]:
        size = self._trainer.steps_at_once
        for start in range(self._steps.start // size * size, self._steps.stop, size):
            steps = range(start, min(start + size, self._steps.stop))
            block = {step: self._trainer.prepare(self._batch(step)) for step in steps}
            room: dict[tuple, int] = {}
            for each in block.values():
                room[each.shapes] = max(room.get(each.shapes, 0), len(each.rows))
            for shapes, run in self._runs({step: block[step] for step in steps if step in self._steps}):
                yield self._trainer.stack(run, room[shapes])

    def _runs(self, block: dict[int, Prepared]) -> Iterator[tuple[tuple, list[Prepared]]]:
        pieces = 0

        def piece(step: int) -> tuple:
            nonlocal pieces
            pieces += self._stops_before(step)
            return pieces, block[step].shapes

        for (_, shapes), steps in groupby(block, key=piece):
            yield shapes, [block[step] for step in steps]
