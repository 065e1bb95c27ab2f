"""Tokens <-> ids, and the vocabulary as a text file that one can read."""

import contextlib
import itertools
import os
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar, Literal

import numpy as np

from sentiment.encoding.ragged import Ragged
from sentiment.errors import InputError
from sentiment.storage.files import write_whole
from sentiment.text.tokenised import CountedTokens, Tokenised

_REMEDY = "copy the file anew, or train again"

# A token may hold what a line of UTF-8 can't: NLTK gives ".\n." for dots on two lines, and a text a lone surrogate.
_ESCAPED = re.compile(r"\\(?:\\|n|u(d[89a-f][0-9a-f]{2})|)")


@dataclass(frozen=True)
class Vocabulary:
    """An ordered set of tokens; a token's place in it is its id.

    Attributes:
        tokens: all entries; the first three are `SPECIAL`, which no token of a text stands for.

    Raises:
        ValueError: the first three aren't `SPECIAL`, a token is empty or appears twice.
    """

    PAD: ClassVar[int] = 0  # fills a batch's rows up to its length
    END: ClassVar[int] = 1  # the end of a text; the seed notebook reserves it and never uses it
    UNKNOWN: ClassVar[int] = 2  # any token that isn't in the vocabulary
    SPECIAL: ClassVar[tuple[str, ...]] = ("__PAD__", "__</e>__", "__UNK__")

    tokens: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ids = dict(zip(self.tokens, range(len(self.tokens)), strict=True))
        if self.tokens[: len(self.SPECIAL)] != self.SPECIAL or "" in ids or len(ids) < len(self.tokens):
            raise self._first_flaw()
        for token in self.SPECIAL:
            del ids[token]  # so that a text with the word "__PAD__" is not taken for padding
        object.__setattr__(self, "_ids", ids)

    def _first_flaw(self) -> "_EntryError":
        seen: dict[str, int] = {}
        for number, token in enumerate(self.tokens):
            if number < len(self.SPECIAL) and token != self.SPECIAL[number]:
                return _EntryError(number, f"{token!r:.60} instead of {self.SPECIAL[number]!r}")
            if not token:
                return _EntryError(number, "an empty token")
            if seen.setdefault(token, number) != number:
                return _EntryError(number, f"{token!r:.60} for the second time, first at entry {seen[token] + 1}")
        return _EntryError(len(seen), f"{self.SPECIAL[len(seen)]!r} is missing")

    @classmethod
    def build(
        cls,
        token_lists: Iterable[Iterable[str]],
        order: Literal["first_seen", "count"] = "first_seen",
        min_count: int = 1,
        max_size: int | None = None,
    ) -> "Vocabulary":
        """Collects the vocabulary of tokenised texts.

        Args:
            token_lists: the tokens of each text.
            order: "first_seen" numbers tokens as they come (the seed notebook); "count" the most frequent first,
                ties as they come.
            min_count: a token that is seen less often is left out.
            max_size: most entries, the three special ones included; the order decides which. None: no limit.

        Raises:
            InputError: another order, min_count under 1, max_size under 3.
        """
        if order not in ("first_seen", "count"):
            raise InputError(f"vocabulary order {order!r}: use 'first_seen' or 'count'")
        if min_count < 1:
            raise InputError(f"vocabulary min_count {min_count}: use 1 or more")
        if max_size is not None and max_size < len(cls.SPECIAL):
            raise InputError(f"vocabulary max_size {max_size}: use {len(cls.SPECIAL)} or more, or None for no limit")
        all_of = itertools.chain.from_iterable
        if isinstance(token_lists, Tokenised | CountedTokens):
            counts = token_lists.counts()
        else:
            counts = Counter(all_of(token_lists))
        for token in cls.SPECIAL:
            del counts[token]
        seen = counts.most_common() if order == "count" else counts.items()
        tokens = (*cls.SPECIAL, *(token for token, count in seen if count >= min_count))
        return cls(tokens[:max_size])

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: str) -> bool:
        """Tells whether a text's token has an id of its own; the special entries are none."""
        return token in self._ids

    def encode(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <int32>[len(tokens)] ids, `UNKNOWN` for tokens that aren't in the vocabulary."""
        return np.fromiter(map(self._ids.get, tokens, itertools.repeat(self.UNKNOWN)), np.int32, len(tokens))

    def encode_texts(self, texts: Tokenised) -> Ragged:
        """Returns the ids of many texts, as `encode` gives them."""
        return Ragged(self.encode(texts.tokens)[texts.places], np.diff(texts.starts))

    def knows(self, tokens: Sequence[str]) -> np.ndarray:
        """Returns <bool>[len(tokens)]: which tokens have an id of their own."""
        return self.encode(tokens) != self.UNKNOWN

    def origins(self, tokens: Sequence[str]) -> list[tuple[int, ...]]:
        """Returns, for each id of `encode`, the places of the tokens that it comes from."""
        return [(place,) for place in range(len(tokens))]

    def to_dict(self) -> dict[str, int]:
        """Returns an encoder's settings for JSON: the vocabulary itself has none."""
        return {}

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes `to_bytes` to a file. Raises OSError as `write_whole` does."""
        write_whole(path, self.to_bytes())

    def to_bytes(self) -> bytes:
        """Returns the tokens in order, one a line, as UTF-8.

        A backslash in a token is written twice, a newline as backslash and n, a lone surrogate as backslash and its
        hexadecimal code ("ud83d").
        """
        lines = "".join(token.replace("\\", r"\\").replace("\n", r"\n") + "\n" for token in self.tokens)
        return lines.encode("utf-8", "backslashreplace")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Vocabulary":
        """Reads what `save` wrote, token for token.

        Raises:
            InputError: no such file; or, with the number of the line, broken UTF-8, a wrong escape, an empty line,
                a duplicate, wrong first lines, an end within a line.
        """
        try:
            data = Path(path).read_bytes()
        except FileNotFoundError as error:
            raise InputError(f"{path}: no such vocabulary; train first, or name another run") from error
        return cls.from_bytes(data, path)

    @classmethod
    def from_bytes(cls, data: bytes, path: str | os.PathLike[str]) -> "Vocabulary":
        """Returns what `to_bytes` gave; `path` is what an error calls it. Raises InputError as `load` does."""
        try:
            return cls(_read_tokens(data))
        except _EntryError as bad:
            raise InputError(f"{path}, line {bad.number + 1}: {bad.what}; {_REMEDY}") from bad


class _EntryError(ValueError):
    """What is wrong with entry `number`, counted from 0."""

    def __init__(self, number: int, what: str):
        super().__init__(f"entry {number + 1} of a vocabulary: {what}")
        self.number, self.what = number, what


def _read_tokens(data: bytes) -> tuple[str, ...]:
    *lines, rest = data.split(b"\n")
    if rest:
        raise _EntryError(len(lines), "cut short, no end of line")
    with contextlib.suppress(UnicodeDecodeError):  # all at once: 400,000 words in a tenth of the time
        tokens = data.decode("utf-8").split("\n")[:-1]
        if b"\\" not in data:
            return tuple(tokens)
        return tuple(_unescaped(token, number) if "\\" in token else token for number, token in enumerate(tokens))
    return tuple(_read_token(line, number) for number, line in enumerate(lines))


def _read_token(line: bytes, number: int) -> str:
    try:
        return _unescaped(line.decode("utf-8"), number)
    except UnicodeDecodeError as error:
        raise _EntryError(number, f"not UTF-8 ({error.reason} at byte {error.start + 1})") from error


def _unescaped(line: str, number: int) -> str:
    def character(escape: re.Match[str]) -> str:
        match escape[0]:
            case "\\\\":
                return "\\"
            case r"\n":
                return "\n"
            case "\\":
                raise _EntryError(number, "a backslash that should stand twice")
        return chr(int(escape[1], 16))

    return _ESCAPED.sub(character, line)
