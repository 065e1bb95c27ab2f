"""A file's encoding: named by a flag, or found out from its bytes."""

import codecs
import contextlib
import re
from dataclasses import dataclass
from pathlib import Path

from sentiment.corpora.readers.options import command
from sentiment.errors import InputError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),  # before UTF-16's, which it begins with
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
WESTERN = "cp1252"
# Tried in this order where neither UTF-8 nor Western European fits; the first with one script's letters is named.
_OTHERS = ("gb18030", "shift_jis", "euc_kr", "big5", "cp1251", "koi8-r", "cp1253", "cp1255", "cp1256", "cp1250")
_SAMPLE = 1 << 20
_MOST_BAD_LINES = 2000
_FEW = 0.01  # of the lines: so many may be no text at all
_HIGH = re.compile(rb"[\x80-\xff]+")
_TYPOGRAPHIC = frozenset("€‚„…‘’“”•–—™ ¡£§©«°±²³´·»¼½¾¿®¢¥ª¬¹º×÷")


@dataclass(frozen=True)
class Encoding:
    """A codec and how many bytes of a byte order mark come before the text."""

    name: str
    skipped: int = 0

    @property
    def keeps_lines(self) -> bool:
        """Whether a line feed is one byte, so that lines can be cut before they are decoded."""
        return not self.name.replace("_", "-").lower().startswith(("utf-16", "utf-32", "utf16", "utf32"))


def encoding_of(local: Path, name: str, said: str = "") -> Encoding:
    """Returns the encoding of a file: `said`, if not "", else what its bytes tell; the whole file is looked through.

    A byte order mark decides; then NUL bytes (UTF-16 without a mark); then whether all is UTF-8, or most of the lines
    that aren't ASCII are (the others are broken); then whether the rest reads as a Western European text.

    Raises:
        InputError: none of these; the message names `--encoding` and a value that fits.
    """
    with local.open("rb") as file:
        start = file.read(4096)
    for mark, encoding in _BOMS:
        if start.startswith(mark) and (not said or _family(said) == _family(encoding)):
            return Encoding(encoding, len(mark))
    if said:
        return Encoding(said)
    if wide := _wide(start):
        return Encoding(wide)
    return Encoding("utf-8") if _is_utf8(local) else _eight_bits(local, name)


def _family(name: str) -> str:
    return codecs.lookup(name).name.removesuffix("-sig").removesuffix("-le").removesuffix("-be")


def _wide(start: bytes) -> str:
    even, odd = start[0::2], start[1::2]
    if len(start) < 8 or not start.count(0):
        return ""
    if odd.count(0) > 0.3 * len(odd) and even.count(0) < 0.05 * len(even):
        return "utf-16-le"
    return "utf-16-be" if even.count(0) > 0.3 * len(even) and odd.count(0) < 0.05 * len(odd) else ""


def _is_utf8(local: Path) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    with local.open("rb") as file, contextlib.suppress(UnicodeDecodeError):
        while piece := file.read(_SAMPLE):
            decoder.decode(piece)
        decoder.decode(b"", final=True)
        return True
    return False


def _eight_bits(local: Path, name: str) -> Encoding:
    bad: list[bytes] = []
    good = plain = 0
    with local.open("rb") as file:
        for line in file:
            if line.isascii():
                plain += 1
                continue
            try:
                line.decode("utf-8")
                good += 1
            except UnicodeDecodeError:
                bad.append(line[:100_000])
                if len(bad) >= _MOST_BAD_LINES:
                    break
    if good >= len(bad):
        return Encoding("utf-8")
    if _reads_western(bad):
        return Encoding(WESTERN)
    if len(bad) <= _FEW * (plain + good + len(bad)):
        return Encoding("utf-8")
    sample = b"".join(bad)[:_SAMPLE]
    fitting = next((each for each in _OTHERS if _fits(sample, each)), "latin-1")
    raise InputError(
        f"{name}: neither UTF-8 nor a Western European encoding: say which with --encoding, "
        + command(name, f"--encoding {fitting}")
    )


def _reads_western(lines: list[bytes]) -> bool:
    """Whether what isn't ASCII is mostly single letters inside words, and marks that people type."""
    plausible = total = 0
    for line in lines:
        text = line.decode(WESTERN, "replace")
        for found in re.finditer(r"[^\x00-\x7f]+", text):
            run = found[0]
            total += len(run)
            around = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 1]
            lettered = all(each.isalpha() for each in run) and len(run) <= 2 and (around.strip().isascii())
            if lettered and (any(each.isalpha() for each in around) or len(run) == 1):
                plausible += len(run)
            else:
                plausible += sum(each in _TYPOGRAPHIC for each in run)
    return total > 0 and plausible >= 0.8 * total


def _fits(sample: bytes, encoding: str) -> bool:
    try:
        text = sample.decode(encoding)
    except UnicodeDecodeError as error:
        if error.start < len(sample) - 8:  # the sample may end inside a character
            return False
        text = sample[: error.start].decode(encoding)
    strange = [each for each in text if not each.isascii()]
    letters = [each for each in strange if each.isalpha()]
    common = [each for each in letters if each.islower() or ord(each) >= 0x5D0]
    return len(letters) >= 0.7 * len(strange) and len(common) >= 0.7 * len(letters)
