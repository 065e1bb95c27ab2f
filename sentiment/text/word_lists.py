"""The word lists that ship in `sentiment/data`."""

import functools
from collections.abc import Iterator, Mapping
from importlib import resources


def shipped_lines(name: str) -> Iterator[str]:
    """Yields the lines of a file of `sentiment/data` except comments, which begin with "#"."""
    text = (resources.files("sentiment") / "data" / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))


def shipped_ratings(name: str) -> Mapping[str, float]:
    """Returns entry -> rating, from -4 (bad) to 4 (good), of a file of `sentiment/data` with a tab between the two."""
    rows = (line.split("\t") for line in shipped_lines(name))
    return {entry: float(rating) for entry, rating in rows}


@functools.cache
def negations() -> frozenset[str]:
    """Returns the words and idioms that turn what follows round."""
    return frozenset(shipped_lines("negations.txt"))
