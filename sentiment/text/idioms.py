"""Idioms: phrases whose meaning isn't that of their words ("can't wait", "no problem", "fed up")."""

import functools
import itertools
from collections.abc import Iterator, Mapping

from sentiment.text.offsets import Token
from sentiment.text.word_lists import shipped_ratings


@functools.cache
def idioms() -> Mapping[str, float]:
    """Returns phrase -> rating, from -4 (bad) to 4 (good); the words of a phrase are separated by single spaces."""
    return shipped_ratings("idioms.txt")


def joined(words: list[str]) -> list[str]:
    """Returns the words with each idiom as one item; where several idioms begin at one word, the longest."""
    if not _may_hold_idioms(words):
        return words
    return [" ".join(words[start:end]) for start, end in _groups(words)]


def joined_tokens(tokens: list[Token]) -> list[Token]:
    """Returns the tokens with each idiom as one, as `joined` does; it spans from its first word to its last."""
    words = [token.text for token in tokens]
    groups = _groups(words) if _may_hold_idioms(words) else ()
    return [
        Token(" ".join(words[start:end]), tokens[start].start, tokens[end - 1].end) for start, end in groups
    ] or tokens


def _may_hold_idioms(words: list[str]) -> bool:
    return not beginnings().keys().isdisjoint(itertools.pairwise(words))  # rarely; files have millions of texts


def _groups(words: list[str]) -> Iterator[tuple[int, int]]:
    """Yields, for each item of the result, the [start, end) of its words."""
    by_beginning = beginnings()
    start = 0
    while start < len(words):
        phrases = by_beginning.get((words[start], words[start + 1]), ()) if start + 1 < len(words) else ()
        end = start + next((len(phrase) for phrase in phrases if words[start : start + len(phrase)] == phrase), 1)
        yield start, end
        start = end


@functools.cache
def beginnings() -> dict[tuple[str, str], list[list[str]]]:
    """Returns the first two words of idioms -> the words of each idiom that begins with them, the longest first."""
    by_beginning: dict[tuple[str, str], list[list[str]]] = {}
    for phrase in sorted((idiom.split(" ") for idiom in idioms()), key=len, reverse=True):
        by_beginning.setdefault((phrase[0], phrase[1]), []).append(phrase)
    return by_beginning
