"""Train, validation and test rows: seeded, stratified by class, and grouped so that no near-duplicate crosses."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from sentiment.corpora.ranks import Ranks
from sentiment.text.slices import joined_slices

_AT_ONCE = 1 << 17  # groups, or rows of groups
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
    strata = _strata(labels, groups, sizes)
    split_of = np.empty(len(labels), _place_type(len(shares)))
    for label in np.flatnonzero(np.bincount(strata)):
        members = _largest_first(np.flatnonzero(strata == label), sizes)
        dealt = _deal(sizes[members], shares)
        for start in range(0, len(members), _AT_ONCE):
            some = slice(start, start + _AT_ONCE)
            split_of[groups.of_all(members[some])] = np.repeat(dealt[some], sizes[members[some]])
    splits = {name: np.flatnonzero(split_of == place) for place, name in enumerate(shares)}
    for rows in splits.values():
        rows.setflags(write=False)  # a corpus takes them as they are then
    return splits


class _Groups(NamedTuple):
    """The rows of each normalised text, groups in the order of their ranks.

    Attributes:
        rows: <int>[n_rows] of all groups, end to end, ascending in each.
        starts: <int>[n_groups + 1]; group i has rows[starts[i]:starts[i + 1]].
    """

    rows: np.ndarray
    starts: np.ndarray

    def of_all(self, groups: np.ndarray) -> np.ndarray:
        starts = self.starts[groups]
        return joined_slices(self.rows, starts, self.starts[groups + 1] - starts)


def _groups(texts: Sequence[str], seed: int) -> _Groups:
    rows, begins = Ranks.of(texts, seed).order()
    starts = np.append(np.flatnonzero(begins).astype(rows.dtype), rows.dtype.type(len(rows)))
    return _Groups(rows, starts)


def _place_type(n_splits: int) -> np.dtype:
    """Returns the type of splits' places: a small one, for files have millions of rows."""
    return np.min_scalar_type(-n_splits)


def _deal(sizes: np.ndarray, shares: Mapping[str, float]) -> np.ndarray:
    """Returns for each group of one class, largest first, the place in `shares` of the split that lacks most rows."""
    total = int(sizes.sum())
    others = [max(1, round(share * total)) for share in list(shares.values())[1:]]
    missing = [total - sum(others), *others]
    empty = list(range(len(missing)))
    dealt: list[int] = []
    dtype = _place_type(len(missing))
    for place, size in enumerate(map(int, sizes)):
        if size == 1 and min(missing) >= 0 and all(missing[split] for split in empty):
            return np.concatenate([np.array(dealt, dtype), _deal_rows(missing)])
        # The last groups must fill the splits that have nothing of this class yet.
        forced = len(sizes) - place <= len(empty)
        split = empty[0] if forced else missing.index(max(missing))
        missing[split] -= size
        if split in empty:
            empty.remove(split)
        dealt.append(split)
    return np.array(dealt, dtype)


def _deal_rows(missing: list[int]) -> np.ndarray:
    """Returns where single rows go, one for each that is missing: what most groups are, and files have millions."""
    dealt = np.empty(sum(missing), _place_type(len(missing)))
    for split, own in enumerate(missing):
        for most in range(own, 0, -_AT_ONCE):
            lacking = np.arange(most, max(0, most - _AT_ONCE), -1)  # before each of its rows
            place = np.zeros(len(lacking), np.int64)  # of each: after those that others get while they lack more
            for other, others in enumerate(missing):
                place += np.maximum(others - lacking, 0)
                if other < split:
                    place += others >= lacking
            dealt[place] = split
    return dealt


def _rarest(labels: np.ndarray) -> np.ndarray:
    """Returns of each row, <bool>[N, n_classes], its class with the fewest rows; n_classes where it has none."""
    ranks = np.where(labels, labels.sum(axis=0), len(labels) + 1)
    return np.where(labels.any(axis=1), ranks.argmin(axis=1), labels.shape[1])


def _strata(labels: np.ndarray, groups: _Groups, sizes: np.ndarray) -> np.ndarray:
    """Returns <int>[n_groups] the most frequent label of each group's rows; the smaller one when tied."""
    strata = labels[groups.rows[groups.starts[:-1]]]
    several = np.flatnonzero(sizes > 1)
    ends = np.cumsum(sizes[several], dtype=np.int64)
    cuts = np.searchsorted(ends, np.arange(_AT_ONCE, sizes.sum(), _AT_ONCE))
    for some in np.split(several, cuts):
        if len(some):
            group = np.repeat(np.arange(len(some)), sizes[some])
            strata[some] = _majorities(labels[groups.of_all(some)], group)
    return strata


def _majorities(labels: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Returns <int>[n_groups] the most frequent of the labels in each group, the smallest of several.

    Args:
        labels: <int>[n].
        group: <int>[n] 0, 1, ..., ascending.
    """
    n_labels = int(labels.max()) + 1
    pairs, counts = np.unique(group * n_labels + labels, return_counts=True)
    begins = np.flatnonzero(np.diff(pairs // n_labels, prepend=-1))
    most = np.maximum.reduceat(counts, begins)
    winners = np.flatnonzero(counts == np.repeat(most, np.diff(begins, append=len(pairs))))
    return pairs[winners[np.searchsorted(winners, begins)]] % n_labels


def _largest_first(groups: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Returns groups, ascending where they are of one size; most are of one row, and needn't be sorted."""
    own = sizes[groups]
    several = own > 1
    large = groups[several]
    return np.concatenate([large[np.argsort(-own[several], kind="stable")], groups[~several]])
