"""Layer normalisation with the weights and the epsilon of a pretrained model."""

import numpy

from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class LayerNorm(tl.Layer):
    """Brings each vector to mean 0 and variance 1, then scales and shifts its values (Ba et al. 2016).

    Maps <float32>[..., d] to the same shape.

    Args:
        scale, bias: <float32>[d] what it begins with.
        epsilon: is added to the variance.
    """

    def __init__(self, scale: numpy.ndarray, bias: numpy.ndarray, epsilon: float):
        super().__init__(name="LayerNorm")
        self._given = (scale, bias)
        self._epsilon = epsilon

    @property
    def epsilon(self) -> float:
        """What is added to the variance."""
        return self._epsilon

    def init_weights_and_state(self, input_signature) -> None:
        """Takes scale and bias."""
        self.weights = tuple(map(np.asarray, self._given))

    def forward(self, x):
        """Returns the normalised vectors."""
        scale, bias = self.weights
        centred = x - np.mean(x, axis=-1, keepdims=True)
        variance = np.mean(np.square(centred), axis=-1, keepdims=True)
        return centred / np.sqrt(variance + self._epsilon) * scale + bias
