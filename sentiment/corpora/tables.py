"""The user's own corpus: a CSV, TSV, JSONL or Parquet file with a column of texts and a column of labels."""

import hashlib
import numbers
import re
from pathlib import Path

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.polarity import polarity
from sentiment.corpora.splits import split_rows
from sentiment.corpora.table_readers import READERS, Columns, Row, is_missing
from sentiment.errors import InputError

LONGEST_TEXT = 100_000
_BROKEN = re.compile("[\0\ud800-\udfff]")


def load(path: Path, text_column: str | None, label_column: str | None, seed: int) -> Corpus:
    """Reads a file into a corpus, split 80/10/10 by `splits.split_rows`.

    The encoding is UTF-8, with or without a byte order mark. Texts stay as they are; labels are stripped, and numbers
    become strings. Every flaw stops the loading, for a row left out in silence is a result that nobody can explain.

    Args:
        path: the file; its ending tells its kind.
        text_column: the column of texts, "text" when None.
        label_column: the column of labels, "label" when None.
        seed: of the split.

    Raises:
        InputError: in one line, with file, row and remedy, whatever is wrong with the file.
        OSError: it can't be read.
    """
    data = _read(path)
    texts, names = [], []
    for row in READERS[path.suffix.lower()](path, data, Columns(text_column, label_column)):
        texts.append(_text(path, row))
        names.append(_label(path, row))
    if not texts:
        raise InputError(f"{path}: no row below the header: add rows")
    label_names = order_labels(set(names))
    index = {name: label for label, name in enumerate(label_names)}
    labels = np.array([index[name] for name in names], dtype=np.int32)
    splits = split_rows(texts, labels, seed)
    _check_classes(path, labels, label_names, splits)
    return Corpus(
        name=path.name,
        texts=tuple(texts),
        labels=labels,
        label_names=label_names,
        splits=splits,
        provenance=Provenance(str(path), "local file", hashlib.sha256(data).hexdigest(), "the user's own"),
    )


def order_labels(names: set[str]) -> tuple[str, ...]:
    """Orders label names: negative, neutral, positive (neg, neu, pos); numbers by value; anything else by alphabet."""
    if all(polarity(name) is not None for name in names):
        return tuple(sorted(names, key=lambda name: (polarity(name), name)))
    try:
        return tuple(sorted(names, key=lambda name: (float(name), name)))
    except ValueError:
        return tuple(sorted(names))


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: a folder: name a file in it")
    if not path.exists():
        raise InputError(f"{path}: no such file: check the name and the folder")
    if path.suffix.lower() not in READERS:
        raise InputError(f"{path}: unknown kind of file: give a {', '.join(READERS)} file")
    data = path.read_bytes()
    if not data.strip():
        raise InputError(f"{path}: the file is empty: give it a header and rows")
    return data


def _text(path: Path, row: Row) -> str:
    text = row.text
    if text is not None and not isinstance(text, str):
        raise InputError(f"{path}: {row.place}: the text is {_kind(text)}, not a string: quote it")
    if text is None or not text.strip():
        raise InputError(f"{path}: {row.place}: the text is empty: fill it in or remove the row")
    if len(text) > LONGEST_TEXT:
        raise InputError(
            f"{path}: {row.place}: the text has {len(text):,} characters, over {LONGEST_TEXT:,}: shorten or remove it"
        )
    if _BROKEN.search(text):
        raise InputError(f"{path}: {row.place}: the text holds a NUL or half a surrogate pair: remove that character")
    return text


def _label(path: Path, row: Row) -> str:
    label = row.label
    if is_missing(label):
        raise InputError(f"{path}: {row.place}: the label is missing: fill it in or remove the row")
    if isinstance(label, bool):
        return str(label).lower()
    if isinstance(label, str):
        return label.strip()
    if not isinstance(label, numbers.Number):
        raise InputError(f"{path}: {row.place}: the label is {_kind(label)}: give a string or a number")
    return str(label)


def _check_classes(path: Path, labels: np.ndarray, label_names: tuple[str, ...], splits: dict[str, np.ndarray]) -> None:
    if len(label_names) == 1:
        raise InputError(
            f"{path}: all {len(labels):,} rows are labelled {_short(label_names[0])}: add rows of another class"
        )
    counts = np.array([np.bincount(labels[rows], minlength=len(label_names)) for rows in splits.values()])
    rarest = int(counts.min(axis=0).argmin())
    if counts[:, rarest].min() == 0:
        name, rows = _short(label_names[rarest]), counts[:, rarest].sum()
        raise InputError(
            f"{path}: label {name} has {rows} row(s), and not one for each of {', '.join(splits)}: "
            "give every class at least 3 texts that differ, or check which column --label names"
        )


def _kind(value: object) -> str:
    return f"of type {type(value).__name__}"


def _short(name: str) -> str:
    return repr(name if len(name) <= 40 else name[:40] + "...")
