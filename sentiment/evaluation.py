"""How good a trained model is: every example of a split, exactly once."""

from dataclasses import dataclass

import numpy as np

from sentiment.corpora import Corpus
from sentiment.errors import InputError
from sentiment.trained_model import TrainedModel


@dataclass(frozen=True)
class Evaluation:
    """A model's results on one split.

    Attributes:
        label_names: the classes, in the order of the confusion matrix.
        confusion: <int64>[n_classes, n_classes], rows are true classes, columns predicted ones.
        cross_entropy: mean over the examples, in nats.
    """

    label_names: tuple[str, ...]
    confusion: np.ndarray
    cross_entropy: float

    @property
    def n_examples(self) -> int:
        """How many examples were seen."""
        return int(self.confusion.sum())

    @property
    def accuracy(self) -> float:
        """The share of examples whose class was predicted."""
        return float(np.trace(self.confusion) / self.n_examples)

    @property
    def recalls(self) -> np.ndarray:
        """<float64>[n_classes]: of each class's examples, the share that was found; NaN for a class without any."""
        totals = self.confusion.sum(axis=1)
        return np.divide(np.diag(self.confusion), totals, out=np.full(len(totals), np.nan), where=totals > 0)


def evaluate(model: TrainedModel, corpus: Corpus, split: str) -> Evaluation:
    """Evaluates a model on a corpus's split.

    Raises:
        InputError: no such split, or the corpus has a label that the model has never seen.
    """
    if split not in corpus.splits:
        raise InputError(f"{corpus.name}: no split {split!r}; it has {', '.join(corpus.splits)}")
    unseen = sorted(set(corpus.label_names) - set(model.label_names))
    if unseen:
        known = ", ".join(model.label_names)
        raise InputError(f"{corpus.name}: label {unseen[0]!r} was never seen in training; the model knows {known}")
    texts, labels = corpus.split(split)
    targets = np.array([model.label_names.index(name) for name in corpus.label_names])[labels]
    outputs = model.log_probabilities([model.preprocessor(text) for text in texts]).astype(np.float64)
    confusion = np.zeros((len(model.label_names),) * 2, np.int64)
    np.add.at(confusion, (targets, outputs.argmax(axis=1)), 1)
    cross_entropy = -float(np.mean(outputs[np.arange(len(targets)), targets]))
    return Evaluation(model.label_names, confusion, cross_entropy)
