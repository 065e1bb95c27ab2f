"""Where a text's tokens stand in it, found again after preprocessing."""

import itertools
import re
from collections.abc import Sequence

_SPECIAL = {"<user>": r"@\w+", "<url>": r"https?://\S*"}


def find_offsets(text: str, words: Sequence[str]) -> list[tuple[int, int] | None]:
    """Returns each word's [start, end) in the text, or None for one that isn't found.

    Args:
        text: as it was given.
        words: its tokens in order, in lower case and with runs of a character shortened to three, but not stemmed.
    """
    spans: list[tuple[int, int] | None] = []
    start = 0
    for word in words:
        found = re.compile(_pattern(word), re.IGNORECASE).search(text, start)
        spans.append(found and found.span())
        start = found.end() if found else start
    return spans


def _pattern(word: str) -> str:
    if word in _SPECIAL:
        return _SPECIAL[word]
    apart = "" if re.search(r"\w", word) else " ?"  # an emoticon may stand apart (`Preprocessor.emoticons`)
    runs = ((_sign(character), len(list(run))) for character, run in itertools.groupby(word))
    return apart.join(character * n + ("+" if n == 3 else "") for character, n in runs)


def _sign(character: str) -> str:
    if character == " ":
        return r"\s+"  # `Preprocessor.idioms`
    return "['’]" if character == "'" else re.escape(character)  # `Preprocessor.apostrophes`
