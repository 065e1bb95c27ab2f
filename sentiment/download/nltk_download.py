"""Runs NLTK's downloader: `python -m sentiment.download.nltk_download PACKAGE FOLDER`.

The same as `python -m nltk.downloader -q -e -d FOLDER PACKAGE`, but for the import of all of NLTK, which takes over a
second: on a machine without a network, that would be most of what `make train` waits for the answer "no".
"""

import os
import sys

from sentiment.lean_import import shells


def main(package: str, folder: str) -> None:
    """Downloads one package; the reason of a failure goes to standard error, as NLTK's downloader words it."""
    with shells("nltk"):
        import nltk.data
        import nltk.downloader
        import nltk.internals

    downloader = nltk.downloader.Downloader(os.environ.get("NLTK_DOWNLOAD_URL"), folder)
    downloader.download(package, quiet=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
