"""Train, validation and test rows: seeded, stratified by class, and grouped so that no near-duplicate crosses."""

import hashlib
import html
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}

_URL = re.compile(r"(?:https?:|www\.)\S*")
_HANDLE = re.compile(r"@\w+")
_RETWEET = re.compile(r"^(?:\s*rt\s+@USER\s*:?)+")
_ELONGATION = re.compile(r"([^\d\s])\1{2,}")
_ASCII_SYMBOLS = re.compile(r"[!-/:-@\[-^`{-~]+")
_SYMBOL = re.compile(r"[^\w\s]")


def normalise(text: str) -> str:
    """Returns the form in which two texts count as near-duplicates of each other.

    HTML entities are resolved, compatible characters unified (NFKC), letters case-folded; URLs and handles become
    placeholders; the `RT @user:` in front of a retweet goes; a character (no digit) that is repeated three times or
    more is kept twice; punctuation and white space become one space. Emoji stay, for they are words; emoticons go with
    the punctuation. A text of nothing but punctuation is compared as it stands, or all of them would be one group.
    """
    folded = unicodedata.normalize("NFKC", html.unescape(text)).casefold()
    marked = _RETWEET.sub(" ", _HANDLE.sub("@USER", _URL.sub(" URL ", folded)))
    words = _SYMBOL.sub(_keep_emoji, _ASCII_SYMBOLS.sub(" ", _ELONGATION.sub(r"\1\1", marked)))
    return " ".join(words.split()) or " ".join(folded.split())


def group_rows(texts: Sequence[str]) -> dict[str, list[int]]:
    """Returns the row numbers that share one normalised text, by that text, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        groups.setdefault(normalise(text), []).append(row)
    return groups


def split_rows(
    texts: Sequence[str], labels: np.ndarray, seed: int, shares: Mapping[str, float] = SHARES
) -> dict[str, np.ndarray]:
    """Splits all rows by shares, 80/10/10 into train, validation and test.

    A text with several labels is of the class of its rarest one, and texts without any are a class of their own.

    Rows of one normalised text stay together, in the stratum of their most frequent label (the smaller index when
    tied): texts whose labels conflict can't cross either. Within a class large groups are placed first and every group
    goes where most rows are still missing, so that each split's share is exact up to one group. A class of as many
    groups as splits, or more, appears in every split; with fewer, train comes first, then validation.

    Groups of one size are ordered by a SHA-256 of the seed and their text: the same rows, in any order, on any
    machine and Python, give the same splits.

    Args:
        texts: N texts.
        labels: <int>[N] class indices, or <bool>[N, n_classes] where a text may have several.
        seed: another seed, another split.
        shares: of each split, "train" first; they sum to 1.

    Returns:
        Ascending row numbers, <int64>, for each split.
    """
    labels = _rarest(labels) if np.ndim(labels) == 2 else labels
    strata: dict[int, list[tuple[int, bytes, list[int]]]] = {}
    for text, rows in group_rows(texts).items():
        strata.setdefault(_majority(labels, rows), []).append((-len(rows), _rank(seed, text), rows))
    splits: dict[str, list[int]] = {name: [] for name in shares}
    for label in sorted(strata):
        for name, rows in _deal([rows for _, _, rows in sorted(strata[label])], shares):
            splits[name].extend(rows)
    return {name: np.array(sorted(rows), dtype=np.int64) for name, rows in splits.items()}


def _deal(groups: list[list[int]], shares: Mapping[str, float]) -> list[tuple[str, list[int]]]:
    """Pairs each group of one class, largest first, with the split that lacks most rows."""
    total = sum(map(len, groups))
    first, *others = shares
    missing = {name: max(1, round(shares[name] * total)) for name in others}
    missing = {first: total - sum(missing.values()), **missing}
    empty = list(shares)
    dealt = []
    for place, rows in enumerate(groups):
        # The last groups must fill the splits that have nothing of this class yet.
        forced = len(groups) - place <= len(empty)
        name = empty[0] if forced else max(shares, key=missing.__getitem__)
        missing[name] -= len(rows)
        if name in empty:
            empty.remove(name)
        dealt.append((name, rows))
    return dealt


def _rarest(labels: np.ndarray) -> np.ndarray:
    """Returns of each row, <bool>[N, n_classes], its class with the fewest rows; n_classes where it has none."""
    ranks = np.where(labels, labels.sum(axis=0), len(labels) + 1)
    return np.where(labels.any(axis=1), ranks.argmin(axis=1), labels.shape[1])


def _majority(labels: np.ndarray, rows: list[int]) -> int:
    if len(rows) == 1:
        return int(labels[rows[0]])
    counts = Counter(int(labels[row]) for row in rows)
    return min(counts, key=lambda label: (-counts[label], label))


def _rank(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()


def _keep_emoji(match: re.Match) -> str:
    # "So": emoji and pictographs. Skin tones, joiners and variation selectors are other categories, and go.
    return match[0] if unicodedata.category(match[0]) == "So" else " "
