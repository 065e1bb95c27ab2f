"""Any iterable of strings -> a list of strings."""

import io
from collections.abc import Iterable, Mapping
from typing import Any


def as_texts(given: Iterable[str]) -> list[str]:
    """Returns the texts of a list, tuple, generator, array, series or open text file, in order.

    The lines of a file lose their line ends; nothing else is changed.

    Raises:
        TypeError: `given` isn't an iterable of strings, as are a lone string, bytes, a table, a mapping, or something
            in it isn't a string; the message names the position, from 0, and what to write instead.
    """
    _check_iterable(given)
    texts = list(given)
    if isinstance(given, io.TextIOBase):
        return [line.removesuffix("\n") for line in texts]
    if set(map(type, texts)) <= {str}:
        return texts
    for position, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"texts[{position}] {_what_is_wrong_with(text)}")
    return list(map(str, texts))  # of a NumPy array, whose strings are of a type of their own


def _check_iterable(given: Any) -> None:
    name = type(given).__name__
    if isinstance(given, str):
        raise TypeError(f"one str alone, {given!r:.60}: put it into a list, [text]")
    if isinstance(given, bytes | bytearray):
        raise TypeError(f"{name} alone: decode it and put it into a list, [text.decode('utf-8')]")
    if hasattr(given, "columns") or hasattr(given, "column_names"):  # of pandas, polars, pyarrow, duckdb
        raise TypeError(f"a table ({name}): name the column that holds the texts, as in table['text']")
    if isinstance(given, Mapping):
        raise TypeError(f"a mapping ({name}): give its values, list(texts.values())")
    if getattr(given, "ndim", 1) != 1:
        raise TypeError(f"an array of {given.ndim} dimensions: give one of 1, such as texts.ravel() or a column of it")
    if not isinstance(given, Iterable):
        raise TypeError(
            f"{name} ({given!r:.60}) holds no texts: give a list of strings, or anything else that yields them"
        )


def _what_is_wrong_with(text: Any) -> str:
    if isinstance(text, bytes | bytearray):
        return f"is {type(text).__name__}: decode it first, text.decode('utf-8'), or open the file as text"
    if _is_missing(text):
        return f"is missing ({text!r}): leave it out, as series.dropna() does, or put '' in its place"
    return f"is of type {type(text).__name__} ({text!r:.60}): each text is one str; str(...) makes one of a number"


def _is_missing(value: Any) -> bool:
    if value is None or type(value).__name__ in ("NAType", "NaTType"):  # of pandas
        return True
    return isinstance(value, float) and value != value  # NaN
