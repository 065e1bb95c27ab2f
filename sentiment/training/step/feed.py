"""Batches for the coming steps, prepared in a background thread while the device trains."""

import functools
import queue
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from sentiment.batching.batches import Batches, Drawn, share_of
from sentiment.errors import InputError
from sentiment.training.step.sparse_rows import usual_room
from sentiment.training.step.stacks import Prepared, Shapes, Stack
from sentiment.training.step.trainer import Trainer
from sentiment.trax_runtime import training

_BLOCKS_AHEAD = 2
BatchSource = Callable[[range], Sequence[Sequence[np.ndarray] | Drawn]]  # steps, counted from 0 -> their batches


class Feed:
    """The stacks of a range of steps, in order; a context manager.

    Steps are prepared in blocks: 0 to `steps_at_once` - 1, and so on. A stack holds steps of one block, and its room
    for rows (of lazily updated tables) depends on that block and the first one alone, also where the range begins
    within the block: what is computed for a step doesn't depend on where a run was stopped and resumed.

    There is room for some more rows (`usual_room`) than any batch of its shape in the first block needs, or, where that
    isn't enough or there was none, for all that a batch of its shape can need: two programs for each length at most.

    Args:
        batches: steps, counted from 0 -> their batches; called in the thread alone, block after block.
        trainer: whose stacks they are.
        first: the first step.
        end: the step after the last.
        stops_before: step -> whether a stack must end before it, because something is to be done first; called in the
            thread.
    """

    def __init__(
        self,
        batches: BatchSource,
        trainer: Trainer,
        first: int,
        end: int,
        stops_before: Callable[[int], bool] = lambda step: False,
    ):
        self._batches = batches
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
            most = _most_rows(first, [each.shapes for each in first])
            self._usual = {shapes: usual_room(rows) for shapes, rows in most.items()}
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
        shapes = [each.shapes for each in batches]
        most = _most_rows(batches, shapes)
        stacks, start = [], max(0, self._steps.start - steps.start)
        for end in range(start + 1, len(steps) + 1):
            if end == len(steps) or shapes[end] != shapes[start] or self._stops_before(steps[end]):
                stacks.append(self._trainer.stack(batches[start:end], self._room(shapes[start], most[shapes[start]])))
                start = end
        return stacks

    def _prepared(self, steps: range) -> list[Prepared]:
        return self._trainer.prepare(self._batches(steps))

    def _room(self, shapes: Shapes, need: int) -> int:
        usual, whole = self._usual.get(shapes, 0), self._trainer.whole_room(shapes)
        return usual if need <= usual < whole else whole


def batches_of(task: training.TrainTask, trainer: Trainer) -> BatchSource:
    """Returns steps, from 0 -> this process's part of the task's batches. Raises InputError: they can't be had so."""
    data, reads = task.labeled_data, trainer.reads
    if isinstance(data, Batches) and trainer.takes_drawn(data):
        return functools.partial(data.drawn, share=reads)
    if hasattr(data, "many"):
        return functools.partial(data.many, share=reads)
    if hasattr(data, "batch"):
        return one_by_one(data.batch if reads == (0, 1) else functools.partial(data.batch, share=reads))
    if trainer.lazy:
        raise InputError("Loop: lazy updates need batches by their step: give labeled_data a method `batch`")
    return one_by_one(lambda step: [share_of(np.asarray(array), reads) for array in task.next_batch()])


def one_by_one(
    batch: Callable[[int], Sequence[np.ndarray]],
) -> BatchSource:
    """Returns what gives the batches of several steps, one after the other."""
    return lambda steps: [batch(step) for step in steps]


def _most_rows(prepared: Sequence[Prepared], shapes: Sequence[Shapes]) -> dict[Shapes, int]:
    most: dict[Shapes, int] = {}
    for each, its_shapes in zip(prepared, shapes, strict=True):
        most[its_shapes] = max(most.get(its_shapes, 0), len(each.rows))
    return most
