"""Texts -> tokens, on all cores where they are many."""

import functools
from collections.abc import Callable, Sequence

from sentiment.text.tokenised import Tokenised
from sentiment.worker_processes import available_cores, map_batches

_AT_ONCE = 4096  # texts of a batch
_FEW = 30_000  # texts that are tokenised sooner than other processes begin


def tokenise(preprocessor: Callable[[str], list[str]], texts: Sequence[str], processes: int | None = None) -> Tokenised:
    """Returns the tokens of texts; the same, however many processes find them.

    Args:
        preprocessor: text -> tokens.
        texts: in order.
        processes: None: one a core, or this one alone where the texts are few.
    """
    if processes is None:
        processes = available_cores() if len(texts) >= _FEW else 1
    batches = (texts[start : start + _AT_ONCE] for start in range(0, len(texts), _AT_ONCE))
    return Tokenised.joined(map_batches(functools.partial(_tokenised, preprocessor), batches, processes))


def _tokenised(preprocessor: Callable[[str], list[str]], texts: Sequence[str]) -> Tokenised:
    return Tokenised.of(map(preprocessor, texts))
