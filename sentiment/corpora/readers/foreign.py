"""Files of other kinds, known by how they begin or are called: each is refused with what makes it one that is read."""

import codecs

from sentiment.corpora.readers.unpacked import PlainFile
from sentiment.errors import InputError

_AS_CSV = "write its rows as CSV or Parquet"
_UNPACK = "unpack it first"
_PICKLE = (
    "a Python pickle, which can run code as it is opened, so it is never read",
    "write its rows as CSV, with pandas: frame.to_csv('data.csv', index=False)",
)
_R = ("an R workspace", "write its rows with R: write.csv(frame, 'data.csv', row.names = FALSE)")
_FOREIGN = {
    **{b"\x80" + bytes([protocol]): _PICKLE for protocol in range(2, 6)},
    b"SQLite format 3\0": ("an SQLite database", "sqlite3 -header -csv FILE 'select * from TABLE' > data.csv"),
    b"%PDF-": ("a PDF", _AS_CSV),
    b"\x89HDF\r\n": ("an HDF5 file", _AS_CSV),
    b"Obj\x01": ("an Avro file", _AS_CSV),
    b"FEA1\0": ("a Feather file of version 1", _AS_CSV),
    **dict.fromkeys((b"RDX2\n", b"RDX3\n", b"X\n\0\0\0\2", b"X\n\0\0\0\3"), _R),
    b"\x93NUMPY": ("a NumPy array", _AS_CSV),
    b"<stata_dta>": ("a Stata file", "write its rows with Stata: export delimited using data.csv, quote"),
    b"$FL2": ("an SPSS file", "write its rows with SPSS: save translate outfile='data.csv' /type=csv /fieldnames"),
    b"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"{\\rtf": ("a rich text document", "save it as plain text"),
}
_XML = ("XML", "write its records as CSV, as with pandas: read_xml('data.xml').to_csv('data.csv', index=False)")
_HTML = ("a web page, such as a failed download leaves", "download the data itself, or write the page's table as CSV")
_ARFF = ("an ARFF file", "take what stands below @data as CSV, with the attributes' names as its first line")
_YAML = ("YAML", "write its records as JSON")
# In lower case, after a mark of UTF-8 and white space.
_MARKUP = {b"<?xml": _XML, b"<!doctype html": _HTML, b"<html": _HTML, b"@relation": _ARFF}
_SUFFIXES = {".xml": _XML, ".html": _HTML, ".htm": _HTML, ".arff": _ARFF, ".yaml": _YAML, ".yml": _YAML}
_START = 1024  # bytes
# What no text has; nor has it NUL bytes, but for UTF-16, UTF-32 and damaged files.
_CONTROL = bytes({*range(1, 8), *range(14, 27), 28, 29, 30, 31})
_MOST_CONTROL = 0.02
_WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)


def refuse_foreign(plain: PlainFile, encoding: str = "") -> None:
    """Raises InputError for a file of a kind that isn't read, with what to do; others pass.

    A file of an unknown kind is one that has characters no text has, unless the user gave its `encoding`.
    """
    with plain.local.open("rb") as file:
        start = file.read(_START)
    markup = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    begun = [kind for magic, kind in _FOREIGN.items() if start.startswith(magic)]
    begun += [kind for tag, kind in _MARKUP.items() if markup.startswith(tag)]
    if plain.suffix in _SUFFIXES:
        begun.append(_SUFFIXES[plain.suffix])
    if not begun and not encoding and _is_binary(start):
        begun.append(("a binary file of an unknown kind", f"{_AS_CSV}, or name its encoding with --encoding"))
    if begun:
        kind, remedy = begun[0]
        raise InputError(f"{plain.name}: {kind}: {remedy}")


def _is_binary(start: bytes) -> bool:
    controls = len(start) - len(start.translate(None, _CONTROL))
    return b"\0" in start and controls > _MOST_CONTROL * len(start) and not start.startswith(_WIDE_MARKS)
