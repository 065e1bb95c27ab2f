"""Texts -> tokens, on all cores where they are many."""

import functools
from collections.abc import Callable, Sequence

from sentiment.text.tokenised import Tokenised
from sentiment.worker_processes import map_texts


def tokenise(preprocessor: Callable[[str], list[str]], texts: Sequence[str], processes: int | None = None) -> Tokenised:
    """Returns the tokens of texts; the same, however many processes find them.

    Args:
        preprocessor: text -> tokens.
        texts: in order.
        processes: as `map_texts` takes it.
    """
    return Tokenised.joined(map_texts(functools.partial(_tokenised, preprocessor), texts, "tokens", processes))


def _tokenised(preprocessor: Callable[[str], list[str]], texts: Sequence[str]) -> Tokenised:
    return Tokenised.of(map(preprocessor, texts))
