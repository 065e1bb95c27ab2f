"""A model and a corpus -> an evaluation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from sentiment.corpora import Corpus
from sentiment.corpora.near_duplicates import normalise_all
from sentiment.errors import InputError
from sentiment.evaluation.labels import LEFT_OUT, LabelMap, Neutral, map_labels
from sentiment.evaluation.result import Evaluation

ALL = "all"  # every row of a corpus, in splits or not


class Classifier(Protocol):
    """What can be evaluated: a `TrainedModel`, a baseline."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """The classes, in the order of the probabilities."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float>[n, n_classes], in the order of the texts; rows sum to 1."""


@dataclass(frozen=True, eq=False)
class ScoredExamples:
    """The examples of a split that are scored: each system answers for the same ones.

    Attributes:
        corpus: whose.
        split: which.
        rows: <int64>[n] row numbers in the corpus.
        texts: n texts.
        targets: what is right of each: <int64>[n] scored classes, or <bool>[n, n scored labels].
        labels: which classes are scored, and what becomes of a model's.
        notes: what was left out.
    """

    corpus: str
    split: str
    rows: np.ndarray
    texts: list[str]
    targets: np.ndarray
    labels: LabelMap
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls, corpus: Corpus, split: str, rows: np.ndarray, targets: np.ndarray, kept: np.ndarray, labels: LabelMap
    ) -> Self:
        """Returns the examples of a split that are kept, <bool>[m] of its m rows and their targets.

        Raises InputError where none is.
        """
        if not kept.any():
            raise InputError(f"{corpus.name}, {split}: no text is left to evaluate on; map its labels with --map")
        left_out = int((~kept).sum())
        notes = (*labels.notes, *([f"{left_out:,} of {len(kept):,} texts left out"] if left_out else []))
        rows = rows[kept]
        return cls(corpus.name, split, rows, [corpus.texts[row] for row in rows], targets[kept], labels, notes)


class Sample(ScoredExamples):
    """Examples of one class each."""

    def evaluate(self, model: Classifier, known: np.ndarray | None = None) -> Evaluation:
        """Returns a model's evaluation on these examples; `known` are its probabilities of them, if it gave them."""
        probabilities = self.labels.scored(model.probabilities(self.texts) if known is None else known)
        return Evaluation(
            self.corpus, self.split, self.labels.label_names, self.rows, self.targets, probabilities, self.notes
        )


def evaluate(
    model: Classifier, corpus: Corpus, split: str, given: Mapping[str, str] | None = None, neutral: Neutral = "drop"
) -> Evaluation:
    """Evaluates a model on every example of a corpus's split.

    Args:
        model: a trained model.
        corpus: its own, or another.
        split: the split's name, or "all".
        given: corpus label -> model label, where the names don't tell (`map_labels`).
        neutral: "drop" or "keep", where only one side has a neutral class (`map_labels`).

    Raises:
        InputError: no such split, a label that can't be mapped, no example left.
    """
    return take_sample(corpus, split, model.label_names, given, neutral).evaluate(model)


def take_sample(
    corpus: Corpus,
    split: str,
    model_labels: Sequence[str],
    given: Mapping[str, str] | None = None,
    neutral: Neutral = "drop",
) -> Sample:
    """Returns the examples of a split that can be scored; arguments and errors as for `evaluate`."""
    if corpus.several:
        raise InputError(
            f"{corpus.name}: its texts have several labels, and the model gives one: --labels-between none takes each "
            "combination for one label"
        )
    rows = rows_of(corpus, split)
    labels = map_labels(corpus.name, corpus.label_names, model_labels, given, neutral)
    targets = labels.of_corpus[corpus.labels[rows]]
    return Sample.of(corpus, split, rows, targets, targets != LEFT_OUT, labels)


def rows_of(corpus: Corpus, split: str) -> np.ndarray:
    """Returns the row numbers of a split, or of all texts. Raises InputError where there is no such split."""
    if split == ALL:
        return np.arange(len(corpus.texts))
    if split not in corpus.splits:
        there = ", ".join(corpus.splits) or "no splits"
        raise InputError(f"{corpus.name}: no split {split!r}; it has {there}; --split {ALL} takes every row")
    return corpus.splits[split]


def seen_in_training(texts: Sequence[str], training: Sequence[str]) -> int:
    """Returns how many texts are near-duplicates (`normalise`) of one of the training texts."""
    known = set(normalise_all(training))
    return sum(form in known for form in normalise_all(texts))
