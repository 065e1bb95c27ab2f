"""How a process begins to train: what is set up, and what is asked for in a form that goes to other processes."""

from dataclasses import dataclass
from pathlib import Path

from sentiment.execution.device import Device
from sentiment.training.compile.compilation_cache import keep_compiled_programs
from sentiment.training.loop.progress import Progress
from sentiment.training.parallel.backend import set_up_backend
from sentiment.training.parallel.processes import joined
from sentiment.training.train import train


def set_up(device: Device) -> None:
    """Chooses what computes, before JAX does, and keeps what is compiled: of processes that train for a user."""
    set_up_backend(device)
    keep_compiled_programs()


@dataclass(frozen=True)
class TrainingRequest:
    """What `sentiment train` is asked for.

    Attributes:
        config: a gin file or the name of one.
        bindings: of gin, after it.
        run: the run directory; None: a new one in runs/.
        device: "auto", "cpu", "gpu" or "tpu".
    """

    config: str
    bindings: list[str]
    run: Path | None
    device: Device

    def train(self, coordinator: str, processes: int | None, process: int | None, progress: Progress) -> None:
        """Trains in this process, alone or as one of several; the arguments and errors are `joined`'s and `train`'s."""
        set_up(self.device)
        with joined(coordinator, processes, process):
            train(self.config, self.bindings, self.run, progress)
