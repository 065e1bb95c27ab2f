"""Token ids -> what each of them says for each class, added up by TF-IDF: logistic regression on a bag of n-grams."""

import numpy

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.layers.embedding_bag import sum_of_rows
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class BagScores(tl.Layer):
    """Adds up a learned score of each id for each class, weighted by how rare the id is.

    Maps ids <int32>[batch, length] to scores <float32>[batch, n_classes]: the sum of weight * score over the ids that
    aren't padding, divided by the root of the sum of their squared weights, as TF-IDF brings each text to one length.
    An id that stands twice counts twice. All scores begin at zero. The weights are Trax's state: 1 until `weigh` is
    called.

    Args:
        n_ids: how many ids there are.
        n_classes: how many scores an id has.
    """

    PACE = 7.0  # gradient descent is to move scores about 50 times as fast as biases, on which each text pulls

    def __init__(self, n_ids: int, n_classes: int):
        super().__init__(name=f"BagScores_{n_ids}_{n_classes}")
        self._shape = (n_ids, n_classes)
        self._rarity = numpy.ones(n_ids, numpy.float32)

    def weigh(self, ids: numpy.ndarray, starts: numpy.ndarray) -> None:
        """Makes an id's weight its smooth inverse document frequency, 1 + log((1 + n) / (1 + df)), as scikit-learn's.

        Args:
            ids: <int32>[n_ids_of_all_texts] of the training texts, end to end.
            starts: <int64>[n_texts + 1] where each text begins.
        """
        n_texts = len(starts) - 1
        text_of = numpy.repeat(numpy.arange(n_texts), numpy.diff(starts))
        once = numpy.unique(text_of * self._shape[0] + ids[: starts[-1]])
        frequency = numpy.bincount(once % self._shape[0], minlength=self._shape[0])
        self._rarity = (1 + numpy.log((1 + n_texts) / (1 + frequency))).astype(numpy.float32)

    def init_weights_and_state(self, input_signature) -> None:
        """Sets all scores and biases to zero; takes the weights."""
        del input_signature
        self.weights = (np.zeros(self._shape), np.zeros(self._shape[1]))
        self.state = np.asarray(self._rarity)

    def forward(self, ids):
        """Returns the scores."""
        scores, bias = self.weights
        there = np.where(ids == Vocabulary.PAD, 0, np.take(self.state, ids, mode="clip"))
        length = np.sqrt(np.sum(np.square(there), axis=1, keepdims=True))
        total = sum_of_rows(scores * self.state[:, None], ids)
        return self.PACE * total / np.maximum(length, 1) + bias

    def by_id(self) -> numpy.ndarray:
        """Returns <float32>[n_ids, n_classes + 1]: each id's scores times its weight, and its squared weight."""
        scores, rarity = numpy.asarray(self.weights[0]), numpy.asarray(self.state)
        table = numpy.column_stack([self.PACE * scores * rarity[:, None], numpy.square(rarity)]).astype(numpy.float32)
        table[Vocabulary.PAD] = 0
        return table
