"""One function over many batches: what computes it, here or elsewhere, and the plainest that does."""

from collections.abc import Callable, Generator, Iterable
from typing import Protocol, TypeVar

Batch = TypeVar("Batch")
Result = TypeVar("Result")


class Compute(Protocol):
    """Computes one function over many batches: `map_batches` on this machine, or `scale.batches.map_batches`."""

    def __call__(
        self, function: Callable[[Batch], Result], batches: Iterable[Batch], /
    ) -> Generator[Result, None, None]:
        """Yields `function(batch)` for each batch, in order."""


def one_by_one(function: Callable[[Batch], Result], batches: Iterable[Batch], /) -> Generator[Result, None, None]:
    """Computes in this process, each batch when its result is asked for."""
    yield from map(function, batches)
