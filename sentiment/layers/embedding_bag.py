"""Token ids -> the mean of their vectors, without a copy of each token's vector in between."""

from collections.abc import Callable

import jax
import jax.numpy as np
import numpy

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.layers.embedding import Embedding
from sentiment.layers.lookup import on_cpu, sum_by_id

# Of ids with a table's rows, to count them. An H100 does so many in about 0.1 ms, by XLA's estimate
# (benchmarks/gpu_programs.py): as long as sorting takes at least, since that is a dozen programs more.
_MOST_COMPARISONS = 1 << 28
_AT_ONCE = 4  # places that a turn of a loop adds up: the sums are read and written once for all of them
_COUNTED = 256  # places of a text: bfloat16 has each whole number up to it


class EmbeddingBag(Embedding):
    """An `Embedding` and a `MaskedMean` in one, as PyTorch's layer of that name; fastText's first layer.

    Maps ids <int32>[batch, length] to means of vectors <float32>[batch, d_embedding], over the ids that aren't padding;
    a text without tokens gives zeros. Arguments are those of `Embedding`.
    """

    def __init__(
        self,
        vocabulary_size: int,
        d_embedding: int,
        initializer: str | numpy.ndarray | Callable = "uniform",
        regularizer: Callable | None = None,
        constraint: Callable | None = None,
        trainable: bool = True,
    ):
        super().__init__(vocabulary_size, d_embedding, initializer, regularizer, constraint, trainable=trainable)

    def forward(self, ids):
        """Returns the means."""
        counts = np.sum(ids != Vocabulary.PAD, axis=1, keepdims=True)
        return sum_of_rows(self.table, ids) / np.maximum(counts, 1).astype(self.table.dtype)


@jax.custom_vjp
def sum_of_rows(table, ids):
    """Returns, for each line of ids (<int32>[batch, length]), the sum of those rows of a table (<float>[n, d]).

    `Vocabulary.PAD` counts as a row of zeros. Trained on a single CPU, it goes through all lines at once, place by
    place, up to the end of the longest: written as below, XLA makes a vector for every place, padding included, writes
    it to memory and reads it again, which takes several times as long. Elsewhere that is quick.
    """
    vectors = np.take(table, ids, axis=0, mode="clip")
    return np.sum(vectors * (ids != Vocabulary.PAD)[:, :, None].astype(table.dtype), axis=1)


def _forward(table, ids):
    return (_add_up if _by_places(ids) else sum_of_rows)(table, ids), (table, ids)


def _backward(inputs, gradient):
    table, ids = inputs
    rows = np.where(ids == Vocabulary.PAD, len(table), ids)  # past the last: dropped
    if _by_places(ids):
        return _spread(table, rows, gradient), None
    if on_cpu():
        return np.zeros_like(table).at[rows].add(gradient[:, None, :], mode="drop"), None
    return _by_counts(rows, gradient, len(table)), None


sum_of_rows.defvjp(_forward, _backward)


def _by_counts(rows, gradient, n: int):
    """Returns the sums of gradients by row in one order on every device (lookup.py).

    Of a small batch as a product of matrices: each text's gradient counts as often as the row's id stands in the text.
    """
    if rows.size * n > _MOST_COMPARISONS:
        places = np.broadcast_to(gradient[:, None, :], (*rows.shape, gradient.shape[1]))
        return sum_by_id(rows.ravel(), places.reshape(rows.size, -1), n)
    counts = np.sum(rows[:, :, None] == np.arange(n), axis=1, dtype=np.int32)
    if rows.shape[1] > _COUNTED:
        return np.dot(counts.astype(gradient.dtype).T, gradient, precision="highest")
    parts = np.concatenate(_in_bfloat16(gradient), axis=1)
    sums = np.dot(counts.astype(np.bfloat16).T, parts, preferred_element_type=gradient.dtype)
    return np.sum(sums.reshape(n, 3, -1), axis=1)


def _in_bfloat16(values) -> list:
    """Returns three arrays whose sum is the values: what tensor cores multiply many times as fast as float32.

    Products of these with whole numbers lose nothing (Henry, Tang and Heinecke 2019, arXiv:1904.06376).
    """
    parts = []
    for _ in range(3):
        # Not a cast there and back, which XLA takes for the identity.
        part = jax.lax.reduce_precision(values, exponent_bits=8, mantissa_bits=7)
        parts.append(part.astype(np.bfloat16))
        values = values - part
    return parts


def _by_places(ids) -> bool:
    return ids.size > 0 and _on_one_cpu()


def _on_one_cpu() -> bool:
    return on_cpu() and jax.device_count() == 1


def _add_up(table, ids):
    def add(turn, sums):
        for rows in places[turn]:
            vectors = np.take(table, rows, axis=0, mode="clip")
            sums = sums + vectors * (rows != Vocabulary.PAD)[:, None].astype(table.dtype)
        return sums

    places, turns = _by_turn(ids, Vocabulary.PAD)
    return jax.lax.fori_loop(0, turns, add, np.zeros((len(ids), table.shape[1]), table.dtype))


def _spread(table, rows, gradient):
    def add(turn, spread):
        for own in places[turn]:
            spread = spread.at[own].add(gradient, mode="drop")
        return spread

    places, turns = _by_turn(rows, len(table))
    return jax.lax.fori_loop(0, turns, add, np.zeros_like(table))


def _by_turn(ids, padding):
    """Returns (ids by place, <int32>[n, _AT_ONCE, batch], how many of the n turns reach the longest text's end)."""
    columns = np.pad(np.asarray(ids).T, ((0, -ids.shape[1] % _AT_ONCE), (0, 0)), constant_values=padding)
    places = columns.reshape(-1, _AT_ONCE, len(ids))
    there = np.any(places != padding, axis=(1, 2))
    return places, np.max(np.where(there, np.arange(1, len(places) + 1), 0), initial=0)
