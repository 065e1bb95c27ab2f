"""What comes back of a source, what it is known by, and what may not be written over it."""

import hashlib
import os
from pathlib import Path

from sentiment.corpora.readers import Reader
from sentiment.errors import InputError
from sentiment.execution.worker_processes import ONE_PROCESS_BYTES


def columns_of(reader: Reader) -> tuple[str, ...]:
    """Returns the names of the columns that come back with the predictions.

    They are those of every file, if all have the same; else the texts' alone. Columns without a name are numbered.
    """
    parts = [reader.part(number) for number in range(len(reader.layout.parts))]
    first = parts[0].format
    if any(part.format.columns != first.columns for part in parts):
        return ("text",)
    if first.named:
        return first.columns
    text = parts[0].roles.text
    return tuple("text" if (place,) == text else f"column_{place + 1}" for place in range(len(first.columns)))


def fingerprint(reader: Reader) -> list[object]:
    """Returns what changes when other data takes the place of a source's, or other flags are given."""
    files = [plain for part in reader.layout.parts for plain in (part.documents or (part.file,))]
    if reader.source == "-":
        with files[0].local.open("rb") as file:
            return ["-", hashlib.file_digest(file, "sha256").hexdigest(), repr(reader.options)]
    paths = [path for path in map(Path, [reader.source, *(plain.name for plain in files)]) if path.is_file()]
    statuses = [(str(path.resolve()), path.stat()) for path in paths]
    seen = [[path, status.st_size, status.st_mtime_ns] for path, status in statuses]
    return [os.path.realpath(reader.source), repr(reader.options), seen]


def refuse_overwriting(reader: Reader, *outputs: Path) -> None:
    """Raises InputError where an output is also a file of the source, under another name or by a link too."""
    files = [Path(reader.source), *(p.local for part in reader.layout.parts for p in (part.file, *part.documents))]
    for output in outputs:
        for file in files:
            if output.exists() and file.exists() and os.path.samefile(output, file):  # noqa: PTH121 - both may be links
                raise InputError(f"{output}: is the input itself ({file}): name another --output")


def is_small(reader: Reader) -> bool:
    """Whether one process has predicted a source before others have begun."""
    files = [plain for part in reader.layout.parts for plain in (part.documents or (part.file,))]
    sizes = (plain.local.stat().st_size for plain in files)
    return len(files) < 1000 and sum(sizes) <= ONE_PROCESS_BYTES and reader.first.format.dialect["kind"] != "Parquet"
