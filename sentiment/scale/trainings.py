"""Many trainings on a Ray cluster, each in a process with a core, and a GPU where the cluster has any."""

import os
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import ray

from sentiment.errors import EXIT_SIGNAL, Interrupted
from sentiment.execution.compute import Batch, Result
from sentiment.execution.device import Device
from sentiment.scale.batches import map_with
from sentiment.storage.files import InUseError
from sentiment.training.request import set_up

_PARTING = 60.0  # seconds for what trained in a folder before, and was cut off from the cluster, to end


class TrainingsOnRay:
    """A `Compute` on the connected cluster whose functions train."""

    def __init__(self, device: Device):
        """`device`: on which they do."""
        self._device = device
        self._sent: tuple[Callable, ray.ObjectRef] | None = None  # a function, and what the cluster holds of it

    def __call__(
        self, function: Callable[[Batch], Result], batches: Iterable[Batch], /
    ) -> Generator[Result, None, None]:
        """Yields `function(batch)` for each batch, in order; raises as `batches.map_with`.

        The function of the last call is kept in the cluster, with its corpus: a search calls with one again and again.
        """
        gpus = 1 if self._device != "cpu" and ray.cluster_resources().get("GPU", 0) >= 1 else 0
        if self._sent is None or self._sent[0] is not function:
            self._sent = function, ray.put(_Elsewhere(function, self._device, Path.cwd()))
        return map_with(self._sent[1], batches, gpus)


@dataclass(frozen=True)
class _Elsewhere(Generic[Batch, Result]):
    """Trains in a process of the cluster as the process that asked for it would."""

    function: Callable[[Batch], Result]
    device: Device
    folder: Path  # where relative paths are looked for

    def __call__(self, batch: Batch) -> Result:
        os.chdir(self.folder)
        set_up(self.device)
        end = time.monotonic() + _PARTING
        while True:
            try:
                return self.function(batch)
            except InUseError:
                if time.monotonic() > end:
                    raise
            except Interrupted as stopped:  # this process alone is to end: it counts as lost, and another goes on
                os._exit(EXIT_SIGNAL + stopped.signal)
            time.sleep(0.5)
