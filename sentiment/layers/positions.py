"""Learned vectors of the places in a text."""

import numpy

from sentiment.errors import InputError
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class LearnedPositions(tl.Layer):
    """Adds to each token's vector the vector of its place (Gehring et al. 2017; Devlin et al. 2019).

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, d], mask).

    Args:
        table: <float32>[n_positions, d] what it begins with.

    Raises:
        InputError: if it is run on more places than it has, or than its batches may be padded to.
    """

    def __init__(self, table: numpy.ndarray):
        super().__init__(n_in=2, n_out=2, name=f"LearnedPositions_{len(table)}")
        self._table = table
        declare(self, MaskRule.KEEPS)

    def init_weights_and_state(self, input_signature) -> None:
        """Takes the table."""
        self.weights = np.asarray(self._table)

    def forward(self, inputs):
        """Returns (vectors, mask)."""
        vectors, mask = inputs
        length, most = vectors.shape[1], len(self._table)
        if length > most:
            raise InputError(f"{self.name}: a batch is {length} ids long; let Recipe.buckets end at {most} or less")
        return vectors + self.weights[:length], mask
