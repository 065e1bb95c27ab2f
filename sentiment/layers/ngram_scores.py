"""Token ids -> what the tokens' character n-grams say for each class: fastText's classifier without hidden layer."""

import numpy

from sentiment.layers.lookup import look_up
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class NgramScores(tl.Layer):
    """Adds up a learned score of each character n-gram of each token, for each class.

    Maps ids <int32>[batch, length] to scores <float32>[batch, n_classes]: their sum over a text's n-grams, divided by
    the square root of how many there are, so that a long text is neither surer for its length nor flattened by it.
    All scores begin at zero. What a token is made of is Trax's state.

    Args:
        ngrams: <uint16>[vocabulary size, most] the n-grams of each token, by number; 0 where there is none, as
            for padding.
        n_ngrams: how many numbers there are.
        n_classes: how many scores an n-gram has.
    """

    PACE = 3.0  # Adam moves a score by about the learning rate a step: times this they keep up with larger weights

    def __init__(self, ngrams: numpy.ndarray, n_ngrams: int, n_classes: int):
        super().__init__(name=f"NgramScores_{n_ngrams}_{n_classes}")
        self._ngrams, self._shape = ngrams, (n_ngrams, n_classes)

    def init_weights_and_state(self, input_signature) -> None:
        """Takes the n-grams; scores and biases are zeros."""
        del input_signature
        self.weights = (np.zeros(self._shape), np.zeros(self._shape[1]))
        self.state = np.asarray(self._ngrams)

    def forward(self, ids):
        """Returns the scores."""
        scores, bias = self.weights
        ngrams = np.take(self.state, ids, axis=0, mode="clip").astype(np.int32)
        there = (ngrams != 0).astype(scores.dtype)
        total = np.sum(look_up(scores, ngrams) * there[..., None], axis=(1, 2))
        count = np.sum(there, axis=(1, 2))[:, None]
        return self.PACE * total / np.sqrt(np.maximum(count, 1)) + bias

    def by_token(self) -> numpy.ndarray:
        """Returns <float32>[vocabulary size, n_classes + 1]: the sum of each token's scores, and its n-grams' count."""
        scores, ngrams = numpy.array(self.weights[0]), numpy.asarray(self.state)
        scores[0] = 0  # where there is none
        sums = sum(scores[column] for column in ngrams.T)
        return numpy.column_stack([sums, numpy.count_nonzero(ngrams, axis=1)]).astype(numpy.float32)
