"""What to say where a corpus's files are so large that they are better prepared than read whole."""

import glob
from pathlib import Path

from sentiment.corpora.prepared_folder import is_prepared
from sentiment.download.addresses import is_address

LARGE = 500_000_000  # bytes: some 3.5 million tweets; 1.6 million took 765 MB of memory (docs/scaling.md)


def on_size(source: str) -> str:
    """Returns a line on the size of a source's files; "" where they are smaller than `LARGE`, or prepared already."""
    path = Path(source)
    if not source or is_address(source) or is_prepared(source):  # an address's size costs a listing
        return ""
    if path.is_dir():
        files = [each for each in path.rglob("*") if each.is_file()]
    else:
        names = [source] if path.is_file() else glob.glob(source, recursive=True)  # noqa: PTH207 - a user's pattern
        files = [each for each in map(Path, names) if each.is_file()]
    size = sum(each.stat().st_size for each in files)
    if size < LARGE:
        return ""
    return (
        f"{source} has {size / 1e9:.1f} GB, all of which is read into memory: `sentiment prepare {source} --output "
        "FOLDER`, with the same flags for the file, --config and --set, and then `sentiment train --corpus FOLDER` "
        "train from disk, to the same weights"
    )
