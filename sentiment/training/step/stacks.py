"""Batches as the trainer takes them, alone and stacked."""

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from sentiment.training.compile.programs import Kind, kind_of

Shapes = tuple[tuple[int, ...], ...]  # of a batch's arrays, and the length to which the device pads it


class Prepared(NamedTuple):
    """A batch: its arrays, or which of the examples on the device it holds.

    Attributes:
        arrays: this process's share; with lazy updates its ids are places in `rows`. Of a batch that is made on the
            device, <int32>[batch_size] row numbers alone.
        rows: <int32>[n] the tables' rows that it touches; none with exact updates, or if it is made on the device.
        length: to which the device pads it; 0 where it isn't made there.
    """

    arrays: tuple[np.ndarray, ...]
    rows: np.ndarray
    length: int = 0

    @property
    def shapes(self) -> Shapes:
        """Batches of the same shapes can be stacked."""
        return (*[array.shape for array in self.arrays], (self.length,))


@dataclass(frozen=True)
class Stack:
    """Batches of consecutive steps.

    Attributes:
        count: how many; the arrays have room for the trainer's `steps_at_once`.
        arrays: each [steps_at_once, ...].
        rows: <int32>[steps_at_once, room for rows]; past the tables' last where unused.
        length: as of `Prepared`.
    """

    count: int
    arrays: tuple[np.ndarray, ...] = field(repr=False)
    rows: np.ndarray = field(repr=False)
    length: int = 0

    @property
    def kind(self) -> Kind:
        """Stacks of the same kind and length are run by the same program."""
        return kind_of((*self.arrays, self.rows))
