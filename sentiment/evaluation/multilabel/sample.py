"""A corpus whose texts may have several labels -> the examples that are scored."""

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np

from sentiment.corpora import Corpus
from sentiment.evaluation.labels import LEFT_OUT, Neutral, map_labels
from sentiment.evaluation.multilabel.result import MultilabelEvaluation
from sentiment.evaluation.scoring import ScoredExamples, rows_of


class LabelGiver(Protocol):
    """What can be evaluated: a model, a baseline."""

    @property
    def label_names(self) -> tuple[str, ...]:
        """The labels, in the order of the probabilities."""

    @property
    def least(self) -> np.ndarray:
        """<float64>[n_labels]: the least probability at which each label is given."""

    def probabilities(self, texts: Sequence[str]) -> np.ndarray:
        """Returns <float>[n, n_labels], in the order of the texts."""


class MultilabelSample(ScoredExamples):
    """Examples of any number of labels each."""

    def evaluate(self, model: LabelGiver, known: np.ndarray | None = None) -> MultilabelEvaluation:
        """Returns a model's evaluation on these examples; `known` are its probabilities of them, if it gave them."""
        probabilities = np.asarray(model.probabilities(self.texts) if known is None else known, np.float64)
        given = self._scored(probabilities >= model.least)
        names, scored = self.labels.label_names, self._scored(probabilities)
        return MultilabelEvaluation(self.corpus, self.split, names, self.rows, self.targets, scored, given, self.notes)

    def _scored(self, of_model: np.ndarray) -> np.ndarray:
        """Returns [n, n scored labels] of a model's [n, n model labels]: 0 of a label that it doesn't have."""
        kept = np.flatnonzero(self.labels.of_model != LEFT_OUT)
        scored = np.zeros((len(of_model), len(self.labels.label_names)), of_model.dtype)
        scored[:, self.labels.of_model[kept]] = of_model[:, kept]
        return scored


def take_label_sets(
    corpus: Corpus,
    split: str,
    model_labels: Sequence[str],
    given: Mapping[str, str] | None = None,
    neutral: Neutral = "drop",
) -> MultilabelSample:
    """Returns the examples of a split that can be scored; arguments and errors as for `scoring.evaluate`.

    Of a corpus with one label a text each text has a set of one. A text all of whose labels are left out is left out.
    """
    rows = rows_of(corpus, split)
    labels = map_labels(corpus.name, corpus.label_names, model_labels, given, neutral)
    had = corpus.labels[rows] if corpus.several else np.eye(len(corpus.label_names), dtype=bool)[corpus.labels[rows]]
    targets = np.zeros((len(rows), len(labels.label_names)), bool)
    for label, scored in enumerate(labels.of_corpus):
        if scored != LEFT_OUT:
            targets[:, scored] |= had[:, label]
    kept = targets.any(axis=1) | ~had.any(axis=1)
    return MultilabelSample.of(corpus, split, rows, targets, kept, labels)
