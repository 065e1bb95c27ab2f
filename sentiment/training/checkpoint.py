"""Checkpoints: everything that a training run needs to go on as if it had never stopped."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.errors import InputError
from sentiment.tensors import load_tensors, save_tensors

KEPT = 2  # the newest, and the one before in case the newest is damaged


@dataclass(frozen=True)
class Checkpoint:
    """A training run between two steps.

    Attributes:
        step: steps taken; the batch stream's position too, since a batch is a function of its step.
        tensors: weights, layer states, optimizer slots and the random key, by name.
        history: mode -> metric -> [[step, value], ...], as in Trax's History.
        sums: what the steps since the last evaluation measured, added up; of which the next one tells the means.
    """

    step: int
    tensors: dict[str, np.ndarray]
    history: dict
    sums: dict[str, float]

    def save(self, folder: Path) -> None:
        """Writes `checkpoint-STEP.safetensors`, then deletes all but the `KEPT` newest. Raises OSError."""
        facts = {"step": self.step, "history": self.history, "sums": self.sums}
        save_tensors(folder / f"checkpoint-{self.step:08d}.safetensors", self.tensors, facts)
        for old in _newest_first(folder)[KEPT:]:
            old.unlink()


def newest_checkpoint(folder: Path) -> Checkpoint | None:
    """Returns the newest checkpoint that can be read, or None where there is none.

    A damaged one is passed over, which is said on standard error.

    Raises:
        InputError: there are checkpoints, and all are damaged.
    """
    paths = _newest_first(folder)
    for path in paths:
        try:
            tensors, facts = load_tensors(path)
        except InputError as error:
            print(f"passed over: {error}", file=sys.stderr)  # noqa: T201
            continue
        return Checkpoint(facts["step"], tensors, facts["history"], facts["sums"])
    if paths:
        raise InputError(f"{folder}: no checkpoint can be read; delete the run's folder to start anew")
    return None


def _newest_first(folder: Path) -> list[Path]:
    # By name alone: a file that merely looks like a checkpoint of another program is never opened.
    return sorted(
        (path for path in folder.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d{8}\.safetensors", path.name)),
        reverse=True,
    )
