"""The training loss: cross-entropy, optionally with smoothed labels or weighted classes."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sentiment.config import SettingError
from sentiment.trax_runtime import fastmath, tl


@dataclass(frozen=True)
class Loss:
    """The mean cross-entropy of a batch's examples, weighted.

    Attributes:
        label_smoothing: the share of a target's probability that is spread over all classes (Szegedy et al. 2016).
        class_weights: the weight of each class's examples, by the class's name; a class that isn't named has 1. Where a
            text may have several classes, the weight of a class's presence.
            "balanced": each class's examples together weigh the same, and an example 1 on average, as in
            scikit-learn. None: 1 each.
    """

    label_smoothing: float = 0.0
    class_weights: Literal["balanced"] | dict[str, float] | None = None

    def __post_init__(self):
        if not 0 <= self.label_smoothing < 1:
            raise SettingError(f"Loss.label_smoothing = {self.label_smoothing}: must be 0 or more, and less than 1")

    def layer(self, soft: bool = False) -> tl.Layer:
        """Returns the layer (log-probabilities, targets, weights) -> loss <float32>[].

        Args:
            soft: targets are probabilities, <float32>[batch, n_classes], and weights of that shape; an example weighs
                the sum of targets times weights. Where each target is 0 or 1 the loss is that of the classes.
        """
        if soft:
            return _soft_cross_entropy(self.label_smoothing)
        if not self.label_smoothing:
            return tl.CrossEntropyLoss()
        # It takes the softmax of what it is given, which leaves log-probabilities as they are.
        return tl.WeightedCategoryCrossEntropy(self.label_smoothing)

    def weights(self, labels: np.ndarray, label_names: tuple[str, ...]) -> np.ndarray | None:
        """Returns the weight of each class's examples, <float32>[n_classes]; None: all the same.

        Args:
            labels: <int>[n_examples] class numbers of the training examples, or <bool>[n_examples, n_classes].
            label_names: the classes' names.

        Raises:
            SettingError: a weight of a class that isn't there, or one that isn't above 0; "balanced" where a text may
                have several classes.
        """
        if self.class_weights is None:
            return None
        if self.class_weights == "balanced":
            if labels.ndim == 2:
                raise SettingError(
                    "Loss.class_weights = 'balanced': of texts with several labels each class is decided by itself, "
                    "with a threshold of its own; set it to None, or give weights by class"
                )
            counts = np.bincount(labels, minlength=len(label_names))
            return (len(labels) / (np.count_nonzero(counts) * np.maximum(counts, 1))).astype(np.float32)
        for name, weight in self.class_weights.items():
            if name not in label_names:
                raise SettingError(f"Loss.class_weights: no class {name!r}; there are {', '.join(label_names)}")
            if not 0 < weight < math.inf:
                raise SettingError(f"Loss.class_weights of {name!r} = {weight}: must be above 0")
        return np.array([self.class_weights.get(name, 1.0) for name in label_names], np.float32)


def _soft_cross_entropy(smoothing: float) -> tl.Layer:
    def function(log_probabilities, targets, weights):
        jnp = fastmath.numpy
        smoothed = (1 - smoothing) * targets + smoothing / targets.shape[-1]
        weights = jnp.sum(targets * weights, axis=-1)
        return -jnp.sum(weights * jnp.sum(smoothed * log_probabilities, axis=-1)) / jnp.sum(weights)

    return tl.Fn("SoftCrossEntropyLoss", function)
