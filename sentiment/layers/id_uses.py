"""What layers do with token ids: which of them only look up rows of a table.

Lazy updates (training/step) run a model on a table of only the batch's rows, whose ids are then places in that table,
0 where the id is 0. That is the same model if ids serve only to look up rows and to tell tokens from padding.
A layer that ids reach declares its use of them; tests/layers/test_id_uses.py proves each declaration on the traced
program.
"""

from enum import Enum
from typing import TypeVar

from sentiment.errors import InputError
from sentiment.trax_runtime import tl

Layer = TypeVar("Layer", bound=tl.Layer)


class IdUse(Enum):
    """What a layer does with ids, <int32>[batch, length]. One without a declaration may do anything."""

    LOOKS_UP = "ids -> rows of its table, which is all that it has: its weights, or its state where it is frozen"
    COMPARES = "ids -> which of them are padding"
    PASSES = "ids -> the same ids elsewhere, or padding"


# Trax's own: by the class's name, since gin exports a class of its own; by how its name begins, where it is a function.
_OF_CLASSES = {"Embedding": IdUse.LOOKS_UP}
_OF_FUNCTIONS = {"ShiftRight(": IdUse.PASSES}


def declare_ids(layer: Layer, use: IdUse) -> Layer:
    """Returns the layer, which from now on says what it does with ids."""
    layer._id_use = use  # Trax's layers take no public attributes
    return layer


def lookup_layers(model: tl.Layer) -> list[tl.Layer]:
    """Returns the layers of a model in which its ids look up rows; a layer that stands in two places comes once.

    Raises:
        InputError: ids reach a layer that doesn't declare what it does with them, or the model's end.
    """
    found: list[tl.Layer] = []
    if _follow(model, found):
        raise InputError(f"lazy updates: token ids come out of the model again; {REMEDY}")
    return found


def _follow(layer: tl.Layer, found: list[tl.Layer]) -> bool:
    """Adds the layers that look ids up; returns whether ids come out of this one."""
    use = _use_of(layer)
    if use is IdUse.LOOKS_UP and not any(layer is each for each in found):
        found.append(layer)
    if use is not None:
        return use is IdUse.PASSES
    if _is_branch(layer):
        return max(_follow(each, found) for each in layer.sublayers[1].sublayers)  # `any` would stop at the first
    if type(layer) is tl.Serial:
        return all(_follow(each, found) for each in layer.sublayers)  # as far as ids come
    raise InputError(f"lazy updates: {layer.name} may use token ids for more than lookups; {REMEDY}")


REMEDY = "use exact updates"


def _use_of(layer: tl.Layer) -> IdUse | None:
    declared = getattr(layer, "_id_use", None) or _OF_CLASSES.get(type(layer).__name__)
    if declared is None and not layer.name:  # Trax's assertions about shapes
        return IdUse.PASSES
    return declared or next((use for begins, use in _OF_FUNCTIONS.items() if layer.name.startswith(begins)), None)


def _is_branch(layer: tl.Layer) -> bool:
    # Trax makes it of a Select, which copies what comes in, and a Parallel.
    return layer.name == "Branch" and [type(each).__name__ for each in layer.sublayers] == ["PureLayer", "Parallel"]
