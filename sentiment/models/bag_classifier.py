"""Logistic regression on a bag of words and n-grams: for languages that neither vectors nor lexicons know."""

from collections.abc import Sized
from dataclasses import dataclass

from sentiment import layers
from sentiment.trax_runtime import tl


@dataclass(frozen=True, kw_only=True)
class BagClassifier:
    """A learned score of each id for each class, added up by TF-IDF (`layers.BagScores`): an `Architecture`.

    With `HashedNgrams`, each word, pair of words and character n-gram has its scores. With plain gradient descent from
    zero, training is convex, and its number of steps is what a penalty on large scores otherwise is.
    """

    def layers(self, encoder: Sized, n_classes: int, mode: str = "train", several: bool = False) -> tl.Serial:
        """Returns token ids -> log-probabilities, as `Architecture.layers` says; every mode gives the same."""
        del mode
        return tl.Serial(layers.BagScores(len(encoder), n_classes), layers.answers(several))
