"""Convolutions over the tokens of a text: n-gram features."""

from collections.abc import Sequence

from sentiment.errors import InputError
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import tl


def Convolutions(widths: Sequence[int] = (1, 2, 3), filters: int = 100) -> tl.Serial:  # noqa: N802 - as in Trax
    """Returns features of the windows around each token, rectified, one group of `filters` for each width (Kim 2014).

    (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> (<float32>[batch, length, len(widths) *
    filters], mask). Masked vectors count as zero, as everything beyond the sequence does: a text's features are the
    same however long its padding is.

    Raises:
        InputError: no width, or a width or `filters` below 1.
    """
    if not widths or min(*widths, filters) < 1:
        raise InputError(f"Convolutions: widths {tuple(widths)} and filters {filters} must be 1 or more")
    convolutions = [tl.Conv1d(filters, width, padding="SAME") for width in widths]
    together = [tl.Branch(*convolutions), tl.Concatenate(len(widths))] if len(widths) > 1 else convolutions
    zero = tl.Fn("ZeroMasked", lambda vectors, mask: (vectors * mask[:, :, None], mask), n_out=2)
    name = f"Convolutions_{'_'.join(map(str, widths))}_{filters}"
    return declare(tl.Serial(zero, *together, tl.Relu(), name=name, sublayers_to_print=[]), MaskRule.KEEPS)
