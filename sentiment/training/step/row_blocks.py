"""Rows of tables that are updated block by block: what is read, computed and written stays in a core's cache."""

from collections.abc import Callable

import jax

from sentiment.layers.lookup import on_cpu
from sentiment.training.step.sparse_rows import put_rows, take_rows

_BYTES = 2**17  # of a block's rows, which an optimizer's slots, the gradient and what becomes of all come on top of
_MOST = 16  # blocks


def number_of_blocks(n_rows: int, row_bytes: int) -> int:
    """Returns into how many equal blocks to cut rows of so many bytes; an accelerator updates all of them at once."""
    blocks = 1
    while on_cpu() and blocks < _MOST and n_rows % (2 * blocks) == 0 and n_rows // blocks * row_bytes > _BYTES:
        blocks *= 2
    return blocks


def update_by_blocks(update: Callable, tables, rows, by_row, blocks: int):
    """Returns tables whose rows are updated.

    Args:
        update: (some rows of the tables, the same rows of `by_row`) -> those rows of the tables, updated.
        tables: a nest of <float>[n, ...].
        rows: <int32>[n_rows] which rows; a number past the last stands for none.
        by_row: a nest of <float>[n_rows, ...], what goes with each.
        blocks: in how many equal blocks.
    """
    cut = jax.tree_util.tree_map(lambda each: each.reshape(blocks, -1, *each.shape[1:]), (rows, by_row))

    def body(number, tables):
        own, along = jax.tree_util.tree_map(lambda each: each[number], cut)
        # A row is read once (step.py).
        return put_rows(tables, own, update(jax.lax.optimization_barrier(take_rows(tables, own)), along))

    return jax.lax.fori_loop(0, blocks, body, tables)
