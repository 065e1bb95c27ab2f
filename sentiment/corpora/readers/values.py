"""What cells mean: a text, a label or several, the name of a split."""

import contextlib
import math
import re
from collections.abc import Sequence

from sentiment.corpora.readers.coded import distinct
from sentiment.corpora.readers.table import EMPTY_TEXT, LONGEST_SHOWN, LONGEST_TEXT, NO_STRING, NOT_TEXT, TOO_LONG, Flaw

_BROKEN = re.compile("[\ud800-\udfff]")
_SPLITS = {
    "train": "train", "training": "train", "trn": "train", "validation": "validation", "valid": "validation",
    "val": "validation", "dev": "validation", "devel": "validation", "development": "validation",
    "test": "test", "testing": "test", "tst": "test", "eval": "test", "heldout": "test",
}  # fmt: skip
SEVERAL = (",", ";", "|")


def split_name(named: str) -> str | None:
    """Returns "train", "validation" or "test" for a split's usual names ("dev", "oos_test"); None for any other."""
    whole = named.strip().casefold()
    if whole in _SPLITS:
        return _SPLITS[whole]
    found = {_SPLITS[part] for part in re.split(r"[^a-z]+", whole) if part in _SPLITS}
    return found.pop() if len(found) == 1 else None


def is_missing(value: object) -> bool:
    """Whether a cell holds nothing: None, NaN, white space, or the word "nan" that pandas writes for it."""
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or (isinstance(value, str) and value.strip().casefold() in ("", "nan"))


def as_text(cells: Sequence[object], raw: object = None) -> str | Flaw:
    """Returns the text of a record's text cells, joined by a space, or what is wrong with it."""
    if len(cells) == 1 and isinstance(only := cells[0], str) and _is_plain(only):
        return only  # nearly all, and a file has millions
    for cell in cells:
        if cell is not None and not isinstance(cell, str):
            return Flaw(NO_STRING, f"the text is of type {type(cell).__name__}, not a string", shown(cells))
    filled = [cell for cell in cells if isinstance(cell, str) and cell.strip()]
    text = " ".join(filled) if len(cells) > 1 else "".join(filled)
    if not filled:
        return Flaw(EMPTY_TEXT, "the text is empty", shown(cells))
    if len(text) > LONGEST_TEXT:
        return Flaw(TOO_LONG, f"the text has {len(text):,} characters, over {LONGEST_TEXT:,}", shown(cells))
    if "\0" in text:
        return Flaw(NOT_TEXT, "the text holds a NUL", shown(cells))
    if not text.isascii() and _BROKEN.search(text):
        return Flaw(NOT_TEXT, "the text holds bytes that are no characters, or half a surrogate pair", shown(cells))
    return text


def _is_plain(text: str) -> bool:
    return bool(text) and not text.isspace() and len(text) <= LONGEST_TEXT and is_whole(text)


def is_whole(text: str) -> bool:
    """Whether a text holds no NUL, no half of a surrogate pair, and so no byte that is no character."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def as_label(value: object) -> str | list[str] | None:
    """Returns a cell's label, stripped; of a list the labels in it, which may be none; None where it is missing."""
    if isinstance(value, list | tuple):
        labels = [as_label(each) for each in value]
        return [label for label in labels if isinstance(label, str)] or (None if labels else [])
    if is_missing(value):
        return None
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def parted(label: str, separator: str) -> list[str]:
    """Returns the labels of a cell, stripped, without empty ones and each once."""
    return list(dict.fromkeys(part.strip() for part in label.split(separator) if part.strip()))


def several_labels(labels: Sequence[str | list[str] | None]) -> str:
    """Returns what stands between the labels of a column whose cells hold several, or "".

    That is so where the parts are numbers, or short and stand in more than one of the combinations. A space counts
    where each part also stands alone in another cell: a class may be called "very good".
    """
    cells = {label for label in distinct(labels) if isinstance(label, str)}
    for separator in SEVERAL:
        joined = [label for label in cells if separator in label]
        parts = [[part.strip() for part in label.split(separator)] for label in cells]
        names = {name for each in parts for name in each}
        if not joined or "" in names or any(len(set(each)) < len(each) for each in parts):
            continue
        numbers = all(name.isdigit() for name in names)
        repeated = len(names) < sum(map(len, parts)) and max(map(len, names)) <= 40
        if (numbers or repeated) and len(names) <= max(3, len(labels) / 2):
            return separator
    spaced = [label.split() for label in cells if " " in label]
    alone = all(len(set(words)) == len(words) and cells.issuperset(words) for words in spaced)
    return " " if spaced and alone else ""


def shown(raw: object) -> str:
    """Returns what a flawed row held, cut short; bytes that are no characters in their hexadecimal form."""
    if isinstance(raw, list | tuple):
        raw = ", ".join(str(cell)[:LONGEST_SHOWN] for cell in raw[:100] if cell is not None)
    held = str(raw)[:LONGEST_SHOWN]
    with contextlib.suppress(UnicodeEncodeError):  # of half a surrogate pair, which JSON can hold
        return held.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return held.encode("utf-8", "backslashreplace").decode("utf-8")
