"""Files that nobody means to make: valid tables of each kind, damaged at random, and bytes that never were a table."""

import bz2
import gzip
import io
import json
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator

from table_files import csv_bytes, jsonl_bytes, parquet_bytes

_TEXTS = [
    "so happy 😀",
    "crying, all night",
    'she said "yes"',
    "a quiet\nevening",
    "a\rb",
    "naïve",
    " ",
    "=1+1",
    "日本語",
]
_TEXTS += [f"plain text number {n}" for n in range(8)]
_ROWS = [(f"{text} {label}" if text.strip() else text, label) for text in _TEXTS for label in ("good", "bad")]
_PIECES = [
    b"\0",
    b'"',
    b"'",
    b"\r",
    b"\n",
    b"\r\n",
    b",",
    b";",
    b"\t",
    b"|",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"{",
    b"}",
]
_PIECES += [
    b"[",
    b"]",
    b":",
    b"\\",
    b"\\u",
    b"\\ud800",
    b"null",
    b"NaN",
    b"1e999",
    b"-",
    b"9" * 400,
    b" " * 50,
    b"\x1a",
    b"\x85",
]
_PIECES += [
    b'""',
    b'"\n"',
    b"\xed\xa0\x80",
    b"\xc3",
    "\u2028".encode(),
    b"text",
    b"label",
    b"__label__",
    b"PK\3\4",
    b"PAR1",
]
_PIECES += [b"[" * 3000, b'{"a":' * 3000, b'"' * 999, b",\n" * 500, b"a" * 3000, b"\x1f\x8b", b"BZh9", b"\xfd7zXZ\0"]


def _zip(inner: bytes, name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, inner)
    return file.getvalue()


def _labelled_lines() -> bytes:
    return "".join(f"__label__{label} {text}\n" for text, label in _ROWS if "\n" not in text).encode()


def _excel() -> bytes:
    import openpyxl

    book = openpyxl.Workbook()
    for row in [("text", "label"), *_ROWS]:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def valid_files() -> dict[str, bytes]:
    """Returns tables of every kind, by a name of the file."""
    table, lines = csv_bytes(_ROWS), jsonl_bytes(_ROWS)
    texts, labels = (list(column) for column in zip(*_ROWS, strict=True))
    return {
        "a.csv": table,
        "a.tsv": csv_bytes(_ROWS, delimiter="\t"),
        "b.csv": csv_bytes(_ROWS, delimiter=";"),
        "c.csv": table.decode().encode("utf-16"),
        "a.txt": b"".join(f"{text}\n".encode() for text in _TEXTS),
        "b.txt": _labelled_lines(),
        "a.jsonl": lines,
        "a.json": json.dumps([dict(zip(("text", "label"), row, strict=True)) for row in _ROWS]).encode(),
        "b.json": json.dumps({"data": {"text": texts, "label": labels}}).encode(),
        "a.parquet": parquet_bytes(texts, labels),
        "a.xlsx": _excel(),
        "a.csv.gz": gzip.compress(table, mtime=0),
        "a.csv.bz2": bz2.compress(table),
        "a.jsonl.xz": lzma.compress(lines),
        "a.zip": _zip(table, "a.csv"),
    }


def _flipped(data: bytearray, at: int, generator: random.Random) -> None:
    if data:
        data[at % len(data)] ^= 1 << generator.randrange(8)


def _inserted(data: bytearray, at: int, generator: random.Random) -> None:
    data[at:at] = generator.choice(_PIECES)


def _overwritten(data: bytearray, at: int, generator: random.Random) -> None:
    piece = generator.choice(_PIECES)
    data[at : at + len(piece)] = piece


def _cut(data: bytearray, at: int, generator: random.Random) -> None:
    del data[at:]


def _removed(data: bytearray, at: int, generator: random.Random) -> None:
    del data[at : at + generator.randrange(1, 40)]


def _doubled(data: bytearray, at: int, generator: random.Random) -> None:
    data[at:at] = data[at : at + generator.randrange(1, 200)] * generator.randrange(1, 4)


def _random_bytes(data: bytearray, at: int, generator: random.Random) -> None:
    data[at : at + 8] = generator.randbytes(generator.randrange(1, 16))


_DAMAGES: list[Callable[[bytearray, int, random.Random], None]] = [
    _flipped, _inserted, _inserted, _overwritten, _cut, _removed, _doubled, _random_bytes
]  # fmt: skip


def random_file(generator: random.Random, valid: dict[str, bytes]) -> tuple[str, bytes]:
    """Returns the name and the bytes of a file: a valid one with some damages, or bytes at random under any name."""
    name = generator.choice(list(valid))
    if generator.random() < 0.1:
        return name, generator.randbytes(generator.randrange(300))
    if generator.random() < 0.1:
        return name, b"".join(generator.choices(_PIECES, k=generator.randrange(12)))
    data = damaged(valid[name], generator)
    return generator.choice(list(valid)) if generator.random() < 0.1 else name, data


def damaged(data: bytes, generator: random.Random) -> bytes:
    """Returns bytes with one damage or several, a third of them near the beginning, where headers are."""
    changed = bytearray(data)
    for _ in range(generator.choice([1, 1, 1, 2, 3, 6])):
        near = len(changed) if generator.random() < 0.7 else min(len(changed), 40)
        generator.choice(_DAMAGES)(changed, generator.randrange(near + 1), generator)
    return bytes(changed)


def flipped_bits(data: bytes) -> Iterator[bytes]:
    """Yields the data once for each of its bytes, with one bit of that flipped."""
    for place in range(len(data)):
        altered = bytearray(data)
        altered[place] ^= 1 << place % 8
        yield bytes(altered)
