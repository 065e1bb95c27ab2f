"""Other forms of a token that vectors and lexicons may have: lower case, unstretched, the words of an emoji's name."""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator

_STRETCHED = re.compile(r"(.)\1{2,}")
_RUN = re.compile(r"([a-z])\1*")
_EMOJI_BLOCKS = (range(0x2600, 0x27C0), range(0x1F300, 0x1F650), range(0x1F680, 0x1F700), range(0x1F900, 0x1FB00))
_SAYS_NOTHING = {"face", "with", "sign", "symbol", "and", "of", "heavy"}


def other_forms(token: str) -> tuple[tuple[str, ...], ...]:
    """Returns what to look up where a token has no vector, the best first; several words stand for their mean.

    The forms are its lower case; of an idiom its words; of a stretched word ("goood", "sooo") the form with two
    letters, then with one; of an emoji the words of its name in Unicode.
    """
    lower = token.lower()
    forms: list[tuple[str, ...]] = [(lower,)]
    if _STRETCHED.search(lower):
        forms += [(_STRETCHED.sub(r"\1\1", lower),), (_STRETCHED.sub(r"\1", lower),)]
    if " " in lower:
        forms.append(tuple(lower.split()))
    if len(token) == 1 and ord(token) >= _EMOJI_BLOCKS[0].start:
        name = unicodedata.name(token, "").lower().replace("-", " ").split()
        forms.append(tuple(word for word in name if word not in _SAYS_NOTHING))
    return tuple(forms)


def emoji() -> Iterator[str]:
    """Yields the emoji and signs of one character that Python's Unicode tables name."""
    characters = map(chr, itertools.chain(*_EMOJI_BLOCKS))
    return (character for character in characters if unicodedata.name(character, ""))


def stretched(words: Iterable[str]) -> Iterator[str]:
    """Yields each word's forms with one of its letters written three times, to which `Preprocessor` shortens more."""
    for word in words:
        if word.isascii() and word.isalpha():
            for run in _RUN.finditer(word):
                yield f"{word[: run.start()]}{run[1] * 3}{word[run.end() :]}"
