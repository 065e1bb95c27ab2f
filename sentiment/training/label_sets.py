"""What a program gives as several labels a text -> classes and which text has which."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sentiment.errors import InputError

_SETS = (list, tuple, set, frozenset, np.ndarray)


def label_sets(labels: Any) -> tuple[np.ndarray, np.ndarray] | None:
    """Returns the classes, [n_classes], and <bool>[N, n_classes] which text has which; None for one label a text.

    Args:
        labels: an array, sparse matrix or DataFrame [N, n_classes] of 0 and 1 with two columns or more, whose classes
            are its columns' names or numbers; or N lists, tuples or sets of labels, whose classes are in ascending
            order. Lists of one length that hold nothing but 0 and 1 are such an array.

    Raises:
        InputError: some texts have a list and some don't, or labels are of several types, or a label is empty.
    """
    if getattr(labels, "ndim", 1) == 2:
        return _of_columns(labels)
    given = list(labels)
    if not any(isinstance(each, _SETS) for each in given):
        return None
    if not all(isinstance(each, _SETS) for each in given):
        raise InputError("y: some texts have a list of labels and some don't: put each label into a list")
    if _is_indicator(given):
        return _of_columns(np.array([list(each) for each in given]))
    sets = [{each.item() if isinstance(each, np.generic) else each for each in row} for row in given]
    kinds = {type(label).__name__ for row in sets for label in row}
    if len(kinds) > 1:
        raise InputError(f"y: labels of several types, {' and '.join(sorted(kinds))}: give labels of one")
    names = sorted(set().union(*sets))
    if "" in names:
        raise InputError("y: a label is empty: leave it out, or name it")
    return np.array(names), np.array([[name in row for name in names] for row in sets], bool)


def _of_columns(labels: Any) -> tuple[np.ndarray, np.ndarray] | None:
    array = np.asarray(labels.toarray() if hasattr(labels, "toarray") else labels)
    if array.shape[1] < 2 or not np.isin(array, (0, 1)).all():
        return None  # scikit-learn's own checks say what is wrong
    names = getattr(labels, "columns", range(array.shape[1]))
    return np.array(list(names)), array.astype(bool)


def _is_indicator(rows: Sequence[Any]) -> bool:
    same = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1
    return same and all(not isinstance(row, set | frozenset) and all(each in (0, 1) for each in row) for row in rows)
