"""The word lists that ship in `sentiment/data`."""

from collections.abc import Iterator
from importlib import resources


def shipped_lines(name: str) -> Iterator[str]:
    """Yields the lines of a file of `sentiment/data` except comments, which begin with "#"."""
    text = (resources.files("sentiment") / "data" / name).read_text(encoding="utf-8")
    return (line for line in text.splitlines() if not line.startswith("#"))
