"""What every source gives: texts with labels, split into parts that never overlap, and where they come from."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sentiment.corpora.readers import LeftOut

_AT_ONCE = 10_000  # texts, or labels
SPLIT_NAMES = ("train", "validation", "test")


@dataclass(frozen=True)
class Provenance:
    """Where a corpus comes from: enough to fetch the same bytes again and to know what one may do with them."""

    source: str
    version: str
    sha256: str
    licence: str
    note: str = ""


@dataclass(frozen=True, eq=False)
class Teaching:
    """What trained models, the teachers, make of a corpus's texts.

    Attributes:
        answers: <float32>[N, n_classes] probabilities, each row's sum 1: of a training row the targets that are
            learned, which may be its own label's; of a validation row what the teachers answer. Rows in no split are
            answered, too: by them the student is calibrated.
        facts: who taught, with which texts and settings: names and values, as model.json keeps them.
    """

    answers: np.ndarray
    facts: dict[str, str]


@dataclass(frozen=True, eq=False)
class Corpus:
    """Texts, their labels and their splits; checked once here, so that no later step has to.

    Attributes:
        name: what the user called it: a known name, or the file's name.
        texts: N texts, as the source gives them: a tuple, or where they lie in mapped files `MappedTexts`.
        labels: <int32>[N], indices into `label_names`; where a text may have several labels, or none,
            <bool>[N, n_classes].
        label_names: one name per class, all different.
        splits: <int64> row numbers by split name ("train", "validation" and, where there is one, "test"), ascending;
            no row stands in two of them.
        provenance: source, version, SHA-256, licence, and a note on what was left out or repaired.
        notes: what its reader should know, a line each: how a file was read, what was left out.
        bad_rows: the rows of a file that were left out, and those that contradict each other.
        labels_between: what stands between a text's labels where several are written as one string.
        teaching: what is learned of the texts in place of their labels; None: their labels are.

    The arrays are read-only. Raises ValueError when lengths, labels or splits contradict each other.
    """

    name: str
    texts: Sequence[str]
    labels: np.ndarray
    label_names: tuple[str, ...]
    splits: dict[str, np.ndarray]
    provenance: Provenance
    notes: tuple[str, ...] = ()
    bad_rows: tuple[LeftOut, ...] = ()
    labels_between: str = ","
    teaching: Teaching | None = None

    def __post_init__(self):
        if isinstance(self.texts, list):
            object.__setattr__(self, "texts", tuple(self.texts))
        object.__setattr__(self, "labels", _read_only(self.labels, bool if np.ndim(self.labels) == 2 else np.int32))
        splits = {name: _read_only(rows, np.int64) for name, rows in self.splits.items()}
        object.__setattr__(self, "splits", splits)
        if self.teaching is not None:
            teaching = replace(self.teaching, answers=_read_only(self.teaching.answers, np.float32))
            object.__setattr__(self, "teaching", teaching)
        self._check_labels()
        self._check_splits()

    def __repr__(self) -> str:
        sizes = ", ".join(f"{len(rows):,} {name}" for name, rows in self.splits.items())
        return f"Corpus({self.name!r}, {len(self.texts):,} texts, {len(self.label_names)} labels; {sizes})"

    @property
    def several(self) -> bool:
        """Whether a text may have several labels."""
        return self.labels.ndim == 2

    def has(self, label: int) -> np.ndarray:
        """Returns <bool>[N]: which texts have a label."""
        return self.labels[:, label] if self.several else self.labels == label

    @property
    def calibrating(self) -> np.ndarray:
        """The rows that teachers answer and no split has, <int64>: by them, if there are any, a model is calibrated."""
        if self.teaching is None:
            return np.empty(0, np.int64)
        used = np.zeros(len(self.texts), bool)
        for rows in self.splits.values():
            used[rows] = True
        return np.flatnonzero(~used)

    def counts(self, rows: np.ndarray | None = None) -> np.ndarray:
        """Returns <int64>[n_classes]: how many of some rows, by default all, have each label."""
        return class_counts(self.labels if rows is None else self.labels[rows], len(self.label_names))

    def label_of(self, row: int) -> str:
        """Returns a text's label, or its labels with `labels_between` between them."""
        if not self.several:
            return self.label_names[self.labels[row]]
        return self.labels_between.join(self.label_names[label] for label in np.flatnonzero(self.labels[row]))

    def split(self, name: str) -> tuple[list[str], np.ndarray]:
        """Returns the texts of one split and their labels, as `labels`. Raises KeyError if there is no such split."""
        rows = self.splits[name]
        return [self.texts[row] for row in rows], self.labels[rows]

    def fingerprint(self) -> str:
        """Returns a SHA-256 of texts, labels, splits and what is taught: equal for equal data, by any name."""
        digest = hashlib.sha256(b"[")
        for start in range(0, max(1, len(self.texts)), _AT_ONCE):  # the JSON of [texts, label names], piece by piece
            piece = json.dumps(self.texts[start : start + _AT_ONCE]).encode("ascii")
            digest.update((b", " if start else b"[") + piece[1:-1])
        digest.update(b"], " + json.dumps(self.label_names).encode("ascii") + b"]")
        digest.update(self.labels.tobytes() if self.several else self.labels.astype("<i4").tobytes())
        for name in sorted(self.splits):
            digest.update(name.encode("ascii") + self.splits[name].astype("<i8").tobytes())
        if self.teaching is not None:
            digest.update(self.teaching.answers.astype("<f4").tobytes())
        return digest.hexdigest()

    def _check_labels(self) -> None:
        if self.labels.shape not in ((len(self.texts),), (len(self.texts), len(self.label_names))):
            raise ValueError(f"{self.name}: {len(self.texts)} texts, but labels of shape {self.labels.shape}")
        if len(set(self.label_names)) != len(self.label_names):
            raise ValueError(f"{self.name}: a label name stands twice in {self.label_names}")
        numbers = np.empty(0) if self.several else self.labels
        if len(numbers) and not (numbers.min() >= 0 and numbers.max() < len(self.label_names)):
            raise ValueError(f"{self.name}: a label lies outside the {len(self.label_names)} label names")
        if self.teaching is not None and self.teaching.answers.shape != (len(self.texts), len(self.label_names)):
            raise ValueError(f"{self.name}: answers of shape {self.teaching.answers.shape} for {len(self.texts)} texts")

    def _check_splits(self) -> None:
        if unknown := set(self.splits) - set(SPLIT_NAMES):
            raise ValueError(f"{self.name}: splits are called {', '.join(SPLIT_NAMES)}; not {sorted(unknown)}")
        placed = np.zeros(len(self.texts), bool)
        for rows in self.splits.values():
            if len(rows) and not (rows.min() >= 0 and rows.max() < len(self.texts)):
                raise ValueError(f"{self.name}: a split names a row outside the {len(self.texts)} texts")
            placed[rows] = True
        if np.count_nonzero(placed) != sum(map(len, self.splits.values())):
            raise ValueError(f"{self.name}: a row stands in two splits, or twice in one")


def _read_only(values: np.ndarray, dtype: type) -> np.ndarray:
    if isinstance(values, np.ndarray) and values.dtype == dtype and not values.flags.writeable:
        return values  # who gives it away so changes it no more; a copy takes memory where rows are many
    array: np.ndarray = np.array(values, dtype=dtype)
    array.setflags(write=False)
    return array


def class_counts(labels: np.ndarray, n_classes: int) -> np.ndarray:
    """Returns <int64>[n_classes]: how many rows have each class; `labels` as in `Corpus`."""
    if labels.ndim == 2:
        return labels.sum(axis=0)
    counts = np.zeros(n_classes, np.int64)
    for start in range(0, len(labels), _AT_ONCE):  # bincount makes 8 bytes of each label
        counts += np.bincount(labels[start : start + _AT_ONCE], minlength=n_classes)
    return counts
