"""Train, validation and test rows: seeded, stratified by class, and grouped so that no near-duplicate crosses."""

import functools
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sentiment.corpora.mapped_texts import MappedTexts
from sentiment.corpora.near_duplicates import normalise_all
from sentiment.worker_processes import map_texts

SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


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
    labels = _rarest(labels) if np.ndim(labels) == 2 else np.asarray(labels)
    groups = _groups(texts, seed)
    sizes = np.diff(groups.starts)
    strata = labels[groups.rows[groups.starts[:-1]]]
    for place in np.flatnonzero(sizes > 1).tolist():
        strata[place] = _majority(labels, groups.of(place))
    split_of = np.empty(len(labels), np.int32)
    for label in np.flatnonzero(np.bincount(strata)):
        members = np.flatnonzero(strata == label)
        members = members[np.argsort(-sizes[members], kind="stable")]
        split_of[groups.of_all(members)] = np.repeat(_deal(sizes[members], shares), sizes[members])
    return {name: np.flatnonzero(split_of == place) for place, name in enumerate(shares)}


class _Groups(NamedTuple):
    """The rows of each normalised text, groups in the order of their ranks.

    Attributes:
        rows: <int64>[n_rows] of all groups, end to end, ascending in each.
        starts: <int64>[n_groups + 1]; group i has rows[starts[i]:starts[i + 1]].
    """

    rows: np.ndarray
    starts: np.ndarray

    def of(self, group: int) -> np.ndarray:
        return self.rows[self.starts[group] : self.starts[group + 1]]

    def of_all(self, groups: np.ndarray) -> np.ndarray:
        sizes = np.diff(self.starts)[groups]
        within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        return self.rows[np.repeat(self.starts[groups], sizes) + within]


def _groups(texts: Sequence[str], seed: int) -> _Groups:
    ranks = _ranks(texts, seed)
    first = ranks[:, 0].astype(np.uint64)
    rows = np.argsort(first, kind="stable")
    begins = np.append(True, first[rows[1:]] != first[rows[:-1]])[: len(rows)]
    members = np.flatnonzero(~begins)
    if np.any(ranks[rows[members]] != ranks[rows[members - 1]]):  # the first 64 of 256 bits are hardly ever the same
        rows = np.lexsort(ranks.T[::-1])
        begins[1:] = np.any(ranks[rows[1:]] != ranks[rows[:-1]], axis=1)
    return _Groups(rows, np.append(np.flatnonzero(begins), len(rows)))


def _ranks(texts: Sequence[str], seed: int) -> np.ndarray:
    """Returns <uint64>[n_texts, 4]: the SHA-256 by which normalised texts are ordered, and distinguished."""
    if isinstance(texts, MappedTexts) and texts.ranks is not None:
        return texts.ranks[texts.rows].view(">u8")
    found = map_texts(functools.partial(ranks_of, seed), texts, "splits")
    return np.frombuffer(b"".join(found), ">u8").reshape(-1, 4)


def ranks_of(seed: int, texts: Sequence[str]) -> bytes:
    """Returns the 32 bytes for each text by which `split_rows` orders them: equal for near-duplicates."""
    return b"".join(_rank(seed, form) for form in normalise_all(texts))


def _deal(sizes: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
    """Returns for each group of one class, largest first, the place in `shares` of the split that lacks most rows."""
    total = int(sizes.sum())
    others = [max(1, round(share * total)) for share in list(shares.values())[1:]]
    missing = [total - sum(others), *others]
    empty = list(range(len(missing)))
    dealt: list[int] = []
    for place, size in enumerate(sizes.tolist()):
        if size == 1 and min(missing) >= 0 and all(missing[split] for split in empty):
            return np.array([*dealt, *_deal_rows(missing)])
        # The last groups must fill the splits that have nothing of this class yet.
        forced = len(sizes) - place <= len(empty)
        split = empty[0] if forced else missing.index(max(missing))
        missing[split] -= size
        if split in empty:
            empty.remove(split)
        dealt.append(split)
    return np.array(dealt)


def _deal_rows(missing: list[int]) -> np.ndarray:
    """Returns where single rows go, one for each that is missing: what most groups are, and files have millions."""
    splits = np.repeat(np.arange(len(missing)), missing)
    then_missing = np.concatenate([np.arange(each, 0, -1) for each in missing])
    return splits[np.lexsort((splits, -then_missing))]


def _rarest(labels: np.ndarray) -> np.ndarray:
    """Returns of each row, <bool>[N, n_classes], its class with the fewest rows; n_classes where it has none."""
    ranks = np.where(labels, labels.sum(axis=0), len(labels) + 1)
    return np.where(labels.any(axis=1), ranks.argmin(axis=1), labels.shape[1])


def _majority(labels: np.ndarray, rows: np.ndarray) -> int:
    counts = Counter(labels[rows].tolist())
    return min(counts, key=lambda label: (-counts[label], label))


def _rank(seed: int, text: str) -> bytes:
    return hashlib.sha256(f"{seed}\n{text}".encode("utf-8", "surrogatepass")).digest()
