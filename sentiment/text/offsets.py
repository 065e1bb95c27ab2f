"""Where a text's characters come from: offsets that survive every rewriting."""

import re
from collections.abc import Iterable
from typing import NamedTuple, TypeVar

_NO_SPACE = re.compile(r"\S+")


class Token(NamedTuple):
    """A token and the characters of the original text that it stands for, [start, end)."""

    text: str
    start: int
    end: int


class Edit(NamedTuple):
    """The replacement of a text's characters [start, end) by others."""

    start: int
    end: int
    written: str


class TracedText:
    """A text in which each character knows the characters of an original text that it stands for.

    Each character that an edit writes stands for all that the edit replaced; what is inserted between two characters
    stands for none. Neither starts nor ends ever decrease from one character to the next.
    """

    __slots__ = ("_ends", "_starts", "_text")

    def __init__(self, text: str, starts: list[int], ends: list[int]):
        """Takes each character's start and end in the original."""
        self._text, self._starts, self._ends = text, starts, ends

    @classmethod
    def of(cls, original: str) -> "TracedText":
        """Returns a text in which each character stands for itself."""
        return cls(original, list(range(len(original))), list(range(1, len(original) + 1)))

    def __str__(self) -> str:
        return self._text

    def __len__(self) -> int:
        return len(self._text)

    def __contains__(self, characters: str) -> bool:
        return characters in self._text

    def __getitem__(self, piece: slice) -> "TracedText":
        return TracedText(self._text[piece], self._starts[piece], self._ends[piece])

    def split(self) -> "list[TracedText]":
        """Returns the pieces between white space, as `str.split` does."""
        return [self[slice(*match.span())] for match in _NO_SPACE.finditer(self._text)]

    def lower(self) -> "TracedText":
        """Returns the text in lower case; where it is longer then, each character stands for all that the text did."""
        lowered = self._text.lower()
        if len(lowered) == len(self._text):
            return TracedText(lowered, self._starts, self._ends)
        return TracedText(lowered, self._starts[:1] * len(lowered), self._ends[-1:] * len(lowered))

    def token(self) -> Token:
        """Returns a text of at least one character as a token."""
        return Token(self._text, self._starts[0], self._ends[-1])

    def edited(self, edits: Iterable[Edit]) -> "TracedText":
        """Returns the text after edits, which are in order and don't overlap."""
        text, starts, ends, done = [], [], [], 0
        for start, end, written in edits:
            text += [self._text[done:start], written]
            starts += self._starts[done:start]
            ends += self._ends[done:start]
            done = end
            first, last = self._replaced(start, end)
            starts += [first] * len(written)
            ends += [last] * len(written)
        text.append(self._text[done:])
        return TracedText("".join(text), starts + self._starts[done:], ends + self._ends[done:])

    def _replaced(self, start: int, end: int) -> tuple[int, int]:
        if start < end:
            return self._starts[start], self._ends[end - 1]
        end = self._ends[start - 1] if start else 0
        return min([end, *self._starts[start : start + 1]]), end  # earlier only within what one edit wrote


Text = TypeVar("Text", str, TracedText)


def edited(text: Text, edits: Iterable[Edit]) -> Text:
    """Returns the text after edits, which are in order and don't overlap."""
    if isinstance(text, TracedText):
        return text.edited(edits)
    pieces: list[str] = []
    done = 0
    for start, end, written in edits:
        pieces += [text[done:start], written]
        done = end
    return "".join([*pieces, text[done:]])
