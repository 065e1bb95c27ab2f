"""The form of a text in which it is compared with others: of one text, and of many at once."""

import html
import re
import string
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np

_URL = re.compile(r"(?:https?:|www\.)\S*")
_HANDLE = re.compile(r"@\w+")
_RETWEET = re.compile(r"^(?:\s*rt\s+@USER\s*:?)+")
_ELONGATION = re.compile(r"([^\d\s])\1{2,}")
_ASCII_SYMBOLS = dict.fromkeys(map(ord, set(string.punctuation) - {"_"}), " ")
_SYMBOL = re.compile(r"[^\w\s]")

# The same in ASCII's bytes, where a text has no line feed: that stands between texts.
_LINE, _SPACE = b"\n"[0], b" "[0]
_OTHER_SPACE = "\t\v\f\r\x1c\x1d\x1e\x1f"
_TO_SPACE = bytes.maketrans(
    "".join([*map(chr, _ASCII_SYMBOLS), *_OTHER_SPACE]).encode(), b" " * (len(_ASCII_SYMBOLS) + len(_OTHER_SPACE))
)
_KEEPS_RUNS = np.array([chr(byte).isdigit() or chr(byte).isspace() for byte in range(128)])
_AT_ONCE = 1024  # texts: as many as stay in a core's cache


def normalise(text: str) -> str:
    """Returns the form in which two texts count as near-duplicates of each other.

    HTML entities are resolved, compatible characters unified (NFKC), letters case-folded; URLs and handles become
    placeholders; the `RT @user:` in front of a retweet goes; a character (no digit) that is repeated three times or
    more is kept twice; punctuation and white space become one space. Emoji stay, for they are words; emoticons go with
    the punctuation. A text of nothing but punctuation is compared as it stands, or all of them would be one group.
    """
    folded = html.unescape(text)
    if not folded.isascii():
        folded = unicodedata.normalize("NFKC", folded)
    folded = folded.casefold()
    words = _ELONGATION.sub(r"\1\1", _with_placeholders(folded)).translate(_ASCII_SYMBOLS)
    if not words.isascii():
        words = _SYMBOL.sub(_keep_emoji, words)
    return " ".join(words.split()) or " ".join(folded.split())


def normalise_all(texts: Sequence[str]) -> list[str]:
    """Returns `normalise` of each text, in a fraction of the time."""
    return [form for start in range(0, len(texts), _AT_ONCE) for form in _some(texts[start : start + _AT_ONCE])]


def group_rows(texts: Sequence[str]) -> dict[str, list[int]]:
    """Returns the row numbers that share one normalised text, by that text, in order of first appearance."""
    groups: dict[str, list[int]] = {}
    for row, form in enumerate(normalise_all(texts)):
        groups.setdefault(form, []).append(row)
    return groups


def _with_placeholders(folded: str) -> str:
    # Most steps change few texts, and a file has millions: each is taken where what it looks for is there.
    if "http" in folded or "www." in folded:
        folded = _URL.sub(" URL ", folded)
    if "@" in folded:
        folded = _RETWEET.sub(" ", _HANDLE.sub("@USER", folded))
    return folded


def _some(texts: Sequence[str]) -> Iterator[str]:
    """Yields the form of each text: of those in ASCII, which are most, by looking at all their bytes at once."""
    resolved = [html.unescape(text) if "&" in text else text for text in texts]
    simple = [text.isascii() and "\n" not in text for text in resolved]
    lines = [text.lower() for text, is_simple in zip(resolved, simple, strict=True) if is_simple]
    forms = zip(_of_lines(lines), lines, strict=True)
    for text, is_simple in zip(texts, simple, strict=True):
        if not is_simple:
            yield normalise(text)
            continue
        form, line = next(forms)
        yield form or " ".join(line.split())


def _of_lines(lines: list[str]) -> list[str]:
    """Returns the words of texts in ASCII and in lower case, without line feeds; "" of those with none."""
    if not lines:
        return []
    marked = [_with_placeholders(line) if "@" in line or "http" in line or "www." in line else line for line in lines]
    written = np.frombuffer("\n".join(marked).encode("ascii"), np.uint8)
    again = written[1:] == written[:-1]
    kept = np.ones(len(written), bool)
    np.logical_and(again[1:], again[:-1], out=kept[2:])
    np.logical_or(~kept, _KEEPS_RUNS[written], out=kept)
    kept[:2] = True
    spaced = np.frombuffer(written[kept].tobytes().translate(_TO_SPACE), np.uint8)
    # A space that another one, or the end of a text, comes after; then those at the beginnings.
    ends = np.append((spaced[1:] == _SPACE) | (spaced[1:] == _LINE), True)[: len(spaced)]
    single = spaced[(spaced != _SPACE) | ~ends]
    begins = np.append(True, single[:-1] == _LINE)[: len(single)]
    return single[(single != _SPACE) | ~begins].tobytes().decode("ascii").split("\n")


def _keep_emoji(match: re.Match[str]) -> str:
    # "So": emoji and pictographs. Skin tones, joiners and variation selectors are other categories, and go.
    return match[0] if unicodedata.category(match[0]) == "So" else " "
