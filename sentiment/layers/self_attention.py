"""Multi-head self-attention that never looks at padding."""

from typing import NamedTuple

import numpy

from sentiment.errors import InputError
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class AttentionWeights(NamedTuple):
    """What the layer begins with; matrices multiply from the right."""

    inputs: numpy.ndarray  # <float32>[d, 3 * d], of queries, keys and values side by side
    inputs_bias: numpy.ndarray  # <float32>[3 * d]
    outputs: numpy.ndarray  # <float32>[d, d]
    outputs_bias: numpy.ndarray  # <float32>[d]


class SelfAttention(tl.Layer):
    """Each vector becomes a mean of all tokens' values, weighted by query · key (Vaswani et al. 2017).

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, d], mask). Padding
    has no weight: a text's vectors are the same in any batch.

    Args:
        n_heads: heads, each with d / n_heads values.
        given: the weights to begin with.

    Raises:
        InputError: if the heads don't divide d.
    """

    def __init__(self, n_heads: int, given: AttentionWeights):
        super().__init__(n_in=2, n_out=2, name=f"SelfAttention_{n_heads}")
        if len(given.outputs) % n_heads:
            raise InputError(f"{self.name}: the heads don't divide vectors of {len(given.outputs)} values")
        self._n_heads, self._given = n_heads, given
        declare(self, MaskRule.KEEPS)

    @property
    def n_heads(self) -> int:
        """The number of heads."""
        return self._n_heads

    def init_weights_and_state(self, input_signature) -> None:
        """Takes the weights."""
        self.weights = tuple(map(np.asarray, self._given))

    def forward(self, inputs):
        """Returns (vectors, mask)."""
        vectors, mask = inputs
        w, b, w_out, b_out = self.weights
        batch, length, d = vectors.shape
        split = np.reshape(np.dot(vectors, w) + b, (batch, length, 3, self._n_heads, d // self._n_heads))
        queries, keys, values = np.transpose(split, (2, 0, 3, 1, 4))  # each [batch, heads, length, d / heads]
        scores = np.matmul(queries, np.swapaxes(keys, -1, -2)) / numpy.sqrt(d // self._n_heads).astype(numpy.float32)
        scores = np.where(mask[:, None, None, :], scores, np.finfo(scores.dtype).min)
        shares = np.exp(scores - np.max(scores, axis=-1, keepdims=True))
        shares = shares / np.sum(shares, axis=-1, keepdims=True)
        mixed = np.reshape(np.swapaxes(np.matmul(shares, values), 1, 2), (batch, length, d))
        return np.dot(mixed, w_out) + b_out, mask
