"""What test_devices.py runs in processes of their own: trains on all devices, and writes down what came of it.

python many_devices.py OUT.npz [COORDINATOR PROCESSES PROCESS]
"""

import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import jax
import numpy as np

from sentiment.batching.batches import share_of
from sentiment.errors import InputError
from sentiment.training.parallel.processes import joined

STEPS, STEPS_IN_PARTS = 200, 60  # a state of the model grows with every part


def train(lazy: bool, parts: int = 1, steps: int = STEPS) -> dict[str, np.ndarray]:
    """Returns losses, <float32>[steps], of a model with dropout; and every weight, slot and state afterwards."""
    from small_trainers import (  # makes arrays, so not before `joined`
        BATCHES,
        RATE,
        RNG,
        leaves_of,
        trainer_at_start,
        with_dropout_and_state,
    )

    trainer = trainer_at_start(with_dropout_and_state, lazy=lazy, parts=parts)
    at_once = trainer.steps_at_once
    keys = np.asarray(jax.random.split(RNG, steps + at_once))
    losses = np.empty(steps, np.float32)
    for first in range(0, steps, at_once):
        batches = [BATCHES[step % len(BATCHES)] for step in range(first, min(first + at_once, steps))]
        own = [[share_of(array, trainer.reads) for array in batch] for batch in batches]
        stack = trainer.stack(trainer.prepare(own))
        found, _ = trainer.many_steps(stack, keys[first : first + at_once], first, [RATE] * stack.count)
        losses[first : first + stack.count] = np.asarray(found)[: stack.count]
    return {"losses": losses} | {str(number): leaf for number, leaf in enumerate(leaves_of(trainer))}


def results() -> dict[str, np.ndarray]:
    """Returns what `train` does, with exact updates, with lazy ones, and with both in parts of a batch."""
    ways = {"exact": (False,), "lazy": (True,)}
    ways |= {f"{name}-parts": (*lazy, 3, STEPS_IN_PARTS) for name, lazy in ways.items()}
    return {f"{name}/{what}": array for name, way in ways.items() for what, array in train(*way).items()}


def _program(lazy: bool, parts: int) -> str:
    from small_trainers import BATCHES, trainer_at_start, with_dropout_and_state

    trainer = trainer_at_start(with_dropout_and_state, lazy=lazy, parts=parts)
    own = [share_of(array, trainer.reads) for array in BATCHES[0]]
    return trainer._programs[trainer.stack(trainer.prepare([own])).kind].as_text()


def exchanged() -> list[str]:
    """The shapes of what devices exchange in steps of lazy updates."""
    pattern = r"= (.*?) (?:all-reduce|all-gather|all-to-all|collective-permute)(?:-start)?\("
    operations = re.findall(pattern, _program(lazy=True, parts=1))
    return sorted(shape for operation in operations for shape in re.findall(r"f32\[[\d,]*\]", operation))


def moved() -> list[str]:
    """What devices exchange of a batch's rows, and not of sums over them, in steps that take it in parts."""
    return re.findall(r" (?:all-gather|all-to-all|collective-permute)(?:-start)?\(.*", _program(lazy=False, parts=3))


def refused(n_rows: int, parts: int = 1) -> str:
    """What is said of a batch, or parts of it, that the devices can't share."""
    from small_trainers import BATCHES, new_trainer

    try:
        batch = type(BATCHES[0])(*(array[:n_rows] for array in BATCHES[0]))
        new_trainer(batch=batch, gradient_accumulation_steps=parts)
    except InputError as error:
        return str(error)
    return ""


def main(out: str, coordinator: str = "", processes: str = "", process: str = "") -> None:
    numbers = (int(processes), int(process)) if coordinator else (None, None)
    with joined(coordinator, *numbers):
        found = results()
        same = all(array.tobytes() == found[name].tobytes() for name, array in results().items())
        facts = {"same": same, "devices": jax.device_count(), "exchanged": exchanged(), "moved": moved()}
        np.savez(out, **found, **facts, refused=refused(5), refused_parts=refused(6, 2))


if __name__ == "__main__":
    main(*sys.argv[1:])
