"""Checkpoints: everything that a training run needs to go on as if it had never stopped."""

import re
import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

import jax
import numpy as np
import safetensors.numpy

from sentiment.errors import InputError
from sentiment.storage.tensors import load_facts, load_tensors, save_tensors
from sentiment.training.parallel.processes import bytes_from_first, from_first

KEPT = 2  # the newest, and the one before in case the newest is damaged


@dataclass(frozen=True)
class Facts:
    """A checkpoint without its tensors: what JSON can hold.

    Attributes:
        step: steps taken; the batch stream's position too, since a batch is a function of its step.
        history: mode -> metric -> [[step, value], ...], as in Trax's History.
        sums: of what the steps since the last evaluation measured; the next one reports their means.
        best: the steps of the best evaluations so far, one for each metric that is watched; their checkpoints stay.
        seconds: that training has taken so far.
    """

    step: int
    history: dict
    sums: dict[str, float]
    best: tuple[int, ...] = ()
    seconds: float = 0.0

    @property
    def evaluated_at(self) -> int:
        """The step of the newest evaluation; -1 where there was none."""
        evaluations = self.history.get("eval", {}).values()
        return max((pairs[-1][0] for pairs in evaluations if pairs), default=-1)

    @property
    def values(self) -> dict:
        """The history as Trax's History has it: JSON turned its defaultdicts into dicts and its pairs into lists."""
        return {
            mode: defaultdict(list, {name: [tuple(pair) for pair in pairs] for name, pairs in metrics.items()})
            for mode, metrics in self.history.items()
        }


@dataclass(frozen=True)
class Checkpoint:
    """A training run between two steps.

    Attributes:
        facts: how far it is.
        tensors: weights, layer states, optimizer slots and the random key, by name.
    """

    facts: Facts
    tensors: dict[str, np.ndarray]

    def save(self, folder: Path) -> None:
        """Writes `checkpoint-STEP.safetensors`, then deletes all but the `KEPT` newest and their best. Raises OSError.

        What is the best by a checkpoint that stays, stays too: a run that is resumed from it may end with those.
        """
        save_tensors(checkpoint_path(folder, self.facts.step), self.tensors, vars(self.facts))
        newest, older = (paths := _newest_first(folder))[:KEPT], paths[KEPT:]
        best = {checkpoint_path(folder, step) for path in newest for step in _best(path)}
        for path in older:
            if path not in best:
                path.unlink()


def checkpoint_path(folder: Path, step: int) -> Path:
    """Returns the file of a step's checkpoint."""
    return folder / f"checkpoint-{step:08d}.safetensors"


def load_checkpoint(path: Path) -> Checkpoint:
    """Reads one checkpoint. Raises InputError where it is damaged or not there."""
    tensors, facts = load_tensors(path)
    try:
        return Checkpoint(Facts(**facts), tensors)
    except TypeError as error:
        raise InputError(f"{path}: not a checkpoint of this program ({error}); delete it") from error


def read_checkpoint(folder: Path | None, filename: str | None = None) -> Checkpoint | None:
    """Returns a checkpoint, by default the newest, that the first process reads, in every process; None: there is none.

    Args:
        folder: where to look; None: nowhere. What other processes give isn't looked at.
        filename: the checkpoint's.

    Raises:
        InputError: as `load_checkpoint` and `newest_checkpoint`.
    """
    found: Checkpoint | None = None

    def read() -> dict | None:
        nonlocal found
        if folder is not None:
            found = load_checkpoint(folder / filename) if filename else newest_checkpoint(folder)
        return None if found is None else vars(found.facts)

    facts = from_first(read)
    if facts is None or jax.process_count() == 1:
        return found
    tensors = bytes_from_first(safetensors.numpy.save(found.tensors) if found else b"")
    return Checkpoint(Facts(**facts), safetensors.numpy.load(tensors))


def newest_checkpoint(folder: Path) -> Checkpoint | None:
    """Returns the newest checkpoint that can be read, or None where there is none.

    A damaged one is passed over, which is said on standard error.

    Raises:
        InputError: there are checkpoints, and all are damaged.
    """
    paths = _newest_first(folder)
    for path in paths:
        try:
            return load_checkpoint(path)
        except InputError as error:
            print(f"passed over: {error}", file=sys.stderr)  # noqa: T201
    if paths:
        raise InputError(f"{folder}: no checkpoint can be read; delete the run's folder to start anew")
    return None


def _newest_first(folder: Path) -> list[Path]:
    # By name alone: a file that merely looks like a checkpoint of another program is never opened.
    return sorted(
        (path for path in folder.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d{8}\.safetensors", path.name)),
        reverse=True,
    )


def _best(path: Path) -> tuple[int, ...]:
    try:
        return tuple(load_facts(path)["best"])
    except (InputError, KeyError):  # a damaged one, which nothing will be resumed from
        return ()
