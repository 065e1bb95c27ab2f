"""What a training is asked for, in a form that goes to other processes."""

from dataclasses import dataclass
from pathlib import Path

from sentiment.training.compile.compilation_cache import keep_compiled_programs
from sentiment.training.loop.progress import Progress
from sentiment.training.parallel.backend import Device, set_up_backend
from sentiment.training.parallel.processes import joined
from sentiment.training.train import train


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

    def set_up(self) -> None:
        """Chooses what computes, before JAX does; raises InputError if it isn't there."""
        set_up_backend(self.device)
        keep_compiled_programs()

    def train(self, coordinator: str, processes: int | None, process: int | None, progress: Progress) -> None:
        """Trains in this process, alone or as one of several; the arguments and errors are `joined`'s and `train`'s."""
        self.set_up()
        with joined(coordinator, processes, process):
            train(self.config, self.bindings, self.run, progress)
