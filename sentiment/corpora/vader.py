"""The tweets of Hutto & Gilbert (2014), "VADER", ICWSM: 4,200 texts, each rated -4..4 by at least 20 people.

They are in the source distribution of `vaderSentiment` (not in its wheel), an archive inside the archive.
"""

import html
import io
import tarfile

import numpy as np

from sentiment.corpora.corpus import Corpus, Provenance
from sentiment.corpora.splits import split_rows
from sentiment.download.fetch import Distribution, fetch_distribution
from sentiment.errors import InputError

DISTRIBUTION = Distribution(
    project="vaderSentiment",
    version="3.3.2",
    filename="vaderSentiment-3.3.2.tar.gz",
    sha256="5d7c06e027fc8b99238edb0d53d970cf97066ef97654009890b83703849632f9",
    size=2_466_783,
    licence="MIT licence",
)
NEUTRAL_BELOW = 0.5

_OUTER = "vaderSentiment-3.3.2/additional_resources/hutto_ICWSM_2014.tar.gz"
_INNER = "hutto_ICWSM_2014/tweets_GroundTruth.txt"


def load(seed: int = 0) -> Corpus:
    """Loads the tweets as two classes: mean rating >= 0.5 is positive (1), <= -0.5 negative (0), between is dropped.

    The file is UTF-8 with CRLF lines of id, rating and text; the texts are escaped for HTML (`&amp; &lt; &gt;`) and
    come back unescaped.

    Raises:
        InputError: the distribution can't be fetched.
    """
    rated = read_ratings()
    kept = [(text, rating > 0) for text, rating in rated if abs(rating) >= NEUTRAL_BELOW]
    texts = tuple(text for text, _ in kept)
    labels = np.array([positive for _, positive in kept], dtype=np.int32)
    return Corpus(
        name="vader",
        texts=texts,
        labels=labels,
        label_names=("negative", "positive"),
        splits=split_rows(texts, labels, seed),
        provenance=Provenance(
            source=f"{DISTRIBUTION.filename} from the Python package index, {_OUTER.split('/', 1)[1]}, {_INNER}",
            version=DISTRIBUTION.version,
            sha256=DISTRIBUTION.sha256,
            licence=f"{DISTRIBUTION.licence}; its authors ask to cite Hutto & Gilbert, ICWSM 2014",
            note=f"{len(rated) - len(kept):,} of {len(rated):,} tweets with a mean rating between "
            f"-{NEUTRAL_BELOW} and {NEUTRAL_BELOW} left out; 200 of the 4,200 were written for the study",
        ),
    )


def read_ratings() -> list[tuple[str, float]]:
    """Returns all 4,200 texts with their mean rating, -4..4, in the file's order. Raises InputError as `load` does."""
    with tarfile.open(fetch_distribution(DISTRIBUTION), "r:gz") as outer:
        nested = io.BytesIO(_member(outer, _OUTER))
    with tarfile.open(fileobj=nested, mode="r:gz") as inner:
        lines = _member(inner, _INNER).decode("utf-8").split("\r\n")
    rows = [line.split("\t") for line in lines]
    return [(html.unescape(text), float(rating)) for _, rating, text in rows]


def _member(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    if file is None:  # a folder: not in a distribution whose SHA-256 is known
        raise InputError(f"{DISTRIBUTION.filename}: {name} is no file: delete it and fetch it again")
    return file.read()
