"""One layer of a BERT: attention and a feed-forward layer, each added to what it got and normalised."""

from collections.abc import Mapping

import numpy

from sentiment.layers.layer_norm import LayerNorm
from sentiment.layers.masking import MaskRule, declare
from sentiment.layers.self_attention import AttentionWeights, SelfAttention
from sentiment.trax_runtime import fastmath, tl


def TransformerLayer(  # noqa: N802 - Trax names its layer functions like classes
    n_heads: int, given: Mapping[str, numpy.ndarray], epsilon: float, dropout: float = 0.0, mode: str = "train"
) -> tl.Serial:
    """Returns (vectors <float32>[batch, length, d], mask <bool>[batch, length]) -> the same (Devlin et al. 2019).

    The norms stand after the sums, as in BERT, and the activation is the exact GELU.

    Args:
        n_heads: of the attention.
        given: the weights to begin with, by the names of one layer in `transformers.weights.weight_shapes`.
        epsilon: of the norms.
        dropout: share of the values that training sets to zero, of the attention's output and the feed-forward layer's.
        mode: "train" applies dropout.
    """
    attention = AttentionWeights(*(given[f"attention/{name}"] for name in _ATTENTION))
    layer = tl.Serial(
        tl.Select([0, 1, 0], n_in=2),  # (vectors, mask) -> (vectors, mask, vectors)
        SelfAttention(n_heads, attention),
        token_dropout(dropout, mode),
        tl.Select([0, 2, 1], n_in=3),  # -> (mixed, vectors, mask)
        tl.Add(),
        _norm(given, "attention_norm", epsilon),
        tl.Dup(),
        _dense(given, "hidden"),
        tl.Gelu(),
        _dense(given, "outputs"),
        token_dropout(dropout, mode),
        tl.Add(),
        _norm(given, "outputs_norm", epsilon),
        name=f"TransformerLayer_{n_heads}",
        sublayers_to_print=[],
    )
    return declare(layer, MaskRule.KEEPS)


def token_dropout(rate: float, mode: str) -> tl.Dropout:
    """Returns dropout of <float32>[batch, length, d] that sets the same values of all of a text's tokens to zero.

    So a text takes d random numbers instead of length times d (as T5's does, Raffel et al. 2020): drawing those takes
    an eighth of a small transformer's step on CPUs, and what is learned is as good.
    """
    return tl.Dropout(rate, shared_axes=[1], mode=mode)


_ATTENTION = ("inputs", "inputs_bias", "outputs", "outputs_bias")


def _dense(given: Mapping[str, numpy.ndarray], name: str) -> tl.Layer:
    kernel, bias = given[f"{name}/kernel"], given[f"{name}/bias"]
    return tl.Dense(
        len(bias),
        kernel_initializer=lambda _, __: fastmath.numpy.asarray(kernel),
        bias_initializer=lambda _, __: fastmath.numpy.asarray(bias),
    )


def _norm(given: Mapping[str, numpy.ndarray], name: str, epsilon: float) -> tl.Layer:
    return LayerNorm(given[f"{name}/scale"], given[f"{name}/bias"], epsilon)
