"""Files of other kinds, known by their first bytes: each is refused with what makes it a file that can be read."""

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
    **{b"RDX%d\n" % version: _R for version in (2, 3)},
    b"Rar!\x1a\x07": ("a RAR archive", _UNPACK),
    b"7z\xbc\xaf\x27\x1c": ("a 7z archive", _UNPACK),
    b"{\\rtf": ("a rich text document", "save it as plain text"),
}


def refuse_foreign(plain: PlainFile) -> None:
    """Raises InputError for a file of a kind that isn't read, with what to do; others pass."""
    with plain.local.open("rb") as file:
        start = file.read(16)
    for magic, (kind, remedy) in _FOREIGN.items():
        if start.startswith(magic):
            raise InputError(f"{plain.name}: {kind}: {remedy}")
