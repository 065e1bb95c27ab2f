"""Convolutions over the tokens of a text: n-gram features."""

from collections.abc import Sequence

from sentiment.errors import InputError
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy


class Convolutions(tl.Layer):
    """Features of the windows around each token, rectified, one group of `filters` for each width (Kim 2014).

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, len(widths) *
    filters], mask). Masked vectors count as zero, as everything beyond the sequence does: a text's features are the
    same however long its padding is. Of an even width the place further back lies after the token.

    It is one product of matrices for each width: XLA's own convolution is 15 times slower on a CPU where it stands in a
    loop of training steps.

    Args:
        widths: tokens in a window.
        filters: features of each width.

    Raises:
        InputError: no width, or a width or `filters` below 1.
    """

    def __init__(self, widths: Sequence[int] = (1, 2, 3), filters: int = 100):
        if not widths or min(*widths, filters) < 1:
            raise InputError(f"Convolutions: widths {tuple(widths)} and filters {filters} must be 1 or more")
        super().__init__(n_in=2, n_out=2, name=f"Convolutions_{'_'.join(map(str, widths))}_{filters}")
        self._widths, self._filters = tuple(widths), filters
        declare(self, MaskRule.KEEPS)

    @property
    def widths(self) -> tuple[int, ...]:
        """The widths."""
        return self._widths

    @property
    def filters(self) -> int:
        """How many of each width."""
        return self._filters

    def init_weights_and_state(self, input_signature) -> None:
        """Draws a matrix <float32>[width * d, filters] for each width; the biases begin at zero."""
        d = input_signature[0].shape[-1]
        keys = fastmath.random.split(self.rng, len(self.widths))
        self.weights = tuple(
            (tl.GlorotUniformInitializer()((width * d, self._filters), key), np.zeros(self._filters))
            for width, key in zip(self.widths, keys, strict=True)
        )

    def forward(self, inputs):
        """Returns (features, mask)."""
        vectors, mask = inputs
        vectors = vectors * mask[:, :, None]
        features = [
            np.dot(_windows(vectors, width), w) + b for width, (w, b) in zip(self.widths, self.weights, strict=True)
        ]
        return np.maximum(np.concatenate(features, axis=-1), 0), mask


def _windows(vectors, width: int):
    """Returns <float32>[batch, length, width * d] the vectors of each window, end to end."""
    length, before = vectors.shape[1], (width - 1) // 2
    padded = np.pad(vectors, ((0, 0), (before, width - 1 - before), (0, 0)))
    return np.concatenate([padded[:, n : n + length] for n in range(width)], axis=-1)
