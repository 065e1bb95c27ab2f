"""How the two sides of white space in a text may have to do with each other: bits of what stands between white space.

A text whose parts have none of it is tokenised part by part, and gives what the whole text would give.
"""

import re

from sentiment.text.tweet_tokenizer import joins_at_edges, spaces_matter

ALONE = 1  # what it gives can't be seen without its neighbours, be they what they may
EYES, MOUTH = 2, 4  # is the eyes of an emoticon; begins with mouths
DOT_BEFORE, DOT_AFTER = 8, 16  # begins, ends with a dot
NUMBER_BEFORE, NUMBER_AFTER = 32, 64  # begins, ends with what can be a part of a phone number
NOTHING = 128  # nothing is left of it
NO_WORD = 256  # nothing but what may stand within a phone number

# What a part ends with, what a later one begins with, and what all between them are for the two to meet.
MEETINGS = (
    (EYES, MOUTH, NOTHING),
    (DOT_AFTER, DOT_BEFORE, NOTHING),
    (NUMBER_AFTER, NUMBER_BEFORE, NO_WORD),
)
OPEN = EYES | MOUTH | DOT_BEFORE | DOT_AFTER | NUMBER_BEFORE | NUMBER_AFTER

_NO_WORD = re.compile(r"[ *\-.)]*")
_NUMBER_BEFORE = re.compile(r"[*\-.)]*\(?\d")
_NUMBER_AFTER = re.compile(r"\d[*\-.)]*\Z")


def edges_of(part: str) -> int:
    """Returns the bits of a part of a resolved text, but for those of emoticons."""
    inner = part.strip()
    if inner.isascii() and inner.isalpha():
        return 0  # most parts
    if spaces_matter(part) or joins_at_edges(inner):
        return ALONE
    if _NO_WORD.fullmatch(inner):
        dots = (DOT_BEFORE if inner.startswith(".") else 0) | (DOT_AFTER if inner.endswith(".") else 0)
        return NO_WORD | (dots if inner else NOTHING)
    return (
        (DOT_BEFORE if inner.startswith(".") else 0)
        | (DOT_AFTER if inner.endswith(".") else 0)
        | (NUMBER_BEFORE if _NUMBER_BEFORE.match(inner) else 0)
        | (NUMBER_AFTER if _NUMBER_AFTER.search(inner) else 0)
    )
