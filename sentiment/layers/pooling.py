"""A sequence of vectors and its mask -> one vector a text."""

from sentiment.trax_runtime import fastmath, tl
from sentiment.vocabulary import Vocabulary

np = fastmath.numpy


def TokenMask():  # noqa: N802 - Trax names its layer functions like classes
    """Returns a layer: token ids <int32>[batch, length] -> <bool>[batch, length], True where a token stands."""
    return tl.Fn("TokenMask", lambda ids: ids != Vocabulary.PAD)


def MaskedMean():  # noqa: N802
    """Returns a layer that averages over the tokens that are there.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> <float32>[batch, d]. A text without tokens
    gives zeros. `tl.Mean` divides by the padded length instead: the same text then has another score in another
    batch.
    """

    def masked_mean(vectors, mask):
        weights = mask.astype(vectors.dtype)[:, :, None]
        return np.sum(vectors * weights, axis=1) / np.maximum(np.sum(weights, axis=1), 1)

    return tl.Fn("MaskedMean", masked_mean)
