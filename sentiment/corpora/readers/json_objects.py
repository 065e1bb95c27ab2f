"""The records that one JSON object stands for: by split, by column, by key, by text or by label."""

from collections.abc import Iterator
from typing import Any

from sentiment.corpora.readers.columns import KNOWN_NAMES
from sentiment.corpora.readers.values import split_name

_FEWEST_TEXTS = 4  # of an object text -> label; fewer may be the fields of one record


def records_of(value: dict[str, Any]) -> Iterator[Any] | None:
    """Returns the records of an object; None where it is a record itself, or holds them below one of its keys.

    An object of objects holds columns (pandas: the objects have the same keys, rows) or, where it has more keys than
    they, a record by each key, which becomes the column "key".
    """
    if _is_splits(value):
        return (_with_split(record, split) for split, records in value.items() for record in records)
    if _is_by_key(value):
        return ({"key": key} | record for key, record in value.items())
    if _is_by_label(value):
        return ({"text": text, "label": label} for label, texts in value.items() for text in texts)
    if _is_columns(value):
        columns = [list(inner.values()) if isinstance(inner, dict) else inner for inner in value.values()]
        return (dict(zip(value, cells, strict=True)) for cells in zip(*columns, strict=True))
    if _is_by_text(value):
        return ({"text": text, "label": label} for text, label in value.items())
    return None


def _is_splits(value: dict[str, Any]) -> bool:
    lists = all(isinstance(inner, list) for inner in value.values())
    return lists and len(value) > 0 and all(map(split_name, value))


def _with_split(record: Any, split: str) -> Any:
    if isinstance(record, dict):
        return record if "split" in record else record | {"split": split}
    if isinstance(record, list) and len(record) == 2:
        return {"text": record[0], "label": record[1], "split": split}
    return {"text": record, "split": split} if isinstance(record, str) else record


def _is_columns(value: dict[str, Any]) -> bool:
    """Whether an object holds columns: arrays of one length, or objects with the same keys (pandas)."""
    lists = all(isinstance(inner, list) for inner in value.values())
    objects = all(isinstance(inner, dict) for inner in value.values())
    if len(value) < 1 or not (lists or objects):
        return False
    return len({len(inner) if lists else tuple(inner) for inner in value.values()}) == 1


def _is_by_key(value: dict[str, Any]) -> bool:
    """Whether an object holds a record by each key: objects that share keys, and have fewer than there are objects."""
    inner = list(value.values())
    if not inner or not all(isinstance(each, dict) for each in inner):
        return False
    return len(set().union(*inner)) < len(inner) and bool(set(inner[0]).intersection(*inner[1:]))


def _is_by_label(value: dict[str, Any]) -> bool:
    """Whether an object holds a list of texts for each label, and not a list for each column."""
    lists = list(value.values())
    if len(lists) < 2 or not all(isinstance(each, list) for each in lists):
        return False
    if not all(isinstance(text, str) for each in lists for text in each):
        return False
    if len(set(map(len, lists))) > 1:
        return True
    repeat = any(len(set(each)) <= len(each) / 2 for each in lists)  # as labels do
    return not repeat and not KNOWN_NAMES.intersection(map(str.casefold, value))


def _is_by_text(value: dict[str, Any]) -> bool:
    """Whether an object holds a label for each text: its keys are texts of several words, and its labels repeat."""
    labels = list(value.values())
    if len(labels) < _FEWEST_TEXTS or not all(isinstance(label, str | int | float) for label in labels):
        return False
    return all(len(text.split()) > 1 for text in value) and len(set(labels)) <= len(labels) / 2
