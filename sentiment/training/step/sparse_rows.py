"""Updating rows of a table and its optimizer slots without the rest: when that is right, and which rows those are."""

import math
import threading
from collections.abc import Sequence

import jax
import numpy as np

from sentiment.encoding.vocabulary import Vocabulary
from sentiment.errors import InputError
from sentiment.layers.embedding import check_ids
from sentiment.layers.id_uses import REMEDY
from sentiment.trax_runtime import fastmath, optimizers, tl

_PROBE_ROWS, _PROBE_COLUMNS = 7, 3
_SOME_ROWS = np.array([5, 0, 2])


def take_rows(tree, rows):
    """Returns rows (<int32>[n_rows]) of each table in a nest; a number past the last row gives the last row."""
    return jax.tree_util.tree_map(lambda table: table.at[rows].get(mode="clip"), tree)


def put_rows(tree, rows, new):
    """Returns each table in a nest with rows replaced by those in `new`; a number past the last row puts nothing."""
    return jax.tree_util.tree_map(lambda table, values: table.at[rows].set(values, mode="drop"), tree, new)


def check_row_wise(optimizer: optimizers.base.Optimizer) -> None:
    """Refuses an optimizer that can't update some rows of a table without the others.

    It is tried on a small table: each of its slots must have a row for each of the table's, and the new rows must be
    the same whether the others are there or not. (Adafactor's column sums and SM3's column maxima have no such rows.)

    Raises:
        InputError: it can't; names the optimizer.
    """
    name = type(optimizer).__name__
    generator = np.random.default_rng(0)
    table, *gradients = generator.normal(size=(3, _PROBE_ROWS, _PROBE_COLUMNS)).astype(np.float32)
    # Scalars, not arrays without dimensions: Adafactor multiplies its own in place.
    parameters = {key: np.asarray(value)[()] for key, value in optimizer.opt_params.items()}
    # A few rows: to compile for them would take longer. Dividing by zero is an optimizer's own business.
    with fastmath.use_backend(fastmath.Backend.NUMPY), np.errstate(all="ignore"):
        slots = optimizer.init(table)
        if any(np.shape(slot)[:1] != (_PROBE_ROWS,) for slot in jax.tree_util.tree_leaves(slots)):
            raise InputError(f"lazy updates: {name}'s slots don't have a row for each of the table's; {REMEDY}")
        table, slots = optimizer.update(1, gradients[0], table, slots, parameters)  # slots are more than zeros now
        some = [jax.tree_util.tree_map(lambda a: np.asarray(a)[_SOME_ROWS], a) for a in (gradients[1], table, slots)]
        whole = optimizer.update(2, gradients[1], table, slots, parameters)
        alone = optimizer.update(2, *some, parameters)
    for one, other in zip(*map(jax.tree_util.tree_leaves, (whole, alone)), strict=True):
        if not np.allclose(np.asarray(one)[_SOME_ROWS], other, rtol=1e-5, atol=1e-7):
            raise InputError(f"lazy updates: {name} makes a row's update depend on all the others; {REMEDY}")


def check_rules(layer: tl.Layer) -> None:
    """Refuses rules (layers/rules.py) of a layer, whose weights are a table, that don't hold row by row.

    Raises:
        InputError: a regularizer, which would see the batch's rows alone, or a constraint along columns.
    """
    regularizer, constraint = getattr(layer, "regularizer", None), getattr(layer, "constraint", None)
    if regularizer is not None:
        raise InputError(f"lazy updates: {regularizer} is of the whole table; {REMEDY}, or leave the regularizer out")
    if constraint is not None:
        probe = 10 * np.random.default_rng(0).normal(size=(_PROBE_ROWS, _PROBE_COLUMNS)).astype(np.float32)
        with fastmath.use_backend(fastmath.Backend.NUMPY):
            whole, alone = constraint(probe)[_SOME_ROWS], constraint(probe[_SOME_ROWS])
        if not np.allclose(whole, alone, rtol=1e-5):
            raise InputError(f"lazy updates: {constraint} is of whole columns; {REMEDY}, or set axis=1")


# What is done at once: as many ids as stay in a core's cache; and entries of scratch memory, four bytes each.
_IDS, _SCRATCH = 2**16, 2**22


class UniqueRows:
    """Finds the different ids of batches, in time proportional to the batches alone. Threads may share one."""

    def __init__(self, n_rows: int):
        self._n_rows = n_rows
        self._first = np.zeros(0, np.int32)  # scratch, by batch and id; never cleared
        self._lock = threading.Lock()

    def find(self, ids: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns (rows, places) of each batch.

        Args:
            ids: each <int>[...].

        Returns:
            rows <int32>[n]: padding's row, whether or not the batch has padding (a layer such as `tl.ShiftRight` may
                put some there), then those of all other ids, in the order in which they come up.
            places <int32>, in the shape of the ids: where in `rows` each is, so that padding stays 0.

        Raises:
            InputError: an id that no row belongs to.
        """
        largest = max(batch.size for batch in ids)
        at_once = max(1, min(_IDS // max(1, largest), _SCRATCH // self._n_rows))
        found = []
        for start in range(0, len(ids), at_once):
            found += self._find(ids[start : start + at_once])
        return found

    def _find(self, ids: Sequence[np.ndarray]) -> list[tuple[np.ndarray, np.ndarray]]:
        sizes = np.array([batch.size for batch in ids])
        flat = np.concatenate([batch.ravel() for batch in ids])
        if not np.issubdtype(flat.dtype, np.integer) or np.any((flat < 0) | (flat >= self._n_rows)):
            for batch in ids:
                check_ids(batch, self._n_rows)
        (tokens,) = np.nonzero(flat != Vocabulary.PAD)
        ends = np.searchsorted(tokens, np.cumsum(sizes))
        counts = np.diff(ends, prepend=0)  # of tokens
        firsts = np.repeat(np.arange(len(ids)) * self._n_rows, counts)
        rows, places, ends = self._numbered(flat[tokens].astype(np.int32), firsts, ends)
        numbers = np.zeros(len(flat), np.int32)
        numbers[tokens] = places
        return [
            (np.concatenate([_PADDING, own]), spread.reshape(batch.shape))
            for batch, own, spread in zip(
                ids, np.split(rows, ends[:-1]), np.split(numbers, np.cumsum(sizes)[:-1]), strict=True
            )
        ]

    def _numbered(self, tokens, firsts, ends) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Returns (each batch's different tokens, end to end; for each token its number, from 1; where batches end)."""
        keys, order = tokens + firsts, np.arange(len(tokens), dtype=np.int32)
        with self._lock:
            if len(self._first) < self._n_rows * len(ends):
                self._first = np.zeros(self._n_rows * len(ends), np.int32)
            self._first[keys[::-1]] = order[::-1]  # where a key is repeated, NumPy keeps what is assigned last
            first = self._first[keys]
        new = first == order
        seen = np.cumsum(new, dtype=np.int32)
        before = np.concatenate([[0], seen])[np.concatenate([[0], ends])]  # different ones, at each batch's start
        counts = np.diff(ends, prepend=0)
        return tokens[new], seen[first] - np.repeat(before[:-1], counts), before[1:]


_PADDING = np.array([Vocabulary.PAD], np.int32)


def room_for(n: int) -> int:
    """Returns n, rounded up to 64, 96, 128, 192, 256, ...: few sizes mean few compilations."""
    size = 64
    while size < n:
        size *= 2
    return max(64, size * 3 // 4) if n <= size * 3 // 4 else size


def usual_room(most: int) -> int:
    """Returns a room for rows in which nearly all batches find place, if of some the greediest takes `most`.

    A batch's rows scatter by less than the square root of how many they are.
    """
    return -(-math.ceil(most + min(most / 4, 4 * math.sqrt(most))) // 16) * 16
