"""Batches for the coming steps, prepared in a background thread while the device trains."""

import functools
import queue
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import groupby

import numpy as np

from sentiment.batching.batches import share_of
from sentiment.errors import InputError
from sentiment.training.step.trainer import Prepared, Shapes, Stack, Trainer
from sentiment.trax_runtime import training

_BLOCKS_AHEAD = 2


class Feed:
    """The stacks of a range of steps, in order; a context manager.

    Steps are prepared in blocks: 0 to `steps_at_once` - 1, and so on. A stack holds steps of one block, and its room
    for rows (of lazily updated tables) depends on that block and the very first alone, also where the range begins
    within the block: what is computed for a step doesn't depend on where a run was stopped and resumed.

    There is room for a quarter more than any batch of its shape in the first block needs, or, where that isn't enough
    or there was none, for all that a batch of its shape can need: two programs for each length at most.

    Args:
        batch: step, counted from 0 -> its batch; called in the thread alone, step after step.
        trainer: whose stacks they are.
        first: the first step.
        end: the step after the last.
        stops_before: step -> whether a stack must end before it, because something is to be done first; called in the
            thread.
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
        self._queue: queue.Queue[list[Stack] | BaseException | None] = queue.Queue(_BLOCKS_AHEAD)
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)

    def __enter__(self) -> "Feed":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        while self._thread.is_alive():  # it may be waiting for room in the queue
            while not self._queue.empty():
                self._queue.get()
            self._thread.join(0.01)

    def __iter__(self) -> Iterator[Stack]:
        """Yields the stacks; raises what a batch's preparation raised, when its block's turn comes."""
        while (block := self._queue.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            for stack in block:
                self._trainer.compile_ahead(stack)
            yield from block

    def _work(self) -> None:
        size = self._trainer.steps_at_once
        try:
            first = self._prepared(range(size)) if self._trainer.lazy else []
            self._usual = self._usual_rooms(first)
            for start in range(self._steps.start // size * size, self._steps.stop, size):
                if self._closed.is_set():
                    return
                steps = range(start, min(start + size, self._steps.stop))
                if not self._trainer.lazy:  # without rooms the block's other steps don't matter
                    steps = range(max(start, self._steps.start), steps.stop)
                ready = first[: len(steps)] if start == 0 and first else self._prepared(steps)
                self._queue.put(self._block(steps, ready))
            self._queue.put(None)
        except BaseException as error:  # noqa: BLE001 - raised again where the batches are used
            self._queue.put(error)

    def _block(self, steps: range, batches: list[Prepared]) -> list[Stack]:
        prepared = dict(zip(steps, batches, strict=True))
        most = _most_rows(batches)
        pieces = 0

        def piece(step: int) -> tuple:
            nonlocal pieces
            pieces += self._stops_before(step)
            return pieces, prepared[step].shapes

        wanted = [step for step in steps if step in self._steps]
        runs = [(shapes, [prepared[step] for step in run]) for (_, shapes), run in groupby(wanted, key=piece)]
        return [self._trainer.stack(run, self._room(shapes, most[shapes])) for shapes, run in runs]

    def _prepared(self, steps: range) -> list[Prepared]:
        return [self._trainer.prepare(self._batch(step)) for step in steps]

    def _usual_rooms(self, prepared: list[Prepared]) -> dict[Shapes, int]:
        return {shapes: self._trainer.usual_room(most) for shapes, most in _most_rows(prepared).items()}

    def _room(self, shapes: Shapes, need: int) -> int:
        usual, whole = self._usual.get(shapes, 0), self._trainer.whole_room(shapes)
        return usual if need <= usual < whole else whole


def batches_of(task: training.TrainTask, trainer: Trainer) -> Callable[[int], Sequence[np.ndarray]]:
    """Returns step, from 0 -> this process's part of the task's batch. Raises InputError: they can't be had by step."""
    batch = getattr(task.labeled_data, "batch", None)
    if batch is not None:
        return batch if trainer.reads == (0, 1) else functools.partial(batch, share=trainer.reads)
    if trainer.lazy:
        raise InputError("Loop: lazy updates need batches by their step: give labeled_data a method `batch`")
    return lambda step: [share_of(np.asarray(array), trainer.reads) for array in task.next_batch()]


def _most_rows(prepared: Iterable[Prepared]) -> dict[Shapes, int]:
    most: dict[Shapes, int] = {}
    for each in prepared:
        most[each.shapes] = max(most.get(each.shapes, 0), len(each.rows))
    return most
