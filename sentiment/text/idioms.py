"""Idioms: phrases whose meaning isn't that of their words ("can't wait", "no problem", "fed up").

There are two lists: `idioms.txt`, which is all that runs from before 2026-11-27 know, and `phrases.txt`, with more
slang and complaints, and with shifters, which turn what follows round as negations do ("used to", "could have been").
"""

import functools
import itertools
from collections.abc import Iterator, Mapping

from sentiment.text.offsets import Token
from sentiment.text.word_lists import shipped_ratings


@functools.cache
def idioms(phrases: bool = False) -> Mapping[str, float]:
    """Returns phrase -> rating, from -4 (bad) to 4 (good); the words of a phrase are separated by single spaces.

    Args:
        phrases: whether those of `phrases.txt` are among them.
    """
    first = shipped_ratings("idioms.txt")
    return {**first, **shipped_ratings("phrases.txt")} if phrases else first


def joined(words: list[str], phrases: bool = False) -> list[str]:
    """Returns the words with each idiom as one item; where several idioms begin at one word, the longest."""
    if not _may_hold_idioms(words, phrases):
        return words
    return [" ".join(words[start:end]) for start, end in _groups(words, phrases)]


def joined_tokens(tokens: list[Token], phrases: bool = False) -> list[Token]:
    """Returns the tokens with each idiom as one, as `joined` does; it spans from its first word to its last."""
    words = [token.text for token in tokens]
    groups = _groups(words, phrases) if _may_hold_idioms(words, phrases) else ()
    return [
        Token(" ".join(words[start:end]), tokens[start].start, tokens[end - 1].end) for start, end in groups
    ] or tokens


def _may_hold_idioms(words: list[str], phrases: bool) -> bool:
    pairs = itertools.pairwise(words)
    return not beginnings(phrases).keys().isdisjoint(pairs)  # rarely; files have millions of texts


def _groups(words: list[str], phrases: bool) -> Iterator[tuple[int, int]]:
    """Yields, for each item of the result, the [start, end) of its words."""
    by_beginning = beginnings(phrases)
    start = 0
    while start < len(words):
        known = by_beginning.get((words[start], words[start + 1]), ()) if start + 1 < len(words) else ()
        end = start + next((len(phrase) for phrase in known if words[start : start + len(phrase)] == phrase), 1)
        yield start, end
        start = end


@functools.cache
def beginnings(phrases: bool) -> dict[tuple[str, str], list[list[str]]]:
    """Returns the first two words of idioms -> the words of each idiom that begins with them, the longest first."""
    by_beginning: dict[tuple[str, str], list[list[str]]] = {}
    for phrase in sorted((idiom.split(" ") for idiom in idioms(phrases)), key=len, reverse=True):
        by_beginning.setdefault((phrase[0], phrase[1]), []).append(phrase)
    return by_beginning
