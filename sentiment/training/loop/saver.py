"""Writes checkpoints while training goes on."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from sentiment.training.loop.checkpoint import Checkpoint, Facts
from sentiment.training.loop.divergence import DivergedError
from sentiment.training.named_leaves import named_leaves
from sentiment.training.parallel.processes import is_first


class Saver:
    """Writes checkpoints in a background thread, one at a time, each step's once; in the first process alone.

    Args:
        folder: where they go; None: nowhere, and `save` does nothing.
    """

    def __init__(self, folder: Path | None):
        self._folder = folder
        self._newest = (-1, -1)
        self._thread: threading.Thread | None = None
        self._error: BaseException | None = None

    def save(self, trained: dict, facts: Facts) -> None:
        """Begins to write a checkpoint, unless there is one of this step with its evaluation; waits for the one before.

        Args:
            trained: nest of arrays, with the "weights" among them; copied before this returns.
            facts: the rest.

        Raises:
            DivergedError: a weight isn't finite.
            OSError: the checkpoint before couldn't be written.
        """
        if self._folder is None or self._newest == _key(facts):
            return
        # Copies: the next step takes over the memory of the arrays, while these are being written.
        tensors = {name: np.array(leaf) for name, leaf in named_leaves(trained)}
        if not all(np.isfinite(tensor).all() for name, tensor in tensors.items() if name.startswith("weights/")):
            raise DivergedError(facts.step, "weights that are not finite")
        self.wait()
        self._newest = _key(facts)
        if is_first():
            # A daemon: who leaves at once needn't wait, since what is half-written has no name yet.
            arguments = (self._folder, Checkpoint(facts, tensors))
            self._thread = threading.Thread(target=self._work, args=arguments, name="checkpoint", daemon=True)
            self._thread.start()

    def resumed_from(self, facts: Facts) -> None:
        """Takes note of a checkpoint that is there already."""
        self._newest = _key(facts)

    def wait(self) -> None:
        """Returns when all is written. Raises what went wrong, such as an OSError."""
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        if self._error is not None:
            error, self._error = self._error, None
            raise error

    @contextmanager
    def all_written(self) -> Iterator[None]:
        """A context at whose end all is written, also where the block raises: what is being written then is sound."""
        try:
            yield
        except Exception:
            self.wait()
            raise
        self.wait()

    def _work(self, folder: Path, checkpoint: Checkpoint) -> None:
        try:
            checkpoint.save(folder)
        except BaseException as error:  # noqa: BLE001 - raised again by `wait`
            self._error = error


def _key(facts: Facts) -> tuple[int, int]:
    return facts.step, facts.evaluated_at
