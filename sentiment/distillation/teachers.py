"""Finished runs as teachers: their calibrated answers for many texts, each computed once and cached on disk."""

import functools
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sentiment.download.cache import cache_folder
from sentiment.errors import InputError
from sentiment.execution.worker_processes import available_cores, map_batches
from sentiment.prediction.predictor import Predictor
from sentiment.storage.processor import processor_kind
from sentiment.storage.run_directory import RunDirectory
from sentiment.storage.tensors import load_tensors, save_tensors

AT_ONCE = 512  # texts: what a kill can cost each process
_FEW = 4 * AT_ONCE  # texts, which are answered sooner than other processes begin


@dataclass(frozen=True)
class Teacher:
    """A finished run that answers for texts.

    Attributes:
        run: the run.
        label_names: its classes.
        sha256: of the files that its answers depend on.
    """

    run: RunDirectory
    label_names: tuple[str, ...]
    sha256: str

    @classmethod
    def of(cls, run: RunDirectory) -> "Teacher":
        """Returns a run as a teacher. Raises InputError if it can't predict, or gives texts several labels."""
        facts = run.facts()
        if facts["task"] != "classify":
            raise InputError(f"{run.path}: gives a text several labels; a teacher must give each one: name another run")
        Predictor.load(run.path)  # here: a process of several that can't load it could only break
        files = [run.sha256[file.name] for file in run.read_by_prediction()]
        return cls(run, tuple(facts["label_names"]), hashlib.sha256(" ".join(files).encode()).hexdigest())

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        """Returns calibrated probabilities, <float32>[n_texts, n_classes], from the cache if they are there.

        The cache belongs to one kind of processor, whose bits they are.

        Raises:
            OSError: the cache can't be written.
        """
        key = json.dumps([self.sha256, processor_kind(), list(texts)]).encode("ascii")
        path = cache_folder() / "answers" / f"{hashlib.sha256(key).hexdigest()}.safetensors"
        if path.exists():
            try:
                return load_tensors(path)[0]["probabilities"]
            except (InputError, KeyError):  # damaged: answered anew
                path.unlink(missing_ok=True)
        answers = _predictor(self.run.path.resolve()).outcomes(texts).probabilities.astype(np.float32)
        save_tensors(path, {"probabilities": answers}, {})
        return answers


@functools.lru_cache(maxsize=4)
def _predictor(path: Path) -> Predictor:
    return Predictor.load(path)


def teachers_of(runs: Sequence[RunDirectory]) -> tuple[Teacher, ...]:
    """Returns runs as teachers. Raises InputError as `Teacher.of` does, or if their classes differ."""
    if not runs:
        raise InputError("no teacher: name a finished run with --teacher")
    teachers = tuple(map(Teacher.of, runs))
    first = teachers[0]
    for other in teachers[1:]:
        if set(other.label_names) != set(first.label_names):
            raise InputError(
                f"{other.run.path}: labels {', '.join(other.label_names)}, and {first.run.path} has "
                f"{', '.join(first.label_names)}: teachers must have the same labels"
            )
    return teachers


def mean_answers(
    teachers: Sequence[Teacher],
    texts: Sequence[str],
    label_names: Sequence[str],
    progress: Callable[[int], None] = lambda done: None,
) -> np.ndarray:
    """Returns the mean of the teachers' calibrated probabilities, <float32>[n_texts, n_classes].

    Texts are answered some hundreds at a time, on all cores, and cached as they are: called again after a kill, it
    goes on from there, and its answers have the same bits.

    Args:
        teachers: one or more, of the same classes.
        texts: n_texts.
        label_names: the classes in the order that is wanted.
        progress: is called with the number of texts answered, by one teacher after the other.

    Raises:
        InputError: a process was killed.
        OSError: the cache can't be written.
    """
    processes = available_cores() if len(texts) > _FEW else 1
    total, done = np.zeros((len(texts), len(label_names))), 0
    for teacher in teachers:
        order = [teacher.label_names.index(name) for name in label_names]
        batches = (texts[start : start + AT_ONCE] for start in range(0, len(texts), AT_ONCE))
        for place, answers in enumerate(map_batches(teacher, batches, processes)):
            total[place * AT_ONCE :][: len(answers)] += answers[:, order]
            done += len(answers)
            progress(done)
    return (total / len(teachers)).astype(np.float32)


def softened(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Returns what is left of probabilities at a temperature, <float32>[n_texts, n_classes]: p ** (1 / T), normalised.

    At 0 the most probable class, the first of several, has 1.
    """
    if temperature == 0:
        return np.eye(probabilities.shape[1], dtype=np.float32)[probabilities.argmax(axis=1)]
    logits = np.log(np.maximum(probabilities.astype(np.float64), 1e-12)) / temperature
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
