"""Many trainings on a Ray cluster, each in a process with a core, and a GPU where the cluster has any."""

import os
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

import ray

from sentiment.scale.batches import Batch, Result, map_batches
from sentiment.storage.files import InUseError
from sentiment.training.parallel.backend import Device
from sentiment.training.request import set_up

_PARTING = 60.0  # seconds for what trained in a folder before, and was cut off from the cluster, to end


@dataclass(frozen=True)
class TrainingsOnRay:
    """A `Compute` on the connected cluster whose functions train.

    Attributes:
        device: on which they do.
    """

    device: Device

    def __call__(
        self, function: Callable[[Batch], Result], batches: Iterable[Batch], /
    ) -> Generator[Result, None, None]:
        """Yields `function(batch)` for each batch, in order; raises as `batches.map_batches`."""
        gpus = 1 if self.device != "cpu" and ray.cluster_resources().get("GPU", 0) >= 1 else 0
        return map_batches(_Elsewhere(function, self.device, Path.cwd()), batches, gpus)


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
            time.sleep(0.5)
