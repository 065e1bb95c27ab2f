"""Training that diverged: which step it was, and its batch, written down to be looked at."""

import json
import math
from pathlib import Path

import numpy as np

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


def write_batches(
    folder: Path, error: DivergedError, corpus: Corpus, rows: np.ndarray, examples: Examples, sampler: Sampler
) -> Path:
    """Writes the texts, labels and ids of the step's batch, and of the one before, whose update it met; returns where.

    Args:
        folder: where to.
        error: of the step.
        corpus: the texts.
        rows: <int64>[n_examples] the corpus's row that each example is made of; one may have several.
        examples: what was trained on.
        sampler: of the batches.

    Raises:
        OSError: the file can't be written.
    """

    def batch(step: int) -> dict:
        members = []
        for number in sampler.rows(step - 1):
            row, ids = int(rows[number]), examples.ids[examples.starts[number] : examples.starts[number + 1]]
            own = {"row": row, "text": corpus.texts[row], "label": corpus.label_of(row), "ids": ids.tolist()}
            members.append(own)
        return {"step": step, "examples": members}

    steps = range(max(1, error.step - 1), error.step + 1)
    facts = {"error": str(error), "batches": [batch(step) for step in steps]}
    path = folder / f"diverged-{error.step:08d}.json"
    write_whole(path, json.dumps(facts, indent=1, ensure_ascii=False) + "\n")
    return path
