"""What stands between white space in a text, read without its neighbours."""

from typing import NamedTuple

from sentiment.text.edges import ALONE, OPEN


class Part(NamedTuple):
    """What a preprocessor makes of what stands between white space.

    Attributes:
        words: the tokens that it gives where its neighbours change nothing; before idioms are joined.
        edges: how it may have to do with its neighbours: bits of `text.edges`.
        capitals: its letters in upper case less those in lower case, where the settings count them.
        among_capitals: what it gives in a text that is mostly in capitals, where that is something else.
    """

    words: tuple[str, ...]
    edges: int
    capitals: int = 0
    among_capitals: "Part | None" = None

    @property
    def n_open_edges(self) -> int:
        """0: no neighbour changes its words. 1: one that has an open edge too may. 2: any text around it may."""
        return 2 if self.among_capitals or self.edges & ALONE else int(self.edges & OPEN != 0)
