"""What stands between white space in a text, read without its neighbours."""

from typing import NamedTuple


class Part(NamedTuple):
    """What a preprocessor makes of what stands between white space.

    Attributes:
        words: the tokens that it gives where its neighbours change nothing; before idioms are joined.
        open_edges: how much neighbours may change, as `tweet_tokenizer.open_edges` says it.
        capitals: its letters in upper case less those in lower case, where the settings count them.
        among_capitals: what it gives in a text that is mostly in capitals, where that is something else.
    """

    words: tuple[str, ...]
    open_edges: int
    capitals: int = 0
    among_capitals: "Part | None" = None
