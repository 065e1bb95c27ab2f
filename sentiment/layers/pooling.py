"""A sequence of vectors and its mask -> one vector a text. A text without tokens gives zeros."""

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers.id_uses import IdUse, declare_ids
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy

UNIT_RMS_TINY = 1e-12  # under the root, whose gradient at 0 is infinite


def TokenMask():  # noqa: N802 - Trax names its layer functions like classes
    """Returns a layer: token ids <int32>[batch, length] -> <bool>[batch, length], True where a token stands."""
    return declare_ids(tl.Fn("TokenMask", lambda ids: ids != Vocabulary.PAD), IdUse.COMPARES)


def MaskedMean():  # noqa: N802
    """Returns a layer that averages over the tokens that are there.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> <float32>[batch, d]. `tl.Mean` divides by the
    padded length instead: the same text then has another score in another batch.
    """

    def masked_mean(vectors, mask):
        weights = mask.astype(vectors.dtype)[:, :, None]
        return np.sum(vectors * weights, axis=1) / np.maximum(np.sum(weights, axis=1), 1)

    return declare(tl.Fn("MaskedMean", masked_mean), MaskRule.ENDS)


def MaskedMax():  # noqa: N802
    """Returns a layer that takes each feature's largest value among the tokens that are there.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> <float32>[batch, d].
    """

    def masked_max(vectors, mask):
        lowest = np.finfo(vectors.dtype).min  # not -inf, whose gradient is NaN where nothing else stands
        largest = np.max(np.where(mask[:, :, None], vectors, lowest), axis=1)
        return np.where(np.any(mask, axis=1)[:, None], largest, 0)

    return declare(tl.Fn("MaskedMax", masked_max), MaskRule.ENDS)


def UnitRms():  # noqa: N802
    """Returns a layer that scales each vector, <float32>[..., d], so that the mean square of its values is 1.

    That is a length of sqrt(d). A vector of zeros stays one.
    """
    return tl.Fn("UnitRms", lambda x: x / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + UNIT_RMS_TINY))


def NoteMean():  # noqa: N802
    """Returns a layer that keeps the mean of what it gets for `NotedMeans`, and passes on the rest.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (vectors, mask, mean <float32>[batch, d]), the
    mean scaled by `UnitRms`.
    """
    noted = (tl.Select([0, 1, 0, 1]), MaskedMean(), UnitRms(), tl.Select([1, 2, 0], n_in=3))
    return declare(tl.Serial(*noted, name="NoteMean", sublayers_to_print=[]), MaskRule.KEEPS)


def NotedMeans(n_noted: int):  # noqa: N802
    """Returns a layer that answers with all means that were noted, the last one first.

    (vectors <float32>[batch, length, d], mask <bool>[batch, length], n_noted means) -> <float32>[batch, n_noted * d].
    """
    means = (tl.Select([*range(2, 2 + n_noted)], n_in=2 + n_noted), tl.Concatenate(n_items=n_noted))
    return declare(tl.Serial(*means, name=f"NotedMeans_{n_noted}", sublayers_to_print=[]), MaskRule.ENDS)


class AttentionPooling(tl.Layer):
    """A weighted mean of the tokens, whose weights it learns (Yang et al. 2016, equations 5 to 7).

    A token's weight is the softmax, over the text's tokens, of query · tanh(W vector + b).
    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> <float32>[batch, d].

    Args:
        d_attention: size of the query.

    Raises:
        InputError: d_attention is below 1.
    """

    def __init__(self, d_attention: int):
        if d_attention < 1:
            raise InputError(f"AttentionPooling: d_attention = {d_attention}: must be 1 or more")
        super().__init__(n_in=2, name=f"AttentionPooling_{d_attention}")
        self._d_attention = d_attention
        declare(self, MaskRule.ENDS)

    def init_weights_and_state(self, input_signature) -> None:
        """Draws W, b and the query."""
        for_w, for_query = fastmath.random.split(self.rng, 2)
        w = tl.GlorotUniformInitializer()((input_signature[0].shape[-1], self._d_attention), for_w)
        query = tl.GlorotUniformInitializer()((self._d_attention, 1), for_query)
        self.weights = (w, np.zeros(self._d_attention), query)

    def forward(self, inputs):
        """Returns the weighted means."""
        vectors, mask = inputs
        w, b, query = self.weights
        scores = np.dot(np.tanh(np.dot(vectors, w) + b), query)
        scores = np.where(mask[:, :, None], scores, np.finfo(scores.dtype).min)
        shares = np.exp(scores - np.max(scores, axis=1, keepdims=True)) * mask[:, :, None]
        return np.sum(vectors * shares, axis=1) / np.maximum(np.sum(shares, axis=1), 1)
