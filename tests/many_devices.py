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

STEPS = 200


def train(lazy: bool) -> dict[str, np.ndarray]:
    """Returns losses, <float32>[STEPS], of a model with dropout; and every weight, slot and state afterwards."""
    from small_trainers import (  # makes arrays, so not before `joined`
        BATCHES,
        RATE,
        RNG,
        leaves_of,
        trainer_at_start,
        with_dropout_and_state,
    )

    trainer = trainer_at_start(with_dropout_and_state, lazy=lazy)
    at_once = trainer.steps_at_once
    keys = np.asarray(jax.random.split(RNG, STEPS + at_once))
    losses = np.empty(STEPS, np.float32)
    for first in range(0, STEPS, at_once):
        batches = [BATCHES[step % len(BATCHES)] for step in range(first, min(first + at_once, STEPS))]
        own = [[share_of(array, trainer.reads) for array in batch] for batch in batches]
        stack = trainer.stack(trainer.prepare(own))
        found, _ = trainer.many_steps(stack, keys[first : first + at_once], first, [RATE] * stack.count)
        losses[first : first + stack.count] = np.asarray(found)[: stack.count]
    return {"losses": losses} | {str(number): leaf for number, leaf in enumerate(leaves_of(trainer))}


def results() -> dict[str, np.ndarray]:
    """Returns what `train` does, with exact updates and with lazy ones."""
    updates = {"exact": False, "lazy": True}
    return {f"{name}/{what}": array for name, lazy in updates.items() for what, array in train(lazy).items()}


def exchanged() -> list[str]:
    """The shapes of what devices exchange in steps of lazy updates."""
    from small_trainers import BATCHES, trainer_at_start, with_dropout_and_state

    trainer = trainer_at_start(with_dropout_and_state, lazy=True)
    own = [share_of(array, trainer.reads) for array in BATCHES[0]]
    program = trainer._programs[trainer.stack(trainer.prepare([own])).kind].as_text()
    operations = re.findall(r"= (.*?) (?:all-reduce|all-gather|all-to-all|collective-permute)(?:-start)?\(", program)
    return sorted(shape for operation in operations for shape in re.findall(r"f32\[[\d,]*\]", operation))


def refused() -> str:
    """What is said of a batch that the devices can't share."""
    from small_trainers import BATCHES, new_trainer

    try:
        new_trainer(batch=type(BATCHES[0])(*(array[:5] for array in BATCHES[0])))
    except InputError as error:
        return str(error)
    return ""


def main(out: str, coordinator: str = "", processes: str = "", process: str = "") -> None:
    numbers = (int(processes), int(process)) if coordinator else (None, None)
    with joined(coordinator, *numbers):
        found = results()
        same = all(array.tobytes() == found[name].tobytes() for name, array in results().items())
        facts = {"same": same, "devices": jax.device_count(), "refused": refused(), "exchanged": exchanged()}
        np.savez(out, **found, **facts)


if __name__ == "__main__":
    main(*sys.argv[1:])
