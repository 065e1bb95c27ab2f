"""Training that diverged: which step it was, and its batch, written down to be looked at."""

import json
import math
from pathlib import Path

from sentiment.batching.batches import Examples, Sampler
from sentiment.corpora import Corpus
from sentiment.storage.files import write_whole


class DivergedError(ArithmeticError):
    """A loss, that of the validation split included, or the weights after a step are infinite or not a number.

    Attributes:
        step: which step, counted from 1.
    """

    def __init__(self, step: int, what: str):
        super().__init__(f"{what} at step {step}")
        self.step = step


def check_finite(loss: float, step: int, what: str) -> None:
    """Raises DivergedError, which says what it is, unless a step's loss is a finite number."""
    if not math.isfinite(loss):
        raise DivergedError(step, f"{what} of {loss}")


def write_batches(folder: Path, error: DivergedError, corpus: Corpus, examples: Examples, sampler: Sampler) -> Path:
    """Writes the texts, labels and ids of the step's batch, and of the one before, whose update it met; returns where.

    Raises:
        OSError: the file can't be written.
    """
    numbers = corpus.splits["train"]

    def batch(step: int) -> dict:
        rows = sampler.rows(step - 1)
        ids = [examples.ids[examples.starts[row] : examples.starts[row + 1]].tolist() for row in rows]
        members = [
            {"row": int(row), "text": corpus.texts[numbers[row]], "label": corpus.label_of(numbers[row]), "ids": own}
            for row, own in zip(rows, ids, strict=True)
        ]
        return {"step": step, "examples": members}

    steps = range(max(1, error.step - 1), error.step + 1)
    facts = {"error": str(error), "batches": [batch(step) for step in steps]}
    path = folder / f"diverged-{error.step:08d}.json"
    write_whole(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    return path
