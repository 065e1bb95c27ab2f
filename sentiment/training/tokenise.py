"""Texts -> tokens, on all cores where they are many."""

from collections.abc import Sequence

from sentiment.execution.worker_processes import map_texts
from sentiment.text.preprocessor import Preprocessor
from sentiment.text.tokenised import Tokenised


def tokenise(preprocessor: Preprocessor, texts: Sequence[str], processes: int | None = None) -> Tokenised:
    """Returns the tokens of texts; the same, however many processes find them.

    Args:
        preprocessor: text -> tokens.
        texts: in order.
        processes: as `map_texts` takes it.
    """
    return Tokenised.joined(map_texts(preprocessor.tokenised, texts, "tokens", processes))
