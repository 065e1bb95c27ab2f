"""Layers that Trax lacks. They follow its conventions: pure functions of their inputs, composable in `tl.Serial`.

A sequence travels with its mask, <bool>[batch, length], True where a token stands, just below it on Trax's stack.
"""

from sentiment.layers.pooling import MaskedMean, TokenMask

__all__ = ["MaskedMean", "TokenMask"]
