"""Token ids -> vectors, with the options of Keras's `Embedding` (seeds 001 and 004)."""

from collections.abc import Callable

import numpy

from sentiment.errors import InputError
from sentiment.layers.id_uses import IdUse, declare_ids
from sentiment.layers.lookup import look_up
from sentiment.layers.masking import MaskRule, declare
from sentiment.trax_runtime import fastmath, tl

np = fastmath.numpy

# Keras's initializers by its names and with its default ranges.
_INITIALIZERS = {
    "uniform": tl.RandomUniformInitializer(0.05),
    "normal": tl.RandomNormalInitializer(0.05),
    "glorot_uniform": tl.GlorotUniformInitializer(),
}


class Embedding(tl.Layer):
    """A table of vectors, looked up by token id: the product of one-hot rows with the table, without the product.

    Maps ids <int32>[batch, length] to vectors <float32>[batch, length, d_embedding]; with `mask_zero`, also to the mask
    <bool>[batch, length], which is False where an id is 0. A layer that stands in two models is one table: training
    one model moves the other. Trax's `init` draws it anew, so initialise all models before training one.

    A table that isn't trained is Trax's *state*, not weights: the optimizer, whose weight decay would shrink it, never
    sees it, and spends neither slots nor time on it.

    Args:
        vocabulary_size: number of ids. Others are refused by `check_ids`, on the host: a compiled program can't
            refuse, it takes the nearest id.
        d_embedding: size of a vector.
        initializer: "uniform" (within ±0.05), "normal" (deviation 0.05), "glorot_uniform", the table itself
            (<float>[vocabulary_size, d_embedding]), or a function (shape, random key) -> table as in Trax.
        regularizer: a function of the table that is added to the training loss (`L1L2`).
        constraint: a function of the table that is applied after each update (`MaxNorm`, `UnitNorm`, `NonNegative`).
        mask_zero: whether id 0 is padding and every later layer gets to know.
        trainable: whether training changes the table.
        input_length: the only length that is accepted; a `tl.Flatten` and a `tl.Dense` after it need one.

    Raises:
        InputError: a size below 1, a table of another shape or with values that are no numbers, an unknown name, a
            rule for a table that isn't trained; when it is initialised or run, ids of another length.
    """

    def __init__(
        self,
        vocabulary_size: int,
        d_embedding: int,
        initializer: str | numpy.ndarray | Callable = "uniform",
        regularizer: Callable | None = None,
        constraint: Callable | None = None,
        mask_zero: bool = False,
        trainable: bool = True,
        input_length: int | None = None,
    ):
        super().__init__(n_out=2 if mask_zero else 1, name=f"{type(self).__name__}_{vocabulary_size}_{d_embedding}")
        if min(vocabulary_size, d_embedding, 1 if input_length is None else input_length) < 1:
            raise InputError(f"{self.name}: sizes and input_length ({input_length}) must be 1 or more")
        if not trainable and (regularizer or constraint):
            raise InputError(f"{self.name}: a regularizer or constraint does nothing with trainable=False; drop one")
        self._shape = (vocabulary_size, d_embedding)
        self._initializer = _initializer(self.name, initializer, self._shape)
        self._regularizer = regularizer
        self._constraint = constraint
        self._mask_zero = mask_zero
        self._trainable = trainable
        self._input_length = input_length
        declare_ids(self, IdUse.LOOKS_UP)
        if mask_zero:
            declare(self, MaskRule.MAKES)

    @property
    def trainable(self) -> bool:
        """Whether the table is among the weights; else it is the state."""
        return self._trainable

    @property
    def table(self):
        """The table, <float>[vocabulary_size, d_embedding]: the weights, or the state."""
        return self.weights if self._trainable else self.state

    @property
    def regularizer(self) -> Callable | None:
        """What the table adds to the loss (`rules.py`)."""
        return self._regularizer

    @property
    def constraint(self) -> Callable | None:
        """What holds for the table after each update (`rules.py`)."""
        return self._constraint

    def init_weights_and_state(self, input_signature) -> None:
        """Draws the table, or takes the one given."""
        self._check_length(input_signature)
        table = self._initializer(self._shape, self.rng)
        if self._trainable:
            self.weights = table
        else:
            self.state = table

    def forward(self, ids):
        """Returns the vectors, or (vectors, mask)."""
        self._check_length(ids)
        vectors = look_up(self.table, ids)
        return (vectors, ids != 0) if self._mask_zero else vectors

    def _check_length(self, ids) -> None:
        if self._input_length not in (None, *ids.shape[1:2]):
            raise InputError(
                f"{self.name}: input_length is {self._input_length} and the ids are {tuple(ids.shape)}: pad to this "
                f"length (Recipe.buckets), or leave input_length out"
            )


def check_ids(ids: numpy.ndarray, vocabulary_size: int, starts: numpy.ndarray | None = None) -> None:
    """Refuses ids that no row of an embedding's table belongs to: once on the device they would be clipped silently.

    Args:
        ids: <int>[n_rows, length], or all rows end to end, <int>[n_ids], with `starts`.
        vocabulary_size: ids from 0 to one less are right.
        starts: <int>[n_rows + 1], ascending: row i is ids[starts[i]:starts[i + 1]], as in `batches.Examples`.

    Raises:
        InputError: an id out of range, or ids that aren't whole numbers; names the first row of it, counted from 1.
    """
    if not numpy.issubdtype(ids.dtype, numpy.integer):
        raise InputError(f"ids are {ids.dtype}: token ids are whole numbers; encode texts with a Vocabulary")
    (wrong,) = numpy.nonzero((ids.ravel() < 0) | (ids.ravel() >= vocabulary_size))
    if len(wrong):
        if starts is None:
            row = wrong[0] // ids.shape[1]
        else:
            row = numpy.searchsorted(starts, wrong[0], side="right") - 1
        raise InputError(
            f"row {row + 1}: id {ids.ravel()[wrong[0]]} is not within 0..{vocabulary_size - 1}; "
            f"encode texts with the vocabulary that the model was made for"
        )


def _initializer(name: str, given: str | numpy.ndarray | Callable, shape: tuple[int, int]) -> Callable:
    if callable(given):
        return given
    if isinstance(given, str):
        if given not in _INITIALIZERS:
            raise InputError(f"{name}: no initializer {given!r}; it is one of {', '.join(_INITIALIZERS)}, or a matrix")
        return _INITIALIZERS[given]
    if given.shape != shape:
        raise InputError(f"{name}: the matrix is {given.shape}, the layer {shape}; set its sizes to the matrix's")
    (bad,) = numpy.nonzero(~numpy.isfinite(given).all(axis=1))
    if len(bad):
        raise InputError(f"{name}: the matrix has NaN or infinity in row {bad[0] + 1}; mend or drop that vector")
    return lambda _, __: np.asarray(given, np.float32)
