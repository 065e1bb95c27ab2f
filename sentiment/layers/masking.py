"""Masks on Trax's stack: who makes them, who takes them along, and a `Serial` that refuses whoever can't.

A mask is <bool>[batch, length], True where a token stands, and travels just below its sequence,
<float32>[batch, length, d]. Trax's `Serial` hands a layer only what it takes from the top of the stack, so a layer that
looks at one vector at a time (`tl.Dense`, `tl.Dropout`) leaves the mask where it is. But so does a layer that mixes
times (`tl.Mean(axis=1)`, `tl.LSTM`): it computes with padding as if it were tokens, and nothing fails. Keras warns of
it; `masked_serial` refuses.
"""

from collections.abc import Iterable
from enum import Enum
from typing import TypeVar

from sentiment.errors import InputError
from sentiment.trax_runtime import tl

Layer = TypeVar("Layer", bound=tl.Layer)

# Trax's layers that look at one vector at a time, not at its neighbours: by their classes' names, since
# gin, through which Trax exports some of them, exports a class of its own; and functions by theirs.
_POINTWISE_CLASSES = ("Dense", "Dropout", "LayerNorm")
_POINTWISE_ACTIVATIONS = ("Relu", "ParametricRelu", "LeakyRelu", "Elu", "Selu", "Gelu", "FastGelu", "Swish", "Glu")
_POINTWISE_FUNCTIONS = ("Sigmoid", "Tanh", "HardSigmoid", "HardTanh", "Softplus", "LogSoftmax", "Softmax")

# What to put in the place of, or before, a layer that can't honour a mask, by how its name begins.
_POOLING = "MaskedMean, MaskedMax, AttentionPooling, or LSTM, GRU, Bidirectional without return_sequences"
_REMEDIES = {
    "Mean": "use MaskedMean",
    "Max": "use MaskedMax",
    "LSTM": "use sentiment.layers.LSTM with masked=True",
    "GRU": "use sentiment.layers.GRU with masked=True",
    "Conv": "use Convolutions",
    "": f"put a layer that ends the mask before it ({_POOLING}), or set mask_zero=False",
}


class MaskRule(Enum):
    """What a layer does with a mask. A layer without a rule is no concern of masks, or can't honour them."""

    MAKES = "ids -> (sequence, mask)"
    KEEPS = "(sequence, mask) -> (sequence, mask)"
    ENDS = "(sequence, mask) -> one vector a text"


def declare(layer: Layer, rule: MaskRule) -> Layer:
    """Returns the layer, which declares to `masked_serial` what it does with a mask."""
    layer._mask_rule = rule  # Trax's layers take no public attributes
    return layer


def masked_serial(*layers: tl.Layer | list) -> tl.Serial:
    """Returns `tl.Serial(*layers)` in which the mask reaches every layer after the one that makes it.

    Layers in nested lists and in plain `tl.Serial`s count as if they stood here themselves.

    Raises:
        InputError: a layer that the mask reaches can't honour it (it isn't ours, nor one of Trax's that look at one
            vector at a time); a layer needs a mask and none reaches it; the mask reaches the end, where a loss would
            take it for the targets.
    """
    maker = None  # who made the mask that is now below the top of the stack
    for layer in _flat(layers):
        rule = getattr(layer, "_mask_rule", None)
        if rule in (MaskRule.KEEPS, MaskRule.ENDS) and maker is None:
            raise InputError(f"{layer.name} needs a mask and none reaches it: begin with Embedding(mask_zero=True)")
        if maker is not None and (rule is MaskRule.MAKES or (rule is None and not is_pointwise(layer))):
            raise InputError(
                f"{layer.name} can't honour the mask that {maker.name} makes, padding would count as tokens: "
                f"{next(remedy for name, remedy in _REMEDIES.items() if layer.name.startswith(name))}"
            )
        if rule is MaskRule.MAKES:
            maker = layer
        elif rule is MaskRule.ENDS:
            maker = None
    if maker is not None:
        raise InputError(f"the mask that {maker.name} makes reaches the model's end: end it by {_POOLING}")
    return tl.Serial(*layers)


def is_pointwise(layer: tl.Layer) -> bool:
    """Returns whether the layer is one of Trax's that look at one vector at a time."""
    return type(layer).__name__ in _POINTWISE_CLASSES or layer.name in _POINTWISE_ACTIVATIONS + _POINTWISE_FUNCTIONS


def _flat(layers: Iterable) -> Iterable[tl.Layer]:
    for layer in layers:
        if isinstance(layer, list | tuple):
            yield from _flat(layer)
        elif type(layer) is tl.Serial and layer.name == "Serial" and not hasattr(layer, "_mask_rule"):
            yield from _flat(layer.sublayers)
        elif layer.name:  # Trax's assertions about shapes have none
            yield layer  # among them Trax's own compositions, which have names: LSTM_8, Branch
