"""The last layer of a classifier: scores of the classes -> log-probabilities of its answers."""

import jax

from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


def answers(several: bool) -> tl.Layer:
    """Returns the layer that makes log-probabilities of scores, <float32>[batch, n_classes].

    Args:
        several: whether a text may have several classes. If not, they share one probability (the log-softmax).
    """
    return EachClass() if several else tl.LogSoftmax()


def EachClass():  # noqa: N802 - Trax names its layer functions like classes
    """Returns a layer that decides each class by itself: the log-sigmoid of its score, and of its negative.

    <float32>[batch, n_classes] -> <float32>[batch, n_classes, 2]: log-probabilities that the class is absent, and
    that it is present. So every class is a classification into two, for which all that is made for one serves: the mean
    cross-entropy over texts and classes is the binary one, and members of an ensemble are averaged in the same way.
    """

    def each_class(scores):
        return jax.nn.log_softmax(np.stack([np.zeros_like(scores), scores], axis=-1))

    return tl.Fn("EachClass", each_class)
