"""Many texts' tokens, each distinct token once: a million tweets take 50 MB, as lists of strings 1 GB."""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn, overload

import numpy as np

from sentiment.text.slices import joined_slices

_AT_ONCE = 4096  # texts whose tokens are looked up together


@dataclass(frozen=True)
class Tokenised(Sequence[list[str]]):
    """The tokens of texts, as a sequence of lists.

    Attributes:
        tokens: the distinct ones, in the order in which they were first seen.
        places: <int32>[n_tokens] of the tokens of all texts, end to end, in `tokens`.
        starts: <int64>[n_texts + 1]; text i has places[starts[i]:starts[i + 1]].
    """

    tokens: list[str]
    places: np.ndarray
    starts: np.ndarray

    @classmethod
    def of(cls, token_lists: Iterable[Sequence[str]]) -> "Tokenised":
        """Returns lists of tokens in this form."""
        known: dict[str, int] = {}
        lists = list(token_lists)
        found = (known.setdefault(token, len(known)) for token in itertools.chain.from_iterable(lists))
        places = np.fromiter(found, np.int32)
        return cls(list(known), places, _starts(np.fromiter(map(len, lists), np.int64, len(lists))))

    @classmethod
    def numbered(cls, tokens: Sequence[str], places: np.ndarray, lengths: np.ndarray) -> "Tokenised":
        """Returns texts whose tokens are numbered otherwise in this form.

        Args:
            tokens: by number, each once; more than these texts have, perhaps.
            places: <int>[n_tokens] the numbers of the tokens of all texts, end to end.
            lengths: <int>[n_texts] how many each text has.
        """
        first = np.full(len(tokens), len(places), np.int64)
        np.minimum.at(first, places, np.arange(len(places)))
        seen = np.flatnonzero(first < len(places))
        seen = seen[np.argsort(first[seen])]
        own = np.empty(len(tokens), np.int32)
        own[seen] = np.arange(len(seen), dtype=np.int32)
        return cls([tokens[number] for number in seen.tolist()], own[places], _starts(lengths))

    @classmethod
    def joined(cls, parts: Iterable["Tokenised"]) -> "Tokenised":
        """Returns the texts of several, one after the other: what `of` gives for all their lists."""
        known: dict[str, int] = {}
        places, lengths = [np.empty(0, np.int32)], [np.empty(0, np.int64)]
        for part in parts:
            own = np.fromiter(
                (known.setdefault(token, len(known)) for token in part.tokens), np.int32, len(part.tokens)
            )
            places.append(own[part.places])
            lengths.append(np.diff(part.starts))
        return cls(list(known), np.concatenate(places), _starts(np.concatenate(lengths)))

    def __len__(self) -> int:
        return len(self.starts) - 1

    @overload
    def __getitem__(self, text: int) -> list[str]: ...

    @overload
    def __getitem__(self, text: slice) -> list[list[str]]: ...

    def __getitem__(self, text: int | slice) -> list[str] | list[list[str]]:
        """Returns a text's tokens, or those of several texts."""
        if isinstance(text, slice):
            return [self[each] for each in range(*text.indices(len(self)))]
        if not -len(self) <= text < len(self):
            raise IndexError(text)
        text %= len(self)
        return [self.tokens[place] for place in self.places[self.starts[text] : self.starts[text + 1]].tolist()]

    def __iter__(self) -> Iterator[list[str]]:
        for start in range(0, len(self), _AT_ONCE):
            starts = self.starts[start : start + _AT_ONCE + 1]
            words = [self.tokens[place] for place in self.places[starts[0] : starts[-1]].tolist()]
            ends = (starts - starts[0]).tolist()
            yield from (words[begin:end] for begin, end in itertools.pairwise(ends))

    def mapped(self, change: Callable[[str], str]) -> "Tokenised":
        """Returns the same texts with each token changed."""
        known: dict[str, int] = {}
        own = np.fromiter((known.setdefault(change(each), len(known)) for each in self.tokens), np.int32)
        return Tokenised(list(known), own[self.places], self.starts)

    def of_rows(self, rows: np.ndarray) -> "Tokenised":
        """Returns some of the texts, <int64>[n]: what `of` gives for their lists."""
        lengths = np.diff(self.starts)[rows]
        return Tokenised.numbered(self.tokens, joined_slices(self.places, self.starts[rows], lengths), lengths)

    def counts(self) -> Counter[str]:
        """Returns how often each token stands in the texts, in the order in which they were first seen."""
        counted = np.bincount(self.places, minlength=len(self.tokens)).tolist()
        return Counter(dict(zip(self.tokens, counted, strict=True)))


class CountedTokens(Sequence[list[str]]):
    """Texts of which no more is known than how often they have each token."""

    def __init__(self, counts: Counter[str], n_texts: int):
        self._counts = counts
        self._n_texts = n_texts

    def __len__(self) -> int:
        return self._n_texts

    def __getitem__(self, text: object) -> NoReturn:
        """Raises TypeError: they can't be had one by one."""
        raise TypeError("only the counts of these texts' tokens are known")

    def counts(self) -> Counter[str]:
        """Returns how often each token stands in the texts, in the order in which they were first seen."""
        return self._counts.copy()


def _starts(lengths: np.ndarray) -> np.ndarray:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths, dtype=np.int64)])
