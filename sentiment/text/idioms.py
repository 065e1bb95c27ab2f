"""Phrases that mean something else than their words one by one: "can't wait", "no problem", "fed up"."""

import functools
import itertools
from collections.abc import Mapping

from sentiment.text.word_lists import shipped_lines


@functools.cache
def idioms() -> Mapping[str, float]:
    """Returns each phrase, its words parted by single spaces, and how good what it says is, -4 to 4."""
    rows = (line.split("\t") for line in shipped_lines("idioms.txt"))
    return {phrase: float(rating) for phrase, rating in rows}


def joined(words: list[str]) -> list[str]:
    """Returns the words, those of an idiom in one piece: of several that begin at one place, the longest."""
    by_beginning = _by_beginning()
    pairs = list(itertools.pairwise(words))
    if by_beginning.keys().isdisjoint(pairs):  # as mostly; quickly told, for files have millions of texts
        return words
    found = []
    place = 0
    while place < len(words):
        phrases = by_beginning.get(pairs[place], ()) if place < len(pairs) else ()
        length = next((len(phrase) for phrase in phrases if words[place : place + len(phrase)] == phrase), 1)
        found.append(" ".join(words[place : place + length]))
        place += length
    return found


@functools.cache
def _by_beginning() -> dict[tuple[str, str], list[list[str]]]:
    """Returns the words of the idioms that begin with two words, the longest first."""
    by_beginning = {}
    for phrase in sorted((idiom.split(" ") for idiom in idioms()), key=len, reverse=True):
        by_beginning.setdefault(tuple(phrase[:2]), []).append(phrase)
    return by_beginning
