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
    result, done = [], 0
    for start, end in _found(words, phrases):
        result += [*words[done:start], " ".join(words[start:end])]
        done = end
    return [*result, *words[done:]] if done else words


def joined_tokens(tokens: list[Token], phrases: bool = False) -> list[Token]:
    """Returns the tokens with each idiom as one, as `joined` does; it spans from its first word to its last."""
    words, result, done = [token.text for token in tokens], [], 0
    for start, end in _found(words, phrases):
        idiom = Token(" ".join(words[start:end]), tokens[start].start, tokens[end - 1].end)
        result += [*tokens[done:start], idiom]
        done = end
    return [*result, *tokens[done:]] if done else tokens


def _found(words: list[str], phrases: bool) -> Iterator[tuple[int, int]]:
    """Yields the [start, end) of each idiom's words."""
    by_beginning, done = beginnings(phrases), 0
    if by_beginning.keys().isdisjoint(itertools.pairwise(words)):  # mostly; files have millions of texts
        return
    for start, pair in enumerate(itertools.pairwise(words)):
        if start < done or pair not in by_beginning:
            continue
        for phrase in by_beginning[pair]:
            if words[start : start + len(phrase)] == phrase:
                done = start + len(phrase)
                yield start, done
                break


@functools.cache
def beginnings(phrases: bool) -> dict[tuple[str, str], list[list[str]]]:
    """Returns the first two words of idioms -> the words of each idiom that begins with them, the longest first."""
    by_beginning: dict[tuple[str, str], list[list[str]]] = {}
    for phrase in sorted((idiom.split(" ") for idiom in idioms(phrases)), key=len, reverse=True):
        by_beginning.setdefault((phrase[0], phrase[1]), []).append(phrase)
    return by_beginning
