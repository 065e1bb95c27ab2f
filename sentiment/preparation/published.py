"""A prepared corpus that is made in the cache, and put to an address when it is whole."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from sentiment.corpora.prepared_folder import PreparedFolder
from sentiment.download.addresses import put_folder, read_file, work_folder
from sentiment.errors import InputError
from sentiment.storage.files import sha256_of


@contextlib.contextmanager
def published(address: str) -> Iterator[Path]:
    """Yields a local folder for a prepared corpus; the files that its manifest names are then copied to the address.

    The plan goes first, by which it is known as a prepared corpus, and the manifest last: before it is there, nobody
    takes the corpus for whole. Of a corpus that is there already, nothing is copied; after a failure what is missing.

    Raises:
        InputError: the storage can't be reached or written.
        OSError: the cache can't be written.
    """
    address = address.rstrip("/")
    work = PreparedFolder(work_folder(address))
    there = read_file(f"{address}/{work.manifest.name}")  # before all work: a wrong address is found out at once
    try:
        yield work.path
    except InputError as error:
        raise InputError(str(error).replace(str(work.path), address)) from error
    if there != work.manifest.read_bytes():
        ends = {file.name: sha256_of(file) for file in (work.plan, work.manifest)}
        files = {
            work.plan.name: ends[work.plan.name],
            **work.vouched.sha256,
            work.manifest.name: ends[work.manifest.name],
        }
        put_folder(files, work.path, address)
