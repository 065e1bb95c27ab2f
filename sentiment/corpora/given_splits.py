"""Splits that the data's authors made: kept as they are, completed where one is missing, and looked at for leaks."""

import operator
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np

from sentiment.corpora.corpus import SPLIT_NAMES
from sentiment.corpora.mapped_texts import taken
from sentiment.corpora.ranks import Ranks
from sentiment.corpora.readers.coded import where
from sentiment.corpora.splits import split_rows


def keep_splits(
    texts: Sequence[str], labels: np.ndarray, given: Sequence[str | None], seed: int, shares: Mapping[str, float]
) -> tuple[dict[str, np.ndarray], tuple[str, ...]]:
    """Keeps given splits; a missing validation split is cut from the training rows.

    Args:
        texts: N texts.
        labels: <int>[N] class indices, or <bool>[N, n_classes].
        given: of each text "train", "validation" or "test", or None where it belongs to no split; some are "train".
        seed: of what is cut.
        shares: as for `split_rows`: of train and validation together, as much is cut as they say.

    Returns:
        Ascending row numbers, <int64>, by split; and what a reader should know, a line each.
    """
    splits = rows_by_split(given)
    notes = [f"splits as given: {', '.join(f'{name} {len(rows):,}' for name, rows in splits.items())}"]
    if without := sum(name is None for name in given):
        notes.append(f"{without:,} rows belong to no split: not used")
    if "validation" not in splits:
        train = splits.pop("train")
        both = shares["train"] + shares["validation"]
        part = {"train": shares["train"] / both, "validation": shares["validation"] / both}
        cut = split_rows(taken(texts, train), labels[train], seed, part)
        splits = {name: train[rows] for name, rows in cut.items()} | splits
        notes.append(f"validation: {len(splits['validation']):,} texts cut from train")
    return splits, (*notes, *_crossing(Ranks.of(texts, seed), splits))


def rows_by_split(given: Sequence[str | None]) -> dict[str, np.ndarray]:
    """Returns the row numbers of each split that has any, <int64>, in the order train, validation, test."""
    found = {name: np.flatnonzero(where(given, partial(operator.eq, name))) for name in SPLIT_NAMES}
    return {name: rows for name, rows in found.items() if len(rows)}


def _crossing(ranks: Ranks, splits: Mapping[str, np.ndarray]) -> list[str]:
    """Returns a line for each split whose texts have near-duplicates (`normalise`) in an earlier one."""
    heads = ranks.heads()
    seen = np.empty(0, heads.dtype)
    notes: list[str] = []
    before: list[str] = []
    for name, rows in splits.items():
        own = heads[rows]
        if again := np.count_nonzero(np.isin(own, seen)):
            notes.append(
                f"{again:,} of {len(rows):,} texts of {name} have a near-duplicate in {' or '.join(before)}: kept, as "
                "given, and scores on them may be too high"
            )
        seen = np.union1d(seen, own)
        before.append(name)
    return notes
